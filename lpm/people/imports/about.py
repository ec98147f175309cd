"""demographics.csv beside birth dates: what students are counted by, and what becomes of it.

An empty cell says nothing. What is odd is passed over with a warning: a row is never left out for it, since counts
matter less than a birth date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from babel.core import get_global
from django.utils.translation import gettext as _

from lpm.people.enums import Programme, Sex
from lpm.people.imports.cells import BOOLEANS, Cells
from lpm.people.imports.columns import HISPANIC, HOME_LANGUAGE, PROGRAMMES, RACES
from lpm.people.imports.context import Context
from lpm.people.imports.roster import About
from lpm.people.models import Student
from lpm.people.services import write_demographics

SEXES = {**{str(value): str(value) for value in Sex.values}, "f": Sex.FEMALE, "m": Sex.MALE, "x": Sex.OTHER}
UNSAID = {"unspecified", ""}
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?")
LONGEST_LANGUAGE, LETTERS = 10, 3


def read_about(cells: Cells) -> About | None:
    """None where the row says nothing."""
    about = About(
        sex=_sex(cells),
        races=_races(cells),
        is_hispanic=_truth(cells, HISPANIC),
        home_language=_language(cells),
        programmes=_programmes(cells),
    )
    return None if about == About() else about


def _odd(cells: Cells, column: str) -> None:
    cells.warn("demographics_odd", _("The value is none that can be counted, and was passed over."), column)


def _sex(cells: Cells) -> str | None:
    word = cells["sex"].casefold()
    if word not in UNSAID and word not in SEXES:
        _odd(cells, "sex")
    return SEXES.get(word)


def _truth(cells: Cells, column: str) -> bool | None:
    word = cells[column].casefold()
    if word and word not in BOOLEANS:
        _odd(cells, column)
    return BOOLEANS.get(word)


def _races(cells: Cells) -> tuple[str, ...] | None:
    said = {race: _truth(cells, column) for column, race in RACES.items()}
    if all(value is None for value in said.values()):
        return None
    return tuple(race for race, value in said.items() if value)


def _language(cells: Cells) -> str | None:
    code = _short(cells[HOME_LANGUAGE].casefold())
    if not code:
        return None
    if LANGUAGE.fullmatch(code) and len(code) <= LONGEST_LANGUAGE:
        return code
    _odd(cells, HOME_LANGUAGE)
    return None


def _short(code: str) -> str:
    """Of three letters (ISO 639-2) two where there are two, so that spa and es are one group."""
    head, dash, rest = code.partition("-")
    known: str = get_global("language_aliases").get(head, head) if len(head) == LETTERS else head
    return f"{known if LANGUAGE.fullmatch(known) else head}{dash}{rest}"


def _programmes(cells: Cells) -> tuple[str, ...] | None:
    words = [word.casefold() for word in cells.items(PROGRAMMES)]
    if not words:
        return None
    known = tuple(str(value) for value in Programme.values if value in words)
    if len(known) < len(set(words) - {"none"}):
        _odd(cells, PROGRAMMES)
    return known


def write_about(context: Context, students: Mapping[str, Student]) -> None:
    """For the students of this source, in as many queries for one as for all."""
    wanted = {
        row.merged_into_id or row.pk: (row.district_id, _values(about))
        for key, about in context.roster.about.items()
        if (row := students.get(key)) and row.source_id == context.source.pk
    }
    if wanted:
        write_demographics(wanted=wanted, counts=context.report.count("demographics"))


def _values(about: About) -> dict[str, Any]:
    said = {
        "sex": about.sex,
        "races": None if about.races is None else sorted(map(str, about.races)),
        "is_hispanic": about.is_hispanic,
        "home_language": about.home_language,
        "programmes": None if about.programmes is None else sorted(about.programmes),
    }
    return {name: value for name, value in said.items() if value is not None}
