// The list to tap: a row for each student, with a level, the half point, and whether the student is absent.

import { say } from '../marks/words.js';
import { byId, isLevel, levelText, levelValue, settings, standing, words } from './page.js';
import { addRow, addSlot, again, describe, keep, put, setAbsent, stateOf } from './slots.js';

const STATES = { queued: 'onDevice', error: 'failedHere' };

export function setUpTaps() {
  const list = document.querySelector('ul.walk');
  if (!list) return;
  const practice = byId('practice');
  describe({ isPractice: () => Boolean(practice?.checked) });
  practice?.addEventListener('change', () => say(words(practice.checked ? 'practiceOn' : 'practiceOff')));
  const [target] = Object.keys(settings.targets);
  for (const line of list.children) setUpLine(line, target);
  list.addEventListener('submit', event => event.preventDefault());
}

function setUpLine(line, target) {
  const part = {
    line,
    radios: [...line.querySelectorAll('input[type="radio"]')],
    half: line.querySelector('.half input'),
    absent: line.querySelector('.absent input'),
    standing: line.querySelector('.standing'),
    state: line.querySelector('.state'),
    keep: line.querySelector('[data-do="keep"]'),
    again: line.querySelector('[data-do="again"]'),
  };
  const row = addRow({
    student: line.dataset.s, name: line.querySelector('b').textContent, isAbsent: part.absent.defaultChecked,
  });
  const slot = addSlot(row, target);
  slot.show = () => show(slot, part);
  row.show = slot.show;
  line.addEventListener('change', event => changed(event.target, slot, part));
  part.again.addEventListener('click', () => again(slot));
  part.keep?.addEventListener('click', () => keep(slot));
  slot.show(); // a browser keeps what was chosen when a page is loaded again: rows start empty
}

function changed(input, slot, part) {
  if (input === part.absent) return setAbsent(slot.row, input.checked);
  const chosen = part.radios.find(radio => radio.checked);
  if (!chosen) return undefined; // the half point first: the level follows
  const number = Number(chosen.value);
  const above = number + 0.5;
  const isAsked = Boolean(part.half?.checked) && (input === part.half || !slot.piece); // a half point is of one level
  const isHalf = isAsked && isLevel(above);
  if (part.half) part.half.checked = isHalf;
  return put(slot, isHalf ? above : number, { isHeld: Boolean(part.half) && input !== part.half });
}

function show(slot, part) {
  const { piece } = slot;
  const whole = piece && part.radios.findLast(radio => Number(radio.value) <= Number(piece.level));
  for (const radio of part.radios) showChoice(radio, radio === whole ? piece.level : null);
  if (part.half && piece) part.half.checked = piece.level !== whole.value;
  if (part.half && !piece && part.line.dataset.has) part.half.checked = false;
  part.absent.checked = slot.row.isAbsent;
  part.line.classList.toggle('away', slot.row.isAbsent);
  if (piece) part.line.dataset.has = piece.level; else delete part.line.dataset.has;
  part.standing.textContent = [asideOf(piece), standing(slot.look)].filter(Boolean).join(', ');
  showKeep(slot, part.keep);
  showState(part.state, stateOf(slot.row));
}

function showChoice(radio, level) {
  radio.checked = level !== null;
  const data = radio.nextElementSibling;
  data.setAttribute('value', level ?? radio.value);
  data.textContent = level && level !== radio.value ? levelText(level) : wholeText(radio.value);
}

const wholeText = value => (Number.isInteger(Number(value)) ? String(Number(value)) : levelText(value));

/** What changes nothing that is computed. */
function asideOf(piece) {
  if (!piece) return '';
  if (settings.offers) return words('offeredIs', { level: levelText(piece.level) });
  return piece.kind === 'practice' ? words('practiceIs', { level: levelText(piece.level) }) : '';
}

function showKeep({ piece, kept, look, row }, button) {
  if (!button) return;
  const isLevelNow = piece && ((look.level === piece.level && look.confirmed) || kept === piece.level);
  button.hidden = !piece || piece.kind === 'practice' || isLevelNow;
  if (button.hidden) return;
  const level = levelText(levelValue(Number(piece.level)));
  button.textContent = words('keep', { level });
  button.append(Object.assign(document.createElement('span'), { className: 'sr', textContent: `, ${row.name}` }));
}

function showState(element, state) {
  const name = STATES[state];
  element.hidden = !name;
  element.dataset.state = state ?? '';
  element.textContent = name ? words(name) : '';
}
