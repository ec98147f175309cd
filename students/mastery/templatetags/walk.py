"""A row of the walk, and what its script must know."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lpm.lib.levels import level_text
from students.mastery.enums import MasteryStatus
from students.mastery.forms.walk import field_name
from students.mastery.queries.grid import OFF, GridCell, look_as_dict
from students.mastery.queries.walk import Walk
from students.mastery.templatetags.grid import sign_in_address, words_of_marks

register = template.Library()

register.simple_tag(field_name, name="field_name")


@register.simple_tag
def was_typed(typed: Mapping[str, Any], kind: str, *names: str) -> str:
    """What was sent in a field, when the form is shown again."""
    return str(typed.get(field_name(kind, *names), ""))


@register.simple_tag
def noted_in(noted: Mapping[tuple[str, str], list[Decimal]], student: str, target: str) -> str:
    """The levels noted before in a cell, in a row."""
    return ", ".join(level_text(level) for level in noted.get((student, target), []))


@register.filter
def said_whole(level: Decimal) -> str:
    """A whole level in one figure."""
    return str(int(level)) if level == int(level) else level_text(level)


@register.simple_tag
def standing(cell: GridCell) -> str:
    """What is known so far, small beside a name: "evidence 3.0, level 2.5"."""
    words = words_of_walk()
    parts = []
    if cell.newest is not None and cell.newest != cell.level:
        parts.append(words["evidenceIs"].replace("{level}", level_text(cell.newest)))
    if cell.level is not None:
        parts.append(words["levelIs"].replace("{level}", level_text(cell.level)))
        parts.extend([words["open"]] if not cell.is_confirmed else [])
    elif not parts or cell.status in {MasteryStatus.EXCUSED, MasteryStatus.ASSUMED, OFF}:
        parts.append(words[cell.status])
    return ", ".join(parts)


@register.simple_tag(takes_context=True)
def walk_settings(context: template.RequestContext) -> SafeString:
    """What the script must know: addresses, whose marks these are, levels and its words. No names."""
    request: Any = context["request"]
    walk: Walk = context["walk"]
    scale, route = context["scale"], context["route"]
    return json_script(
        {
            "person": str(request.user.uuid),
            "group": str(route.group.uuid),
            "day": request.day.isoformat(),
            "noted": route.day.isoformat(),
            "now": context["opened_at"].isoformat(),
            "zone": str(timezone.get_current_timezone()),
            "offers": context["offers"],
            "scale": {name: float(getattr(scale, name)) for name in ("low", "high", "step")},
            "urls": context["addresses"] | {"signIn": sign_in_address(request)},
            "targets": {target.uuid: target.code or target.title for target in walk.targets},
            "looks": {
                row.uuid: {
                    target.uuid: look_as_dict(cell)
                    for target, cell in zip(walk.targets, row.cells, strict=True)
                    if cell.status != MasteryStatus.NOT_STARTED
                }
                for row in walk.rows
            },
            "words": words_of_marks() | words_of_walk(),
        },
        "walk-settings",
    )


def words_of_walk() -> dict[str, str]:
    """``{…}`` is filled in by the script."""
    return {
        "evidenceIs": _("evidence {level}"),
        "levelIs": _("level {level}"),
        "practiceIs": _("practice {level}"),
        "offeredIs": _("waits for a teacher: {level}"),
        "open": _("not confirmed"),
        MasteryStatus.NOT_STARTED: _("no evidence yet"),
        MasteryStatus.NO_EVIDENCE: _("no evidence yet"),
        MasteryStatus.INSUFFICIENT: _("not enough evidence yet"),
        MasteryStatus.EXCUSED: _("excused"),
        OFF: _("off by plan"),
        MasteryStatus.ASSUMED: _("assumed: the starting point is further on"),
        "onDevice": _("kept on this device"),
        "failedHere": _("not saved"),
        "keep": _("Make it {level}"),
        "keptNow": _("{student}: the level is {level} now"),
        "absent": _("absent"),
        "isAbsent": _("{student} is noted as absent"),
        "isPresent": _("{student} is not noted as absent any more"),
        "undo": _("Undo {what}: {student}"),
        "nothing": _("Nothing to undo yet"),
        "again": _("again"),
        "undone": _("Taken back: {student}, {what}"),
        "nextPiece": _("{student}: tap the next level. It counts as another piece."),
        "practiceOn": _("What you tap now is feedback and does not count."),
        "practiceOff": _("What you tap counts again."),
    }
