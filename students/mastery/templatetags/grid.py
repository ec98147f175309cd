"""The parts of the grid that a template loop would be too slow for, and the words its script needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, json_script
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from curriculum.models import Scale
from lpm.lib.levels import level_text, level_value
from lpm.people.models import Group
from students.mastery.enums import MasteryStatus
from students.mastery.queries import Grid
from students.mastery.queries.grid import GridCell, GridRow
from students.mastery.queries.record import Choice

register = template.Library()

CellParts = tuple[str, str]  # the HTML before and after the number of the cell


@register.simple_tag
def grid_rows(grid: Grid, may_record: bool) -> SafeString:
    """Every row: its head, then its cells. The HTML of equal cells is built once."""
    parts = _button_parts if may_record else _data_parts
    address = reverse("student:path", args=["00000000-0000-0000-0000-000000000000"])
    before, after = address.split("00000000-0000-0000-0000-000000000000")
    known: dict[GridCell, CellParts] = {}
    return mark_safe(  # noqa: S308 (joined from parts that format_html made)
        "\n".join(
            format_html(
                '<tr data-s="{}"><th class="rowhead" scope="row"><a href="{}{}{}" title="{}">{}</a></th>{}</tr>',
                row.uuid,
                before,
                row.uuid,
                after,
                row.name,
                row.name,
                _cells(number, row, parts, known),
            )
            for number, row in enumerate(grid.rows)
        )
    )


def _cells(
    number: int, row: GridRow, parts: Callable[[GridCell], CellParts], known: dict[GridCell, CellParts]
) -> SafeString:
    html = []
    for column, cell in enumerate(row.cells):
        if cell not in known:
            known[cell] = parts(cell)
        before, after = known[cell]
        html.append(f"{before}{number}.{column}{after}" if after else before)
    return mark_safe("".join(html))  # noqa: S308 (parts of format_html, and two numbers)


def _button_parts(cell: GridCell) -> CellParts:
    """A button that a script makes the cell's keys for, and that leads to the page of the mark without one."""
    html = format_html(
        '<td><button class="{}" value="{}" name="\0">{}</button></td>',
        _look(cell),
        level_value(cell.level),
        _content(cell),
    )
    before, after = html.split("\0")
    return before, after


def _data_parts(cell: GridCell) -> CellParts:
    html = format_html(
        '<td><data class="{}" value="{}">{}</data></td>', _look(cell), level_value(cell.level), _content(cell)
    )
    return html, ""


def _look(cell: GridCell) -> str:
    if cell.is_flagged:
        return "level flagged"
    return "level" if cell.level is None or cell.is_confirmed else "level suggested"


def _content(cell: GridCell) -> SafeString:
    if cell.level is None:
        short, full = _states()[cell.status]
        if short == full:
            return format_html("<small>{}</small>", short)
        return format_html('<small aria-hidden="true">{}</small><span class="sr">{}</span>', short, full)
    note = _notes().get(_look(cell).removeprefix("level").strip())
    number = level_text(cell.level)
    return format_html('{}<span class="sr">, {}</span>', number, note) if note else format_html("{}", number)


def _states() -> dict[str, tuple[str, str]]:
    """What stands where a number would: as it is seen in a cell, and in full."""
    return {
        MasteryStatus.NOT_STARTED: ("–", _("no evidence yet")),
        MasteryStatus.NO_EVIDENCE: ("–", _("no evidence yet")),
        MasteryStatus.INSUFFICIENT: (pgettext("of evidence", "too little"), _("not enough evidence yet")),
        MasteryStatus.EXCUSED: (_("excused"), _("excused")),
        MasteryStatus.ASSUMED: (_("assumed"), _("assumed: the starting point is further on")),
    }


def _notes() -> dict[str, str]:
    return {
        "flagged": _("new evidence since this was judged"),
        "suggested": _("suggested by the evidence, not confirmed"),
    }


@register.filter
def is_chosen(choice: Choice, typed: Mapping[str, Any]) -> bool:
    """Whether to offer this level as chosen: it was typed before, or nothing was and it is the present one."""
    if not typed.get("level"):
        return choice.is_current
    try:
        return Decimal(str(typed["level"])) == choice.level
    except InvalidOperation:
        return False


