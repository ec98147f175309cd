// The one script of every page. A page works without it; it shortens what the server already does.

const { htmx } = window;
const body = document.body;

// --- htmx: no eval, no style element of its own, no page about a child kept in the browser's storage.
// A 422 is a form to show again.
Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  responseHandling: [
    { code: '204', swap: false },
    { code: '[23]..', swap: true },
    { code: '422', swap: true },
    { code: '...', swap: false, error: true },
  ],
});

body.addEventListener('htmx:beforeRequest', ({ detail }) => detail.target.setAttribute('aria-busy', 'true'));
body.addEventListener('htmx:afterRequest', ({ detail }) => detail.target.removeAttribute('aria-busy'));

// A fragment was asked for and a whole page came from somewhere else: signed out, or done. Go there.
body.addEventListener('htmx:beforeSwap', event => {
  const { xhr, target, requestConfig } = event.detail;
  if (target === body || !/^\s*<!doctype/i.test(xhr.responseText)) return;
  const asked = new URL(requestConfig.path, location.href);
  const came = new URL(xhr.responseURL, location.href);
  if (asked.pathname === came.pathname) return;
  event.detail.shouldSwap = false;
  location.assign(came);
});

// --- Focus. htmx keeps it on an element with the same id; when that is gone it goes to the first wrong
// field, else to what came in its place, never to the top of the page.
let focusWasInside = false;
body.addEventListener('htmx:beforeSwap', ({ detail }) => {
  focusWasInside = detail.target !== body && detail.target.contains(document.activeElement);
});
body.addEventListener('htmx:afterSettle', ({ detail, target }) => {
  if (!focusWasInside) return;
  focusWasInside = false;
  const wrong = detail.xhr?.status === 422 && detail.target.isConnected
    ? detail.target.querySelector('[aria-invalid="true"]')
    : target.querySelector('[aria-invalid="true"]');
  if (wrong) return wrong.focus();
  if (document.activeElement !== body) return;
  if (!target.matches('a[href], button, input, select, textarea, [tabindex]')) target.tabIndex = -1;
  target.focus({ preventScroll: true });
});

// --- What changed, said aloud: the server sends HX-Trigger {"announce": "12 students shown"}.
body.addEventListener('announce', ({ detail }) => {
  const said = document.getElementById('announce');
  said.textContent = '';
  setTimeout(() => { said.textContent = detail.value; }, 50); // the same words twice are said twice
});

// --- When the server cannot be reached or breaks, base.html has the words. A page that asks again by itself
// says it once, and takes it back when the answer comes.
const messages = document.getElementById('messages');
const notice = kind => document.getElementById(`trouble-${kind}`)?.content.cloneNode(true).firstElementChild;
let trouble = null; // the notice that stands, and its kind

function showTrouble(kind, { elt }) {
  const asksByItself = elt?.getAttribute('hx-trigger')?.includes('every');
  if (asksByItself && trouble?.kind === kind && trouble.shown.isConnected) return;
  const shown = notice(kind);
  if (!shown || !messages) return;
  trouble?.shown.remove();
  messages.prepend(shown);
  trouble = { kind, shown };
}
body.addEventListener('htmx:sendError', ({ detail }) => showTrouble('offline', detail));
body.addEventListener('htmx:timeout', ({ detail }) => showTrouble('offline', detail));
body.addEventListener('htmx:responseError', ({ detail }) => showTrouble('server', detail));
body.addEventListener('htmx:afterRequest', ({ detail }) => { if (detail.successful) trouble?.shown.remove(); });

// --- A choice that sends its form at once. Its button has class "no-script" and shows only without scripts.
document.addEventListener('change', ({ target }) => {
  if (target.closest('[data-autosubmit]')) target.form?.requestSubmit();
});

// --- Light or dark, kept on this device.
const theme = (() => { try { return localStorage.getItem('theme') ?? ''; } catch { return ''; } })();
for (const choice of document.querySelectorAll('[name="theme"]')) {
  choice.checked = choice.value === theme;
  choice.addEventListener('change', () => {
    if (choice.value) document.documentElement.dataset.theme = choice.value;
    else delete document.documentElement.dataset.theme;
    try { localStorage.setItem('theme', choice.value); } catch { /* for this page alone, then */ }
  });
}

document.addEventListener('click', ({ target }) => {
  if (target.closest('[data-print]')) print();
  if ('commandForElement' in HTMLButtonElement.prototype) return;
  const button = target.closest('[commandfor]'); // invoker commands, for browsers without them
  if (!button) return;
  const dialog = document.getElementById(button.getAttribute('commandfor'));
  if (button.getAttribute('command') === 'close') dialog.close(); else dialog.showModal();
});
