/* Reads a sentence aloud: a button with data-hear names the element that holds it, in the language of that element.
   A second tap stops. Where the browser has no voice the buttons stay hidden: the words are on the page. */
const voice = window.speechSynthesis;
let speaking = null;

function languageOf(element) {
  return element.closest("[lang]")?.lang || document.documentElement.lang;
}

function quiet() {
  voice.cancel();
  speaking?.setAttribute("aria-pressed", "false");
  speaking = null;
}

function hear(button) {
  const words = document.getElementById(button.dataset.hear);
  const said = new SpeechSynthesisUtterance(words.textContent.replace(/\s+/g, " ").trim());
  said.lang = languageOf(words);
  said.rate = 0.9;
  said.onend = said.onerror = () => {
    if (speaking === button) quiet();
  };
  speaking = button;
  button.setAttribute("aria-pressed", "true");
  voice.speak(said);
}

function tapped(event) {
  const button = event.currentTarget;
  const again = speaking === button;
  quiet();
  if (!again) hear(button);
}

if (voice && "SpeechSynthesisUtterance" in window) {
  for (const button of document.querySelectorAll("[data-hear]")) {
    button.hidden = false;
    button.addEventListener("click", tapped);
  }
  window.addEventListener("pagehide", quiet);
}
