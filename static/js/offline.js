// The page that is shown for one that cannot be reached: leads to the pages that this device has.

import { listPages } from './worker/pages.js';

const list = document.getElementById('kept-pages');
const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: 'short' });

const pages = globalThis.caches ? await listPages().catch(() => []) : [];
for (const { url, title, at } of pages) {
  const item = list.querySelector('template').content.cloneNode(true);
  const link = item.querySelector('a');
  link.href = url;
  link.textContent = title;
  const said = item.querySelector('small');
  said.textContent = said.textContent.replace('{time}', time.format(at));
  list.append(item);
}
list.closest('section').hidden = !pages.length;
document.getElementById('try-again').addEventListener('click', () => location.reload());
