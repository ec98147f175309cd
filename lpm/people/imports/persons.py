"""users.csv and demographics.csv: people, students, and who is whose guardian.

A role in a file never becomes a role here: rights over a school or district are granted by a person who holds them
(``grant_role``), and a password comes from its owner. An administrator in users.csv is somebody who may sign in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lpm.lib.text import sort_key
from lpm.people.imports.check import home_of, school_of, student_ids
from lpm.people.imports.context import Context
from lpm.people.imports.roster import Person
from lpm.people.models import Guardianship, Student, User, district_id_of
from lpm.people.services import end_rows, free_usernames, write_rows

GUARDIANS = {"guardian", "parent", "relative"}  # also the words for how they are related
TEACHERS = {"teacher"}
Ward = tuple[int, int]  # guardian and student, by primary key


# Users


def write_users(context: Context) -> dict[str, User]:
    """By sourcedId; those that were known too."""
    found = context.known.users
    _free_usernames(context)
    wanted = {key: _user(context, key, person) for key, person in context.roster.people.items()}
    counts = context.report.count("users")
    written = write_rows(
        model=User,
        source=context.source,
        found=found,
        wanted=wanted,
        counts=counts,
        prepare=User.set_unusable_password,
    )
    return {**found, **written}


def _user(context: Context, key: str, person: Person) -> dict[str, Any]:
    home = home_of(context, person)
    values = {
        "sourced_id": key,
        "username": person.username,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "is_active": person.is_active and not _is_closed(context, key) and not _comes_in_otherwise(context, key),
    }
    if person.roles is not None or key not in context.known.users:
        values |= {"organization_id": home.pk, "district_id": district_id_of(home)}
    return values if person.email is None else values | {"email": person.email}


def _is_closed(context: Context, key: str) -> bool:
    """Whether somebody here closed the account: a roster does not open it again."""
    user = context.known.users.get(key)
    return bool(user and user.closes_on and not user.is_active)


def _comes_in_otherwise(context: Context, key: str) -> bool:
    """Whether the student comes in by another account since two records were merged: one child has one."""
    student, user = context.known.students.get(key), context.known.users.get(key)
    return bool(student and user and student.user_id and student.user_id != user.pk)


def _free_usernames(context: Context) -> None:
    """Whoever has a name that another row of the roster takes gives it up first."""
    found = context.known.users
    holders = {(row.district_id, row.username.lower()): key for key, row in found.items()}
    names = {
        (district_id_of(home_of(context, person)), person.username.lower()): key
        for key, person in context.roster.people.items()
    }
    yielding = [found[holder] for name, holder in holders.items() if names.get(name, holder) != holder]
    free_usernames(users=yielding)


# Students


def write_students(context: Context, users: dict[str, User]) -> dict[str, Student]:
    """The students, by the sourcedId of their user; those that were known too.

    One that was tied to the user by hand is used as it stands. One that was entered provisionally, and fits one row
    and no other, becomes that of the row.
    """
    known = context.known.students
    ours = {key: row for key, row in known.items() if row.source_id == context.source.pk}
    note_teachers(context)
    keys = [key for key in student_ids(context) if key in ours or key not in known]
    classes = {seat.user_id: seat.class_id for seat in context.roster.seats.values()}
    wanted = {key: _student(context, key, users[key], classes.get(key)) for key in keys}
    wanted |= {
        key: {"born_on": born}
        for key, born in context.roster.births.items()
        if key in ours and key not in context.roster.people
    }
    adopted = _adopt(context, wanted, ours)
    for key in adopted:
        wanted[key] |= {"source_id": context.source.pk, "is_provisional": False}
    counts = context.report.count("students")
    written = write_rows(model=Student, source=context.source, found={**ours, **adopted}, wanted=wanted, counts=counts)
    return {**known, **written}


def note_teachers(context: Context) -> None:
    people = context.roster.people
    teaching = {seat.user_id for seat in context.roster.seats.values() if seat.teaches} & people.keys()
    learning = {seat.user_id for seat in context.roster.seats.values() if not seat.teaches}
    for key in sorted(teaching, key=lambda key: people[key].line):
        _note_teacher(context, people[key], learns=key in learning)


def _note_teacher(context: Context, person: Person, *, learns: bool) -> None:
    if person.roles is None:
        return
    if "student" in person.roles and not learns:
        sentence = _("The role is student, but the person only teaches: taken as a teacher, not as a student.")
    elif not person.roles & TEACHERS:
        sentence = _("The role is not teacher, but the person teaches: taken as a teacher of those classes.")
    else:
        return
    context.warn("users", "teaches_by_enrollment", sentence, person.line, "role")


def _student(context: Context, key: str, user: User, class_id: str | None) -> dict[str, Any]:
    """What the row says; names and pronouns typed by hand stay where it says nothing."""
    person, found = context.roster.people[key], context.known.students.get(key)
    values: dict[str, Any] = {
        "sourced_id": key,
        "given_name": person.given_name,
        "family_name": person.family_name,
    }
    if school := school_of(context, person, class_id):
        values |= {"district_id": school.parent_id, "school_id": school.pk}
    if not (found and (found.merged_into_id or _comes_in_otherwise(context, key))):
        values |= {"user_id": user.pk}
    if found and found.left_on and found.left_on < context.day:
        values |= {"left_on": None}
    said = {
        "grade": person.grade,
        "preferred_name": person.preferred_name or None,
        "pronouns": person.pronouns or None,
        "born_on": context.roster.births.get(key),
    }
    return values | {name: value for name, value in said.items() if value is not None}


# Students entered before the roster knew them


def _adopt(context: Context, wanted: dict[str, dict[str, Any]], ours: dict[str, Student]) -> dict[str, Student]:
    """Provisional records that fit one new row alone: school, names, and birth dates that do not contradict."""
    schools = {values["school_id"] for values in wanted.values() if "school_id" in values}
    rows = Student.objects.unmerged().filter(is_provisional=True, source=None, user=None, school__in=schools)
    waiting: dict[tuple[int, str], list[Student]] = defaultdict(list)
    for row in rows:
        waiting[row.school_id, _name_key(row.given_name, row.family_name)].append(row)
    if not waiting:
        return {}
    fits: dict[str, list[Student]] = {}
    fitting: dict[int, list[str]] = defaultdict(list)
    for key, values in wanted.items():
        fits[key] = _fitting(values, waiting)
        for row in fits[key]:
            fitting[row.pk].append(key)
    adopted = (
        {key: rows[0] for key, rows in fits.items() if key not in ours and len(rows) == len(fitting[rows[0].pk]) == 1}
        if any(fits.values())
        else {}
    )
    _tell_adopted(context, len(adopted))
    return adopted


def _fitting(values: dict[str, Any], waiting: dict[tuple[int, str], list[Student]]) -> list[Student]:
    if "school_id" not in values:
        return []
    name = values["school_id"], _name_key(values["given_name"], values["family_name"])
    return [row for row in waiting.get(name, ()) if _may_be(row.born_on, values.get("born_on"))]


def _may_be(born: date | None, other: date | None) -> bool:
    return born is None or other is None or born == other


def _name_key(given_name: str, family_name: str) -> str:
    return sort_key(f"{family_name} {given_name}")


def _tell_adopted(context: Context, count: int) -> None:
    if count:
        sentence = ngettext(
            "{count} student who was entered by hand is now the one of the roster.",
            "{count} students who were entered by hand are now those of the roster.",
            count,
        )
        context.warn("users", "provisional_adopted", sentence.format(count=count))


# Guardians


def write_guardianships(context: Context, users: dict[str, User], students: dict[str, Student]) -> None:
    """Each guardian whom a student names, or who names a student.

    The roster owns the dates of its own guardianships: one it no longer names ends, one it names again is open
    again. To close a record to somebody whom the roster names, ``is_restricted`` is set by hand; no file changes it.
    """
    pairs = _pairs(context, users, students)
    by_pair = {(row.guardian_id, row.student_id): row for row in _there(context)}
    found = {pair: row for pair, row in by_pair.items() if row.source_id == context.source.pk}
    wanted = {
        pair: values | _related(found.get(pair), word)
        for pair, (values, word) in pairs.items()
        if pair in found or pair not in by_pair
    }
    counts = context.report.count("guardianships")
    write_rows(model=Guardianship, source=context.source, found=found, wanted=wanted, counts=counts)
    speaking = _speaking(context, users, students)
    gone = [row for pair, row in found.items() if pair not in wanted and speaking(pair)]
    end_rows(model=Guardianship, rows=gone, last_day=context.last_day_before, counts=counts)


def _there(context: Context) -> Iterable[Guardianship]:
    return Guardianship.objects.filter(Q(guardian__source=context.source) | Q(source=context.source))


def _related(found: Guardianship | None, word: str) -> dict[str, str]:
    """The word of the role, unless somebody typed a better one."""
    if not word or (found and found.relationship and found.relationship not in GUARDIANS):
        return {}
    return {"relationship": word}


def kept_id(student: Student) -> int:
    """The record that speaks for the student."""
    return student.merged_into_id or student.pk


def _pairs(
    context: Context, users: dict[str, User], students: dict[str, Student]
) -> dict[Ward, tuple[dict[str, Any], str]]:
    """What each guardianship is, and the word for it."""
    pairs: dict[Ward, tuple[dict[str, Any], str]] = {}
    for key, person in context.roster.people.items():
        for agent in person.agents or ():
            if agent not in users:
                continue  # complained about
            for guardian, student in ((agent, key), (key, agent)):
                if student in students and (word := _word(context, guardian)) is not None:
                    values = _guardianship(users[guardian], students[student])
                    pairs[values["guardian_id"], values["student_id"]] = values, word
                    break
            else:
                sentence = _("The person named is no guardian, parent or relative; this was passed over.")
                context.warn("users", "agent_not_a_guardian", sentence, person.line, "agentSourcedIds")
    return pairs


def _word(context: Context, key: str) -> str | None:
    """How somebody is related, "" when it is not said; None when they are nobody's guardian."""
    person = context.roster.people.get(key)
    if person is None or person.roles is None:
        return None if key in context.known.students else ""
    return min(person.roles & GUARDIANS, key=["parent", "guardian", "relative"].index, default=None)


