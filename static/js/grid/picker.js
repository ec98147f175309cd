// The picker: one per page, filled by the server for each cell, and by the scale alone while the server is away.

import { ofGroup } from '../marks/send.js';
import { at, focus, groupOf, headOf, lookOf, names, studentOf, targetOf } from './cells.js';
import { remember } from './history.js';
import { endGesture, made, newestIn, queueUndo, record, takeBack } from './marking.js';
import { byId, decimal, hint, settings, table, today, words } from './page.js';
import { halt } from './queued.js';
import { levelText, levels, scale } from './scale.js';

const LONGEST_FETCH = 6000; // ms after which the picker is shown without its guide

const picker = byId('picker');

async function fetchPicker(cell) {
  const query = new URLSearchParams({ student: studentOf(cell), target: targetOf(cell) });
  const address = `${ofGroup(settings.urls.form, groupOf(cell))}?${query}`;
  const answer = await fetch(address, {
    redirect: 'manual',
    headers: { 'HX-Request': 'true' },
    signal: AbortSignal.timeout(LONGEST_FETCH),
  });
  if (answer.type === 'opaqueredirect') {
    halt('signedOut');
    return null;
  }
  if (!answer.ok) throw Object.assign(new Error(), { status: answer.status });
  return new DOMParser().parseFromString(await answer.text(), 'text/html').body;
}

/** Whether the server said no, rather than nothing or that it broke. */
const isGone = status => [403, 404].includes(status);

/** What a finger or Enter can still choose from while the server is away: the levels, without the guide. */
function pickerOffline(cell) {
  const content = byId('picker-offline').content.cloneNode(true);
  content.querySelector('h2').textContent = names(cell).student;
  content.querySelector('header b').textContent = headOf(cell).querySelector('b').textContent;
  content.querySelector('header span').textContent = headOf(cell).dataset.full;
  const list = content.querySelector('.picklist');
  const [sample] = list.getElementsByTagName('label');
  list.append(...levels().reverse().map(level => choiceOffline(sample.cloneNode(true), level)));
  sample.remove();
  return content;
}

function choiceOffline(label, level) {
  const shown = label.querySelector('data');
  const isWhole = Number.isInteger(Number(level));
  label.classList.toggle('half', !isWhole);
  label.querySelector('input').value = level;
  shown.setAttribute('value', level);
  shown.textContent = levelText(level);
  label.querySelector('span').textContent = isWhole ? settings.levels[level] ?? '' : between(Number(level));
  return label;
}

function between(number) {
  const [below, above] = [number - scale.step, number + scale.step].map(level => decimal.format(level));
  return words(number - scale.step <= scale.low ? 'betweenLowest' : 'between', { below, above });
}

export async function openPicker(cell) {
  cell.setAttribute('aria-busy', 'true');
  try {
    const content = await fetchPicker(cell).catch(error => {
      if (isGone(error.status)) throw error;
      return pickerOffline(cell);
    });
    if (!content || at !== cell) return;
    if (table.matches('.projecting')) content.querySelector('#pick-h').textContent = names(cell).student;
    picker.replaceChildren(...content.childNodes);
    picker.showPopover({ source: cell });
    focusChoice(cell);
  } catch {
    hint(words('notAllowed'));
  } finally {
    cell.removeAttribute('aria-busy');
  }
}

function focusChoice(cell) {
  const choices = [...picker.querySelectorAll('[name="level"]')];
  const queued = choices.find(choice => choice.value === cell.value);
  if (queued) queued.checked = true;
  const chosen = queued ?? choices.find(choice => Number(choice.value) === scale.proficient);
  picker.scrollTop = 0;
  chosen?.focus({ preventScroll: true });
  chosen?.closest('label').scrollIntoView({ block: 'nearest' });
}

function choose(level) {
  if (!level) return hint(words('chooseFirst'));
  const performedOn = picker.querySelector('[name="performed_on"]')?.value || today();
  const said = saidBeside();
  picker.hidePopover();
  focus(at);
  record(at, level, { performedOn, said });
}

/** What is told beside the mark: accommodations, a comment; only what there is. */
function saidBeside() {
  const accommodations = [...picker.querySelectorAll('[name="accommodations"]:checked')].map(({ value }) => value);
  const comment = picker.querySelector('[name="comment"]')?.value.trim();
  return { ...(accommodations.length && { accommodations: accommodations.join() }), ...(comment && { comment }) };
}

const chosenLevel = () => picker.querySelector('[name="level"]:checked')?.value;

function pickerKey(event) {
  if (event.key !== 'Enter' || event.target.name !== 'level') return;
  event.preventDefault();
  if (event.repeat) return;
  const level = chosenLevel();
  const isSame = level === at.value && lookOf(at).confirmed && !Object.keys(saidBeside()).length;
  if (isSame) leavePicker(); else choose(level); // nothing was changed
}

function leavePicker() {
  picker.hidePopover();
  focus(at);
}

/** An action too: it can be undone. */
export function takeBackMade(entries) {
  takeBack(entries);
  remember({ made: [], taken: entries });
}

/** My own last mark of today in this cell: made on this page, or known to the server alone. */
export async function takeBackHere(cell) {
  endGesture();
  const entry = newestIn(cell);
  if (entry) return takeBackMade([entry]);
  try {
    const content = await fetchPicker(cell);
    const mark = content?.querySelector('#undo [name="mark"]')?.value;
    if (mark) queueUndo(cell, mark, lookOf(cell));
    else if (content) hint(words(cell.value ? 'notYours' : 'nothingToUndo'));
  } catch ({ status }) {
    hint(words(isGone(status) ? 'notAllowed' : 'unreachable'));
  }
}

function submitted(event) {
  event.preventDefault();
  if (event.target.id === 'mark') return choose(chosenLevel());
  const { mark } = Object.fromEntries(new FormData(event.target));
  const entry = [...made].find(({ op }) => op.uuid === mark);
  leavePicker();
  if (entry) takeBackMade([entry]); else queueUndo(at, mark, lookOf(at));
}

export function setUpPicker() {
  if (!picker) return;
  picker.addEventListener('keydown', pickerKey);
  picker.addEventListener('click', ({ target, detail }) => {
    if (target.name === 'level' && detail) choose(target.value); // by pointer; arrow keys have no detail
  });
  picker.addEventListener('submit', submitted);
  picker.addEventListener('toggle', ({ newState }) => {
    if (newState === 'closed' && [document.body, null].includes(document.activeElement)) at.focus();
  });
}
