"""What the pages of imports print: the report that ``Report.as_json`` keeps, in words."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy

from lpm.people.enums import ImportState

register = template.Library()

SHOWN_PROBLEMS = 100
KINDS = {  # in the order in which a person looks for them; the report itself keeps none
    "scales": gettext_lazy("Scales"),
    "framework": gettext_lazy("Framework"),
    "areas": gettext_lazy("Content areas"),
    "topics": gettext_lazy("Measurement topics"),
    "targets": gettext_lazy("Learning targets"),
    "parts": gettext_lazy("Parts of targets"),
    "prerequisites": gettext_lazy("Steps from target to target"),
    "guide_levels": gettext_lazy("Lines of scoring guides"),
    "organizations": gettext_lazy("Districts, schools, teams"),
    "school_years": gettext_lazy("School years"),
    "terms": gettext_lazy("Terms"),
    "groups": gettext_lazy("Classes"),
    "users": gettext_lazy("People"),
    "students": gettext_lazy("Students"),
    "guardianships": gettext_lazy("Guardians of students"),
    "staffing": gettext_lazy("Teachers in classes"),
    "enrollments": gettext_lazy("Students in classes"),
}
TONES = {
    ImportState.CHECKED: "honey",
    ImportState.APPLIED: "pine",
    ImportState.REFUSED: "clay",
}


@register.filter
def by_kind(counts: dict[str, dict[str, int]]) -> list[tuple[str, dict[str, int]]]:
    """The counts of a report in the order of ``KINDS``: (what is counted, in words; add, change, same, end)."""
    order = {kind: place for place, kind in enumerate(KINDS)}
    keys = sorted(counts, key=lambda key: (order.get(key, len(order)), key))
    return [(str(KINDS.get(key, key.replace("_", " "))), counts[key]) for key in keys]


@register.filter
def state_tone(state: str) -> str:
    """The tone of the tag of a state; sky while somebody is at it."""
    return TONES.get(ImportState(state), "sky")


@register.filter
def changes_anything(report: dict[str, Any]) -> bool:
    """Whether the file adds, changes or ends even one row."""
    return any(counts["add"] or counts["change"] or counts["end"] for counts in report.get("counts", {}).values())


@register.filter
def refusing(problems: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """The problems that keep the file from being applied."""
    return [problem for problem in problems or [] if problem["refuses"]]


@register.filter
def notes(problems: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """The problems that are only told."""
    return [problem for problem in problems or [] if not problem["refuses"]]


@register.filter
def first_shown(rows: list[Any]) -> list[Any]:
    return rows[:SHOWN_PROBLEMS]


@register.filter
def hidden_count(rows: list[Any]) -> int:
    """How many rows ``first_shown`` leaves out."""
    return max(len(rows) - SHOWN_PROBLEMS, 0)
