from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from django.db.models import Q

from lpm.lib.imports import Findings, Report
from lpm.people.enums import OrganizationKind
from lpm.people.imports.bundle import Bundle
from lpm.people.imports.roster import Roster
from lpm.people.models import (
    Enrollment,
    Group,
    Organization,
    RosterSource,
    SchoolYear,
    Staffing,
    Student,
    Term,
    User,
)


class Known:
    """What is there of a source before the import, by sourcedId; each read once, when somebody asks."""

    def __init__(self, source: RosterSource) -> None:
        self.source = source

    @cached_property
    def organizations(self) -> dict[str, Organization]:
        rows = Organization.objects.filter(source=self.source).select_related("parent__parent")
        return {row.sourced_id: row for row in rows}

    @cached_property
    def years(self) -> dict[int, SchoolYear]:
        """By the year in which they end; those of other sources too."""
        return {row.ends_in: row for row in SchoolYear.objects.filter(organization=self.source.organization)}

    @cached_property
    def terms(self) -> dict[str, Term]:
        return {row.sourced_id: row for row in Term.objects.filter(source=self.source)}

    @cached_property
    def sessions(self) -> dict[str, tuple[date, date]]:
        """First and last day of terms and school years."""
        years = [row for row in self.years.values() if row.source_id == self.source.pk]
        rows: list[Term | SchoolYear] = [*years, *self.terms.values()]
        return {row.sourced_id: (row.starts_on, row.ends_on) for row in rows}

    @cached_property
    def groups(self) -> dict[str, Group]:
        rows = Group.objects.filter(source=self.source).select_related("school__parent")
        return {row.sourced_id: row for row in rows}

    @cached_property
    def users(self) -> dict[str, User]:
        return {row.sourced_id: row for row in User.objects.filter(source=self.source)}

    @cached_property
    def students(self) -> dict[str, Student]:
        """By the sourcedId of their user; also one that was tied to the user by hand, who is used as they stand."""
        rows = Student.objects.filter(Q(source=self.source) | Q(user__source=self.source)).select_related("user")
        found = {row.sourced_id: row for row in rows if row.source_id == self.source.pk}
        tied = {row.user.sourced_id: row for row in rows if row.user and row.source_id != self.source.pk}
        return {**tied, **found}

    @cached_property
    def staffing(self) -> dict[str, Staffing]:
        return {row.sourced_id: row for row in Staffing.objects.filter(source=self.source)}

    @cached_property
    def enrollments(self) -> dict[str, Enrollment]:
        return {row.sourced_id: row for row in Enrollment.objects.filter(source=self.source)}

    def has(self, name: str, key: str) -> bool:
        """Whether a row of the file ``name`` may refer to ``key``, which it does not hold itself."""
        rows = {"orgs": "organizations", "academicSessions": "sessions", "classes": "groups", "users": "users"}
        return name in rows and key in getattr(self, rows[name])


@dataclass(frozen=True)
class Context:
    """An import under way. ``places`` are the organizations by sourcedId; one that is not kept points to the one
    above it that is. ``roster`` is what is applied of ``bundle``."""

    bundle: Bundle
    roster: Roster
    source: RosterSource
    known: Known
    day: date
    notes: Findings
    report: Report
    places: dict[str, Organization] = field(default_factory=dict)

    @property
    def organization(self) -> Organization:
        return self.source.organization

    @property
    def last_day_before(self) -> date:
        return self.day - timedelta(days=1)

    def school(self, sourced_id: str) -> Organization | None:
        """The school that an organization is, or lies in."""
        place = self.places.get(sourced_id)
        if place and place.kind == OrganizationKind.TEAM:
            return place.parent
        return place if place and place.kind == OrganizationKind.SCHOOL else None

    def school_of_class(self, sourced_id: str) -> Organization | None:
        if sourced_id in self.roster.classes:
            return self.school(self.roster.classes[sourced_id].school)
        return self.known.groups[sourced_id].school

    def span(self, session: str) -> tuple[date, date]:
        """First and last day of a session that was sent, or is known."""
        if session in self.roster.sessions:
            return self.roster.sessions[session].starts_on, self.roster.sessions[session].ends_on
        return self.known.sessions[session]

    def leave_out(self, name: str, key: str, code: str, sentence: str, column: str = "") -> None:
        self.bundle.rows[name].active[key].refuse(code, sentence, column)

    def warn(self, file: str, code: str, sentence: str, line: int | None = None, column: str = "") -> None:
        self.notes.warn(code, sentence, self.roster.file(file), line, column)
