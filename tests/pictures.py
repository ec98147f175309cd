"""``python -m tests.pictures ADDRESS``: the homes of a running demo as pictures in docs/pictures.

Each at 390 and 1280 wide, light and dark, as WebP, which Chromium writes itself. Start the demo first: ``make run``.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import chromium

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
# Name of the picture, sign-in name of the person, and which link of their home is opened ("": none).
HOMES = [
    ("student", "aokeke", ""),
    ("student-high-school", "spinkham", ""),
    ("early-reader", "jsoule", ""),
    ("topic", "aokeke", 'a[href*="/topics/"]'),
    ("family", "cnkemelu", ""),
    ("family-spanish", "crosado", ""),
    ("family-french", "mkabongo", ""),
    ("teacher", "mthibodeau", ""),
    ("grid", "mthibodeau", 'h3 a:text("Osprey")'),
    ("advisor", "ldoiron", ""),
    ("caseload", "pgreeley", ""),
    ("principal", "darsenault", ""),
    ("superintendent", "superintendent", ""),
    ("progress", "superintendent", 'a[href*="/progress/"]'),
    ("consortium", "consortium", ""),
    ("curriculum-lead", "curriculum", ""),
    ("registrar", "registrar", ""),
    ("office", "office", ""),
    ("privacy-officer", "privacy", ""),
    ("substitute", "standin", ""),
]
SIZES = {390: 844, 1280: 900}
QUALITY = 80


def main() -> int:
    if len(sys.argv) != 2:
        sys.stderr.write("Say where the demo is: python -m tests.pictures http://127.0.0.1:8000\n")
        return 2
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for width in SIZES:
            for scheme in ("light", "dark"):
                picture_all(browser, sys.argv[1].rstrip("/"), width, scheme)
        browser.close()
    return 0


def picture_all(browser: Browser, address: str, width: int, scheme: str) -> None:
    for name, username, link in HOMES:
        context = browser.new_context(
            viewport={"width": width, "height": SIZES[width]},
            color_scheme="dark" if scheme == "dark" else "light",
            service_workers="block",
            reduced_motion="reduce",
        )
        page = context.new_page()
        sign_in(page, address, username)
        if link:
            page.goto(address + (page.locator(f"main {link}").first.get_attribute("href") or ""))
        page.wait_for_load_state("networkidle")
        keep(page, FOLDER / f"{name}-{width}-{scheme}.webp")
        context.close()


def sign_in(page: Page, address: str, username: str) -> None:
    page.goto(f"{address}/sign-in")
    page.locator(f'button[data-username="{username}"]').click()
    page.wait_for_load_state("load")


def keep(page: Page, path: Path) -> None:
    """The part of the page that is seen without scrolling."""
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    path.write_bytes(base64.b64decode(shot["data"]))
    sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    sys.exit(main())
