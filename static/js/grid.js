// The mastery grid: moving about, marking, and sending the marks. Why it is so: docs/decisions/0006-grid.md.
// Without this script each cell is a button that leads to the page of its mark.

const HOLD = 700; // ms in which a typed level waits for its half point before it is sent
const PAGE = 8; // rows of Page Up and Page Down
const SAVED = 4000; // ms that the tick of a saved mark stays
const PATIENCE = 3; // how often the server may break on a mark before a person is asked
const HINT = 5000; // ms that a hint stays
const LONGEST_FETCH = 6000; // ms after which the picker is shown without its guide
const LONGEST_WAIT = 60_000; // ms between attempts while the server cannot be reached

const byId = id => document.getElementById(id);
const table = document.querySelector('table.grid');
const settings = JSON.parse(byId('grid-settings')?.textContent ?? 'null'); // null: may look, not record
const language = document.documentElement.lang;

// --- words -------------------------------------------------------------------------------------------------

const plural = new Intl.PluralRules(language);
const decimal = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 6 });

function words(name, values = {}) {
  const found = settings.words[name];
  const text = Array.isArray(found) ? found[plural.select(values.n) === 'one' ? 0 : 1] : found;
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');
}

const say = text => document.body.dispatchEvent(new CustomEvent('announce', { detail: { value: text } }));

const hinted = byId('hint');
let hintTimer = null; // while a hint is seen

/** Why nothing came of a key or a click: said, and seen for some seconds. */
function hint(text) {
  say(text);
  clearTimeout(hintTimer);
  hinted.hidePopover?.();
  hinted.textContent = text;
  hinted.showPopover?.(); // above the picker, too
  hintTimer = setTimeout(() => { hinted.hidePopover?.(); hintTimer = null; }, HINT);
  keepHintOffFocus();
}

function keepHintOffFocus() {
  if (hintTimer === null) return;
  hinted.classList.remove('above');
  const [one, other] = [hinted, document.activeElement].map(element => element.getBoundingClientRect());
  const isOver = one.top < other.bottom && other.top < one.bottom && one.left < other.right && other.left < one.right;
  hinted.classList.toggle('above', isOver && document.activeElement !== document.body);
}

// --- the scale ---------------------------------------------------------------------------------------------

const scale = table && Object.fromEntries(
  ['low', 'high', 'step', 'proficient'].map(name => [name, Number(table.dataset[name])]),
);

function isLevel(number) {
  const steps = (number - scale.low) / scale.step;
  return number >= scale.low && number <= scale.high && Math.abs(steps - Math.round(steps)) < 1e-6;
}

/** As in a cell's value, in every language: exact, with one place at least. */
function levelValue(number) {
  const exact = String(Number(number.toFixed(6))); // 0.1 + 0.2 is 0.3
  return exact.includes('.') ? exact : `${exact}.0`;
}

const levels = () => Array.from(
  { length: Math.round((scale.high - scale.low) / scale.step) + 1 },
  (_, steps) => levelValue(scale.low + steps * scale.step),
);
const levelText = value => (value === '' ? settings.states.not_started[1] : decimal.format(Number(value)));

// --- the matrix of what can have the focus: target buttons on top, student links at the start of each row ---

const rows = table ? [
  [null, ...table.tHead.rows[1].querySelectorAll('button')],
  ...[...table.tBodies[0].rows].map(row => [
    row.querySelector('.rowhead a'),
    ...[...row.cells].slice(1).map(cell => cell.querySelector('button') ?? cell),
  ]),
] : [];
const place = new Map(); // element → [row, column]
const cellOf = new Map(); // "student target" → cell
let at = rows[1]?.[1]; // the one tab stop

const isMark = element => element?.matches('button.level') ?? false;
const studentOf = cell => cell.closest('tr').dataset.s;
const headOf = cell => rows[0][place.get(cell)[1]];
const targetOf = cell => headOf(cell).parentElement.dataset.t;
const names = cell => ({
  student: rows[place.get(cell)[0]][0].textContent,
  target: headOf(cell).querySelector('b').textContent || headOf(cell).textContent,
});