def _guardianship(guardian: User, student: Student) -> dict[str, Any]:
    return {
        "sourced_id": guardian.sourced_id,
        "district_id": student.district_id,
        "guardian_id": guardian.pk,
        "student_id": kept_id(student),
        "ends_on": None,
    }


def _speaking(context: Context, users: dict[str, User], students: dict[str, Student]) -> Callable[[Ward], bool]:
    """Whether the files say of a pair that it is no more, since they do not name it.

    Nothing is said by a roster without agents, nor about somebody who is left out; and of changes alone, only
    somebody who names others, without this one, says something.
    """
    people = context.roster.people
    rows = context.bundle.rows.get("users")
    if rows is None or not any(person.agents is not None for person in people.values()):
        return lambda pair: False
    naming = {key for key, person in people.items() if person.agents}
    said = people.keys() if rows.is_bulk else naming
    silent = {users[key].pk for key in rows.left_out() if key in users}
    unknown = {kept_id(students[key]) for key in rows.left_out() if key in students}
    adults = {users[key].pk for key in said if key in users}
    children = {kept_id(students[key]) for key in said if key in students}

    def speaks(pair: Ward) -> bool:
        guardian, student = pair
        return guardian not in silent and student not in unknown and (guardian in adults or student in children)

    return speaks
