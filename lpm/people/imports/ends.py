"""What a roster ends: people and classes that are no longer there, and what hangs on them. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from lpm.lib.imports import Problem
from lpm.people.imports.check import student_ids
from lpm.people.imports.context import Context, Known
from lpm.people.models import Enrollment, Group, Guardianship, Staffing, Student, User
from lpm.people.services import deactivate_users, end_rows, let_students_go

MOST_ENDS = 10  # percent of the people, or of the enrollments, of a source


@dataclass(frozen=True)
class Standing:
    """Of a source, what was in force before the import, by primary key."""

    users: frozenset[int]
    students: frozenset[int]
    enrollments: frozenset[int]

    @classmethod
    def of(cls, known: Known, day: date) -> Standing:
        over = {row.pk for row in known.groups.values() if row.ends_on and row.ends_on < day}
        ours = [row for row in known.students.values() if row.source_id == known.source.pk]
        return cls(
            users=frozenset(row.pk for row in known.users.values() if row.is_active),
            students=frozenset(row.pk for row in ours if row.left_on is None or row.left_on >= day),
            enrollments=frozenset(
                row.pk for row in known.enrollments.values() if _is_open(row, day) and row.group_id not in over
            ),
        )


def _is_open(row: Enrollment, day: date) -> bool:
    return row.ends_on is None or row.ends_on >= day


def end_absent(context: Context) -> set[int]:
    """End people and classes that are gone. Returns the students (primary keys) who left."""
    users = {key: row for key, row in context.known.users.items() if context.bundle.is_absent("users", key)}
    groups = [row for key, row in context.known.groups.items() if context.bundle.is_absent("classes", key)]
    students = _students(context, users.keys())
    count = context.report.count
    count("users").end += deactivate_users(users=list(users.values()))
    count("students").end += let_students_go(students=students, last_day=context.last_day_before)
    end_rows(model=Group, rows=groups, last_day=context.last_day_before, counts=count("groups"))
    _end_ties(context, list(users.values()), students, groups)
    return {row.pk for row in students}


def _students(context: Context, gone: Collection[str]) -> list[Student]:
    """Those whose user is gone, or of whom the files say that they are no student any more."""
    still = set(student_ids(context))
    return [
        row
        for key, row in context.known.students.items()
        if row.source_id == context.source.pk and (key in gone or (key in context.roster.people and key not in still))
    ]


def _end_ties(context: Context, users: list[User], students: list[Student], groups: list[Group]) -> None:
    """Where those who are gone taught and learned, and whose guardians they had or were; of this source alone."""
    adults, children, over = ({row.pk for row in rows} for rows in (users, students, groups))
    if not (adults or children or over):
        return
    ties: list[tuple[Any, str, Collection[Any]]] = [
        (
            Staffing,
            "staffing",
            [row for row in context.known.staffing.values() if row.user_id in adults or row.group_id in over],
        ),
        (
            Enrollment,
            "enrollments",
            [row for row in context.known.enrollments.values() if row.student_id in children or row.group_id in over],
        ),
        (
            Guardianship,
            "guardianships",
            [
                row
                for row in Guardianship.objects.filter(source=context.source)
                if row.guardian_id in adults or row.student_id in children
            ],
        ),
    ]
    for model, kind, rows in ties:
        end_rows(model=model, rows=rows, last_day=context.last_day_before, counts=context.report.count(kind))


# The guard


def ask_about_ends(context: Context, before: Standing) -> Problem | None:
    """What a person has to agree to, when a complete roster ends more than MOST_ENDS percent of what was in force.

    Changes that were sent one by one are meant; of a complete roster, a part may be missing.
    """
    if not context.bundle.has_bulk:
        return None
    ended = {kind: (count, len(there)) for kind, count, there in _ended(context, before)}
    context.report.asks = {kind: pair for kind, pair in ended.items() if pair[0] * 100 > pair[1] * MOST_ENDS}
    if not context.report.asks:
        return None
    sentence = _(
        "{users} of {all_users} people and {seats} of {all_seats} places in classes would end. That is more than"
        " {percent} %: a person has to agree to it first."
    )
    (users, all_users), (seats, all_seats) = max(ended["users"], ended["students"]), ended["enrollments"]
    words = {"users": users, "all_users": all_users, "seats": seats, "all_seats": all_seats, "percent": MOST_ENDS}
    return Problem("too_many_ends", sentence.format(**words))


def _ended(context: Context, before: Standing) -> list[tuple[str, int, frozenset[int]]]:
    source, day = context.source, context.day
    rows: list[tuple[str, Any, frozenset[int]]] = [
        ("users", User.objects.filter(source=source, is_active=False), before.users),
        ("students", Student.objects.filter(source=source, left_on__lt=day), before.students),
        ("enrollments", Enrollment.objects.filter(source=source, ends_on__lt=day), before.enrollments),
    ]
    return [(kind, len(there & set(over.values_list("pk", flat=True))), there) for kind, over, there in rows]
