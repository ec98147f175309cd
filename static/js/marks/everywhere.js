// Where marks are made or may wait (everyone.js): sends what waits on this device, says what still waits and why, and
// asks before signing out leaves marks behind.

import { Queue } from './queue.js';
import { askBeforeSignOut } from './sign_out.js';
import { say, speaker } from './words.js';

const { body } = document;
const { person } = body.dataset;
const words = speaker(JSON.parse(document.getElementById('queue-words').textContent));
const messages = document.getElementById('messages');

function notify(name, values = {}) {
  const shown = document.getElementById(`unsent-${name}`).content.cloneNode(true).firstElementChild;
  shown.querySelector('p').textContent = words(name, values);
  messages?.append(shown);
  return shown;
}

// --- a page without marks of its own ---------------------------------------------------------------------------

async function sendFromHere() {
  const queue = new Queue({ person, urls: {} });
  let sent = 0;
  queue.on('done', () => { sent += 1; });
  queue.listen();
  await queue.open();
  const showAll = () => showWhatWaits(queue, sent);
  for (const event of ['kept', 'halted', 'refused', 'conflict', 'changed']) queue.on(event, showAll);
  if (!queue.ops.length) return;
  await queue.drain();
  showAll();
  if (sent) say(words('sent', { n: sent }));
}

let stands = ''; // what is said now, so that it is said once

function showWhatWaits(queue, sent) {
  const groups = [['refused', queue.refused], ['conflict', queue.conflicts], ['waiting', queue.away || queue.halted ? queue.waiting : []]];
  const now = JSON.stringify([queue.waiting.length ? 0 : sent, ...groups.map(([, ops]) => ops.length)]);
  if (now === stands) return;
  stands = now;
  messages?.querySelectorAll('[data-unsent]').forEach(one => one.remove());
  if (sent && !queue.waiting.length) notify('sent', { n: sent });
  for (const [name, ops] of groups) if (ops.length) showGroup(notify(name, { n: ops.length }), ops[0].group);
}

function showGroup(shown, group) {
  const link = shown.querySelector('a');
  if (group) link.href = link.getAttribute('href').replace(/0{8}(-0{4}){3}-0{12}/, group);
  else link.remove();
}

// --- a page from this device ------------------------------------------------------------------------------------

function sayWhenKept() {
  const at = Number(body.dataset.keptAt);
  if (!at) return;
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
  notify('kept', { time });
}

if (!Queue.here) sendFromHere();
askBeforeSignOut(words);
sayWhenKept();
