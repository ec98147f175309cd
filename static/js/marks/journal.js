// IndexedDB answers later; a page can be gone by then. So each mark is first written into localStorage, which is
// done when the line is, and erased there as soon as IndexedDB has it. What is found here at the next opening, and
// what earlier versions left, is brought into IndexedDB.

import { addMark, bringMark, changeMark, dropMark, personOf, PREFIX, readMark } from './store.js';

const pending = new Map(); // key → how many writes are on their way

function write(op) {
  try {
    localStorage.setItem(op.key, JSON.stringify(op));
    return true;
  } catch {
    return false; // storage is closed or full
  }
}

function erase(key) {
  try { localStorage.removeItem(key); } catch { /* it was never there */ }
}

export function journalKeys() {
  try {
    return Object.keys(localStorage).filter(key => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function read(key) {
  try {
    return { ...JSON.parse(localStorage.getItem(key)), key, person: personOf(key) };
  } catch {
    return null;
  }
}

/** False when nothing on this device keeps it: then it is only in this page. */
export async function keep(op, isNew) {
  op.turn = (op.turn ?? 0) + 1; // which of two copies is the newer
  const isWritten = write(op);
  pending.set(op.key, (pending.get(op.key) ?? 0) + 1);
  const isStored = await (isNew ? addMark : changeMark)(op).then(() => true, () => false);
  pending.set(op.key, pending.get(op.key) - 1);
  if (pending.get(op.key)) return true; // a later write says how it went
  pending.delete(op.key);
  if (isStored) erase(op.key);
  return isStored || isWritten;
}

export function drop(key) {
  erase(key);
  return dropMark(key).catch(() => {});
}

export async function bringAll() {
  await Promise.all(journalKeys().map(async key => {
    const op = read(key);
    if (!op) return erase(key);
    await bringMark(op);
    if (!pending.has(key)) erase(key);
  }));
}

/** For where IndexedDB is closed: what the journal has of a person. */
export const readJournal = prefix => journalKeys().filter(key => key.startsWith(prefix)).sort().map(read).filter(Boolean);

/** Whether it still waits: another window may have sent it. */
export async function isKept(key) {
  if (journalKeys().includes(key)) return true;
  return readMark(key).then(Boolean, () => true);
}
