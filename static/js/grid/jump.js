// To a student or a target by a few letters.

import { at, focus, place, rows } from './cells.js';
import { byId, table } from './page.js';

const box = byId('jump');
const input = box?.querySelector('input');

const targetName = button => button.textContent.replace(/\s+/g, ' ').trim();
const named = ([student]) => [student.textContent.trim(), student];
const students = () => (table.matches('.projecting') ? [] : rows.slice(1).map(named));
const targets = () => rows[0].slice(1).map(button => [targetName(button), button]);

export function openJump() {
  const all = [...students(), ...targets()];
  byId('jump-names').replaceChildren(...all.map(([name]) => new Option('', name)));
  input.value = '';
  input.setCustomValidity('');
  box.showModal();
}

/** The one of that name; else the first that begins with it, else the first that has it in it. */
function find(text) {
  const wanted = text.trim().toLocaleLowerCase();
  if (!wanted) return null;
  const all = [...students(), ...targets()].map(([name, element]) => [name.toLocaleLowerCase(), element]);
  const tests = [name => name === wanted, name => name.startsWith(wanted), name => name.includes(wanted)];
  for (const test of tests) {
    const found = all.find(([name]) => test(name));
    if (found) return found[1];
  }
  return null;
}

function submitted(event) {
  const found = find(input.value);
  if (!found) {
    event.preventDefault();
    input.setCustomValidity(input.dataset.none);
    input.reportValidity();
    return;
  }
  const [row, column] = place.get(found);
  const [rowNow, columnNow] = place.get(at);
  const there = row ? rows[row][Math.max(1, columnNow)] : rows[Math.max(1, rowNow)][column];
  setTimeout(() => focus(there)); // after the dialog has given the focus back
}

export function setUpJump() {
  if (!box) return;
  box.querySelector('form').addEventListener('submit', submitted);
  input.addEventListener('input', () => input.setCustomValidity(''));
}
