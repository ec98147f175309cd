"""The small demo school: its files go through the importers, its history through the services."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from django.db import transaction

from curriculum.imports import import_case
from curriculum.models import Target
from lpm.lib.dates import school_day
from lpm.people.enums import CaseloadKind, CaseloadScope, OrganizationKind, Role
from lpm.people.imports import import_roster
from lpm.people.models import Group, Organization, Student, User
from lpm.people.services import create_user, grant_role
from lpm.people.services.calendar import Span, add_closures
from lpm.people.services.caseloads import add_caseload
from lpm.people.services.groups import assign_substitute
from students.mastery.services import PastMark, record_history

DATA = Path(__file__).parent / "data"
WRITTEN_FOR = date(2026, 11, 16)  # the Monday around which the roster's dates were written
HALF = Decimal("0.5")
HIGHEST = Decimal("4.0")
PROFICIENT = Decimal("3.0")
WEEKS_OF_HISTORY = 10


@dataclass(frozen=True)
class Person:
    """Somebody to try the school as. The caption says what there is to see."""

    username: str
    caption: str


PEOPLE = [
    Person("mthibodeau", "Teacher of Grades 5 and 6 Math"),
    Person("aokeke", "Student in Grade 5"),
    Person("cnkemelu", "Parent of two children"),
    Person("darsenault", "Principal of Lakeside Middle School"),
    Person("registrar", "District administrator: brings in people and curriculum"),
    Person("office", "School office: new students, families, groups"),
    Person("privacy", "Privacy officer: who has seen what"),
    Person("standin", "Substitute, for the day on which this school was made"),
]


@transaction.atomic
def build_school(seed: str = "tide") -> None:
    """An empty database becomes the demo school. The same seed on the same day makes the same school."""
    day = school_day("America/New_York")
    import_roster(files=shifted_roster(day), organization=None, actor=None, day=day)
    district = Organization.objects.get(kind=OrganizationKind.DISTRICT)
    import_case(data=(DATA / "curriculum.cfpackage.json").read_bytes(), owner=district, actor=None)
    _add_staff(district, day)
    for person in PEOPLE:
        User.objects.filter(username=person.username).update(demo_caption=person.caption)
    record_history(marks=list(_history(Random(seed), day)), day=day)  # noqa: S311 (a made-up history)


def shifted_roster(day: date) -> dict[str, bytes]:
    """The roster's files with all dates moved by whole weeks, so that ``day`` lies in the autumn term."""
    weeks = timedelta(weeks=(day - WRITTEN_FOR).days // 7)
    return {
        path.name: _shift(path.read_text(encoding="utf-8"), weeks).encode()
        for path in sorted((DATA / "roster").glob("*.csv"))
    }


def _shift(text: str, by: timedelta) -> str:
    moved = re.sub(r"\b\d{4}-\d{2}-\d{2}\b", lambda day: str(date.fromisoformat(day.group()) + by), text)
    rows = list(csv.DictReader(io.StringIO(moved)))
    if not rows or "schoolYear" not in rows[0]:
        return moved
    years = {row["schoolYear"] for row in rows}
    ends = {year: max(row["endDate"] for row in rows if row["schoolYear"] == year)[:4] for year in years}
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows({**row, "schoolYear": ends[row["schoolYear"]]} for row in rows)
    return out.getvalue()


def _add_staff(district: Organization, day: date) -> None:
    start = day - timedelta(days=60)
    principal = User.objects.select_related("organization").get(username="darsenault")
    assert principal.organization is not None
    grant_role(user=principal, organization=principal.organization, role=Role.LEADER, starts_on=start)
    school = principal.organization
    for username, given_name, family_name, place, role in [
        ("registrar", "Ines", "Caldwell", district, Role.ADMINISTRATOR),
        ("office", "Paulette", "Roy", school, Role.OFFICE),
        ("privacy", "Tomasz", "Lindqvist", district, Role.PRIVACY_OFFICER),
    ]:
        user = create_user(username=username, given_name=given_name, family_name=family_name, organization=place)
        grant_role(user=user, organization=place, role=role, starts_on=start)
    _add_substitute(school, day)
    _add_counselor(school, start, day)
    add_closures(organization=district, spans=list(_breaks(day)), actor=None, day=day)


def _add_substitute(school: Organization, day: date) -> None:
    standin = create_user(username="standin", given_name="Wren", family_name="Abbott", organization=school)
    groups = Group.objects.filter(school=school, staffing__user__username="mthibodeau").order_by("pk")[:1]
    assign_substitute(groups=list(groups), user=standin, first_day=day, last_day=day, actor=None, day=day)


def _add_counselor(school: Organization, start: date, day: date) -> None:
    counselor = create_user(username="ghale", given_name="Gideon", family_name="Hale", organization=school)
    for student in Student.objects.filter(school=school).by_name()[:3]:
        add_caseload(
            student=student,
            manager=counselor,
            kind=CaseloadKind.COUNSELOR,
            scope=CaseloadScope.RECORD,
            starts_on=start,
            ends_on=None,
            actor=None,
            day=day,
        )


def _breaks(day: date) -> Iterator[Span]:
    """A long weekend behind, and a winter break ahead."""
    monday = day - timedelta(days=day.weekday())
    yield Span("Long weekend", monday - timedelta(days=31), monday - timedelta(days=28))
    yield Span("Winter break", monday + timedelta(days=35), monday + timedelta(days=46))


def _history(random: Random, day: date) -> Iterator[PastMark]:
    """What each student brought along, then ten weeks along the fractions at their own pace, with setbacks."""
    targets = list(Target.objects.current().in_order())
    walked: set[int] = set()
    for group in Group.objects.filter(name__icontains="math").order_by("pk"):
        teacher = group.staffing.select_related("user").order_by("pk")[0].user
        students = Student.objects.enrolled_in(group.pk, day).exclude(pk__in=walked).select_related("school")
        for student in students.by_name():
            walked.add(student.pk)
            yield from _walk(random, student, targets, group, teacher, day)


def _walk(
    random: Random, student: Student, targets: list[Target], group: Group, teacher: User, day: date
) -> Iterator[PastMark]:
    at = max(0, (int(student.grade or 3) - 3) * 2 + random.choice([-1, 0, 0, 1]))
    for earlier, target in enumerate(targets[:at]):
        shown_on = _school_day(day - timedelta(days=190 + 25 * (at - earlier)))
        met = Decimal(random.choice(["3.0", "3.0", "3.0", "3.5", "3.5", "4.0"]))
        yield PastMark(student, target, met, teacher, None, shown_on, _afternoon(shown_on))
    level = Decimal(random.choice([1, 2]))
    for week in range(WEEKS_OF_HISTORY, 0, -1):
        if at >= len(targets):
            return
        if random.random() < 0.2:  # a week without a mark: away, or busy with something else
            continue
        shown_on = _school_day(day - timedelta(days=week * 7 - random.randrange(5)))
        yield PastMark(student, targets[at], level, teacher, group, shown_on, _afternoon(shown_on))
        if level >= PROFICIENT and random.random() < 0.8:
            at, level = at + 1, Decimal(random.choice([1, 2]))
        else:
            level = min(HIGHEST, max(Decimal(0), level + HALF * random.choice([-1, 1, 1, 2, 2])))


def _school_day(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def _afternoon(day: date) -> datetime:
    return datetime.combine(day, time(19, 30), tzinfo=UTC)
