// The service worker. It keeps files and the pages for which the network is not needed, and sends what waits when
// the network is back and no page is open. It answers for nothing else: every other request goes its way.

import { answerFile, keepFiles } from './files.js';
import { forgetPages, keptPage, lookAt } from './pages.js';
import { sendWaiting } from './send.js';

const SHELL = 'cairn.shell';
const AWAY = [502, 503, 504]; // what stands before the server says that it is away

export function start({ offline, signOut, files }) {
  addEventListener('install', event => event.waitUntil(keepShell(offline, files).then(() => skipWaiting())));
  addEventListener('activate', event => event.waitUntil(clients.claim()));
  addEventListener('sync', event => { if (event.tag === 'marks') event.waitUntil(sendWaiting()); });
  addEventListener('message', event => {
    if (event.data?.what === 'keep') event.waitUntil(keepAgain(event.data.url, files));
  });
  addEventListener('fetch', event => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (origin !== location.origin) return;
    if (request.method === 'POST' && pathname === signOut) event.waitUntil(forgetPages());
    if (request.method !== 'GET') return;
    if (pathname.startsWith(files)) event.respondWith(answerFile(request));
    else if (request.mode === 'navigate') event.respondWith(answerPage(event, offline, files));
  });
}

async function keepShell(offline, files) {
  const shell = await caches.open(SHELL);
  const answer = await fetch(offline, { credentials: 'omit', cache: 'reload' });
  if (!answer.ok) throw new Error(`${offline}: ${answer.status}`);
  await shell.put(offline, answer.clone());
  await keepFiles(await answer.text(), files);
}

/** A page that was open before the worker was there. */
async function keepAgain(url, files) {
  const answer = await fetch(url, { headers: { Accept: 'text/html' }, redirect: 'manual' });
  await keepSeen(url, answer, files);
}

const keepSeen = (url, answer, files) => lookAt(url, answer, text => keepFiles(text, files));

async function answerPage(event, offline, files) {
  const { url } = event.request;
  try {
    const answer = await fetch(event.request);
    if (AWAY.includes(answer.status)) return await keptPage(url) ?? answer;
    event.waitUntil(keepSeen(url, answer.clone(), files).catch(() => {}));
    return answer;
  } catch (error) {
    const found = await keptPage(url) ?? await caches.match(offline);
    if (found) return found;
    throw error;
  }
}
