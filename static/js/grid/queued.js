// The queue of this page, and what its cells show of it.

import { Queue } from '../marks/queue.js';
import { showStatus } from '../marks/status.js';
import { say } from '../marks/words.js';
import {
  cellFor, focus, lookOf, names, sameCell, show, showState, studentOf, targetOf,
} from './cells.js';
import { lookAfter, mode } from './mode.js';
import { given, settings, words } from './page.js';
import { levelText } from './scale.js';

export const queue = settings && new Queue({
  ...settings,
  token: JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken'],
});
export const seen = { at: given?.now }; // up to when this page knows what others did
const status = queue && showStatus(queue, { words, signIn: settings.urls.signIn, about, dismissed });

export const showNotices = () => status?.showNotices();

/** The state of the mark in a cell: saving, queued or error while there is something to send, else plain. */
export const showCell = (cell, state = stateInQueue(cell)) => showState(cell, state);

function stateInQueue(cell) {
  const [student, target] = [studentOf(cell), targetOf(cell)];
  const mine = queue.ops.filter(op => op.student === student && op.target === target && op.kind !== 'remark');
  if (mine.some(op => op.refused || op.conflict)) return 'error';
  if (!mine.length) return null;
  return queue.away || mine.some(op => op.failed) ? 'queued' : 'saving';
}

function about(op) {
  const cell = cellFor(op);
  return cell && { ...names(cell), level: op.level ? levelText(op.level) : '' };
}

function dismissed(op, isDiscarded) {
  const cell = cellFor(op);
  if (!cell) return;
  if (isDiscarded && op.level && !queue.ops.some(waiting => sameCell(waiting, op))) show(cell, op.before);
  showCell(cell);
  focus(cell);
  queue.drain();
}

/** Signed out, as something else of the page found. */
export function halt(reason) {
  queue.halted = reason;
  status.showNotices();
  status.showSync();
}

function showOp(op) {
  const cell = cellFor(op);
  if (!cell) return;
  op.before = lookOf(cell);
  if (op.level && !op.conflict) show(cell, lookAfter(op.before, op.level, op.more?.kind));
  showCell(cell);
}

function showAll() {
  for (const cell of new Set(queue.ops.map(cellFor))) if (cell) showCell(cell);
}

const isAside = op => op.kind === 'mark' && (op.more?.kind === 'practice' || mode === 'offered');
const isTakingBack = op => ['undo', 'undoNewest', 'lift'].includes(op.kind);

function sent({ op, content }) {
  const cell = cellFor(op);
  if (!cell || op.kind === 'remark') return;
  const look = isAside(op) ? lookAfter(content, op.level, op.more?.kind) : content;
  const more = queue.ops.filter(waiting => waiting !== op && sameCell(waiting, op) && waiting.kind !== 'remark');
  for (const waiting of more) queue.change(waiting, { before: look });
  if (more.every(waiting => waiting.refused || waiting.conflict)) show(cell, look);
  showCell(cell, stateInQueue(cell) ?? 'saved');
  if (op.block) return sayBlock(op);
  const level = levelText(op.level ?? lookOf(cell).level ?? '');
  say(words(isTakingBack(op) ? 'markUndone' : 'markSaved', { ...names(cell), level }));
}

const sizes = new Map(); // block → how many of it are saved

function sayBlock({ block, ...op }) {
  const n = (sizes.get(block) ?? 0) + 1;
  sizes.set(block, n);
  if (queue.ops.some(waiting => waiting.block === block && !waiting.refused && !waiting.conflict)) return;
  sizes.delete(block);
  say(words(isTakingBack(op) ? 'blockUndone' : 'blockSaved', { n }));
}

function refused({ op }) {
  const cell = cellFor(op);
  if (cell && op.kind !== 'mark' && op.kind !== 'remark') show(cell, op.before);
  if (cell) showCell(cell);
}

function kept({ op, isFirst }) {
  showAll();
  const cell = cellFor(op);
  if (isFirst && cell) say(words('markKept', { ...names(cell), level: levelText(cell.value) }));
}

export async function setUpQueue() {
  queue.on('changed', ({ op }) => { if (op && cellFor(op)) showCell(cellFor(op)); });
  queue.on('done', sent);
  queue.on('gone', ({ op }) => { if (cellFor(op)) showCell(cellFor(op)); });
  queue.on('refused', refused);
  queue.on('kept', kept);
  queue.on('halted', showAll);
  queue.on('brought', ({ op }) => showOp(op));
  queue.listen();
  for (const op of await queue.open()) showOp(op);
  status.showNotices();
  queue.drain();
}
