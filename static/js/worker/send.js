// Sends what waits after the last page was closed, as the pages do: in order, one request at a time, and only for
// whoever is signed in. What needs a person stays, for the next page to show.

import { alone, askWho, firstBlock, isKnown, isSettled, post, readAnswer } from '../marks/send.js';
import { changeMark, dropMark, personOf, readKeys, readMark, readMarks } from '../marks/store.js';

/** Fails when the server was not reached, so that the browser tries again. */
export async function sendWaiting() {
  const pages = await clients.matchAll({ type: 'window' });
  if (pages.length) return new BroadcastChannel('cairn.marks').postMessage({ what: 'send' });
  const people = new Set((await readKeys()).map(personOf));
  for (const person of people) await sendAllOf(person);
}

async function sendAllOf(person) {
  const way = await askWho(person);
  if (way.outcome?.kind === 'later') throw new Error('The server cannot be reached.');
  if (way.outcome) return;
  await alone(async () => {
    for (let ops = await nextOf(person, way); ops.length; ops = await nextOf(person, way)) await send(ops, way);
  });
}

const nextOf = async (person, { urls }) => firstBlock(
  (await readMarks(person)).filter(op => !isSettled(op) && isKnown(op, urls)), urls.batch,
);

async function send(ops, way) {
  await Promise.all(ops.map(op => changeMark({ ...op, tried: true, failed: true })));
  const outcomes = await readAnswer(ops, await post(ops.map(op => ({ ...op, failed: true })), way));
  await Promise.all(ops.map((op, number) => settle(op, outcomes[number])));
  if (outcomes.some(({ kind }) => kind === 'later' || kind === 'halt')) throw new Error('To be tried again.');
}

async function settle(op, { kind, content, sentence, isTaken, breaks }) {
  if (kind === 'done' && !content.conflict) return dropMark(op.key);
  const now = await readMark(op.key);
  if (!now) return null;
  if (kind === 'done') return changeMark({ ...now, conflict: content.conflict });
  if (kind === 'refused') return changeMark({ ...now, refused: sentence, isTaken });
  return changeMark({ ...now, breaks });
}
