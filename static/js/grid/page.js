// What the server gave with the page of the grid, and how the page speaks.

import { say, speaker } from '../marks/words.js';

const HINT = 5000; // ms that a hint stays

export const byId = id => document.getElementById(id);
export const table = document.querySelector('table.grid');
export const given = JSON.parse(byId('grid-settings')?.textContent ?? 'null'); // null: a past day, or no grid
export const settings = given?.records ? given : null; // null: may look, not record
export const words = given && speaker(given.words);
export const decimal = new Intl.NumberFormat(
  document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 6 },
);

const hinted = byId('hint');
let hintTimer = null; // while a hint is seen

/** Why nothing came of a key or a click: said, and seen for some seconds. */
export function hint(text) {
  say(text);
  clearTimeout(hintTimer);
  hinted.hidePopover?.();
  hinted.textContent = text;
  hinted.showPopover?.(); // above the picker, too
  hintTimer = setTimeout(() => { hinted.hidePopover?.(); hintTimer = null; }, HINT);
  keepHintOffFocus();
}

const reasons = byId('why');

/** What lies over the page goes to its head while the focus is where it would be at the foot. */
export function keepHintOffFocus() {
  if (hintTimer !== null) keepOffFocus(hinted);
  if (reasons?.matches(':popover-open')) keepOffFocus(reasons);
}

function keepOffFocus(box) {
  const { activeElement } = document;
  if (activeElement === document.body || box.contains(activeElement)) return;
  box.classList.remove('above');
  const [one, other] = [box, activeElement].map(element => element.getBoundingClientRect());
  const isOver = one.top < other.bottom && other.top < one.bottom && one.left < other.right && other.left < one.right;
  box.classList.toggle('above', isOver);
}

/** A choice of this device, such as where to go after a level. */
export function choiceKept(name) {
  try { return localStorage.getItem(`cairn.grid.${name}`); } catch { return null; }
}

export function keepChoice(name, value) {
  try { localStorage.setItem(`cairn.grid.${name}`, value); } catch { /* for this time alone */ }
}

// The school's day. A device whose clock is days off is put right by the day the server gave with the page.
const dayAt = time => new Intl.DateTimeFormat('en-CA', { timeZone: settings.zone }).format(time);
const clockError = settings ? Date.parse(settings.day) - Date.parse(dayAt(Date.now())) : 0;
export const today = () => dayAt(Date.now() + clockError);
