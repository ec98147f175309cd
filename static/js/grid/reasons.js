// Why somebody judged as they did, in one tap: offered after a save without taking the focus, and never asked twice.

import { at, cellFor, focus, groupOf, names, studentOf, targetOf } from './cells.js';
import { byId, keepHintOffFocus, settings, table, words } from './page.js';
import { queue } from './queued.js';
import { levelText } from './scale.js';
import { say } from '../marks/words.js';

const box = byId('why');
let about = null; // {cell, judgement} that the box is about

function showFor(cell, judgement) {
  about = { cell, judgement };
  const text = { ...names(cell), level: levelText(cell.value) };
  box.querySelector('p').textContent = words(judgement ? 'whyLevel' : 'noteOn', text);
  box.querySelector('form').reset();
  box.toggleAttribute('data-asked', Boolean(judgement)); // asked by the page: the reasons alone
  box.showPopover();
  keepHintOffFocus();
}

/** By key: for the cell in focus, and the focus goes to the first reason. */
export function openReasons() {
  const isHere = about?.cell === at && box.matches(':popover-open');
  if (!isHere) showFor(at, at.judgement);
  box.removeAttribute('data-asked');
  box.querySelector('[data-reason]').focus();
}

export function closeReasons() {
  if (!box?.matches(':popover-open')) return false;
  const hadFocus = box.contains(document.activeElement);
  box.hidePopover();
  box.querySelector('p').textContent = '';
  if (hadFocus) focus(about.cell);
  return true;
}

function send(more) {
  const { cell, judgement } = about;
  const where = { group: groupOf(cell), student: studentOf(cell), target: targetOf(cell) };
  queue.add({ kind: 'remark', ...where, more: { ...more, judgement } });
  closeReasons();
}

function clicked({ target }) {
  const button = target.closest('button');
  if (button?.dataset.reason) send({ reason: button.dataset.reason });
  if (button && 'close' in button.dataset) closeReasons();
}

function submitted(event) {
  event.preventDefault();
  const text = new FormData(event.target).get('text').trim();
  if (text) send({ text });
}

function pressed(event) {
  if (event.key !== 'Escape') return;
  event.preventDefault();
  closeReasons();
}

function saved({ op, content }) {
  const cell = cellFor(op);
  if (!cell) return;
  if (op.kind === 'remark') return say(words('remarkSaved', names(cell)));
  cell.judgement = content.judgement;
  const isLast = !op.block || !queue.ops.some(waiting => waiting.block === op.block);
  if (content.asks_why && isLast && !box.contains(document.activeElement)) showFor(cell, content.judgement);
}

export function setUpReasons() {
  if (!box || !queue) return;
  const sample = box.querySelector('[data-reason]');
  sample.replaceWith(...Object.entries(settings.reasons ?? {}).map(([reason, label]) => {
    const button = sample.cloneNode();
    button.dataset.reason = reason;
    button.textContent = label;
    return button;
  }));
  box.addEventListener('click', clicked);
  box.addEventListener('submit', submitted);
  box.addEventListener('keydown', pressed);
  queue.on('done', saved);
  table.addEventListener('keydown', ({ key }) => { if (key === 'Escape') closeReasons(); });
}
