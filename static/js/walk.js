// Walking the room: levels tapped with one hand, or typed from a sheet. Without this script the list is a form.

import { setUpEntries } from './walk/enter.js';
import { setUpQueue } from './walk/slots.js';
import { setUpTaps } from './walk/taps.js';

if (document.getElementById('walk-settings')) {
  setUpTaps();
  setUpEntries();
  setUpQueue();
}
