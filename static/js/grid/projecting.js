// For a projector: no names, and of the rows only the one in use.

import { at, focus, touchRow } from './cells.js';
import { byId, settings, table, words } from './page.js';
import { showNotices } from './queued.js';
import { closeReasons } from './reasons.js';
import { say } from '../marks/words.js';

const KEPT = 'cairn.grid.projecting'; // for as long as the window is open: a page loaded anew shows no names either

function keep(isOn) {
  try {
    if (isOn) sessionStorage.setItem(KEPT, '1'); else sessionStorage.removeItem(KEPT);
  } catch { /* for this page alone */ }
}

function isKept() {
  try { return sessionStorage.getItem(KEPT) === '1'; } catch { return false; }
}

function set(isOn) {
  table.classList.toggle('projecting', isOn);
  for (const link of table.querySelectorAll('.rowhead a')) {
    if (isOn) link.dataset.title = link.title;
    link.title = isOn ? '' : link.dataset.title ?? link.title;
  }
  closeReasons(); // it has a name in it
  showNotices();
  const note = byId('projecting-on');
  if (note) note.hidden = !isOn;
  keep(isOn);
}

export function switchProjecting() {
  const isOn = !table.matches('.projecting');
  touchRow(at);
  set(isOn);
  focus(at);
  if (settings) say(words(isOn ? 'namesHidden' : 'namesShown'));
}

export function setUpProjecting() {
  byId('projecting-on')?.querySelector('button').addEventListener('click', switchProjecting);
  if (isKept()) set(true);
}
