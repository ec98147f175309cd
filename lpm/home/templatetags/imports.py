"""What the pages of imports print: the report that ``Report.as_json`` keeps, in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy

from lpm.people.enums import ImportState
from lpm.people.models import ImportRun

register = template.Library()

SHOWN_PROBLEMS = 100
SLOW_AFTER = timedelta(seconds=60)
INCOMPLETE = {
    "truncated",
    "bundle_broken",
    "too_slow",
    "no_connection",
}  # codes of problems that sending the file again may mend
KINDS = {  # in the order in which a person looks for them; the report itself keeps none
    "scales": gettext_lazy("Scales"),
    "framework": gettext_lazy("Framework"),
    "areas": gettext_lazy("Content areas"),
    "topics": gettext_lazy("Measurement topics"),
    "targets": gettext_lazy("Learning targets"),
    "parts": gettext_lazy("Parts of targets"),
    "prerequisites": gettext_lazy("Steps from target to target"),
    "guide_levels": gettext_lazy("Lines of scoring guides"),
    "objects": gettext_lazy("Objects of the package, kept as they came"),
    "organizations": gettext_lazy("Districts, schools, teams"),
    "school_years": gettext_lazy("School years"),
    "terms": gettext_lazy("Terms"),
    "groups": gettext_lazy("Classes"),
    "users": gettext_lazy("People"),
    "students": gettext_lazy("Students"),
    "demographics": gettext_lazy("What students are counted by"),
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
    """The counts of a report in the order of ``KINDS``: (what is counted, in words; add, change, same, end).

    Kinds of which the file holds nothing are left out.
    """
    order = {kind: place for place, kind in enumerate(KINDS)}
    keys = sorted(
        (key for key in counts if any(counts[key].values())), key=lambda key: (order.get(key, len(order)), key)
    )
    return [(str(KINDS.get(key, key.replace("_", " "))), counts[key]) for key in keys]


@register.filter
def state_tone(state: str) -> str:
    """The tone of the tag of a state; sky while somebody is at it."""
    return TONES.get(ImportState(state), "sky")


@register.filter
def is_slow(run: ImportRun) -> bool:
    """Whether a worker is longer at it than people expect, or has not come to it."""
    since = run.created_at if run.state == ImportState.UPLOADED else run.touched_at
    return run.is_under_way and timezone.now() - since > SLOW_AFTER


@register.filter
def is_incomplete(report: dict[str, Any]) -> bool:
    """Whether the file was refused because a part of it is missing."""
    return any(problem["code"] in INCOMPLETE for problem in refusing(report.get("problems")))


@register.filter
def accepting(field: BoundField, endings: str) -> BoundField:
    """The field for a file, which offers those that end so; the server looks at what is in them."""
    field.field.widget.attrs["accept"] = endings
    return field


@register.filter
def changes_anything(report: dict[str, Any]) -> bool:
    """Whether the file adds, changes or ends even one row."""
    return any(counts["add"] or counts["change"] or counts["end"] for counts in report.get("counts", {}).values())


@register.filter
def refusing(problems: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """The problems that keep the file from being applied."""
    return [problem for problem in problems or [] if problem["refuses"]]


@register.filter
def leaving_out(problems: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """The problems that keep a row from being applied, and the rest not."""
    return [problem for problem in problems or [] if problem.get("leaves_out")]


@register.filter
def notes(problems: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """The problems that are only told."""
    return [problem for problem in problems or [] if not problem["refuses"] and not problem.get("leaves_out")]


@register.filter
def by_asking(asks: dict[str, list[int]] | None) -> list[tuple[str, int, int]]:
    """What would end, in words, how many, and of how many."""
    return [(str(KINDS.get(kind, kind)), ended, standing) for kind, (ended, standing) in (asks or {}).items()]


@register.filter
def first_shown(rows: list[Any]) -> list[Any]:
    return rows[:SHOWN_PROBLEMS]


@register.filter
def hidden_count(rows: list[Any]) -> int:
    """How many rows ``first_shown`` leaves out."""
    return max(len(rows) - SHOWN_PROBLEMS, 0)
