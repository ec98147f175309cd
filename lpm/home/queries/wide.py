"""Schools side by side, in counts, for those who lead a district or a consortium: read from what a task counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from lpm.home.queries.reach import Reach
from lpm.people.models import Organization
from students.mastery.calculations.progress import Tally, Told, add_up, tell
from students.mastery.calculations.suppression import Band, hide
from students.mastery.enums import ProgressDimension
from students.mastery.models import SchoolProgress


@dataclass(frozen=True)
class Share:
    """Of ``total`` students at least ``low`` and at most ``high``; ``band`` in percent."""

    band: Band
    total: int

    @property
    def low(self) -> int:
        return -(-self.band.low * self.total // 100)

    @property
    def high(self) -> int:
        return self.band.high * self.total // 100


@dataclass(frozen=True)
class Line:
    """A school or a district. Without ``told`` nothing may be told of it (``is_hidden``), or nothing was counted."""

    organization: Organization
    told: Told | None = None
    is_hidden: bool = False

    @property
    def shares(self) -> dict[str, Share]:
        if self.told is None:
            return {}
        bands = {"learned": self.told.learned, "heard": self.told.heard, "waiting": self.told.waiting}
        return {name: Share(band, self.told.students) for name, band in bands.items()}


@dataclass(frozen=True)
class DistrictLines:
    line: Line
    schools: Sequence[Line]


@dataclass(frozen=True)
class Wide:
    """By name, whatever the counts. ``made_at`` is when the oldest of them was made; None before the first time."""

    tops: Sequence[Organization]
    districts: Sequence[DistrictLines]
    made_at: datetime | None

    @property
    def district_lines(self) -> list[Line]:
        return [district.line for district in self.districts]

    @property
    def school_count(self) -> int:
        return sum(len(district.schools) for district in self.districts)

    @property
    def sentence(self) -> str:
        if not self.school_count:
            return _("There are no schools yet. They come with the first file of people and classes.")
        if self.made_at is None:
            return _("Nothing was counted yet. The counts of all schools are made every night.")
        return _("Where few are heard from or learned something new, ask the school what would help.")


def read_wide(reach: Reach) -> Wide:
    """Of the schools that somebody has from above; in 1 query."""
    rows = SchoolProgress.objects.filter(school__in=reach.below, dimension=ProgressDimension.ALL, value="")
    known = {row.school_id: row for row in rows}
    schools: dict[int, list[Organization]] = defaultdict(list)
    for school in reach.below:
        schools[school.parent_id or 0].append(school)
    districts = [_district(district, schools[district.pk], known) for district in reach.districts]
    return Wide(reach.tops, districts, min((row.made_at for row in known.values()), default=None))


def _district(
    district: Organization, schools: Sequence[Organization], known: Mapping[int, SchoolProgress]
) -> DistrictLines:
    """As the page of progress tells it: what is hidden of one school stays hidden beside all others."""
    tallies = {school.pk: _tally(known[school.pk]) for school in schools if school.pk in known}
    hidden = hide({pk: {"": tally.students} for pk, tally in tallies.items()})
    whole = _line(district, add_up(tallies.values()), is_hidden=bool(hidden.groups))
    return DistrictLines(
        whole, [_line(one, tallies.get(one.pk, Tally()), is_hidden=hidden.hides(one.pk, "")) for one in schools]
    )


def _line(organization: Organization, tally: Tally, *, is_hidden: bool) -> Line:
    if not tally.students:
        return Line(organization)
    return Line(organization, None if is_hidden else tell(tally), is_hidden)


def _tally(row: SchoolProgress) -> Tally:
    return Tally(
        row.student_count, row.learned_count, row.heard_count, row.waiting_count, row.met_count, row.under_way_count
    )