function setUpGrid() {
  table.setAttribute('role', 'grid');
  table.closest('.gridbox').tabIndex = -1; // a cell is the one tab stop; Firefox stops at what scrolls if left to it
  rows.forEach((row, r) => row.forEach((element, c) => {
    if (!element) return;
    place.set(element, [r, c]);
    element.tabIndex = -1;
    if (r && c) cellOf.set(`${studentOf(element)} ${targetOf(element)}`, element);
  }));
  at.tabIndex = 0;
  table.addEventListener('keydown', pressed);
  table.addEventListener('click', clicked);
  table.addEventListener('focusin', entered);
  table.addEventListener('focusout', left);
}

function focus(element) {
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

function move(down, across) {
  const [row, column] = place.get(at);
  go(row + down, column + across);
}

function go(row, column) {
  const between = (number, last) => Math.max(0, Math.min(last, number));
  const element = rows[between(row, rows.length - 1)][between(column, rows[0].length - 1)];
  if (element) focus(element);
}

/** The one tab stop and the marked row follow the focus, however it came. */
function entered({ target }) {
  if (!isMovingOn) endGesture();
  table.querySelector('tr.at')?.classList.remove('at');
  target.closest('tbody tr')?.classList.add('at');
  keepHintOffFocus();
  if (!place.has(target)) return;
  at.tabIndex = -1;
  at = target;
  at.tabIndex = 0;
}

function left({ relatedTarget }) {
  if (!table.contains(relatedTarget)) endGesture();
}

function clicked(event) {
  const element = event.target.closest('.rowhead a, thead button, button.level');
  if (!element) return;
  endGesture();
  if (element.matches('a')) return;
  event.preventDefault();
  focus(element);
  if (isMark(element)) openPicker(element); else showTarget(element);
}

function showTarget(button) {
  const about = byId('about');
  about.querySelector('b').textContent = button.querySelector('b').textContent;
  about.querySelector('p').textContent = button.dataset.full;
  about.showPopover({ source: button });
}

// --- keys --------------------------------------------------------------------------------------------------

const MOVES = {
  ArrowUp: () => move(-1, 0),
  ArrowDown: () => move(1, 0),
  ArrowLeft: () => move(0, -1),
  ArrowRight: () => move(0, 1),
  PageUp: () => go(Math.max(1, place.get(at)[0] - PAGE), place.get(at)[1]),
  PageDown: () => move(PAGE, 0),
  Home: event => go(event.ctrlKey || event.metaKey ? 1 : place.get(at)[0], 1),
  End: event => go(event.ctrlKey || event.metaKey ? rows.length - 1 : place.get(at)[0], Infinity),
};
const MARKS = {
  '.': () => addHalf(),
  ',': () => addHalf(), // the decimal sign of half the world
  '+': () => adjust(scale.step),
  '=': () => adjust(scale.step),
  '-': () => adjust(-scale.step),
  Delete: () => takeBackHere(at),
  Backspace: () => takeBackHere(at),
};

function pressed(event) {
  if (event.altKey || ['Shift', 'Control', 'Meta'].includes(event.key)) return;
  const action = actionOf(event);
  if (!action) return;
  event.preventDefault();
  action(event);
}

function actionOf(event) {
  const { key } = event;
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && key.toLowerCase() === 'z' && !event.shiftKey) return settings && (() => { endGesture(); takeBackLast(); });
  if (key in MOVES && (!isCommand || key === 'Home' || key === 'End')) return () => { endGesture(); MOVES[key](event); };
  if (isCommand) return null;
  if (key === '?') return () => byId('keys').showModal();
  if (!isMark(at) || event.repeat) return null;
  if (key === '5' && scale.high < 5) return addHalf;
  if (/^\d$/.test(key)) return () => typeLevel(Number(key));
  return MARKS[key] ?? null;
}

// --- marking -----------------------------------------------------------------------------------------------

const made = []; // the marks made on this page and not taken back: {cell, op}
let gesture = null; // the newest of them while its half point may still follow; ends with any other key
let isMovingOn = false; // the focus goes on after a level: that alone does not end the gesture
let held = null; // {op, until}: what is not sent yet because of that

function typeLevel(number) {
  if (!isLevel(number)) return hint(words('noLevel', { level: decimal.format(number) }));
  const cell = at;
  endGesture();
  gesture = record(cell, levelValue(number), { isHeld: true });
  moveOn();
}

