// The mastery grid: moving about, marking, and sending the marks. Why it is so: docs/decisions/0006-grid.md.
// Without this script each cell is a button that leads to the page of its mark.

import { setUpChanges } from './grid/changes.js';
import { at } from './grid/cells.js';
import { setUpClipboard } from './grid/clipboard.js';
import { setUpJump } from './grid/jump.js';
import { setUpGrid, setUpKeysDialog } from './grid/keys.js';
import { given, settings } from './grid/page.js';
import { setUpPicker } from './grid/picker.js';
import { setUpProjecting } from './grid/projecting.js';
import { setUpQueue } from './grid/queued.js';
import { setUpReasons } from './grid/reasons.js';

if (at) {
  setUpGrid();
  setUpClipboard();
  setUpProjecting();
}
setUpPicker();
setUpKeysDialog();
setUpJump();
if (settings) {
  setUpReasons();
  setUpQueue();
}
if (given && at) setUpChanges();
