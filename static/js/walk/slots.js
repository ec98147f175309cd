// What is noted in this walk. A slot is one student on one target: {student, target, row, look, piece, kept, show}.
// Its ``piece`` is one piece of evidence, {op, kind, level}: another level puts it right, the same level is nothing,
// and only ``again`` begins another piece. Whoever shows a slot gives ``show``, which is called whenever it changes.

import { Queue } from '../marks/queue.js';
import { showStatus } from '../marks/status.js';
import { say } from '../marks/words.js';
import { byId, levelText, levelValue, settings, today, words } from './page.js';

const NOTHING = { level: null, newest: null, suggested: null, status: 'not_started', confirmed: false };

export const queue = settings && new Queue({
  ...settings,
  token: JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken'],
});
const status = queue && showStatus(queue, { words, signIn: settings.urls.signIn, about, dismissed });

const rows = new Map(); // student → {student, name, isAbsent, slots, show}
const slots = new Map(); // "student target" → slot
const steps = []; // what was done here, the newest last: {student, what, takeBack}
let practises = () => false;
let day = today;

const keyOf = ({ student, target }) => `${student} ${target}`;

/** ``dated``: the day on which it was seen; ``isPractice``: whether what is noted now does not count. */
export function describe({ dated = day, isPractice = practises }) {
  day = dated;
  practises = isPractice;
}

export function addRow(row) {
  rows.set(row.student, { ...row, slots: [] });
  return rows.get(row.student);
}

export function addSlot(row, target) {
  const { student } = row;
  const look = settings.looks[student]?.[target] ?? NOTHING;
  const slot = { student, target, row, look, piece: null, kept: null, show: () => {} };
  row.slots.push(slot);
  slots.set(keyOf(slot), slot);
  return slot;
}

const isPiece = op => op.kind === 'evidence' || op.kind === 'practice';
const isStuck = op => op.refused || op.conflict;

// --- noting ------------------------------------------------------------------------------------------------

export function put(slot, number, { isHeld = false } = {}) {
  const level = levelValue(number);
  const kind = practises() ? 'practice' : 'evidence';
  const { piece } = slot;
  if (piece?.level === level && piece.kind === kind) return;
  takeOut(slot);
  make(slot, kind, level, isHeld);
  remember(slot, levelText(level), () => {
    takeOut(slot);
    if (piece) make(slot, piece.kind, piece.level); else slot.show();
  });
  if (slot.row.isAbsent) setAbsent(slot.row, false);
}

export function clear(slot) {
  const { piece } = slot;
  if (!piece) return;
  takeOut(slot);
  slot.show();
  remember(slot, levelText(piece.level), () => make(slot, piece.kind, piece.level));
}

/** What was noted stands; the next level is another piece. */
export function again(slot) {
  const { piece, kept } = slot;
  if (!piece) return;
  queue.release(); // its half point is not coming any more
  Object.assign(slot, { piece: null, kept: null });
  slot.show();
  say(words('nextPiece', { student: slot.row.name }));
  remember(slot, words('again'), () => {
    Object.assign(slot, { piece, kept });
    slot.show();
  });
}

/** The level that was noted becomes the level: the suggestion accepted, where it is the same. */
export function keep(slot) {
  const { level } = slot.piece;
  const { look } = slot;
  queue.release();
  const kind = look.suggested === level && !look.confirmed ? 'confirm' : 'set';
  const op = queue.add({ kind, ...namesOf(slot), level, before: look });
  slot.kept = level;
  slot.show();
  remember(slot, words('levelIs', { level: levelText(level) }), () => {
    slot.kept = null;
    if (!dropped(op)) queue.add({ ...namesOf(slot), ...undecided(look) });
    slot.show();
  });
}

const undecided = ({ level, confirmed }) => (level && confirmed ? { kind: 'set', level } : { kind: 'lift' });

export function setAbsent(row, isAbsent) {
  noteAbsent(row, isAbsent);
  remember(row.slots[0], words('absent'), () => noteAbsent(row, !isAbsent));
}

function noteAbsent(row, isAbsent) {
  row.isAbsent = isAbsent;
  queue.add({ kind: 'absent', student: row.student, at: day(), more: { is_absent: String(isAbsent) } });
  row.show();
}

const namesOf = ({ student, target }) => ({ student, target });

function make(slot, kind, level, isHeld = false) {
  const more = { seen_at: settings.now };
  const op = queue.add({ kind, ...namesOf(slot), level, at: day(), before: slot.look, more }, { isHeld });
  slot.piece = { op, kind, level };
  slot.kept = null;
  slot.show();
}

