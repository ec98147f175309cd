// What colleagues mark meanwhile: asked for while the page is seen, and shown where nothing of one's own waits.

import { at, cellFor, lookOf, show } from './cells.js';
import { byId, given } from './page.js';
import { halt, queue, seen } from './queued.js';

const EVERY = 8000; // ms
const held = new Map(); // cell → look that came while something of one's own was in it
let timer;
let isAsking = false;

async function ask() {
  clearTimeout(timer);
  if (isAsking || queue?.halted || document.visibilityState !== 'visible') return;
  isAsking = true;
  const goesOn = await fetchChanges().catch(() => true); // the network is gone: ask again later
  isAsking = false;
  if (goesOn) timer = setTimeout(ask, EVERY);
}

async function fetchChanges() {
  const address = new URL(given.urls.changes, location.href);
  address.searchParams.set('since', seen.at);
  const answer = await fetch(address, {
    redirect: 'manual', headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(EVERY),
  });
  if (answer.type === 'opaqueredirect') {
    if (queue) halt('signedOut');
    return false;
  }
  if ([403, 404].includes(answer.status)) return false; // not one's class any more
  if (answer.ok) take(await answer.json());
  return true;
}

function take({ now, cells }) {
  for (const [student, target, look] of cells) {
    const cell = cellFor({ student, target });
    if (cell) held.set(cell, look);
  }
  showHeld();
  seen.at = now;
}

const isBusy = cell => (cell === at && byId('picker')?.matches(':popover-open'))
  || queue?.ops.some(op => !op.conflict && cellFor(op) === cell);

function showHeld() {
  for (const [cell, look] of held) {
    if (isBusy(cell)) continue;
    held.delete(cell);
    const { aside } = lookOf(cell);
    if (isOther(lookOf(cell), look)) show(cell, aside ? { ...look, aside } : look);
  }
}

const isOther = (one, other) => (
  ['level', 'status', 'confirmed', 'flagged', 'contested', 'automatic', 'due', 'newest', 'suggested']
    .some(name => (one[name] || null) !== (other[name] || null))
);

export function setUpChanges() {
  queue?.on('done', ({ op }) => { held.delete(cellFor(op)); }); // its answer is the newer one
  document.addEventListener('visibilitychange', ask);
  addEventListener('online', ask);
  timer = setTimeout(ask, EVERY);
}
