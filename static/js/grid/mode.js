// What a typed level is: evidence and judged (levels), evidence alone, a practice check, or (of a substitute)
// something a teacher has yet to accept. Only the first two change what is computed.

import { given } from './page.js';

const asked = given?.offers ? 'offered' : given?.mode ?? 'levels';
const ASIDE = { practice: 'practiceSmall', offered: 'offeredSmall' };
export let mode = asked;

/** Practice for a while and back, within the page. Says which it is now. */
export function switchPractice() {
  if (mode === 'offered') return mode;
  mode = mode === 'practice' ? (asked === 'practice' ? 'levels' : asked) : 'practice';
  for (const link of document.querySelectorAll('[data-mode]')) {
    if (link.dataset.mode === mode) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
  return mode;
}

/** What a mark made now carries. */
export const kindNow = () => (['evidence', 'practice'].includes(mode) ? { kind: mode } : {});

/** What a cell with ``look`` shows once ``level`` is typed as ``kind``. */
export function lookAfter(look, level, kind) {
  const aside = ASIDE[kind ?? (mode === 'offered' ? mode : '')];
  if (aside) return { ...look, aside: { name: aside, level } };
  if (kind === 'evidence') return { ...look, newest: level, status: look.level ? look.status : 'insufficient' };
  return { level, status: 'level', confirmed: true, flagged: false, newest: level, suggested: null };
}
