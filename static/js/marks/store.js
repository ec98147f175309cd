// What was typed and is not sent, in IndexedDB: identifiers, levels and days, no names. The service worker reads
// it too, so nothing here may touch the page. Why it is so: docs/decisions/0032-offline-queue.md.

const NAME = 'cairn';
const VERSION = 1;
const MARKS = 'marks';
export const PREFIX = 'cairn.mark.'; // cairn.mark.<person>.<time>.<count>.<uuid>: in order for each person

export const personOf = key => key.split('.')[2];
export const prefixOf = person => `${PREFIX}${person}.`;

let opening;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => asked.result.createObjectStore(MARKS, { keyPath: 'key' });
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
      const { result } = asked;
      result.onversionchange = () => result.close();
      result.onclose = () => { opening = undefined; };
      resolve(result);
    };
  }).catch(error => {
    opening = undefined;
    throw error;
  });
  return opening;
}

/** ``work`` asks for one thing in a transaction of its own; done when it is on the disk. */
async function inside(mode, work) {
  const base = await open();
  return new Promise((resolve, reject) => {
    const act = base.transaction(MARKS, mode, { durability: 'strict' });
    const asked = work(act.objectStore(MARKS));
    act.oncomplete = () => resolve(asked?.result);
    act.onerror = () => reject(act.error);
    act.onabort = () => reject(act.error);
  });
}

const everythingOf = prefix => IDBKeyRange.bound(prefix, `${prefix}\uffff`);

export const readMark = key => inside('readonly', marks => marks.get(key));
export const readMarks = person => inside('readonly', marks => marks.getAll(everythingOf(prefixOf(person))));
export const readKeys = () => inside('readonly', marks => marks.getAllKeys());
export const addMark = op => inside('readwrite', marks => marks.put(op));
export const dropMark = key => inside('readwrite', marks => marks.delete(key));

/** Only what is still there: what another window has sent meanwhile must not come back. */
export const changeMark = op => inside('readwrite', marks => {
  const found = marks.get(op.key);
  found.onsuccess = () => { if (found.result) marks.put(op); };
});

/** What the journal has, where it is the newer. */
export const bringMark = op => inside('readwrite', marks => {
  const found = marks.get(op.key);
  found.onsuccess = () => { if (!found.result || (found.result.turn ?? 0) < (op.turn ?? 0)) marks.put(op); };
});
