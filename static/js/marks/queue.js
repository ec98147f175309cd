// The queue of marks of one person in one page. It knows nothing of cells: whoever adds a mark listens to what
// becomes of it. Each mark is on this device before it is on its way, and is forgotten only when the server has
// answered, or a person has seen why it did not. Why it is so: docs/decisions/0032-offline-queue.md.
//
// Events, with {op, …} as detail: changed (anything), done (content: as the server answered), gone (sent by another
// window), refused, conflict, kept (isFirst: the server was not reached), halted, loose (this device keeps nothing).

import { bringAll, drop, isKept, journalKeys, keep, readJournal } from './journal.js';
import { alone, askWho, firstBlock, isKnown, isSettled, post, readAnswer } from './send.js';
import { personOf, prefixOf, readKeys, readMarks } from './store.js';

const HOLD = 700; // ms in which a typed level waits for its half point before it is sent
const LONGEST_WAIT = 60_000; // ms between attempts while the server cannot be reached
const OTHERS = 10_000; // ms after which a mark of another window is sent from here

const cookie = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];

const cellOf = ({ student, target }) => `${student} ${target}`;

export function newUuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // a page without https has no randomUUID
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export class Queue extends EventTarget {
  static here = null; // the queue of this page
  ops = []; // in order
  away = false; // the server could not be reached
  halted = null; // 'signedOut' or 'otherPerson': keep everything, send nothing
  hasOthers = false; // somebody else's marks wait on this device
  #sending = []; // under way
  #isDraining = false;
  #held = null; // {op, until}: not sent yet, since its half point may follow
  #attempts = 0;
  #notBefore = 0; // when to try the server again
  #timer;
  #counter = 0;
  #session = cookie(); // changes whenever somebody signs in: then ask who it is before sending
  #channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel('cairn.marks') : null;

  /** ``urls``: kind → address, and ``batch``; without a token the server is asked first. */
  constructor({ person, group, urls, token }) {
    super();
    Object.assign(this, { person, group, urls, token });
    Queue.here = this;
    this.#channel?.addEventListener('message', ({ data }) => this.#heard(data));
  }

  on(name, hear) {
    this.addEventListener(name, ({ detail }) => hear(detail));
    return this;
  }

  /** Brings in what waits on this device; ``all``: also what another window made just now. */
  async open({ all = true } = {}) {
    await bringAll().catch(() => {});
    const prefix = prefixOf(this.person);
    const found = await readMarks(this.person).catch(() => readJournal(prefix));
    const isTime = op => all || Date.now() - Number(op.key.split('.')[3]) > OTHERS;
    const news = found.filter(op => isTime(op) && !this.ops.some(known => known.key === op.key));
    this.ops = [...news, ...this.ops].sort((one, other) => (one.key < other.key ? -1 : 1));
    const keys = await readKeys().catch(journalKeys);
    this.hasOthers = keys.some(key => personOf(key) !== this.person);
    return news;
  }

  // --- what waits ------------------------------------------------------------------------------------------

  get waiting() { return this.ops.filter(op => !isSettled(op)); }
  get refused() { return this.ops.filter(op => op.refused); }
  get conflicts() { return this.ops.filter(op => op.conflict); }
  get hasLoose() { return this.ops.some(op => op.isLoose); }
  get hasFailed() { return this.waiting.some(op => op.failed); }

  /** content: {kind, student, target, level, at, …}; ``block`` in common: sent in one request. */
  add(content, { isHeld = false } = {}) {
    this.#counter += 1;
    const order = `${Date.now()}.${String(this.#counter).padStart(4, '0')}`;
    const uuid = newUuid();
    const op = { key: `${prefixOf(this.person)}${order}.${uuid}`, uuid, person: this.person, group: this.group, ...content };
    this.ops.push(op);
    this.#keep(op, true);
    if (isHeld) this.hold(op);
    this.#tell('changed', { op });
    queueMicrotask(() => this.drain()); // all of a block are there before the first is sent
    return op;
  }

  change(op, content) {
    if (!this.ops.includes(op)) return;
    Object.assign(op, content);
    this.#keep(op, false);
  }

  drop(op) {
    const index = this.ops.indexOf(op);
    if (index >= 0) this.ops.splice(index, 1);
    drop(op.key);
  }

  /** Until ``release``, or for as long as a half point takes. */
  hold(op) { this.#held = { op, until: performance.now() + HOLD }; }

  release() {
    this.#held = null;
    this.drain();
  }

  /** Under the same identity, so that what was written although the server broke is not written twice; under a new
      one only where something else was recorded under the old. */
  tryAgain(op) {
    this.change(op, { refused: undefined, breaks: 0, ...(op.isTaken && { uuid: newUuid(), tried: false, isTaken: false }) });
    this.drain();
  }

  // --- sending: one request at a time, in order ------------------------------------------------------------

  async drain() {
    if (this.#isDraining || this.halted || Date.now() < this.#notBefore) return this.#tell('changed');
    clearTimeout(this.#timer);
    if (!this.#next().length) return this.#tell('changed');
    this.#isDraining = true;
    await alone(() => this.#sendAll());
    this.#isDraining = false;
    if (this.halted || Date.now() < this.#notBefore) return this.#tell('changed');
    return this.#next().length ? this.drain() : this.#tell('changed');
  }

  async #sendAll() {
    for (let ops = this.#next(); ops.length && !this.halted; ops = this.#next()) {
      this.#sending = ops;
      this.#tell('changed');
      const outcomes = await this.#send(ops).catch(() => ops.map(() => ({ kind: 'later' })));
      this.#sending = [];
      ops.forEach((op, number) => this.#settle(op, outcomes[number]));
      if (outcomes.some(({ kind }) => kind === 'later')) return;
    }
  }

  /** What to send next: not what waits for a person's answer, not that whose half point may follow. */
  #next() {
    const sendable = this.waiting.filter(op => !this.token || isKnown(op, this.urls)); // not before we were told
    const ops = firstBlock(sendable, this.urls.batch);
    const wait = this.#held && ops.includes(this.#held.op) ? this.#held.until - performance.now() : 0;
    if (wait > 0) this.#timer = setTimeout(() => this.drain(), wait);
    return wait > 0 ? [] : ops;
  }

  async #send(ops) {
    const there = await Promise.all(ops.map(op => isKept(op.key)));
    const mine = ops.filter((op, number) => there[number] || op.isLoose);
    const outcomes = mine.length ? await this.#request(mine) : [];
    return ops.map(op => outcomes[mine.indexOf(op)] ?? { kind: 'gone' });
  }

  async #request(ops) {
    const forAll = outcome => ops.map(() => outcome);
    if (!this.token || cookie() !== this.#session) {
      const outcome = await this.#askWho();
      if (outcome) return forAll(outcome);
    }
    for (const op of ops) this.#try(op);
    let answer = await post(ops, this);
    if (answer.status === 403) {
      const outcome = await this.#askWho(); // signed out, or the token is not good any more
      if (outcome) return forAll(outcome);
      answer = await post(ops, this);
    }
    return readAnswer(ops, answer);
  }

  #try(op) {
    this.change(op, { tried: true }); // from now on it is never changed, only taken back
    this.#shout('tried', op);
  }

  async #askWho() {
    const session = cookie();
    const { outcome, token, urls } = await askWho(this.person);
    if (outcome) return outcome;
    this.token = token;
    this.urls = { ...urls, ...this.urls };
    this.#session = cookie() ?? session;
    return null;
  }

  #settle(op, outcome) {
    if (outcome.breaks) this.change(op, { breaks: outcome.breaks });
    this.#after[outcome.kind](op, outcome);
  }

  #after = {
    later: op => {
      const isFirst = !this.away;
      this.away = true;
      this.#attempts += 1;
      const wait = Math.min(LONGEST_WAIT, 1000 * 2 ** this.#attempts);
      this.#notBefore = Date.now() + wait;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.drain(), wait + 1);
      this.#keepAll();
      this.#tell('kept', { op, isFirst });
    },
    halt: (op, { reason }) => {
      this.halted = reason;
      this.#keepAll();
      this.#tell('halted', { op });
    },
    done: (op, { content }) => {
      this.#reached();
      this.#shout('done', op, { content });
      if (content.conflict) this.change(op, { conflict: content.conflict }); else this.drop(op);
      this.#tell('done', { op, content });
      if (content.conflict) this.#tell('conflict', { op, content });
    },
    gone: op => {
      this.drop(op);
      this.#tell('gone', { op });
    },
    refused: (op, { sentence, isTaken = false }) => {
      this.#reached();
      this.change(op, { refused: sentence, isTaken });
      this.#shout('refused', op, { sentence, isTaken });
      this.#refuse(op);
    },
  };

  #refuse(op) {
    for (const undo of this.ops.filter(other => other.mark === op.uuid)) this.drop(undo); // nothing to take back
    this.#tell('refused', { op });
  }

  /** Everything waits: for the server, or for somebody to sign in. */
  #keepAll() {
    for (const op of this.waiting) if (!op.failed) this.change(op, { failed: true });
    navigator.serviceWorker?.ready.then(worker => worker.sync?.register('marks')).catch(() => {});
  }

  #reached() {
    this.#attempts = 0;
    this.#notBefore = 0;
    this.away = false;
  }

  sendNow() {
    this.#attempts = 0;
    this.#notBefore = 0;
    this.release();
  }

  /** The page goes: send without waiting for answers, but no two on one cell, since their order counts. What is
      not known to have arrived stays in the queue; sending it again changes nothing. */
  part() {
    this.sendNow();
    if (this.halted || !this.token || cookie() !== this.#session) return;
    const cells = new Set(this.#sending.map(cellOf));
    const rest = this.waiting.filter(op => isKnown(op, this.urls));
    while (rest.length) {
      const ops = rest.splice(0, firstBlock(rest, this.urls.batch).length).filter(op => !cells.has(cellOf(op)));
      for (const op of ops) cells.add(cellOf(op));
      for (const op of ops) this.#try(op);
      if (ops.length) post(ops, this).catch(() => {});
    }
  }

  /** The page is seen again: somebody may have signed in, perhaps in another window. */
  async lookAgain() {
    if (this.halted && cookie() !== this.#session) this.halted = null;
    for (const op of await this.open({ all: false })) this.#tell('brought', { op });
    this.drain();
  }

  /** For pages that stay open: sends when the network is back, when the page is left, when it is seen again. */
  listen() {
    addEventListener('online', () => this.sendNow());
    addEventListener('offline', () => this.#tell('changed'));
    addEventListener('pagehide', () => this.part());
    addEventListener('pageshow', ({ persisted }) => persisted && this.lookAgain());
    document.addEventListener('visibilitychange', () => (
      document.visibilityState === 'hidden' ? this.sendNow() : this.lookAgain()
    ));
    addEventListener('beforeunload', event => { if (this.hasLoose) event.preventDefault(); });
  }

  // --- other windows and the service worker ------------------------------------------------------------------

  #shout(what, op, more = {}) { this.#channel?.postMessage({ what, key: op.key, ...more }); }

  #heard({ what, key, content, sentence, isTaken }) {
    if (what === 'send') return this.sendNow();
    const op = this.ops.find(known => known.key === key);
    if (!op || this.#sending.includes(op)) return;
    if (what === 'tried') op.tried = true;
    if (what === 'refused') {
      Object.assign(op, { refused: sentence, isTaken });
      this.#refuse(op);
    }
    if (what === 'done') {
      if (content.conflict) op.conflict = content.conflict; else this.ops.splice(this.ops.indexOf(op), 1);
      this.#tell('done', { op, content });
    }
    this.#tell('changed', { op });
  }

  async #keep(op, isNew) {
    if (await keep(op, isNew)) return;
    op.isLoose = true;
    this.#tell('loose', { op });
  }

  #tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
