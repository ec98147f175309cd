"""A class with a long history, and the files that are brought in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from curriculum.models import Target, Topic
from lpm.people.enums import OrganizationKind
from lpm.people.models import Group, Organization, Student, User
from lpm.people.services import create_organization
from students.mastery.services import PastMark, record_history
from tests.world import build_framework, build_place, enroll, guard, person, teach

MARKS_A_CELL = 3
LARGE, SMALL = 60, 15
STUDENTS_TO_BRING_IN = 10_000
STAFF = 500
CLASS_SIZE = 25
KINDS = ["homeroom", *(f"scheduled{number}" for number in range(5))]  # each student has one of each


@dataclass(frozen=True)
class Class:
    """``large`` and ``small`` are topics of LARGE and SMALL targets; the student is one of the whole class."""

    district: Organization
    whole: Group
    half: Group
    teacher: User
    student: User
    guardian: User
    child: Student
    large: Topic
    small: Topic


def build_class(day: date) -> Class:
    """30 students on 60 and on 15 targets, and 15 other students on the 60, each cell with MARKS_A_CELL marks."""
    district = create_organization(kind=OrganizationKind.DISTRICT, name="Bench", parent=None)
    school = create_organization(kind=OrganizationKind.SCHOOL, name="Bench School", parent=district)
    large = build_framework(district, "Large", target_count=LARGE)
    small = build_framework(district, "Small", target_count=SMALL)
    whole = build_place(school, district, "Whole", large, day).group
    half = build_place(school, district, "Half", large, day).group
    _fill(whole, 30)
    _fill(half, 15)
    teacher, student, guardian = (person(name, school) for name in ("teacher", "student", "guardian"))
    child = Student.objects.filter(enrollments__group=whole).order_by("pk")[0]
    child.user = student
    child.save()
    guard(guardian, child)
    for group in (whole, half):
        teach(teacher, group)
    topics = {row.area.framework_id: row for row in Topic.objects.select_related("area")}
    made = Class(district, whole, half, teacher, student, guardian, child, topics[large.pk], topics[small.pk])
    _add_history(made, day)
    return made


def _fill(group: Group, size: int) -> None:
    for number in range(size - group.enrollments.count()):
        enroll(
            group, given_name=f"Given {number}", family_name=f"Family {number}", grade="05", born_on=date(2016, 3, 1)
        )


def _add_history(made: Class, day: date) -> None:
    random = Random("cairn")
    marks = [
        *_marks(random, made.whole, made.large, made.teacher, day),
        *_marks(random, made.whole, made.small, made.teacher, day),
        *_marks(random, made.half, made.large, made.teacher, day),
    ]
    record_history(marks=marks, day=day)


def _marks(random: Random, group: Group, topic: Topic, teacher: User, day: date) -> Iterator[PastMark]:
    targets = list(Target.objects.filter(topic=topic).in_order())
    for student in Student.objects.filter(enrollments__group=group).select_related("school").order_by("pk"):
        for target in targets:
            for back in sorted(random.sample(range(1, 75), MARKS_A_CELL), reverse=True):
                shown_on = day - timedelta(days=back)
                level = Decimal(random.randint(0, 8)) / 2
                recorded_at = datetime.combine(shown_on, time(19, 30), tzinfo=UTC)
                yield PastMark(student, target, level, teacher, group, shown_on, recorded_at)


def roster_files(students: int, day: date) -> dict[str, bytes]:
    """A OneRoster bundle: each student with a guardian, a birth date, and six classes of CLASS_SIZE; STAFF teach."""
    classes = range((students + CLASS_SIZE - 1) // CLASS_SIZE)
    starts_on, ends_on = day - timedelta(days=80), day + timedelta(days=200)
    year = str(ends_on.year)
    tables: dict[str, tuple[str, list[list[str]]]] = {
        "manifest": ("propertyName,value", _manifest()),
        "orgs": ("sourcedId,name,type,identifier,parentSourcedId", _schools()),
        "academicSessions": (
            "sourcedId,title,type,startDate,endDate,parentSourcedId,schoolYear",
            [["y", "Year", "schoolYear", str(starts_on), str(ends_on), "", year]],
        ),
        "courses": ("sourcedId,schoolYearSourcedId,title,orgSourcedId", [["c", "y", "All", "d"]]),
        "classes": (
            "sourcedId,title,grades,courseSourcedId,classType,schoolSourcedId,termSourcedIds",
            [
                [f"{kind}-{number}", f"{kind} {number}", "05", "c", kind.rstrip("01234"), "s", "y"]
                for number in classes
                for kind in KINDS
            ],
        ),
        "users": (
            "sourcedId,enabledUser,orgSourcedIds,role,username,givenName,familyName,email,agentSourcedIds,grades",
            list(_people(students)),
        ),
        "demographics": ("sourcedId,birthDate", [[f"s{number}", "2016-03-01"] for number in range(students)]),
        "enrollments": (
            "sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
            list(_seats(students, len(classes))),
        ),
    }
    return {f"{name}.csv": _csv(head, rows) for name, (head, rows) in tables.items()}


def _manifest() -> list[list[str]]:
    sent = ["academicSessions", "classes", "courses", "demographics", "enrollments", "orgs", "users"]
    return [
        ["manifest.version", "1.0"],
        ["oneroster.version", "1.1"],
        *([f"file.{name}", "bulk"] for name in sent),
        ["source.systemName", "Bench roster"],
        ["source.systemCode", "BENCH"],
    ]


def _schools() -> list[list[str]]:
    return [["d", "Bench", "district", "d", ""], ["s", "Roster School", "school", "s", "d"]]


def _people(students: int) -> Iterator[list[str]]:
    for number in range(STAFF):
        yield [f"t{number}", "true", "s", "teacher", f"roster-t{number}", "Terry", f"Number {number}", "", "", ""]
    for number in range(students):
        yield [f"g{number}", "true", "s", "guardian", f"roster-g{number}", "Gale", f"Number {number}", "", "", ""]
        yield [
            *(f"s{number}", "true", "s", "student", f"roster-s{number}", "Sam", f"Number {number}", ""),
            *(f"g{number}", "05"),
        ]


def _seats(students: int, classes: int) -> Iterator[list[str]]:
    for place, kind in enumerate(KINDS):
        for number in range(classes):
            teacher = f"t{(number * len(KINDS) + place) % STAFF}"
            yield [f"{kind}-t{number}", f"{kind}-{number}", "s", teacher, "teacher", "true", "", ""]
        for number in range(students):
            group = f"{kind}-{number // CLASS_SIZE}"
            yield [f"{kind}-s{number}", group, "s", f"s{number}", "student", "false", "", ""]


def _csv(head: str, rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([head.split(","), *rows])
    return out.getvalue().encode()
