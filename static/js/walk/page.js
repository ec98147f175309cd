// What the server gave with the page of a walk, and how levels are written.

import { speaker } from '../marks/words.js';

export const byId = id => document.getElementById(id);
export const settings = JSON.parse(byId('walk-settings')?.textContent ?? 'null'); // null: nobody to walk to
export const words = settings && speaker(settings.words);

const decimal = new Intl.NumberFormat(
  document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 6 },
);

export const levelText = value => (value ? decimal.format(Number(value)) : '');

export function isLevel(number) {
  const { low, high, step } = settings.scale;
  const steps = (number - low) / step;
  return number >= low && number <= high && Math.abs(steps - Math.round(steps)) < 1e-6;
}

/** As the server writes it: exact, with one place at least. */
export function levelValue(number) {
  const exact = String(Number(number.toFixed(6)));
  return exact.includes('.') ? exact : `${exact}.0`;
}

// The school's day. A device whose clock is days off is put right by the day the server gave with the page.
const dayAt = time => new Intl.DateTimeFormat('en-CA', { timeZone: settings.zone }).format(time);
const clockError = settings ? Date.parse(settings.day) - Date.parse(dayAt(Date.now())) : 0;
export const today = () => dayAt(Date.now() + clockError);

/** What is known so far, small beside a name: "evidence 3.0, level 2.5". */
export function standing({ level, newest, status, confirmed }) {
  const parts = [];
  if (newest && newest !== level) parts.push(words('evidenceIs', { level: levelText(newest) }));
  if (level) parts.push(words('levelIs', { level: levelText(level) }), ...(confirmed ? [] : [words('open')]));
  else if (!parts.length || ['excused', 'assumed'].includes(status)) parts.push(words(status));
  return parts.join(', ');
}
