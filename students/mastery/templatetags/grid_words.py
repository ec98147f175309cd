"""What the script of the grid says about keys, blocks, accepting and projecting."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def words_of_keys() -> dict[str, Any]:
    """``{…}`` is filled in by the script; a pair is for one and for more."""
    return {
        "rowNumber": _("Row {n}"),
        "levelSmall": _("level {level}"),
        "practiceSmall": _("practice {level}"),
        "offeredSmall": _("waits {level}"),
        "practiceOn": _("Practice: what you type now is feedback and does not count. Press p to go back."),
        "practiceOff": _("What you type counts again."),
        "nothingToFill": _("There is no level there to fill from."),
        "nothingToRedo": _("There is nothing to do again."),
        "notPasted": _("“{text}” in line {row}, column {column} is not a level here. Nothing was pasted."),
        "tooLarge": _("{n} lines of {m} cells do not fit from here. Nothing was pasted."),
        "nothingToPaste": _("There are no levels to paste."),
        "nothingToAccept": _("Nothing here waits to be accepted."),
        "whyLevel": _("{student}, {target}: {level}. What made you decide?"),
        "noteOn": _("{student}, {target}: a note on {level}"),
        "remarkSaved": _("{student}, {target}: note saved"),
        "namesHidden": _("Names are hidden, and every row but this one. Press h to show them."),
        "namesShown": _("Names are shown again."),
        **{name: [_counted(name, n) for n in (1, 2)] for name in COUNTED},
    }


COUNTED = ("copied", "blockSaved", "blockUndone", "accepted", "toLookAt")


def _counted(name: str, n: int) -> str:
    return {
        "copied": ngettext("{n} cell copied", "{n} cells copied", n),
        "blockSaved": ngettext("{n} mark saved", "{n} marks saved", n),
        "blockUndone": ngettext("{n} mark taken back", "{n} marks taken back", n),
        "accepted": ngettext("{n} level accepted.", "{n} levels accepted.", n),
        "toLookAt": ngettext(
            "{n} stays for a look: its newest evidence says something else.",
            "{n} stay for a look: their newest evidence says something else.",
            n,
        ),
    }[name]
