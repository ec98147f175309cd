// The scale of the targets: which numbers are levels, and how they are written.

import { decimal, settings, table } from './page.js';

export const scale = table && Object.fromEntries(
  ['low', 'high', 'step', 'proficient'].map(name => [name, Number(table.dataset[name])]),
);

export function isLevel(number) {
  const steps = (number - scale.low) / scale.step;
  return number >= scale.low && number <= scale.high && Math.abs(steps - Math.round(steps)) < 1e-6;
}

/** As in a cell's value, in every language: exact, with one place at least. */
export function levelValue(number) {
  const exact = String(Number(number.toFixed(6))); // 0.1 + 0.2 is 0.3
  return exact.includes('.') ? exact : `${exact}.0`;
}

export const levels = () => Array.from(
  { length: Math.round((scale.high - scale.low) / scale.step) + 1 },
  (_, steps) => levelValue(scale.low + steps * scale.step),
);

export const levelText = value => (value === '' ? settings.states.not_started[1] : decimal.format(Number(value)));

/** The half point above a whole level; where the scale has none, its first step above, short of the next level. */
export function halfAbove(number) {
  if (!Number.isInteger(number)) return null;
  const above = isLevel(number + 0.5) ? number + 0.5 : number + scale.step;
  return isLevel(above) && above < number + 1 ? above : null;
}