function addHalf() {
  const cell = gesture?.cell ?? at;
  if (cell.value === '') return hint(words('startFirst'));
  const half = halfAbove(Number(cell.value));
  if (half === null) return hint(words('noHalf'));
  revise(cell, half);
  endGesture();
  if (cell === at) moveOn();
}

/** The half point above a whole level; where the scale has none, its first step above, short of the next level. */
function halfAbove(number) {
  if (!Number.isInteger(number)) return null;
  const above = isLevel(number + 0.5) ? number + 0.5 : number + scale.step;
  return isLevel(above) && above < number + 1 ? above : null;
}

function adjust(difference) {
  if (at.value === '') return hint(words('startFirst'));
  const number = Number(at.value) + difference;
  if (!isLevel(number)) return hint(words('noLevel', { level: decimal.format(number) }));
  if (gesture && gesture.cell !== at) endGesture();
  revise(at, number);
}

/** Another level for the mark of the gesture, so that one gesture is one piece of evidence; else a new mark. */
function revise(cell, number) {
  const level = levelValue(number);
  const earlier = gesture?.cell === cell ? gesture : null;
  if (earlier && !earlier.op.tried) {
    change(earlier.op, { level });
    hold(earlier.op);
    show(cell, { level, status: 'level', confirmed: true });
    return drain();
  }
  if (earlier) forget(earlier);
  if (earlier) sendUndo(earlier, lookOf(cell));
  gesture = record(cell, level, { isHeld: true, before: earlier?.op.before });
}

function endGesture() {
  if (!gesture) return;
  gesture = held = null;
  drain();
}

const hold = op => { held = { op, until: performance.now() + HOLD }; };

function moveOn() {
  const onward = kept('onward') ?? 'down';
  const [row, column] = place.get(at);
  const next = onward === 'across' ? rows[row][column + 1] : rows[row + 1]?.[column];
  if (onward === 'stay' || !next) return;
  isMovingOn = true;
  focus(next);
  isMovingOn = false;
}

function record(cell, level, { isHeld = false, performedOn = today(), before = lookOf(cell) } = {}) {
  const cellKeys = { student: studentOf(cell), target: targetOf(cell) };
  for (const op of ops.filter(op => op.refused && sameCell(op, cellKeys))) drop(op); // typed anew
  const entry = { cell, op: queue({ kind: 'mark', ...cellKeys, level, at: performedOn, before }, isHeld) };
  made.push(entry);
  show(cell, { level, status: 'level', confirmed: true });
  return entry;
}

// The school's day. A device whose clock is days off is put right by the day the server gave with the page.
const dayAt = time => new Intl.DateTimeFormat('en-CA', { timeZone: settings.zone }).format(time);
const clockError = settings ? Date.parse(settings.day) - Date.parse(dayAt(Date.now())) : 0;
const today = () => dayAt(Date.now() + clockError);

function takeBackLast() {
  const entry = made.at(-1);
  if (!entry) return hint(words('nothingToUndo'));
  focus(entry.cell);
  takeBack(entry);
}

/** My own last mark of today in this cell: made on this page, or known to the server alone. */
async function takeBackHere(cell) {
  endGesture();
  const entry = made.findLast(mark => mark.cell === cell);
  if (entry) return takeBack(entry);
  try {
    const content = await fetchPicker(cell);
    const mark = content?.querySelector('#undo [name="mark"]')?.value;
    if (mark) queueUndo(cell, mark, lookOf(cell));
    else if (content) hint(words(cell.value ? 'notYours' : 'nothingToUndo'));
  } catch ({ status }) {
    hint(words(isGone(status) ? 'notAllowed' : 'unreachable'));
  }
}

function takeBack(entry) {
  const { cell, op } = entry;
  const stood = lookOf(cell);
  forget(entry);
  show(cell, op.before);
  if (sendUndo(entry, stood)) return;
  showCell(cell);
  say(words('markUndone', { ...names(cell), level: levelText(cell.value) }));
}

const forget = entry => made.splice(made.indexOf(entry), 1);

