// What is done to a block at once, and undone at once: filled, taken back, put right by Ctrl+Z and done again.

import { at, focus, lookOf, place, rows, valueOf } from './cells.js';
import { remember, stepBack, stepForward } from './history.js';
import { blockOf, endGesture, entryOf, made, make, newestIn, queueUndoNewest, takeBack } from './marking.js';
import { hint, words } from './page.js';
import { takeBackHere, takeBackMade } from './picker.js';
import { cellsOf, isBlock, range } from './select.js';

/** pairs: [cell, level]. */
export function setAll(pairs) {
  const entries = pairs.map(([cell, level]) => entryOf(cell, level));
  make(entries);
  remember({ made: entries, taken: [] });
}

export const fillDown = () => fill('top', 'bottom', (row, column, first) => rows[first][column]);
export const fillAcross = () => fill('left', 'right', (row, column, first) => rows[row][first]);

/** Of a block its first row (or column) goes into the others; of a single one the one before goes into it. */
function fill(from, to, sourceOf) {
  endGesture();
  const block = range();
  if (!block) return;
  const first = block[from] === block[to] ? block[from] - 1 : block[from];
  if (first < 1) return hint(words('nothingToFill'));
  const pairs = cellsOf({ ...block, [from]: first + 1 })
    .map(cell => [cell, valueOf(sourceOf(...place.get(cell), first))])
    .filter(([, level]) => level !== '');
  if (!pairs.length) return hint(words('nothingToFill'));
  setAll(pairs);
}

// --- taking back -------------------------------------------------------------------------------------------

/** My own newest of today in each cell: those made on this page, and those that only the server knows. */
export function takeBackBlock() {
  if (!isBlock()) return takeBackHere(at);
  endGesture();
  const cells = cellsOf(range());
  const entries = cells.map(newestIn).filter(Boolean);
  const others = cells.filter(cell => !newestIn(cell) && (valueOf(cell) !== '' || lookOf(cell).newest));
  if (!entries.length && !others.length) return hint(words('nothingToUndo'));
  if (entries.length) takeBackMade(entries);
  if (others.length) queueUndoNewest(others, blockOf(others));
}

export function undo() {
  endGesture();
  const action = stepBack(made);
  if (!action) return hint(words('nothingToUndo'));
  goTo(action);
  takeBack(action.made);
  make(action.taken.map(renewed));
}

export function redo() {
  endGesture();
  const action = stepForward();
  if (!action) return hint(words('nothingToRedo'));
  goTo(action);
  takeBack(action.taken);
  make(action.made.map(renewed));
}

const renewed = entry => Object.assign(entry, { before: lookOf(entry.cell) });
const goTo = action => focus((action.made[0] ?? action.taken[0]).cell);
