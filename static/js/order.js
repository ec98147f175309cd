// Order by dragging, and the keys of the editors. Without this script the arrows and the buttons do the same.

// --- A handle is dragged: its row goes where the pointer is, and when it is let go the form of the row is sent.
let drag = null; // the row, its list, and where it stood

const rows = list => [...list.children].filter(child => child.classList.contains('ordered'));

document.addEventListener('pointerdown', event => {
  const handle = event.target.closest('.handle');
  const row = handle?.closest('.ordered');
  if (!row || event.button) return;
  event.preventDefault();
  handle.setPointerCapture(event.pointerId);
  drag = { row, handle, list: row.parentElement, next: row.nextElementSibling, from: rows(row.parentElement).indexOf(row) };
  row.classList.add('dragged');
});

document.addEventListener('pointermove', ({ clientY }) => {
  if (!drag) return;
  const edge = 48; // near the edge of the window the page comes along
  if (clientY < edge) scrollBy(0, -12);
  if (clientY > innerHeight - edge) scrollBy(0, 12);
  const below = rows(drag.list).filter(row => row !== drag.row).find(row => {
    const { top, height } = row.getBoundingClientRect();
    return clientY < top + height / 2;
  });
  if (below ? below.previousElementSibling !== drag.row : drag.list.lastElementChild !== drag.row) {
    drag.list.insertBefore(drag.row, below ?? null);
  }
});

function letGo({ isKept }) {
  if (!drag) return;
  const { row, list, next, from } = drag;
  drag = null;
  row.classList.remove('dragged');
  const place = rows(list).indexOf(row);
  if (!isKept) return list.insertBefore(row, next);
  if (place === from) return;
  const form = row.querySelector(':scope > .moves, :scope > .outline-line > .moves');
  const field = Object.assign(document.createElement('input'), { type: 'hidden', name: 'place', value: place + 1 });
  form.append(field);
  form.requestSubmit();
  field.remove();
}
document.addEventListener('pointerup', () => letGo({ isKept: true }));
document.addEventListener('pointercancel', () => letGo({ isKept: false }));

// --- Ctrl+Enter saves from anywhere in an editor; Enter in a search field looks for it and saves nothing.
document.addEventListener('keydown', event => {
  if (event.key === 'Escape') letGo({ isKept: false });
  if (event.key !== 'Enter') return;
  const form = event.target.closest('form[data-keys]');
  if (form && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector('[name="step"][value="save"]'));
  } else if (event.target.matches('[data-find]')) {
    event.preventDefault();
    document.getElementById('find').click();
  }
});
