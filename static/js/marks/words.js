// What the script says, from a table that the server wrote: {name: text, or [text for one, text for more]}.

export function speaker(table, language = document.documentElement.lang) {
  const plural = new Intl.PluralRules(language);
  const words = (name, values = {}) => {
    const found = table[name];
    const text = Array.isArray(found) ? found[plural.select(values.n) === 'one' ? 0 : 1] : found;
    return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');
  };
  words.has = name => Object.hasOwn(table, name);
  return words;
}

/** Aloud, on every page: lpm.js has the place for it. */
export const say = text => document.body.dispatchEvent(new CustomEvent('announce', { detail: { value: text } }));
