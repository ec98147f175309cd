// Signing out with marks that are not sent: asks first. Without this script signing out is signing out.

import { Queue } from './queue.js';

const dialog = document.getElementById('sign-out-unsent');

export function askBeforeSignOut(words) {
  for (const form of document.querySelectorAll('form[data-sign-out]')) {
    form.addEventListener('submit', event => {
      const n = unsent().length;
      if (!n || form.dataset.isSure) return;
      event.preventDefault();
      ask(form, words, n);
    });
  }
}

const unsent = () => (Queue.here?.ops ?? []).filter(op => !op.conflict);

function ask(form, words, n) {
  const [text, outcome] = ['[data-says]', '[role="status"]'].map(where => dialog.querySelector(where));
  text.textContent = words('signOut', { n });
  outcome.textContent = '';
  dialog.onclick = async ({ target }) => {
    const wanted = target.closest('button')?.dataset.do;
    if (wanted === 'stay') dialog.close();
    if (wanted === 'leave') leave(form);
    if (wanted === 'send') await sendFirst(form, words, outcome);
  };
  document.getElementById('account')?.hidePopover?.();
  dialog.showModal();
}

async function sendFirst(form, words, outcome) {
  outcome.textContent = words('sending');
  await settled(Queue.here);
  const n = unsent().length;
  if (!n) return leave(form);
  outcome.textContent = words('notSent', { n });
}

/** When everything was tried: sent, refused, or the server was not reached. */
function settled(queue) {
  return new Promise(resolve => {
    const look = () => { if (!queue.waiting.length || queue.away || queue.halted) resolve(); };
    queue.away = false;
    queue.on('changed', look);
    queue.on('kept', look);
    queue.on('halted', look);
    queue.sendNow();
  });
}

function leave(form) {
  form.dataset.isSure = 'true';
  dialog.close();
  form.requestSubmit();
}
