// A sheet, typed in its order: a number saves and goes on to the next student, a dot adds the half point to what was
// just typed, Enter skips, Backspace takes back.

import { isLevel, levelText, settings, words } from './page.js';
import { addRow, addSlot, clear, describe, put, setAbsent, stateOf } from './slots.js';

const STATES = { queued: 'onDevice', error: 'failedHere' };
const slotOf = new Map(); // input → slot
const order = []; // the inputs, down each column
let last = null; // the input of the newest number, while its half point may still follow

export function setUpEntries() {
  const table = document.querySelector('table.walkenter');
  if (!table) return;
  describe({ dated: () => settings.noted });
  const targets = [...table.tHead.querySelectorAll('[data-t]')].map(head => head.dataset.t);
  const lines = [...table.tBodies[0].rows].map(line => setUpLine(line, targets));
  targets.forEach((_, column) => order.push(...lines.map(inputs => inputs[column])));
  table.addEventListener('beforeinput', typed);
  table.addEventListener('change', changed);
  table.addEventListener('keydown', pressed);
  table.closest('form').addEventListener('submit', event => event.preventDefault());
  order.find(input => !input.value)?.focus();
}

function setUpLine(line, targets) {
  const absent = line.querySelector('.absent input');
  const state = line.querySelector('.state');
  const row = addRow({ student: line.dataset.s, name: line.querySelector('b').textContent, isAbsent: absent.defaultChecked });
  const inputs = [...line.querySelectorAll('.entry')];
  row.show = () => {
    absent.checked = row.isAbsent;
    const name = STATES[stateOf(row)];
    state.hidden = !name;
    state.dataset.state = stateOf(row) ?? '';
    state.textContent = name ? words(name) : '';
  };
  inputs.forEach((input, column) => {
    const slot = addSlot(row, targets[column]);
    slotOf.set(input, slot);
    slot.show = () => {
      input.value = levelText(slot.piece?.level);
      row.show();
    };
    slot.show();
  });
  absent.addEventListener('change', () => setAbsent(row, absent.checked));
  return inputs;
}

const hasFigures = () => settings.scale.high < 10; // one key is one level

function typed(event) {
  const { target, data, inputType } = event;
  if (!slotOf.has(target) || !hasFigures()) return;
  if (inputType.startsWith('delete')) {
    event.preventDefault();
    last = null;
    return clear(slotOf.get(target));
  }
  if (data === null || data.length !== 1) return; // pasted, or written by hand: read when it is left
  event.preventDefault();
  if (data === '.' || data === ',') return addHalf(target);
  if (/\d/.test(data) && isLevel(Number(data))) note(target, Number(data));
}

function note(input, number) {
  put(slotOf.get(input), number, { isHeld: true });
  last = input;
  move(input, 1);
}

function addHalf(input) {
  const typedLast = last ?? input;
  const slot = slotOf.get(typedLast);
  const above = Number(slot.piece?.level) + 0.5;
  last = null;
  if (slot.piece && Number.isInteger(Number(slot.piece.level)) && isLevel(above)) put(slot, above);
}

function changed({ target }) {
  const slot = slotOf.get(target);
  if (!slot) return;
  const number = Number(target.value.replace(',', '.'));
  if (target.value.trim() === '') clear(slot);
  else if (isLevel(number)) put(slot, number);
  slot.show();
}

const STEPS = { Enter: 1, ArrowDown: 1, ArrowUp: -1 };

function pressed(event) {
  const { key, target } = event;
  if (!slotOf.has(target) || !(key in STEPS)) return;
  event.preventDefault();
  last = null;
  move(target, STEPS[key]);
}

function move(input, by) {
  const next = order[order.indexOf(input) + by];
  next?.focus();
  next?.select();
}
