// The selected block of cells: from where it was begun to where the focus is. One cell is a block too.

import { at, isMark, place, rows } from './cells.js';
import { table } from './page.js';

let anchor = null; // [row, column] where the block was begun
let isColumns = false; // the block goes from the first student to the last, whichever row has the focus
let marked = []; // the table cells that are shown as selected

const isCell = ([row, column]) => row > 0 && column > 0;

/** {top, bottom, left, right}, in cells; null where the focus is on a student or a target. */
export function range() {
  const here = place.get(at);
  if (!isCell(here)) return null;
  const there = anchor ?? here;
  const [left, right] = [Math.min(here[1], there[1]), Math.max(here[1], there[1])];
  if (isColumns) return { top: 1, bottom: rows.length - 1, left, right };
  return { top: Math.min(here[0], there[0]), bottom: Math.max(here[0], there[0]), left, right };
}

export const isBlock = () => anchor !== null;

/** The cells of a block, row by row. */
export const rowsOf = ({ top, bottom, left, right }) => (
  rows.slice(top, bottom + 1).map(row => row.slice(left, right + 1))
);
export const cellsOf = block => rowsOf(block).flat().filter(isMark);

/** What a key acts on: the block; of a student the row, of a target (and of a single cell, if asked) the column. */
export function meant({ columnOfCell = false } = {}) {
  const [row, column] = place.get(at);
  const all = { top: 1, bottom: rows.length - 1, left: 1, right: rows[0].length - 1 };
  if (row && column) return columnOfCell && !anchor ? { ...all, left: column, right: column } : range();
  return row ? { ...all, top: row, bottom: row } : { ...all, left: column, right: column };
}

/** Before the focus goes on: the block begins where it is now. */
export function beginBlock() {
  if (isCell(place.get(at))) anchor ??= place.get(at);
}

export function selectColumn() {
  const [row, column] = place.get(at);
  if (!row || !column) return;
  anchor = [row, column];
  isColumns = true;
  paintBlock();
}

export function endBlock() {
  if (!anchor) return;
  anchor = null;
  isColumns = false;
  paint([]);
}

export const paintBlock = () => paint(anchor && range() ? cellsIn(range()) : []);
const cellsIn = block => rowsOf(block).flat().map(cell => cell.closest('td'));

function paint(wanted) {
  const now = new Set(wanted);
  for (const cell of marked) if (!now.has(cell)) cell.removeAttribute('aria-selected');
  for (const cell of now) if (!cell.hasAttribute('aria-selected')) cell.setAttribute('aria-selected', 'true');
  marked = wanted;
}

export const setUpSelection = () => table.setAttribute('aria-multiselectable', 'true');
