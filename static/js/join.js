// The square of a letter opens this page with the code behind "#", which browsers send to nobody. It is put into the
// field and taken out of the address, so that it stays in no history.
const field = document.getElementById('id_code');
const code = location.hash.slice(1);
if (field && !field.value && /^[0-9A-Za-z-]{4,40}$/.test(code)) {
  field.value = code;
  history.replaceState(null, '', location.pathname);
}
