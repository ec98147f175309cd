from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from lpm.lib.imports import Findings, Report
from lpm.people.enums import OrganizationKind
from lpm.people.imports.roster import Roster
from lpm.people.models import Organization, RosterSource


@dataclass(frozen=True)
class Context:
    """An import under way. ``places`` are the organizations by sourcedId; one that is not kept points to the one
    above it that is."""

    roster: Roster
    source: RosterSource
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

    def refuse(self, file: str, code: str, sentence: str, line: int, column: str) -> None:
        self.notes.refuse(code, sentence, self.roster.file(file), line, column)

    def warn(self, file: str, code: str, sentence: str, line: int | None = None, column: str = "") -> None:
        self.notes.warn(code, sentence, self.roster.file(file), line, column)