/** Taken back on the server where it may have come there; else only dropped here. */
function takeOut(slot) {
  const { piece } = slot;
  slot.piece = null;
  if (piece && !dropped(piece.op)) queue.add({ kind: 'undo', ...namesOf(slot), mark: piece.op.uuid });
}

function dropped(op) {
  if (!queue.ops.includes(op) || (op.tried && !op.refused)) return false;
  queue.drop(op);
  return true;
}

// --- taking back, from the end -------------------------------------------------------------------------------

function remember(slot, what, takeBack) {
  steps.push({ student: slot.row.name, what, takeBack });
  showUndo();
}

function undoLast() {
  const step = steps.pop();
  if (!step) return;
  step.takeBack();
  showUndo();
  say(words('undone', step));
}

function showUndo() {
  const button = byId('undo');
  const last = steps.at(-1);
  button.disabled = !last;
  button.lastElementChild.textContent = last ? words('undo', last) : words('nothing');
}

// --- what becomes of it ----------------------------------------------------------------------------------------

/** saving, queued, error, or null: all of the row is saved. */
export function stateOf({ student }) {
  const mine = queue.ops.filter(op => op.student === student && rows.has(op.student) && isHere(op));
  if (mine.some(isStuck)) return 'error';
  if (!mine.length) return null;
  return queue.away || mine.some(op => op.failed) ? 'queued' : 'saving';
}

const isHere = op => op.kind === 'absent' || slots.has(keyOf(op));
const shownIn = op => (op.kind === 'absent' ? rows.get(op.student) : slots.get(keyOf(op)));

function about(op) {
  const slot = slots.get(keyOf(op)) ?? rows.get(op.student)?.slots[0];
  if (!slot || !isHere(op)) return null;
  const level = op.kind === 'absent' ? words('absent') : levelText(op.level);
  return { student: slot.row.name, target: settings.targets[slot.target], level };
}

function dismissed(op, isDiscarded) {
  const slot = slots.get(keyOf(op));
  if (slot && isDiscarded && slot.piece?.op === op) slot.piece = null;
  if (slot && isDiscarded && ['set', 'confirm'].includes(op.kind)) slot.kept = null;
  const row = rows.get(op.student);
  if (isDiscarded && op.kind === 'absent' && row) row.isAbsent = op.more.is_absent !== 'true';
  shownIn(op)?.show();
  queue.drain();
}

function done({ op, content }) {
  const shown = shownIn(op);
  if (!shown) return;
  if (op.kind !== 'absent' && 'level' in content) shown.look = content;
  shown.show();
  say(said(op, shown));
}

function said(op, shown) {
  const student = shown.name ?? shown.row.name;
  if (op.kind === 'absent') return words(op.more.is_absent === 'true' ? 'isAbsent' : 'isPresent', { student });
  const target = settings.targets[op.target];
  if (op.kind === 'undo' || op.kind === 'lift') return words('undone', { student, what: target });
  const level = levelText(op.level);
  return isPiece(op) ? words('markSaved', { student, target, level }) : words('keptNow', { student, level });
}

/** A mark that waited when the page was opened, or that came from another window. */
function adopt(op) {
  const shown = shownIn(op);
  if (!shown) return;
  if (isPiece(op)) shown.piece = { op, kind: op.kind, level: op.level };
  if (op.kind === 'absent') shown.isAbsent = op.more.is_absent === 'true';
  shown.show();
}

function showAll() {
  for (const row of rows.values()) row.show();
}

/** On another day the same level is another piece. */
function startDay() {
  const before = [...slots.values()].filter(({ piece }) => piece && piece.op.at !== day());
  if (!before.length) return;
  for (const slot of before) {
    slot.piece = null;
    slot.show();
  }
  steps.length = 0; // what is of another day is taken back elsewhere, with a reason
  showUndo();
}

export async function setUpQueue() {
  document.addEventListener('visibilitychange', startDay);
  byId('undo').addEventListener('click', undoLast);
  const showOp = ({ op }) => op && shownIn(op)?.show();
  queue.on('changed', showOp).on('gone', showOp).on('refused', showOp).on('conflict', showOp);
  queue.on('done', done).on('kept', showAll).on('halted', showAll).on('brought', ({ op }) => adopt(op));
  queue.listen();
  for (const op of await queue.open()) adopt(op);
  status.showNotices();
  queue.drain();
}
