"""The parts of the grid that a template loop would be too slow for, and the words its script needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join, json_script
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from curriculum.models import Scale
from lpm.lib.levels import level_text, level_value
from students.mastery.enums import GridMode, MasteryStatus, RemarkReason
from students.mastery.queries import Grid
from students.mastery.queries.grid import OFF, GridCell, GridRow, GridTarget
from students.mastery.queries.record import Choice
from students.mastery.templatetags.grid_words import words_of_keys

register = template.Library()

CellParts = tuple[str, str]  # the HTML before and after the number of the cell
NOBODY = "00000000-0000-0000-0000-000000000000"


@register.simple_tag
def grid_rows(grid: Grid, may_record: bool, mode: str = GridMode.LEVELS) -> SafeString:
    """Every row: its head, then its cells. The HTML of equal cells is built once.

    In a grid of several groups (rows that name theirs), the rows without one are to look at.
    """
    before, after = reverse("student:path", args=[NOBODY]).split(NOBODY)
    buttons, texts = _Painter(_button_parts, mode), _Painter(_data_parts, mode)
    is_of_groups = any(row.group for row in grid.rows)
    rows = (
        format_html(
            '<tr data-s="{}"{}><th class="rowhead" scope="row"><a href="{}{}{}" title="{}">{}</a></th>{}</tr>',
            row.uuid,
            format_html(' data-g="{}"', row.group) if row.group else "",
            before,
            row.uuid,
            after,
            row.name,
            row.name,
            (buttons if may_record and (row.group or not is_of_groups) else texts).cells(number, row),
        )
        for number, row in enumerate(grid.rows)
    )
    return mark_safe("\n".join(rows))  # noqa: S308 (joined from parts that format_html made)


class _Painter:
    """Cells as HTML. Equal cells are one object, and are painted once."""

    def __init__(self, parts: Callable[[GridCell, str], CellParts], mode: str) -> None:
        self.parts = parts
        self.mode = mode
        self.known: dict[int, CellParts] = {}

    def cells(self, number: int, row: GridRow) -> SafeString:
        html = []
        for column, cell in enumerate(row.cells):
            if id(cell) not in self.known:
                self.known[id(cell)] = self.parts(cell, self.mode)
            before, after = self.known[id(cell)]
            html.append(f"{before}{number}.{column}{after}" if after else before)
        return mark_safe("".join(html))  # noqa: S308 (parts of format_html, and two numbers)


def _button_parts(cell: GridCell, mode: str) -> CellParts:
    """A button that a script makes the cell's keys for, and that leads to the page of the mark without one; not where
    nothing is recorded by plan.

    The name comes first: what follows it is then alike in many cells, and small when it is compressed.
    """
    if cell.status == OFF:
        return _data_parts(cell, mode)
    html = format_html(
        '<td{}><button name="\0" class="{}" value="{}"{}>{}</button></td>',
        _kind(cell),
        _look(cell),
        level_value(_shown(cell, mode)),
        _others(cell, mode),
        _content(cell, mode),
    )
    before, after = html.split("\0")
    return before, after


def _data_parts(cell: GridCell, mode: str) -> CellParts:
    value = level_value(_shown(cell, mode))
    content = _content(cell, mode)
    html = format_html('<td{}><data class="{}" value="{}">{}</data></td>', _kind(cell), _look(cell), value, content)
    return html, ""


def _kind(cell: GridCell) -> SafeString | str:
    """Habits and reasoning look different from content wherever they stand beside it; so does what changed."""
    kinds = [name for name, holds in (("strand", cell.is_strand), ("changed", cell.was is not None)) if holds]
    return format_html(' class="{}"', " ".join(kinds)) if kinds else ""


def _shown(cell: GridCell, mode: str) -> Decimal | None:
    """The number that stands big: the level, or in the Evidence view the newest evidence."""
    return cell.newest if mode == GridMode.EVIDENCE else cell.level


def _others(cell: GridCell, mode: str) -> SafeString:
    """What a script must know of the cell beside the number shown, where it differs from that and may be accepted."""
    shown = _shown(cell, mode)
    known = {"l": cell.level}
    if not cell.is_confirmed or mode == GridMode.EVIDENCE:
        known["n"] = cell.newest
    if not cell.is_confirmed or cell.is_flagged:
        known["s"] = cell.suggested
    return format_html_join(
        "", ' data-{}="{}"', ((name, level_value(level)) for name, level in known.items() if level != shown)
    )


def _look(cell: GridCell) -> str:
    note = _note(cell)
    return f"level {note}" if note else "level"


def _note(cell: GridCell) -> str:
    """One word at most: the one that asks most for a look."""
    if cell.level is None:
        return ""
    marked = {
        "contested": cell.is_contested,
        "flagged": cell.is_flagged,
        "suggested": not cell.is_confirmed,
        "automatic": cell.is_automatic,
        "due": cell.is_due,
    }
    return next((note for note, holds in marked.items() if holds), "")


def _content(cell: GridCell, mode: str) -> SafeString:
    if cell.was is not None:
        return _changed(cell, cell.was)
    shown = _shown(cell, mode)
    if shown is None:
        return format_html("{}{}", _state(cell), _beside(cell, mode))
    note = _note(cell)
    said = format_html('<span class="sr">, {}</span>', notes_of_cells()[note]) if note else ""
    return format_html("{}{}{}", level_text(shown), _beside(cell, mode), said)


def _changed(cell: GridCell, was: GridCell) -> SafeString:
    """What it says now, and what it said."""
    before = level_text(was.level) if was.level is not None else _states()[was.status][0]
    said = _("was %(level)s") % {"level": before}
    now = _state(cell) if cell.level is None else level_text(cell.level)
    return format_html('{}<small class="beside">{}</small>', now, said)


def _beside(cell: GridCell, mode: str) -> SafeString | str:
    """In the Evidence view the level, where it is another than the newest evidence."""
    if mode != GridMode.EVIDENCE or cell.level is None or cell.level == cell.newest:
        return ""
    return format_html(
        '<small class="beside">{}</small>', words_of_keys()["levelSmall"].replace("{level}", level_text(cell.level))
    )


def _state(cell: GridCell) -> SafeString:
    """What stands where a number would. In the Evidence view a level without evidence is no evidence yet."""
    short, full = _states()[cell.status if cell.level is None else MasteryStatus.NO_EVIDENCE]
    if short == full:
        return format_html("<small>{}</small>", short)
    return format_html('<small aria-hidden="true">{}</small><span class="sr">{}</span>', short, full)


def _states() -> dict[str, tuple[str, str]]:
    """What stands where a number would: as it is seen in a cell, and in full."""
    return {
        MasteryStatus.NOT_STARTED: ("–", _("no evidence yet")),
        MasteryStatus.NO_EVIDENCE: ("–", _("no evidence yet")),
        MasteryStatus.INSUFFICIENT: (pgettext("of evidence", "too little"), _("not enough evidence yet")),
        OFF: (_("off"), _("off by plan")),
        MasteryStatus.EXCUSED: (_("excused"), _("excused")),
        MasteryStatus.ASSUMED: (_("assumed"), _("assumed: the starting point is further on")),
    }


def notes_of_cells() -> dict[str, str]:
    return {
        "flagged": _("new evidence since this was judged"),
        "suggested": _("suggested by the evidence, not confirmed"),
        "contested": _("two people judged this without seeing each other’s level"),
        "automatic": _("accepted automatically, confirmed by nobody yet"),
        "due": _("worth another look: last shown long ago"),
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


@register.simple_tag
def class_bar(target: GridTarget) -> SafeString:
    """How many of the class are at which level: a bar in parts, highest first. The words stand beside it."""
    parts = format_html_join(
        "",
        '<rect data-l="{}" x="{}" width="{}" height="4"/>',
        (("none" if part.bucket is None else part.bucket, part.start, part.count) for part in target.shares),
    )
    total = sum(part.count for part in target.shares)
    return format_html(
        '<svg class="spread" viewBox="0 0 {} 4" preserveAspectRatio="none" aria-hidden="true">{}</svg>', total, parts
    )


@register.simple_tag(takes_context=True)
def grid_settings(context: template.RequestContext) -> SafeString:
    """What the script must know: addresses, whose marks these are, and its words. No names."""
    request: Any = context["request"]
    scale: Scale | None = context["scale"]
    records = context["may_record"]
    addresses = dict(context["addresses"]) | {"signIn": sign_in_address(request)}
    return json_script(
        {
            "person": str(request.user.uuid),
            "records": records,
            "group": addresses.pop("group"),
            "day": request.day.isoformat(),
            "now": context["opened_at"].isoformat(),
            "mode": context["mode"],
            "offers": context["offers"],
            "zone": str(timezone.get_current_timezone()),
            "urls": {name: where for name, where in addresses.items() if records or name == "changes"},
            "states": _states(),
            "notes": notes_of_cells(),
            "reasons": dict(RemarkReason.choices),
            "levels": {level_value(level.value): level.said_name for level in scale.levels.all()} if scale else {},
            "words": (words_of_marks() if records else {}) | words_of_keys(),
        },
        "grid-settings",
    )


def sign_in_address(request: HttpRequest) -> str:
    query = urlencode({"next": request.get_full_path(), "somebody_else": "1"})
    return f"{reverse('home:sign-in')}?{query}"


def words_of_marks() -> dict[str, Any]:
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
