"""Excusing students from a target."""

from __future__ import annotations

from tests.routes.common import Expected, recording

EXPECTED: dict[str, Expected] = {
    "mastery:target-excuse": Expected(recording(200), query=("student", "target")),
    "mastery:target-expect": Expected(recording(422), method="post"),  # nobody is chosen
}
MORE: list[tuple[str, Expected]] = [("mastery:target-excuse", Expected(recording(422), method="post"))]
