// The matrix of what can have the focus (target buttons on top, student links at the start of each row), where the
// focus is, and what a cell shows.

import { mode } from './mode.js';
import { decimal, given, settings, table, words } from './page.js';
import { scale } from './scale.js';

const SAVED = 4000; // ms that the tick of a saved mark stays

export const rows = table ? [
  [null, ...table.tHead.rows[1].querySelectorAll('button')],
  ...[...table.tBodies[0].rows].map(row => [
    row.querySelector('.rowhead a'),
    ...[...row.cells].slice(1).map(cell => cell.querySelector('button') ?? cell),
  ]),
] : [];
export const place = new Map(); // element → [row, column]
const cellOf = new Map(); // "student target" → cell
export let at = rows[1]?.[1]; // the one tab stop

export const isMark = element => element?.matches('button.level') ?? false;
const boxOf = cell => (isMark(cell) ? cell : cell.querySelector('data')); // a cell to look at has its number within
export const groupOf = cell => cell.closest('tr').dataset.g ?? settings.group;
export const studentOf = cell => cell.closest('tr').dataset.s;
export const headOf = cell => rows[0][place.get(cell)[1]];
export const targetOf = cell => headOf(cell).parentElement.dataset.t;
export const cellFor = op => cellOf.get(`${op.student} ${op.target}`);
export const sameCell = (one, other) => one.student === other.student && one.target === other.target;
export const valueOf = cell => (isMark(cell) ? cell.value : cell.querySelector('data')?.getAttribute('value') ?? '');
const nameOfRow = n => (table.matches('.projecting') ? words('rowNumber', { n }) : rows[n][0].textContent);
/** In words; a student's place instead of the name while names are hidden. */
export const names = cell => ({
  student: nameOfRow(place.get(cell)[0]),
  target: headOf(cell).querySelector('b').textContent || headOf(cell).textContent,
});

export function placeCells() {
  rows.forEach((row, r) => row.forEach((element, c) => {
    if (!element) return;
    place.set(element, [r, c]);
    element.tabIndex = -1;
    if (r && c) cellOf.set(`${studentOf(element)} ${targetOf(element)}`, element);
  }));
  at.tabIndex = 0;
}

export function stopAt(element) {
  at.tabIndex = -1;
  at = element;
  at.tabIndex = 0;
}

let touched = null; // the row in use

export function touchRow(element) {
  const row = element.closest('tbody tr');
  if (row === touched) return;
  touched?.classList.remove('at');
  row?.classList.add('at');
  touched = row;
}

export function focus(element) {
  touchRow(element); // first: while names are hidden, nothing in another row can have the focus
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

// --- what a cell shows -------------------------------------------------------------------------------------

/** look: {level: "2.5" or null, status, confirmed, flagged, newest, suggested}, as the server answers, and from this
    page ``aside``: what was noted in this session and changes nothing computed. */
export function show(cell, look) {
  const before = lookOf(cell);
  const value = (mode === 'evidence' ? look.newest : look.level) ?? '';
  const note = look.level && noteOf(look);
  const box = boxOf(cell);
  box.value = value;
  box.setAttribute('value', value);
  const classes = note ? `level ${note}` : 'level';
  if (box.className !== classes) box.className = classes;
  box.replaceChildren(...(value ? numberOf(value) : stateOf(look.status)), ...besideOf(look, value), ...saidOf(note));
  cell.look = look;
  count(cell, before.level, look.level);
}

const noteOf = ({ contested, flagged, confirmed, automatic, due }) => (
  (contested && 'contested') || (flagged && 'flagged') || (!confirmed && 'suggested')
  || (automatic && 'automatic') || (due && 'due')
);

/** As the server wrote the cell: what differs from the number shown stands in data-l, data-n and data-s. */
export function lookOf(cell) {
  if (cell.look) return cell.look;
  const box = boxOf(cell);
  const { value } = box;
  const { l = value, n = value, s = value } = box.dataset;
  const status = l ? 'level' : Object.keys(given.states).find(name => isState(cell, name)) ?? 'insufficient';
  cell.look = {
    level: l || null, status, confirmed: !box.matches('.suggested'), flagged: box.matches('.flagged'),
    contested: box.matches('.contested'), automatic: box.matches('.automatic'), due: box.matches('.due'),
    newest: n || null, suggested: s || null,
  };
  return cell.look;
}

const isState = (cell, name) => cell.querySelector('small')?.textContent === given.states[name][0];
const numberOf = value => [decimal.format(Number(value))];

function besideOf({ level, aside }, value) {
  if (aside) return [small(words(aside.name, { level: aside.level ? decimal.format(Number(aside.level)) : '' }))];
  if (value && level && level !== value) return [small(words('levelSmall', { level: decimal.format(Number(level)) }))];
  return [];
}

const small = text => Object.assign(document.createElement('small'), { className: 'beside', textContent: text });
const unseen = text => Object.assign(document.createElement('span'), { className: 'sr', textContent: text });
const saidOf = note => (note ? [unseen(`, ${given.notes[note]}`)] : []);

function stateOf(status) {
  const [seen, full] = given.states[status] ?? given.states.not_started;
  const short = Object.assign(document.createElement('small'), { textContent: seen });
  if (seen === full) return [short];
  short.setAttribute('aria-hidden', 'true');
  return [short, unseen(full)];
}

// --- the foot of a column: how many are proficient, and a bar of how many are where --------------------------

const isProficient = level => level !== null && Number(level) >= scale.proficient;
const partOf = level => (level === null ? 'none' : String(Math.min(4, Math.floor(Number(level)))));

function count(cell, was, is) {
  if (was === is) return;
  const foot = table.tFoot.rows[0].cells[place.get(cell)[1]];
  const difference = isProficient(is) - isProficient(was);
  const [seen] = foot.getElementsByTagName('span');
  if (!seen) return; // habits and reasoning are not counted
  const text = seen.textContent; // "12 of 25": the first number is the count
  if (difference) seen.textContent = text.replace(/\d+/, number => Number(number) + difference);
  if (partOf(was) !== partOf(is)) spread([...foot.querySelectorAll('rect')], partOf(was), partOf(is));
}

function spread(parts, from, to) {
  let x = 0;
  for (const part of parts) {
    const { l } = part.dataset;
    const width = Number(part.getAttribute('width')) + (l === to) - (l === from);
    part.setAttribute('x', x);
    part.setAttribute('width', width);
    x += width;
  }
}

/** saving, queued, error or saved; null is plain. */
export function showState(cell, state) {
  clearTimeout(cell.timer);
  if (state) cell.dataset.state = state; else delete cell.dataset.state;
  if (state === 'saved') cell.timer = setTimeout(() => showState(cell, null), SAVED);
}
