// The last actions on this page, to undo and to do again. An action is {made, taken}: entries that it made, and
// entries that it took back. A block is one action.

const MOST = 50;
const past = [];
const future = [];

export function remember(action) {
  past.push(action);
  if (past.length > MOST) past.shift();
  future.length = 0;
}

const isLeft = ({ made, taken }, standing) => taken.length > 0 || made.some(entry => standing.has(entry));

/** The last action of which something is left (what was refused is not); moved over to what can be done again. */
export function stepBack(standing) {
  let action = past.pop();
  while (action && !isLeft(action, standing)) action = past.pop();
  if (action) future.push(action);
  return action;
}

export function stepForward() {
  const action = future.pop();
  if (action) past.push(action);
  return action;
}