/** Takes back on the server what may have reached it; what has not is only dropped here (and false returned). */
function sendUndo({ cell, op }, stood) {
  if (ops.includes(op) && !op.tried) {
    drop(op);
    return false;
  }
  queueUndo(cell, op.uuid, stood);
  return true;
}

/** ``stood`` is what the cell shows again if the server refuses. */
const queueUndo = (cell, mark, stood) => queue({
  kind: 'undo', student: studentOf(cell), target: targetOf(cell), mark, before: stood,
});

// --- what a cell shows -------------------------------------------------------------------------------------

/** look: {level: "2.5" or null, status, confirmed, flagged}, as the server answers. */
function show(cell, look) {
  const wasProficient = isProficient(cell);
  const value = look.level ?? '';
  const note = value && (look.flagged ? 'flagged' : !look.confirmed && 'suggested');
  cell.value = value;
  cell.setAttribute('value', value);
  cell.className = note ? `level ${note}` : 'level';
  cell.replaceChildren(...(value ? numberOf(value, note) : stateOf(look.status)));
  cell.look = look;
  count(cell, isProficient(cell) - wasProficient);
}

function lookOf(cell) {
  return cell.look ?? {
    level: cell.value || null,
    status: cell.value ? 'level' : Object.keys(settings.states).find(name => isState(cell, name)),
    confirmed: !cell.matches('.suggested'),
    flagged: cell.matches('.flagged'),
  };
}

const isState = (cell, name) => cell.querySelector('small')?.textContent === settings.states[name][0];

function numberOf(value, note) {
  const said = note && Object.assign(document.createElement('span'), { className: 'sr', textContent: `, ${settings.notes[note]}` });
  return [decimal.format(Number(value)), ...(said ? [said] : [])];
}

function stateOf(status) {
  const [seen, full] = settings.states[status] ?? settings.states.not_started;
  const short = Object.assign(document.createElement('small'), { textContent: seen });
  if (seen === full) return [short];
  short.setAttribute('aria-hidden', 'true');
  return [short, Object.assign(document.createElement('span'), { className: 'sr', textContent: full })];
}

const isProficient = cell => cell.value !== '' && Number(cell.value) >= scale.proficient;

function count(cell, difference) {
  if (!difference) return;
  const foot = table.tFoot.rows[0].cells[place.get(cell)[1]];
  const bar = foot.querySelector('progress');
  const [seen] = foot.getElementsByTagName('span');
  bar.value += difference;
  seen.textContent = seen.textContent.replace(/\d+/, bar.value); // "12 of 25": the first number is the count
}

/** The state of the mark in a cell: saving, queued or error while there is something to send, else plain. */
function showCell(cell, state = stateInQueue(cell)) {
  clearTimeout(cell.timer);
  if (state) cell.dataset.state = state; else delete cell.dataset.state;
  if (state === 'saved') cell.timer = setTimeout(() => showCell(cell), SAVED);
}

function stateInQueue(cell) {
  const mine = ops.filter(op => cellFor(op) === cell);
  if (mine.some(op => op.refused)) return 'error';
  if (!mine.length) return null;
  return away || mine.some(op => op.failed) ? 'queued' : 'saving';
}

// --- the queue: each mark is in the browser's storage before it is on its way, one key each, so that two
// windows never overwrite one another's. Identifiers and levels only, no names. ------------------------------

const PREFIX = 'cairn.mark.';
const ops = settings ? readQueue() : [];
let counter = 0;

function readQueue() {
  return storedKeys().filter(key => key.startsWith(`${PREFIX}${settings.person}.`)).sort().map(readOp).filter(Boolean);
}