@register.simple_tag(takes_context=True)
def grid_settings(context: template.RequestContext, group: Group, scale: Scale | None) -> SafeString:
    """What the script must know: addresses, whose marks these are, and its words. No names."""
    request: Any = context["request"]
    return json_script(
        {
            "person": str(request.user.uuid),
            "group": str(group.uuid),
            "day": request.day.isoformat(),
            "zone": str(timezone.get_current_timezone()),
            "urls": _addresses(request, group),
            "states": _states(),
            "notes": _notes(),
            "levels": {level_value(level.value): level.said_name for level in scale.levels.all()} if scale else {},
            "words": _words(),
        },
        "grid-settings",
    )


def _addresses(request: HttpRequest, group: Group) -> dict[str, str]:
    names = {"mark": "mastery:mark-record", "undo": "mastery:mark-undo", "form": "mastery:mark-form"}
    addresses = {name: reverse(route, args=[group.uuid]) for name, route in names.items()}
    return addresses | {
        "signIn": f"{reverse('home:sign-in')}?{urlencode({'next': request.get_full_path(), 'somebody_else': '1'})}",
    }


def _words() -> dict[str, Any]:
    """What the script says. ``{…}`` is filled in there; a pair is for one and for more."""
    return {
        "saved": _("All saved"),
        "saving": _("Saving"),
        "offline": [
            ngettext("Offline. {n} mark kept on this device", "Offline. {n} marks kept on this device", n)
            for n in (1, 2)
        ],
        "offlineIdle": _("Offline. Marks are kept on this device"),
        "sending": [ngettext("Back online. Sending {n} mark", "Back online. Sending {n} marks", n) for n in (1, 2)],
        "kept": [ngettext("{n} mark kept on this device", "{n} marks kept on this device", n) for n in (1, 2)],
        "notSaved": [ngettext("{n} mark not saved", "{n} marks not saved", n) for n in (1, 2)],
        "signedOut": [
            ngettext(
                "You were signed out. Your {n} mark is kept on this device; sign in and it is sent.",
                "You were signed out. Your {n} marks are kept on this device; sign in and they are sent.",
                n,
            )
            for n in (1, 2)
        ],
        "otherPerson": _(
            "Somebody else has signed in here. Your marks are kept on this device and sent when you sign in again."
        ),
        "somebodys": _(
            "Marks that somebody else made are waiting on this device. They are sent when that person signs in."
        ),
        "markSaved": _("{student}, {target}: {level} saved"),
        "markKept": _("{student}, {target}: {level} kept on this device"),
        "markUndone": _("{student}, {target}: mark taken back. Now {level}"),
        "refused": _("{student}, {target}: {level} was not saved. {sentence}"),
        "refusedUndo": _("{student}, {target}: the mark was not taken back. {sentence}"),
        "refusedElsewhere": _("A mark in another class was not saved. {sentence}"),
        "conflict": _("{student}, {target}: your {level} is saved. {sentence}"),
        "conflictElsewhere": _("Your mark in another class is saved. {sentence}"),
        "more": [ngettext("There is {n} more like this.", "There are {n} more like this.", n) for n in (1, 2)],
        "notAllowed": _("You cannot record levels for this student or on this target any more."),
        "broken": _("Something went wrong at the school’s server."),
        "noHalf": _("There is no half point above this level."),
        "noLevel": _("{level} is not a level here."),
        "startFirst": _("There is no level here yet. Type one first."),
        "nothingToUndo": _("There is no mark of yours from today to take back."),
        "notYours": _("This mark is not yours from today, so it stays."),
        "between": _("All of %(below)s, and part of %(above)s") % {"below": "{below}", "above": "{above}"},
        "betweenLowest": _("A small part of %(above)s") % {"above": "{above}"},
        "unreachable": _("We could not reach the server. You can still type the level in the cell."),
        "chooseFirst": _("Choose a level first."),
        "notKept": _("This browser does not let us keep marks. Stay on this page until it says that all is saved."),
    }
