// Accepting what the evidence suggests: in one cell, or wherever it agrees with the newest evidence.

import { at, lookOf } from './cells.js';
import { remember } from './history.js';
import { endGesture, entryOf, make } from './marking.js';
import { mode } from './mode.js';
import { hint, words } from './page.js';
import { cellsOf, isBlock, meant, range } from './select.js';

/** What one key makes of a cell: the evidence shown (Evidence), or what is suggested. Null: nothing to accept. */
function decisionFor(cell) {
  const { level, newest, suggested, confirmed, flagged } = lookOf(cell);
  const isShownApart = mode === 'evidence' && newest && newest !== level;
  if (isShownApart && newest !== suggested) return entryOf(cell, newest, { kind: 'set', more: {} });
  const waits = suggested && (!confirmed || flagged);
  return waits ? entryOf(cell, suggested, { kind: 'confirm', more: {} }) : null;
}

const isUnconfirmed = ({ level, confirmed }) => level !== null && !confirmed;
const isOpen = look => isUnconfirmed(look) || look.flagged;
const agrees = look => isUnconfirmed(look) && look.suggested !== null && look.newest === look.suggested;

export function acceptHere() {
  endGesture();
  const entries = (isBlock() ? cellsOf(range()) : [at]).map(decisionFor).filter(Boolean);
  if (!entries.length) return hint(words('nothingToAccept'));
  send(entries);
}

/** Of a block, of a student's row, or of a target's column. What does not agree stays for a look. */
export function acceptAgreeing() {
  endGesture();
  const cells = cellsOf(meant({ columnOfCell: true }));
  const entries = cells.filter(cell => agrees(lookOf(cell))).map(decisionFor).filter(Boolean);
  const left = cells.filter(cell => isOpen(lookOf(cell))).length - entries.length;
  hint(`${words('accepted', { n: entries.length })} ${left ? words('toLookAt', { n: left }) : ''}`.trim());
  if (entries.length) send(entries);
}

function send(entries) {
  make(entries);
  remember({ made: entries, taken: [] });
}