function storedKeys() {
  try {
    return Object.keys(localStorage).filter(key => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function readOp(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function queue(content, isHeld = false) {
  counter += 1;
  const order = `${Date.now()}.${String(counter).padStart(4, '0')}`;
  const uuid = newUuid();
  const op = { key: `${PREFIX}${settings.person}.${order}.${uuid}`, uuid, group: settings.group, ...content };
  ops.push(op);
  keep(op);
  if (isHeld) hold(op);
  const cell = cellFor(op);
  if (cell) showCell(cell);
  drain();
  return op;
}

function keep(op) {
  try {
    localStorage.setItem(op.key, JSON.stringify(op));
  } catch {
    op.isLoose = true; // storage is closed or full: the mark is only in this page until it is sent
    notify('plain', words('notKept'));
  }
}

function change(op, content) {
  if (!ops.includes(op)) return;
  Object.assign(op, content);
  keep(op);
}

function drop(op) {
  const index = ops.indexOf(op);
  if (index >= 0) ops.splice(index, 1);
  try { localStorage.removeItem(op.key); } catch { /* it was never there */ }
}

const cellFor = op => cellOf.get(`${op.student} ${op.target}`);
const sameCell = (one, other) => one.student === other.student && one.target === other.target;

function newUuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // a page without https has no randomUUID
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function kept(name) {
  try { return localStorage.getItem(`cairn.grid.${name}`); } catch { return null; }
}

// --- sending: one at a time, in order ----------------------------------------------------------------------

const cookie = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
let token = settings && JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken'];
let session = cookie(); // changes whenever somebody signs in: then ask who it is before sending
let sending = null; // the operation under way
let away = false; // the server could not be reached
let halted = null; // 'signedOut' or 'otherPerson': keep everything, send nothing
let attempts = 0;
let notBefore = 0; // when to try the server again
let timer;

async function drain() {
  if (sending || halted || Date.now() < notBefore) return showSync();
  clearTimeout(timer);
  for (let op = nextOp(); op; op = nextOp()) {
    sending = op;
    showSync();
    const outcome = await send(op).catch(() => ({ kind: 'later' }));
    sending = null;
    settle(op, outcome);
    if (outcome.kind === 'later' || halted) break;
  }
  showSync();
}

/** The next to send: not one that waits for an answer of the person, not one whose half point may follow. */
function nextOp() {
  const op = ops.find(candidate => !candidate.refused);
  const wait = op && held?.op === op ? held.until - performance.now() : 0;
  if (wait > 0) timer = setTimeout(drain, wait);
  return wait > 0 ? null : op;
}

async function send(op) {
  if (!op.isLoose && !readOp(op.key)) return { kind: 'elsewhere' }; // another window has sent it
  if (cookie() !== session) {
    const refusal = await askWhoIsThere();
    if (refusal) return refusal;
  }
  change(op, { tried: true });
  let answer = await post(op);
  if (answer.status === 403) {
    const refusal = await askWhoIsThere(); // signed out, or the token is not good any more
    if (refusal) return refusal;
    answer = await post(op);
  }
  return readAnswer(op, answer);
}

function post(op) {
  const address = settings.urls[op.kind === 'undo' ? 'undo' : 'record'].replace(settings.group, op.group);
  return fetch(address, {
    method: 'POST',
    headers: { Accept: 'application/json', 'X-CSRFToken': token },
    body: new URLSearchParams(op.kind === 'undo' ? { uuid: op.uuid, mark: op.mark, person: settings.person } : {
      uuid: op.uuid,
      student: op.student,
      target: op.target,
      level: op.level,
      performed_on: op.at,
      person: settings.person,
      ...(op.failed && { made_offline: 'true' }),
    }),
    redirect: 'manual',
    keepalive: true,
  });
}

async function readAnswer(op, answer) {
  if (answer.type === 'opaqueredirect') return { kind: 'halt', reason: 'signedOut' };
  if (answer.status >= 500 || answer.status === 429) return laterOrBroken(op, answer.status);
  const isJson = answer.headers.get('Content-Type')?.startsWith('application/json');
  const content = isJson ? await answer.json() : {};
  if (content.code === 'other_person') return { kind: 'halt', reason: 'otherPerson' };
  if (answer.ok && isJson) return { kind: 'done', content };
  return { kind: 'refused', sentence: content.sentence ?? words('notAllowed'), isTaken: answer.status === 409 };
}

/** One mark that the server breaks on must not hold up those behind it. */
function laterOrBroken(op, status) {
  change(op, { breaks: (op.breaks ?? 0) + (status === 500) });
  return op.breaks < PATIENCE ? { kind: 'later' } : { kind: 'refused', sentence: words('broken') };
}

/** Loads this page again for a fresh token; returns an outcome when these marks are not to be sent now. */
async function askWhoIsThere() {
  const answer = await fetch(location.href, { redirect: 'manual', headers: { Accept: 'text/html' } });
  if (answer.type === 'opaqueredirect') return { kind: 'halt', reason: 'signedOut' };
  if (!answer.ok) return answer.status < 500 ? { kind: 'refused', sentence: words('notAllowed') } : { kind: 'later' };
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const person = JSON.parse(page.getElementById('grid-settings')?.textContent ?? '{}').person;
  if (person !== settings.person) return { kind: 'halt', reason: 'otherPerson' };
  token = JSON.parse(page.body.getAttribute('hx-headers'))['X-CSRFToken'];
  session = cookie();
  return null;
}

const AFTER = {
  later(op) {
    away = true;
    attempts += 1;
    const wait = Math.min(LONGEST_WAIT, 1000 * 2 ** attempts);
    notBefore = Date.now() + wait;
    timer = setTimeout(drain, wait + 1);
    keepAll();
    const cell = cellFor(op);
    if (attempts === 1 && cell) say(words('markKept', { ...names(cell), level: levelText(cell.value) }));
  },
  halt(op, { reason }) {
    halted = reason;
    keepAll();
    showNotices();
  },
  done(op, { content }) {
    reached();
    drop(op);
    const cell = cellFor(op);
    if (!cell) return;
    const more = ops.filter(waiting => sameCell(waiting, op));
    for (const waiting of more) change(waiting, { before: content });
    if (more.every(waiting => waiting.refused)) show(cell, content);
    showCell(cell, stateInQueue(cell) ?? 'saved');
    const level = levelText(op.level ?? cell.value);
    say(words(op.kind === 'undo' ? 'markUndone' : 'markSaved', { ...names(cell), level }));
  },
  elsewhere(op) {
    drop(op);
    const cell = cellFor(op);
    if (cell) showCell(cell);
  },
  refused(op, { sentence, isTaken = false }) {
    reached();
    change(op, { refused: sentence, isTaken });
    for (const undo of ops.filter(waiting => waiting.mark === op.uuid)) drop(undo); // nothing to take back
    const entry = made.find(mark => mark.op === op);
    if (entry) forget(entry);
    const cell = cellFor(op);
    if (cell && op.kind === 'undo') show(cell, op.before);
    if (cell) showCell(cell);
    showNotices();
    say(refusalText(op));
  },
};

const settle = (op, outcome) => AFTER[outcome.kind](op, outcome);

/** Everything waits: for the server, or for somebody to sign in. */
function keepAll() {
  for (const op of ops) {
    if (!op.refused && !op.failed) change(op, { failed: true });
    const cell = cellFor(op);
    if (cell) showCell(cell);
  }
}

function reached() {
  attempts = 0;
  notBefore = 0;
  away = false;
}

function sendNow() {
  endGesture();
  attempts = 0;
  notBefore = 0;
  drain();
}

/** The page goes: send without waiting for answers, but no two on one cell, since their order counts. What is
    not known to have arrived stays in the queue; sending it again changes nothing. */
function part() {
  sendNow();
  if (halted || cookie() !== session) return;
  const cells = new Set(sending ? [`${sending.student} ${sending.target}`] : []);
  for (const op of ops) {
    const cell = `${op.student} ${op.target}`;
    if (cells.has(cell) || op.refused) continue;
    cells.add(cell);
    change(op, { tried: true });
    post(op).catch(() => {});
  }
}

function lookAgain() {
  if (document.visibilityState === 'hidden') return sendNow();
  if (halted && cookie() !== session) halted = null; // somebody signed in, perhaps in another window
  showNotices();
  drain();
}

// --- what the page says about the queue --------------------------------------------------------------------

const ICONS = { saved: 'check', saving: 'upload', offline: 'offline', queued: 'lock', error: 'alert' };

function showSync() {
  const sync = byId('sync');
  sync.hidden = false; // from here on it is true
  const refused = ops.filter(op => op.refused).length;
  const n = ops.length - refused;
  const [state, text] = syncState(n, refused);
  if (sync.dataset.state === state && sync.lastElementChild.textContent === text) return;
  sync.dataset.state = state;
  sync.lastElementChild.textContent = text;
  const use = sync.querySelector('use');
  use.setAttribute('href', use.getAttribute('href').replace(/#.*/, `#i-${ICONS[state]}`));
}

function syncState(n, refused) {
  if (halted) return ['queued', words('kept', { n })];
  if (n && (away || !navigator.onLine)) return ['offline', words('offline', { n })];
  if (!navigator.onLine) return ['offline', words('offlineIdle')];
  if (n && ops.some(op => op.failed)) return ['saving', words('sending', { n })];
  if (n) return ['saving', words('saving')];
  return refused ? ['error', words('notSaved', { n: refused })] : ['saved', words('saved')];
}

function notify(kind, text) {
  const shown = byId(`notice-${kind}`).content.cloneNode(true).firstElementChild;
  shown.querySelector('p').textContent = text;
  byId('grid-notices').append(shown);
  return shown;
}

function showNotices() {
  byId('grid-notices').replaceChildren();
  const waiting = ops.filter(op => !op.refused).length;
  if (halted) showSignIn(words(halted, { n: waiting }));
  const refused = ops.filter(op => op.refused);
  if (refused.length) showRefusal(refused);
  if (storedKeys().some(key => !key.startsWith(`${PREFIX}${settings.person}.`))) notify('plain', words('somebodys'));
}

function showSignIn(text) {
  const shown = notify('sign-in', text);
  shown.querySelector('a').href = settings.urls.signIn;
  say(text);
}

function showRefusal(refused) {
  const [op] = refused;
  const more = refused.length - 1;
  const shown = notify('refused', refusalText(op) + (more ? ` ${words('more', { n: more })}` : ''));
  shown.addEventListener('click', ({ target }) => {
    const wanted = target.closest('button')?.dataset.do;
    if (wanted === 'again') tryAgain(op);
    if (wanted === 'discard') discard(op);
  });
}

function refusalText(op) {
  const cell = cellFor(op);
  if (!cell) return words('refusedElsewhere', { sentence: op.refused });
  const level = op.kind === 'mark' ? levelText(op.level) : '';
  return words(op.kind === 'mark' ? 'refused' : 'refusedUndo', { ...names(cell), level, sentence: op.refused });
}

/** Under the same identity, so that what was written although the server broke is not written twice; under a new
    one only where something else was recorded under the old. */
function tryAgain(op) {
  change(op, { refused: undefined, breaks: 0, ...(op.isTaken && { uuid: newUuid(), tried: false, isTaken: false }) });
  dismissed(op);
}

function discard(op) {
  drop(op);
  const cell = cellFor(op);
  if (cell && op.kind === 'mark' && !ops.some(waiting => sameCell(waiting, op))) show(cell, op.before);
  dismissed(op);
}

function dismissed(op) {
  showNotices();
  const cell = cellFor(op);
  if (cell) {
    showCell(cell);
    focus(cell);
  }
  drain();
}

// --- the picker: one per page, filled by the server for each cell -------------------------------------------

const picker = byId('picker');

async function fetchPicker(cell) {
  const address = `${settings.urls.form}?${new URLSearchParams({ student: studentOf(cell), target: targetOf(cell) })}`;
  const answer = await fetch(address, {
    redirect: 'manual',
    headers: { 'HX-Request': 'true' },
    signal: AbortSignal.timeout(LONGEST_FETCH),
  });
  if (answer.type === 'opaqueredirect') {
    halted = 'signedOut';
    showNotices();
    showSync();
    return null;
  }
  if (!answer.ok) throw Object.assign(new Error(), { status: answer.status });
  return new DOMParser().parseFromString(await answer.text(), 'text/html').body;
}

/** Whether the server said no, rather than nothing or that it broke. */
const isGone = status => [403, 404].includes(status);

/** What a finger or Enter can still choose from while the server is away: the levels, without the guide. */
function pickerOffline(cell) {
  const content = byId('picker-offline').content.cloneNode(true);
  content.querySelector('h2').textContent = names(cell).student;
  content.querySelector('header b').textContent = headOf(cell).querySelector('b').textContent;
  content.querySelector('header span').textContent = headOf(cell).dataset.full;
  const list = content.querySelector('.picklist');
  const [sample] = list.getElementsByTagName('label');
  list.append(...levels().reverse().map(level => choiceOffline(sample.cloneNode(true), level)));
  sample.remove();
  return content;
}

function choiceOffline(label, level) {
  const shown = label.querySelector('data');
  const isWhole = Number.isInteger(Number(level));
  label.classList.toggle('half', !isWhole);
  label.querySelector('input').value = level;
  shown.setAttribute('value', level);
  shown.textContent = levelText(level);
  label.querySelector('span').textContent = isWhole ? settings.levels[level] ?? '' : between(Number(level));
  return label;
}

function between(number) {
  const [below, above] = [number - scale.step, number + scale.step].map(level => decimal.format(level));
  return words(number - scale.step <= scale.low ? 'betweenLowest' : 'between', { below, above });
}

async function openPicker(cell) {
  cell.setAttribute('aria-busy', 'true');
  try {
    const content = await fetchPicker(cell).catch(error => {
      if (isGone(error.status)) throw error;
      return pickerOffline(cell);
    });
    if (!content || at !== cell) return;
    picker.replaceChildren(...content.childNodes);
    picker.showPopover({ source: cell });
    focusChoice(cell);
  } catch {
    hint(words('notAllowed'));
  } finally {
    cell.removeAttribute('aria-busy');
  }
}

function focusChoice(cell) {
  const choices = [...picker.querySelectorAll('[name="level"]')];
  const queued = choices.find(choice => choice.value === cell.value);
  if (queued) queued.checked = true;
  const chosen = queued ?? choices.find(choice => Number(choice.value) === scale.proficient);
  picker.scrollTop = 0;
  chosen?.focus({ preventScroll: true });
  chosen?.closest('label').scrollIntoView({ block: 'nearest' });
}

function choose(level) {
  if (!level) return hint(words('chooseFirst'));
  const performedOn = picker.querySelector('[name="performed_on"]')?.value || today();
  picker.hidePopover();
  focus(at);
  record(at, level, { performedOn });
}

const chosenLevel = () => picker.querySelector('[name="level"]:checked')?.value;

function pickerKey(event) {
  if (event.key !== 'Enter' || event.target.name !== 'level') return;
  event.preventDefault();
  if (event.repeat) return;
  const level = chosenLevel();
  if (level === at.value && lookOf(at).confirmed) leavePicker(); else choose(level); // nothing was changed
}

function leavePicker() {
  picker.hidePopover();
  focus(at);
}

function setUpPicker() {
  picker.addEventListener('keydown', pickerKey);
  picker.addEventListener('click', ({ target, detail }) => {
    if (target.name === 'level' && detail) choose(target.value); // by pointer; arrow keys have no detail
  });
  picker.addEventListener('submit', event => {
    event.preventDefault();
    if (event.target.id === 'mark') return choose(chosenLevel());
    const { mark } = Object.fromEntries(new FormData(event.target));
    const entry = made.find(({ op }) => op.uuid === mark);
    leavePicker();
    if (entry) takeBack(entry); else queueUndo(at, mark, lookOf(at));
  });
  picker.addEventListener('toggle', ({ newState }) => {
    if (newState === 'closed' && [document.body, null].includes(document.activeElement)) at.focus();
  });
}

// --- start -------------------------------------------------------------------------------------------------

function setUpQueue() {
  for (const op of ops) {
    const cell = cellFor(op);
    if (!cell) continue;
    op.before = lookOf(cell);
    if (op.kind === 'mark') show(cell, { level: op.level, status: 'level', confirmed: true });
    showCell(cell);
  }
  addEventListener('online', sendNow);
  addEventListener('offline', showSync);
  addEventListener('pagehide', part);
  addEventListener('pageshow', ({ persisted }) => persisted && lookAgain());
  document.addEventListener('visibilitychange', lookAgain);
  addEventListener('beforeunload', event => { if (ops.some(op => op.isLoose)) event.preventDefault(); });
  showNotices();
  drain();
}

function setUpKeysDialog() {
  for (const choice of document.querySelectorAll('[name="onward"]')) {
    choice.checked = choice.value === (kept('onward') ?? 'down');
    choice.addEventListener('change', () => {
      try { localStorage.setItem('cairn.grid.onward', choice.value); } catch { /* for this time, down */ }
    });
  }
}

if (at) setUpGrid();
if (settings) setUpQueue();
if (picker) setUpPicker();
setUpKeysDialog();
