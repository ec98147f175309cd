// A block of levels to a spreadsheet and from one: lines of cells with tabs between them.

import { setAll } from './blocks.js';
import { at, isMark, place, rows, valueOf } from './cells.js';
import { endGesture } from './marking.js';
import { decimal, hint, settings, table, words } from './page.js';
import { isLevel, levelValue } from './scale.js';
import { cellsOf, isBlock, range, rowsOf } from './select.js';
import { say } from '../marks/words.js';

const BLANK = /^[-–—]?$/; // as an empty cell is written here and elsewhere
const NUMBER = /^[+]?\d{1,4}([.,]\d{1,6})?$/;
const written = value => (value === '' ? '' : decimal.format(Number(value)));

function copied(event) {
  const block = range();
  if (!block || !document.getSelection().isCollapsed) return;
  event.preventDefault();
  const lines = rowsOf(block).map(row => row.map(cell => written(valueOf(cell))).join('\t'));
  event.clipboardData.setData('text/plain', lines.join('\n'));
  if (settings) say(words('copied', { n: rowsOf(block).flat().length }));
}

function pasted(event) {
  if (!settings || !range()) return;
  event.preventDefault();
  endGesture();
  const text = event.clipboardData.getData('text/plain').replace(/\r?\n$/, '');
  const lines = text.split(/\r?\n/).map(line => line.split('\t').map(part => part.trim()));
  const wrong = firstWrong(lines);
  if (wrong) return hint(words('notPasted', wrong));
  const pairs = isOne(lines) && isBlock() ? everywhere(lines[0][0]) : fromHere(lines);
  if (!pairs) return hint(words('tooLarge', { n: lines.length, m: Math.max(...lines.map(line => line.length)) }));
  if (!pairs.length) return hint(words('nothingToPaste'));
  setAll(pairs);
}

const isOne = lines => lines.length === 1 && lines[0].length === 1;
const numberOf = text => Number(text.replace(',', '.'));

/** What is neither a level nor blank, and where it is; nothing is pasted then. */
function firstWrong(lines) {
  for (const [row, line] of lines.entries()) {
    for (const [column, text] of line.entries()) {
      if (BLANK.test(text)) continue;
      if (!NUMBER.test(text) || !isLevel(numberOf(text))) {
        return { text: text.slice(0, 30), row: row + 1, column: column + 1 };
      }
    }
  }
  return null;
}

const everywhere = text => (BLANK.test(text) ? [] : cellsOf(range()).map(cell => [cell, levelValue(numberOf(text))]));

/** Null where the block is larger than what is below and beside, or a level would be for somebody not to be marked. */
function fromHere(lines) {
  const [top, left] = isBlock() ? [range().top, range().left] : place.get(at);
  const pairs = [];
  for (const [down, line] of lines.entries()) {
    for (const [across, text] of line.entries()) {
      if (BLANK.test(text)) continue;
      const cell = rows[top + down]?.[left + across];
      if (!isMark(cell)) return null;
      pairs.push([cell, levelValue(numberOf(text))]);
    }
  }
  return pairs;
}

export function setUpClipboard() {
  table.addEventListener('copy', copied);
  table.addEventListener('paste', pasted);
}
