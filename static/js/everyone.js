// On every page of somebody signed in: starts the service worker, and forgets the pages of whoever was here before.
// What keeps and sends marks is most of our scripts: the pages where marks are made bring it along, and others ask for
// it where some may wait.

import { forgetOthers } from './worker/pages.js';
import { startWorker } from './worker/register.js';

const { dataset } = document.body;
const MARKS = 'cairn'; // as marks/store.js names it, and marks/journal.js begins its keys

async function mayWait() {
  if (Object.keys(localStorage).some(key => key.startsWith(`${MARKS}.mark.`))) return true;
  if (!indexedDB.databases) return true; // nobody can tell
  return (await indexedDB.databases()).some(({ name }) => name === MARKS);
}

startWorker().catch(() => {}); // a browser without it sends from its pages alone
if (globalThis.caches) forgetOthers(dataset.person).catch(() => {});
if (await mayWait().catch(() => true)) import('./marks/everywhere.js').catch(() => {}); // the next page has it again
