// What a class types is kept on this device until it is saved, so that a reload or an empty battery loses nothing.
const form = document.getElementById('own-words');
const field = form.querySelector('textarea');
const note = document.getElementById('kept-words');
const kept = document.getElementById('kept');
const key = form.dataset.key;
const plain = (text) => text.replace(/\r\n?/g, '\n').trim();
const saved = plain(form.dataset.saved);

// A browser may refuse to keep anything; then there is nothing kept, and the page works without.
const store = {
  read() { try { return localStorage.getItem(key); } catch { return null; } },
  write(text) { try { localStorage.setItem(key, text); return true; } catch { return false; } },
  drop() { try { localStorage.removeItem(key); } catch { /* nothing was kept */ } },
};

const before = store.read();
if (before !== null && plain(before) === saved) {
  store.drop();
} else if (before !== null) {
  field.value = before;
  note.hidden = false;
}

field.addEventListener('input', () => {
  if (plain(field.value) === saved) {
    store.drop();
    kept.textContent = '';
  } else if (store.write(field.value)) {
    kept.textContent = document.getElementById('kept-note').content.textContent;
  }
});

document.getElementById('drop-words').addEventListener('click', () => {
  store.drop();
  field.value = form.dataset.saved;
  note.hidden = true;
  field.focus();
});

const fill = document.getElementById('fill-screen');
if (document.fullscreenEnabled) {
  fill.hidden = false;
  fill.addEventListener('click', () => (
    document.fullscreenElement ? document.exitFullscreen() : document.getElementById('unpack').requestFullscreen()
  ));
}
