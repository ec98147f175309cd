"""A roster as it was read: plain values, keyed by sourcedId. Last days are inclusive, as everywhere in Cairn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from lpm.people.enums import GroupKind, OrganizationKind, TermKind


@dataclass(frozen=True)
class Org:
    """``kind`` is None for what is larger than a district, and is not kept."""

    line: int
    name: str
    kind: OrganizationKind | None
    parent: str


@dataclass(frozen=True)
class Session:
    """``kind`` is None for a school year."""

    line: int
    title: str
    kind: TermKind | None
    starts_on: date
    ends_on: date
    ends_in: int


@dataclass(frozen=True)
class ClassRow:
    line: int
    title: str
    kind: GroupKind
    code: str
    school: str
    sessions: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """``orgs`` begins with the one they belong to most. None means that the file does not say; a preferred name and
    pronouns that are empty say nothing either."""

    line: int
    username: str
    given_name: str
    family_name: str
    is_active: bool
    roles: frozenset[str] | None
    orgs: tuple[str, ...]
    agents: tuple[str, ...] | None
    email: str | None
    grade: str | None
    preferred_name: str
    pronouns: str = ""


@dataclass(frozen=True)
class About:
    """What demographics.csv says for counts; None: nothing."""

    sex: str | None = None
    races: tuple[str, ...] | None = None
    is_hispanic: bool | None = None
    home_language: str | None = None
    programmes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Seat:
    """A row of enrollments.csv for a student or a teacher. ``says_start`` is whether there is a column for that."""

    line: int
    class_id: str
    user_id: str
    teaches: bool
    is_primary: bool
    starts_on: date | None
    ends_on: date | None
    says_start: bool


@dataclass(frozen=True)
class Roster:
    version: str
    system_name: str
    files: Mapping[str, str] = field(default_factory=dict)  # users → its name in the bundle
    orgs: Mapping[str, Org] = field(default_factory=dict)
    sessions: Mapping[str, Session] = field(default_factory=dict)
    classes: Mapping[str, ClassRow] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    births: Mapping[str, date] = field(default_factory=dict)  # user → birth date
    about: Mapping[str, About] = field(default_factory=dict)  # user → what they are counted by
    seats: Mapping[str, Seat] = field(default_factory=dict)

    def file(self, name: str) -> str:
        return self.files.get(name, f"{name}.csv")
