// What a page says about its queue: the state at its head (#sync), and the notices (#grid-notices) for what needs a
// person: signed out, refused, saved beside another's. The templates and the words come with the page.

import { say } from './words.js';

const ICONS = { saved: 'check', saving: 'upload', offline: 'offline', queued: 'lock', error: 'alert' };
const byId = id => document.getElementById(id);

/** ``about(op)``: {student, target, level, before} in words, or null for what is not on this page;
    ``dismissed(op, isDiscarded)`` is called when a person has answered a notice. */
export function showStatus(queue, { words, signIn, about, dismissed }) {
  const showNotices = () => {
    byId('grid-notices').replaceChildren();
    if (queue.halted) showSignIn();
    if (queue.refused.length) showRefusal(queue.refused);
    if (queue.conflicts.length) showConflict(queue.conflicts[0]);
    if (queue.hasOthers) notify('plain', words('somebodys'));
  };

  function showSignIn() {
    const shown = notify('sign-in', words(queue.halted, { n: queue.waiting.length }));
    shown.querySelector('a').href = signIn;
  }

  function showRefusal([op, ...others]) {
    const more = others.length ? ` ${words('more', { n: others.length })}` : '';
    const shown = notify('refused', refusalText(op) + more);
    shown.addEventListener('click', ({ target }) => {
      const wanted = target.closest('button')?.dataset.do;
      if (!wanted) return;
      if (wanted === 'again') queue.tryAgain(op); else queue.drop(op);
      showNotices();
      dismissed(op, wanted === 'discard');
    });
  }

  function showConflict(op) {
    const shown = notify('conflict', conflictText(op));
    shown.addEventListener('click', ({ target }) => {
      if (!target.closest('button')) return;
      queue.drop(op);
      showNotices();
      dismissed(op, false);
    });
  }

  function refusalText(op) {
    const sentence = words.has(op.refused) ? words(op.refused) : op.refused;
    const known = about(op);
    if (!known) return words('refusedElsewhere', { sentence });
    return words(op.kind === 'undo' ? 'refusedUndo' : 'refused', { ...known, sentence });
  }

  function conflictText(op) {
    const { sentence } = op.conflict;
    const known = about(op);
    return known ? words('conflict', { ...known, sentence }) : words('conflictElsewhere', { sentence });
  }

  function showSync() {
    const sync = byId('sync');
    sync.hidden = false; // from here on it is true
    const [state, text] = syncState(queue, words);
    if (sync.dataset.state === state && sync.lastElementChild.textContent === text) return;
    sync.dataset.state = state;
    sync.lastElementChild.textContent = text;
    const use = sync.querySelector('use');
    use.setAttribute('href', use.getAttribute('href').replace(/#.*/, `#i-${ICONS[state]}`));
  }

  queue.on('changed', showSync);
  queue.on('loose', () => notify('plain', words('notKept')));
  queue.on('conflict', showNotices);
  queue.on('halted', () => {
    showNotices();
    say(words(queue.halted, { n: queue.waiting.length }));
  });
  queue.on('refused', ({ op }) => {
    showNotices();
    say(refusalText(op));
  });
  return { showSync, showNotices };
}

function notify(kind, text) {
  const shown = byId(`notice-${kind}`).content.cloneNode(true).firstElementChild;
  shown.querySelector('p').textContent = text;
  byId('grid-notices').append(shown);
  return shown;
}

function syncState(queue, words) {
  const n = queue.waiting.length;
  if (queue.halted) return ['queued', words('kept', { n })];
  if (n && (queue.away || !navigator.onLine)) return ['offline', words('offline', { n })];
  if (!navigator.onLine) return ['offline', words('offlineIdle')];
  if (n && queue.hasFailed) return ['saving', words('sending', { n })];
  if (n) return ['saving', words('saving')];
  const refused = queue.refused.length;
  return refused ? ['error', words('notSaved', { n: refused })] : ['saved', words('saved')];
}
