"""What is said of pages on a slow connection. The measuring itself is ``make bench``."""

from __future__ import annotations

import json

from tests.benchmarks.slow import Seen, as_json, told


def test_each_page_is_held_against_what_it_may_need():
    within = Seen("sign-in page", 50_000, 750.0, 1_500.0, (("/sign-in", 7_000),))
    heavy, late = Seen("a home", 100_001, 750.0, 900.0), Seen("a home", 100, 750.0, 1_501.0)

    assert [one.is_within for one in (within, heavy, late)] == [True, False, False]
    assert told([within, heavy]).splitlines() == [
        "Slow 4G, nothing kept, against at most 100,000 bytes and 1,500 ms:",
        "sign-in page   50,000 bytes × 0.50     750 ms first × 0.50   1,500 ms largest × 1.00",
        "a home        100,001 bytes × 1.00     750 ms first × 0.50     900 ms largest × 0.60  MORE THAN IT MAY",
    ]
    assert json.loads(as_json([within]))[0]["files"] == [["/sign-in", 7_000]]


def test_without_a_browser_it_says_how_to_get_one():
    assert "not measured" in told([])
