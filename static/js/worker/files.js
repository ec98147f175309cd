// Scripts, styles and fonts, so that a kept page looks and works as it did. A name with a hash in it never changes;
// another is asked for first.

const FILES = 'cairn.files';
const MOST = 300;
const HASHED = /\.[0-9a-f]{12}\.\w+$/;

export async function answerFile(request) {
  const files = await caches.open(FILES).catch(() => null); // a device that is full still has the network
  if (!files) return fetch(request);
  const kept = HASHED.test(new URL(request.url).pathname) ? await files.match(request.url) : null;
  return kept ?? fetch(request).then(answer => {
    if (answer.ok) files.put(request.url, answer.clone()).catch(() => {});
    return answer;
  }, async error => {
    const found = await files.match(request.url, { ignoreSearch: true });
    if (found) return found;
    throw error;
  });
}

const NAMED = /(?:href|src)="([^"#]+)/g; // in a page
const IMPORTED = /(?:from|import|url\()\s*["']?(\.{1,2}\/[^"')#?]+)/g; // in a script or a style

/** Everything a page names, and what that names: it may have come before the worker was there. */
export async function keepFiles(text, prefix) {
  const files = await caches.open(FILES);
  const seen = new Set();
  let names = [...text.matchAll(NAMED)].map(([, name]) => new URL(name, location.origin)).filter(isStatic(prefix));
  while (names.length) {
    const found = await Promise.all(names.map(({ href }) => keepFile(files, href, seen)));
    names = found.flat().filter(isStatic(prefix));
  }
  const all = await files.keys();
  await Promise.all(all.slice(0, Math.max(0, all.length - MOST)).map(old => files.delete(old)));
}

const isStatic = prefix => ({ origin, pathname }) => origin === location.origin && pathname.startsWith(prefix);

/** The addresses that the file imports. */
async function keepFile(files, href, seen) {
  if (seen.has(href)) return [];
  seen.add(href);
  if (!await files.match(href)) await files.add(href).catch(() => {});
  if (!/\.(js|css)$/.test(href)) return [];
  const text = await files.match(href).then(kept => kept?.text()) ?? '';
  return [...text.matchAll(IMPORTED)].map(([, name]) => new URL(name, href));
}
