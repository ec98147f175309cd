// Marking: what a typed level does, the gesture whose half point may still follow, and taking back.
// An entry is one thing done in one cell: {cell, kind, level, at, more, before, op}; ``op`` while it stands.

import { newUuid } from '../marks/queue.js';
import { say } from '../marks/words.js';
import { at, focus, groupOf, lookOf, names, place, rows, sameCell, show, studentOf, targetOf } from './cells.js';
import { remember } from './history.js';
import { kindNow, lookAfter } from './mode.js';
import { choiceKept, decimal, hint, today, words } from './page.js';
import { queue, seen, showCell } from './queued.js';
import { halfAbove, isLevel, levelText, levelValue } from './scale.js';

export const made = new Set(); // the entries that stand
let gesture = null; // the newest of them while its half point may still follow; ends with any other key
export let isMovingOn = false; // the focus goes on after a level: that alone does not end the gesture

queue?.on('refused', ({ op }) => {
  for (const entry of made) if (entry.op === op) forget(entry);
});

export function typeLevel(number) {
  if (!isLevel(number)) return hint(words('noLevel', { level: decimal.format(number) }));
  const cell = at;
  endGesture();
  gesture = record(cell, levelValue(number), { isHeld: true });
  moveOn();
}

export function addHalf() {
  const cell = gesture?.cell ?? at;
  const value = gesture?.level ?? cell.value;
  if (value === '') return hint(words('startFirst'));
  const half = halfAbove(Number(value));
  if (half === null) return hint(words('noHalf'));
  revise(cell, half);
  endGesture();
  if (cell === at) moveOn();
}

export function adjust(difference) {
  if (gesture && gesture.cell !== at) endGesture();
  const value = gesture?.level ?? at.value;
  if (value === '') return hint(words('startFirst'));
  const number = Number(value) + difference;
  if (!isLevel(number)) return hint(words('noLevel', { level: decimal.format(number) }));
  revise(at, number);
}

/** Another level for the mark of the gesture, so that one gesture is one piece of evidence; else a new mark. */
function revise(cell, number) {
  const level = levelValue(number);
  if (gesture?.cell !== cell) {
    gesture = record(cell, level, { isHeld: true });
    return;
  }
  gesture.level = level;
  if (!gesture.op.tried) {
    queue.change(gesture.op, { level });
    queue.hold(gesture.op);
    showMade(gesture);
    return queue.drain();
  }
  sendUndo(gesture, lookOf(cell));
  make([gesture], { isHeld: true });
}

export function endGesture() {
  if (!gesture) return;
  gesture = null;
  queue.release();
}

function moveOn() {
  const onward = choiceKept('onward') ?? 'down';
  const [row, column] = place.get(at);
  const next = onward === 'across' ? rows[row][column + 1] : rows[row + 1]?.[column];
  if (onward === 'stay' || !next) return;
  isMovingOn = true;
  focus(next);
  isMovingOn = false;
}

// --- making ------------------------------------------------------------------------------------------------

export const entryOf = (cell, level, { kind = 'mark', performedOn = today(), more = kindNow() } = {}) => (
  { cell, kind, level, at: performedOn, more, before: lookOf(cell) }
);

/** One mark; an action of its own. ``said`` is told beside it. */
export function record(cell, level, { isHeld = false, performedOn, said } = {}) {
  const entry = entryOf(cell, level, { performedOn, more: { ...kindNow(), ...said } });
  make([entry], { isHeld });
  remember({ made: [entry], taken: [] });
  return entry;
}

/** Sends entries: several in one request. */
export function make(entries, { isHeld = false } = {}) {
  const block = blockOf(entries.map(({ cell }) => cell));
  for (const entry of entries) {
    const cellKeys = keysOf(entry.cell);
    for (const op of queue.refused.filter(op => sameCell(op, cellKeys))) queue.drop(op); // typed anew
    entry.op = queue.add(contentOf(entry, cellKeys, block), { isHeld });
    made.add(entry);
    showMade(entry);
  }
}

/** One request has one address: the group of its first. */
export const blockOf = cells => (cells.length > 1 ? { block: newUuid(), group: groupOf(cells[0]) } : {});
const keysOf = cell => ({ group: groupOf(cell), student: studentOf(cell), target: targetOf(cell) });
const contentOf = ({ kind, level, at: day, more, before }, cellKeys, block) => ({
  kind, ...cellKeys, level, at: kind === 'mark' ? day : undefined, before, ...block,
  more: { seen_at: seen.at, ...more },
});

function showMade({ cell, kind, level, more, before }) {
  const decided = { ...before, level, status: 'level', confirmed: true, flagged: false };
  show(cell, kind === 'mark' ? lookAfter(before, level, more?.kind) : decided);
  showCell(cell);
}

// --- taking back -------------------------------------------------------------------------------------------

/** Takes entries back: on the server what may have reached it; what has not is only dropped here. */
export function takeBack(entries) {
  const standing = entries.filter(entry => made.has(entry));
  const block = blockOf(standing.map(({ cell }) => cell));
  for (const entry of standing) {
    const stood = lookOf(entry.cell);
    forget(entry);
    show(entry.cell, entry.before);
    const isSent = sendUndo(entry, stood, block);
    showCell(entry.cell);
    if (!isSent && standing.length === 1) sayUndone(entry.cell);
  }
}

const sayUndone = cell => say(words('markUndone', { ...names(cell), level: levelText(cell.value) }));

function forget(entry) {
  made.delete(entry);
  if (gesture === entry) gesture = null;
}

/** False when nothing had to be sent. */
function sendUndo({ cell, op, kind, before }, stood, block) {
  if (queue.ops.includes(op) && !op.tried) {
    queue.drop(op);
    return false;
  }
  if (kind === 'mark') queueUndo(cell, op.uuid, stood, block);
  else queue.add({ ...keysOf(cell), ...undecided(before), before: stood, ...block });
  return true;
}

/** What was decided is in the log for good: the level before is set again, or the decision lifted. */
const undecided = ({ level, confirmed }) => (level && confirmed ? { kind: 'set', level } : { kind: 'lift' });

/** ``stood`` is what the cell shows again if the server refuses. */
export const queueUndo = (cell, mark, stood, block) => queue.add(
  { kind: 'undo', ...keysOf(cell), mark, before: stood, ...block },
);

/** My own newest of today in each of the cells, whichever that is: the server knows. */
export const queueUndoNewest = (cells, block) => cells.map(cell => queue.add(
  { kind: 'undoNewest', ...keysOf(cell), before: lookOf(cell), ...block, more: { kind: 'undo' } },
));

export const newestIn = cell => [...made].findLast(entry => entry.cell === cell);
