"""Draws the pictures by which phones show Cairn, from the stones of favicon.svg: ``python -m tests.icons``.

They are kept with the code; draw them again when the stones change.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import chromium

STATIC = Path(__file__).resolve().parent.parent / "static" / "img"
PAPER = "#fffefb"
# name: pixels, roundness and share of the side that the stones take. What a phone cuts to its own shape is filled to
# the corners, with the stones where no shape cuts.
DRAWN = {
    "any-192": (192, 0.22, 0.72),
    "any-512": (512, 0.22, 0.72),
    "maskable-192": (192, 0, 0.56),
    "maskable-512": (512, 0, 0.56),
    "apple-180": (180, 0, 0.68),
}


def drawing(size: int, roundness: float, share: float) -> str:
    found = re.search(r"<svg[^>]*>(.*)</svg>", (STATIC / "favicon.svg").read_text(encoding="utf-8"))
    assert found
    side, at = size * share, size * (1 - share) / 2
    ground = f'<rect width="{size}" height="{size}" rx="{size * roundness}" fill="{PAPER}"/>'
    stones = (
        f'<svg x="{at}" y="{at}" width="{side}" height="{side}" viewBox="0 0 32 32" fill="#2c8a79">{found[1]}</svg>'
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}">{ground}{stones}</svg>'


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for name, (size, roundness, share) in DRAWN.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(f"<style>body {{ margin: 0 }}</style>{drawing(size, roundness, share)}")
            page.screenshot(path=STATIC / "app" / f"{name}.png", omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
