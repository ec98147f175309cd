"""How the students of a place are doing, in counts that tell of nobody: read from what the task has counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from curriculum.models import ContentArea
from lpm.lib.grades import GRADES, grade_label
from lpm.lib.languages import language_name
from lpm.lib.text import sort_key
from lpm.people.enums import OrganizationKind, Programme, Race, Sex
from lpm.people.models import Organization
from students.mastery.calculations.progress import FEW_WAIT, WELL, Tally, Told, add_up, stand_out, tell
from students.mastery.calculations.suppression import LEAST, Band, Hidden, hide, hide_line, hide_members
from students.mastery.enums import ProgressDimension
from students.mastery.models import SchoolProgress

D = ProgressDimension
SEVERAL = frozenset({D.PROGRAMME, D.RACE})  # of which somebody may have several values, or none
ORDER = [D.AREA, D.YEAR, D.PROGRAMME, D.LANGUAGE, D.RACE, D.HISPANIC, D.SEX]
FIGURES = ("student_count", "learned_count", "heard_count", "waiting_count", "met_count", "under_way_count")
Tallies = Mapping[ProgressDimension, Mapping[str, Mapping[int, Tally]]]  # dimension → value → school → counts


@dataclass(frozen=True)
class Row:
    """A group, or a place below. ``told`` is None where it may not be told; ``is_said`` is false where it does not say
    which group it is: nobody said, or it is all that are hidden."""

    name: str
    told: Told | None
    language: str = ""
    place: Organization | None = None
    is_said: bool = True


@dataclass(frozen=True)
class Table:
    """The groups of one dimension, in an order that has nothing to do with how they are doing.

    ``has_hidden``: some are not shown. ``is_several``: somebody may be in several of them, or in none.
    """

    dimension: ProgressDimension
    rows: list[Row]
    has_hidden: bool
    is_several: bool


@dataclass(frozen=True)
class Finding:
    """What is true of the whole place. ``thin`` are the few years or content areas of which far less is true than of
    the others."""

    name: str
    band: Band
    is_well: bool
    thin: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Standing:
    """``everybody`` is None where nothing was counted, or there are too few students to tell of.

    ``places`` are the schools of a district, the districts of a consortium. ``made_at`` is when the oldest of the
    counts was made.
    """

    everybody: Told | None
    findings: list[Finding]
    places: list[Row]
    tables: list[Table]
    made_at: datetime | None


class _District:
    """The counts of the schools of a district, and what of them is hidden."""

    def __init__(self, organization: Organization, schools: Collection[Organization], tallies: Tallies) -> None:
        self.organization = organization
        mine = {school.pk for school in schools}
        self.tallies: Tallies = {
            dimension: {
                value: {pk: one for pk, one in by_school.items() if pk in mine and one.students}
                for value, by_school in values.items()
            }
            for dimension, values in tallies.items()
        }
        self.sizes = {pk: one.students for pk, one in self.tallies.get(D.ALL, {}).get("", {}).items()}

    @cached_property
    def hidden(self) -> Mapping[ProgressDimension, Mapping[str, Hidden]]:
        """By dimension and value."""
        return {dimension: self._hide(dimension) for dimension in self.tallies}

    def _hide(self, dimension: ProgressDimension) -> Mapping[str, Hidden]:
        counts: dict[int, dict[str, int]] = defaultdict(dict)
        for value, by_school in self.tallies[dimension].items():
            for school, tally in by_school.items():
                counts[school][value] = tally.students
        if dimension in SEVERAL:
            return hide_members(counts, self.sizes)
        if dimension == D.AREA:
            return dict.fromkeys(self.tallies[dimension], Hidden(schools=hide_line(self.sizes)))
        return dict.fromkeys(self.tallies[dimension], hide(counts))

    def values(self, dimension: ProgressDimension, school: int | None) -> list[str]:
        """Those that somebody has, of the school or of all."""
        values = self.tallies.get(dimension, {})
        return [value for value, by_school in values.items() if (school in by_school if school else by_school)]

    def of_school(self, dimension: ProgressDimension, value: str, school: int) -> Tally | None:
        found = self.tallies.get(dimension, {}).get(value, {}).get(school)
        if found is None or self.hidden[dimension][value].hides(school, value):
            return None
        return self._of_everybody(found, self.sizes[school]) if dimension == D.AREA else found

    def of_all(self, dimension: ProgressDimension, value: str) -> Tally | None:
        """Over all schools, also those that are hidden."""
        tally = add_up(self.tallies.get(dimension, {}).get(value, {}).values())
        if tally.students < LEAST or value in self.hidden[dimension][value].groups:
            return None
        return self._of_everybody(tally, sum(self.sizes.values())) if dimension == D.AREA else tally

    def rest_of_school(self, dimension: ProgressDimension, school: int) -> Tally | None:
        """All groups that are hidden at a school where others are shown: how many they are can be worked out."""
        values = self.values(dimension, school)
        hidden = [value for value in values if self.hidden[dimension][value].hides(school, value)]
        return self._rest(self.tallies[dimension][value][school] for value in hidden)

    def rest_of_all(self, dimension: ProgressDimension) -> Tally | None:
        """All groups that are hidden everywhere."""
        values = self.values(dimension, None)
        hidden = [value for value in values if value in self.hidden[dimension][value].groups]
        return self._rest(tally for value in hidden for tally in self.tallies[dimension][value].values())

    @staticmethod
    def _rest(tallies: Iterable[Tally]) -> Tally | None:
        tally = add_up(tallies)
        return tally if tally.students >= LEAST else None

    @staticmethod
    def _of_everybody(tally: Tally, students: int) -> Tally | None:
        """What is true in a content area, of all students: how many have not begun there is told nowhere."""
        return replace(tally, students=students) if tally.students >= LEAST else None


def read_standing(place: Organization) -> Standing:
    """Of a school, a district or a consortium, in 3 queries.

    A district is told by itself: what is hidden in it is hidden so that all its schools together give nothing away.
    A consortium adds up what its districts tell, and nothing else.
    """
    schools = list(_schools_about(place).select_related("parent").by_name())
    rows = list(SchoolProgress.objects.filter(school__in=schools))
    areas = _areas_of(rows)
    districts = _districts(schools, rows)
    below = _places_below(place, schools, districts)
    made = [row.made_at for row in rows if not _is_school(place) or row.school_id == place.pk]
    everybody = _told(_tally(place, districts, D.ALL, ""))
    tables = [_table(place, districts, dimension, areas) for dimension in ORDER]
    return Standing(
        everybody=everybody,
        findings=_findings(everybody, tables),
        places=below,
        tables=[table for table in tables if table.rows or table.has_hidden],
        made_at=min(made, default=None),
    )


def _schools_about(place: Organization) -> Any:
    """The schools of the districts that ``place`` is, has, or lies in."""
    schools = Organization.objects.filter(kind=OrganizationKind.SCHOOL)
    return schools.filter(parent=place.parent_id) if _is_school(place) else schools.under(place)


def _is_school(place: Organization) -> bool:
    return place.kind == OrganizationKind.SCHOOL


def _areas_of(rows: Iterable[SchoolProgress]) -> list[ContentArea]:
    uuids = {row.value for row in rows if row.dimension == D.AREA}
    order = ("framework__sort_key", "framework_id", "position", "pk")
    return list(ContentArea.objects.filter(uuid__in=uuids).select_related("framework").order_by(*order))


def _districts(schools: Sequence[Organization], rows: Iterable[SchoolProgress]) -> list[_District]:
    tallies: dict[ProgressDimension, dict[str, dict[int, Tally]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        figures = (getattr(row, name) for name in FIGURES)
        tallies[D(row.dimension)][row.value][row.school_id] = Tally(*figures)
    by_district: dict[Any, list[Organization]] = defaultdict(list)
    for school in schools:
        by_district[school.parent].append(school)
    found = [_District(district, those, tallies) for district, those in by_district.items()]
    return sorted(found, key=lambda one: (one.organization.sort_key, one.organization.pk))


def _tally(
    place: Organization, districts: Sequence[_District], dimension: ProgressDimension, value: str
) -> Tally | None:
    if _is_school(place):
        return districts[0].of_school(dimension, value, place.pk)
    told = [tally for one in districts if (tally := one.of_all(dimension, value))]
    return add_up(told) if told else None


def _rest(place: Organization, districts: Sequence[_District], dimension: ProgressDimension) -> Tally | None:
    """Of the groups that are not told, where nobody is in two; else there is no such number."""
    if dimension in SEVERAL or dimension == D.AREA:
        return None
    if _is_school(place):
        return districts[0].rest_of_school(dimension, place.pk)
    told = [tally for one in districts if (tally := one.rest_of_all(dimension))]
    return add_up(told) if told else None


def _told(tally: Tally | None) -> Told | None:
    return tell(tally) if tally else None


def _places_below(place: Organization, schools: Sequence[Organization], districts: Sequence[_District]) -> list[Row]:
    """The schools of a district, the districts of a consortium, by name."""
    if _is_school(place):
        return []
    if place.kind == OrganizationKind.DISTRICT:
        return [Row(one.name, _told(_tally(one, districts, D.ALL, "")), place=one) for one in schools]
    told = [(one.organization, _told(one.of_all(D.ALL, ""))) for one in districts]
    return [Row(district.name, what, place=district) for district, what in told]


# Groups


def _table(
    place: Organization,
    districts: Sequence[_District],
    dimension: ProgressDimension,
    areas: Sequence[ContentArea],
) -> Table:
    school = place.pk if _is_school(place) else None
    there = {value for one in districts for value in one.values(dimension, school)}
    told = {value: tally for value in there if (tally := _tally(place, districts, dimension, value))}
    names = _names(dimension, told, areas)
    rows = [Row(name, tell(told[value]), lang, is_said=bool(value)) for value, (name, lang) in names.items()]
    if rows and (rest := _rest(place, districts, dimension)):
        rows.append(Row(_("Everybody else"), tell(rest), is_said=False))
    return Table(dimension, rows, len(told) < len(there), dimension in SEVERAL)


def _names(
    dimension: ProgressDimension, values: Collection[str], areas: Sequence[ContentArea]
) -> dict[str, tuple[str, str]]:
    """What each value is called, and in which language, in the order in which they are shown; unsaid comes last."""
    if dimension == D.AREA:
        return {uuid: (area.title, area.framework.language) for area in areas if (uuid := str(area.uuid)) in values}
    if dimension == D.YEAR:
        grades = list(GRADES)
        known = sorted(
            filter(None, values), key=lambda code: (code not in GRADES, code in GRADES and grades.index(code))
        )
    else:
        known = sorted(filter(None, values), key=lambda value: sort_key(name_of(dimension, value)))
    unsaid = [""] if "" in values else []
    return {value: (name_of(dimension, value), "") for value in [*known, *unsaid]}


def name_of(dimension: ProgressDimension, value: str) -> str:
    if not value:
        return _("Not said")
    if dimension == D.YEAR:
        return grade_label(value)
    if dimension == D.LANGUAGE:
        return _capital(language_name(value))
    if dimension == D.HISPANIC:
        return _("Hispanic or Latino") if value == "yes" else _("Not Hispanic or Latino")
    choices: Any = {D.PROGRAMME: Programme, D.RACE: Race, D.SEX: Sex}[dimension]
    return _capital(str(choices(value).label))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


# What is true of the whole


def _findings(everybody: Told | None, tables: Iterable[Table]) -> list[Finding]:
    if everybody is None:
        return []
    rows = {table.dimension: table.rows for table in tables}
    areas, years = rows.get(D.AREA, []), rows.get(D.YEAR, [])
    heard = [*_thin(areas, "heard"), *_thin(years, "heard")]
    learned = _thin(years, "learned")  # there is less to learn in an area of few targets
    return [
        Finding("heard", everybody.heard, everybody.heard.low >= WELL, heard),
        Finding("learned", everybody.learned, everybody.learned.low >= WELL, learned),
        Finding("waiting", everybody.waiting, everybody.waiting.high <= FEW_WAIT),
    ]


def _thin(rows: Sequence[Row], name: str) -> list[Row]:
    """Of rows of one dimension, compared with each other; in their own order."""
    told = [(row, getattr(row.told, name)) for row in rows if row.told and row.is_said]
    return [told[place][0] for place in stand_out([band for _row, band in told])]
