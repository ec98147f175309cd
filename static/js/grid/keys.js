// Keys and clicks: moving about, and which key does what.

import { acceptAgreeing, acceptHere } from './accept.js';
import { fillAcross, fillDown, redo, takeBackBlock, undo } from './blocks.js';
import { at, focus, isMark, place, placeCells, rows, stopAt, touchRow } from './cells.js';
import { openJump } from './jump.js';
import { addHalf, adjust, endGesture, isMovingOn, typeLevel } from './marking.js';
import { switchPractice } from './mode.js';
import { byId, choiceKept, hint, keepChoice, keepHintOffFocus, settings, table, words } from './page.js';
import { openPicker } from './picker.js';
import { switchProjecting } from './projecting.js';
import { openReasons } from './reasons.js';
import { scale } from './scale.js';
import { beginBlock, endBlock, paintBlock, selectColumn, setUpSelection } from './select.js';

const PAGE = 8; // rows of Page Up and Page Down
let isExtending = false; // the focus goes on, and the block with it

const MOVES = {
  ArrowUp: () => move(-1, 0),
  ArrowDown: () => move(1, 0),
  ArrowLeft: () => move(0, -1),
  ArrowRight: () => move(0, 1),
  PageUp: () => go(Math.max(1, place.get(at)[0] - PAGE), place.get(at)[1]),
  PageDown: () => move(PAGE, 0),
  Home: event => go(event.ctrlKey || event.metaKey ? 1 : place.get(at)[0], 1),
  End: event => go(event.ctrlKey || event.metaKey ? rows.length - 1 : place.get(at)[0], Infinity),
};
const ANYWHERE = { '?': () => byId('keys').showModal(), '/': openJump, j: openJump, h: switchProjecting };
const RECORDING = { A: acceptAgreeing, p: practice }; // also on a student or a target
const MARKS = {
  '.': () => addHalf(),
  ',': () => addHalf(), // the decimal sign of half the world
  '+': () => adjust(scale.step),
  '=': () => adjust(scale.step),
  '-': () => adjust(-scale.step),
  Delete: () => takeBackBlock(),
  Backspace: () => takeBackBlock(),
  a: () => acceptHere(),
  n: () => openReasons(),
};
const COMMANDS = { z: undo, y: redo, d: fillDown, r: fillAcross };

function move(down, across) {
  const [row, column] = place.get(at);
  go(row + down, column + across);
}

function go(row, column) {
  const between = (number, last) => Math.max(0, Math.min(last, number));
  const element = rows[between(row, rows.length - 1)][between(column, rows[0].length - 1)];
  if (element) focus(element);
}

/** The block grows from where it was begun to where ``to`` leads; only over cells. */
function extend(to) {
  beginBlock();
  isExtending = true;
  to();
  isExtending = false;
  paintBlock();
}

function extendBy(key, event) {
  const [row, column] = place.get(at);
  const leaves = (key === 'ArrowUp' && row === 1) || (key === 'ArrowLeft' && column === 1) || !row || !column;
  if (!leaves) extend(() => MOVES[key](event));
}

/** The one tab stop, the marked row and the block follow the focus, however it came. */
function entered({ target }) {
  if (!isMovingOn) endGesture();
  if (!isExtending && target !== at) endBlock();
  touchRow(target);
  keepHintOffFocus();
  if (place.has(target)) stopAt(target);
}

function left({ relatedTarget }) {
  if (!table.contains(relatedTarget)) endGesture();
}

function clicked(event) {
  const inCell = event.target.closest('tbody td')?.querySelector('button.level');
  const element = event.target.closest('.rowhead a, thead button') ?? inCell;
  if (!element) return;
  endGesture();
  if (element.matches('a')) return;
  event.preventDefault();
  if (event.shiftKey && isMark(element)) return extend(() => focus(element));
  endBlock();
  focus(element);
  if (isMark(element)) openPicker(element); else showTarget(element);
}

/** A click with Shift is for the block: the focus must not go there first, nor text be selected. */
function pointed(event) {
  if (event.shiftKey && event.target.closest('tbody td')) event.preventDefault();
}

function showTarget(button) {
  const about = byId('about');
  about.querySelector('b').textContent = button.querySelector('b').textContent;
  about.querySelector('p').textContent = button.dataset.full;
  about.showPopover({ source: button });
}

function practice() {
  const mode = switchPractice();
  byId('practice-on').hidden = mode !== 'practice';
  hint(words(mode === 'practice' ? 'practiceOn' : 'practiceOff'));
}

function pressed(event) {
  if (event.altKey || ['Shift', 'Control', 'Meta'].includes(event.key)) return;
  if (event.key === 'Escape') return endBlock(); // and whatever is open closes by itself
  const action = actionOf(event);
  if (!action) return;
  event.preventDefault();
  action(event);
}

function actionOf(event) {
  const { key } = event;
  const isCommand = event.ctrlKey || event.metaKey;
  if (key in MOVES && (!isCommand || key === 'Home' || key === 'End')) return moveOf(event);
  if (isCommand) return commandOf(event);
  if (event.repeat && !['+', '=', '-'].includes(key)) return null;
  if (key in ANYWHERE) return ANYWHERE[key];
  if (!settings) return null;
  if (key in RECORDING) return RECORDING[key];
  return isMark(at) ? markOf(key, event) : null;
}

function moveOf(event) {
  const { key, shiftKey } = event;
  return () => {
    endGesture();
    if (shiftKey) extendBy(key, event); else { endBlock(); MOVES[key](event); }
  };
}

function commandOf({ key, shiftKey, repeat }) {
  const name = key.toLowerCase();
  if (name === 'a' && !shiftKey) return selectColumn;
  if (!settings) return null;
  if (name === 'z' && shiftKey) return redo;
  if (shiftKey || !Object.hasOwn(COMMANDS, name)) return null;
  if (repeat && !['z', 'y'].includes(name)) return () => {};
  return COMMANDS[name];
}

function markOf(key, { repeat }) {
  if (repeat) return null;
  if (key === '5' && scale.high < 5) return addHalf;
  if (/^\d$/.test(key)) return () => { endBlock(); typeLevel(Number(key)); };
  return MARKS[key] ?? null;
}

export function setUpGrid() {
  table.setAttribute('role', 'grid');
  table.closest('.gridbox').tabIndex = -1; // a cell is the one tab stop; Firefox stops at what scrolls if left to it
  placeCells();
  setUpSelection();
  table.addEventListener('keydown', pressed);
  table.addEventListener('mousedown', pointed);
  table.addEventListener('click', clicked);
  table.addEventListener('focusin', entered);
  table.addEventListener('focusout', left);
}

export function setUpKeysDialog() {
  for (const choice of document.querySelectorAll('[name="onward"]')) {
    choice.checked = choice.value === (choiceKept('onward') ?? 'down');
    choice.addEventListener('change', () => keepChoice('onward', choice.value));
  }
}
