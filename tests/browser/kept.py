"""How many marks wait on the device of a page."""

from __future__ import annotations

from playwright.sync_api import Page

COUNT = """async () => {
  const base = await new Promise((resolve, reject) => {
    const asked = indexedDB.open('cairn');
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const stored = base.objectStoreNames.contains('marks')
    ? await new Promise(resolve => {
        base.transaction('marks').objectStore('marks').getAllKeys().onsuccess = ({ target }) => resolve(target.result);
      })
    : [];
  base.close();
  const journal = Object.keys(localStorage).filter(key => key.startsWith('cairn.mark.'));
  return new Set([...stored, ...journal]).size;
}"""


def expect_kept(page: Page, number: int) -> None:
    """In a moment: what is forgotten is forgotten after the page has said that it is saved."""
    for _ in range(50):
        if (found := page.evaluate(COUNT)) == number:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{found} marks wait on this device, not {number}.")
