// The pages that a teacher can open while the network is gone (body[data-offline]: grids and walks), as they were
// last seen. They hold students' names and levels: they are kept for whoever is signed in alone, for 12 hours, and
// go at sign-out and when somebody else signs in. Docs: docs/decisions/0032-offline-queue.md.

const PAGES = 'cairn.pages';
const LONGEST = 12 * 60 * 60 * 1000; // ms
const MOST = 8;
const FOR = 'X-Kept-For';
const AT = 'X-Kept-At';

const bodyOf = text => text.match(/<body\b[^>]*>/)?.[0] ?? '';
export const personIn = text => bodyOf(text).match(/ data-person="([0-9a-f-]{36})"/)?.[1] ?? null;
const isOffered = text => / data-offline[\s>]/.test(bodyOf(text));

export const forgetPages = () => caches.delete(PAGES);

/** What is somebody else's, or too old. */
export async function forgetOthers(person) {
  if (!await caches.has(PAGES)) return;
  const pages = await caches.open(PAGES);
  for (const { url, answer } of await readAll(pages)) if (!isGood(answer, person)) await pages.delete(url);
}

const isGood = (answer, person) => (
  answer.headers.get(FOR) === person && Date.now() - Number(answer.headers.get(AT)) < LONGEST
);

async function readAll(pages) {
  const asked = await pages.keys();
  return Promise.all(asked.map(async ({ url }) => ({ url, answer: await pages.match(url) })));
}

/** A page that came from the server; ``keepFiles(text)`` first, so that a page which is kept is kept whole. */
export async function lookAt(url, answer, keepFiles) {
  if (!answer.ok || !answer.headers.get('Content-Type')?.startsWith('text/html')) {
    await answer.body?.cancel(); // a large file is not gathered here for nobody
    return;
  }
  const text = await answer.text();
  const person = personIn(text);
  if (!person) await forgetPages(); else await forgetOthers(person);
  if (!person || !isOffered(text)) return;
  await keepFiles(text);
  await keep(url, text, answer.headers, person);
}

async function keep(url, text, given, person) {
  const headers = new Headers(given);
  headers.set(FOR, person);
  headers.set(AT, String(Date.now()));
  headers.delete('Content-Encoding');
  headers.delete('Content-Length');
  const pages = await caches.open(PAGES);
  await pages.delete(url);
  await pages.put(url, new Response(text, { headers }));
  const all = await pages.keys(); // the oldest first
  for (const old of all.slice(0, Math.max(0, all.length - MOST))) await pages.delete(old);
}

/** The page as last seen, with the moment in it; null when there is none to show. */
export async function keptPage(url) {
  const pages = await caches.open(PAGES);
  const answer = await pages.match(url);
  if (!answer) return null;
  const text = await answer.text();
  const at = answer.headers.get(AT);
  if (!isGood(answer, personIn(text))) {
    await pages.delete(url);
    return null;
  }
  return new Response(text.replace('<body', `<body data-kept-at="${Number(at)}"`), { headers: answer.headers });
}

/** For the page that is shown when a page cannot be reached: {url, title, at} of what can. */
export async function listPages() {
  if (!await caches.has(PAGES)) return [];
  const all = await readAll(await caches.open(PAGES));
  const good = all.filter(({ answer }) => isGood(answer, answer.headers.get(FOR)));
  return Promise.all(good.reverse().map(async ({ url, answer }) => ({
    url,
    at: Number(answer.headers.get(AT)),
    title: new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('h1')?.textContent.trim() ?? url,
  })));
}
