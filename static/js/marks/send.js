// One request for one mark, or for a block of them, and what its answer means. Pages and the service worker send
// alike. An outcome is {kind}: done, refused, later (try again), or halt (signedOut, otherPerson: send nothing).

const WHO = '/who';
const LONGEST = 30_000; // ms that an answer may take
const PATIENCE = 3; // how often the server may break on a mark before a person is asked
const OUTLIVES = 60_000; // characters; browsers refuse a longer body for a request that outlives its page
export const MOST = 200; // marks of one block in one request

export const ofGroup = (address, group) => address.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, group ?? '$&');
const isGiven = ([, value]) => value !== undefined && value !== null;

/** Who is signed in, a fresh token, and where each kind of mark is sent; {outcome} when nothing may be sent now. */
export async function askWho(person) {
  const answer = await fetch(WHO, {
    redirect: 'manual', cache: 'no-store', headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(LONGEST),
  });
  if (answer.type === 'opaqueredirect' || answer.status === 403) return { outcome: { kind: 'halt', reason: 'signedOut' } };
  if (!answer.ok) return { outcome: { kind: 'later' } };
  const found = await answer.json();
  if (found.person === person) return found;
  return { outcome: { kind: 'halt', reason: found.person ? 'otherPerson' : 'signedOut' } };
}

/** The fields of a mark as its address takes them; what a kind has of its own is in ``more``. */
export const fieldsOf = op => Object.fromEntries(Object.entries({
  uuid: op.uuid,
  person: op.person,
  student: op.student,
  target: op.target,
  level: op.level,
  performed_on: op.at,
  based_on: op.based_on,
  mark: op.mark,
  made_offline: op.failed ? 'true' : undefined,
  ...op.more,
}).filter(isGiven));

/** A kind without an address of its own goes to that of blocks, also alone. */
export const isKnown = (op, urls) => Boolean(urls[op.kind] ?? urls.batch);

const isForBatch = (op, urls) => Boolean(urls.batch) && (Boolean(op.block) || !urls[op.kind]);

export function post(ops, { urls, token }) {
  const [op] = ops;
  const isBlock = isForBatch(op, urls);
  const body = isBlock ? blockOf(ops) : new URLSearchParams(fieldsOf(op)).toString();
  return fetch(ofGroup(urls[isBlock ? 'batch' : op.kind], op.group), {
    method: 'POST',
    headers: {
      Accept: 'application/json',
      'Content-Type': isBlock ? 'application/json' : 'application/x-www-form-urlencoded;charset=UTF-8',
      'X-CSRFToken': token,
    },
    body,
    redirect: 'manual',
    keepalive: body.length < OUTLIVES,
    signal: AbortSignal.timeout(LONGEST),
  });
}

function blockOf(ops) {
  const marks = ops.map(op => ({ kind: op.kind, ...fieldsOf(op), person: undefined }));
  return JSON.stringify({ person: ops[0].person, marks });
}

/** An outcome for each of ``ops``. */
export async function readAnswer(ops, answer) {
  const forAll = outcome => ops.map(() => outcome);
  if (answer.type === 'opaqueredirect') return forAll({ kind: 'halt', reason: 'signedOut' });
  if (answer.status >= 500 || answer.status === 429) return ops.map(op => laterOrBroken(op, answer.status));
  const isJson = answer.headers.get('Content-Type')?.startsWith('application/json');
  const content = isJson ? await answer.json() : {};
  if (content.code === 'other_person') return forAll({ kind: 'halt', reason: 'otherPerson' });
  if (Array.isArray(content.marks)) return ops.map(op => ofItem(op, content.marks));
  if (answer.ok && isJson) return forAll({ kind: 'done', content });
  return forAll({ kind: 'refused', sentence: content.sentence ?? 'notAllowed', isTaken: answer.status === 409 });
}

function ofItem(op, items) {
  const content = items.find(item => item.uuid === op.uuid);
  if (!content) return { kind: 'later' };
  if (!content.sentence) return { kind: 'done', content };
  return { kind: 'refused', sentence: content.sentence, isTaken: content.code === 'uuid_reused' };
}

/** One mark that the server breaks on must not hold up those behind it. ``sentence``: the name of one of ours. */
function laterOrBroken(op, status) {
  const breaks = (op.breaks ?? 0) + (status === 500);
  return breaks < PATIENCE ? { kind: 'later', breaks } : { kind: 'refused', sentence: 'broken', breaks };
}

/** One window or worker sends at a time. Without Web Locks (no https) the identity of a mark makes it harmless. */
export const alone = work => (navigator.locks ? navigator.locks.request('cairn.marks', work) : work());

/** The first that may go, and what was made in one block with it. */
export function firstBlock(ops, hasBatch) {
  const [first] = ops;
  if (!first?.block || !hasBatch) return ops.slice(0, 1);
  const end = ops.findIndex(op => op.block !== first.block || op.group !== first.group);
  return ops.slice(0, Math.min(end < 0 ? ops.length : end, MOST));
}

/** Refused, or saved beside another's: shown until a person has seen it, and not sent (again). */
export const isSettled = op => Boolean(op.refused || op.conflict);
