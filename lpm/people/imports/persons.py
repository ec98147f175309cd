"""users.csv and demographics.csv: people, students, and who is whose guardian.

A role in a file never becomes a role here: rights over a school or district are granted by a person who holds them
(``grant_role``), and a password comes from its owner. An administrator in users.csv is somebody who may sign in.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from lpm.people.enums import OrganizationKind
from lpm.people.imports.context import Context
from lpm.people.imports.roster import Person
from lpm.people.models import Guardianship, Organization, Student, User
from lpm.people.services import end_rows, free_usernames, write_rows

GUARDIANS = {"guardian", "parent", "relative"}
TEACHERS = {"teacher"}


# Users


def write_users(context: Context) -> dict[str, User]:
    found = {row.sourced_id: row for row in User.objects.filter(source=context.source)}
    _check_usernames(context, found)
    context.notes.stop_if_refusing()
    wanted = {key: _user(context, key, person) for key, person in context.roster.people.items()}
    return write_rows(
        model=User,
        source=context.source,
        found=found,
        wanted=wanted,
        counts=context.report.count("users"),
        prepare=User.set_unusable_password,
    )


def _user(context: Context, key: str, person: Person) -> dict[str, Any]:
    values = {
        "sourced_id": key,
        "username": person.username,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "is_active": person.is_active,
        "organization_id": _home(context, person).pk,
    }
    return values if person.email is None else values | {"email": person.email}


def _home(context: Context, person: Person) -> Organization:
    """The school they belong to most; or the district."""
    place = context.places[person.orgs[0]] if person.orgs else context.organization
    return place.parent or place if place.kind == OrganizationKind.TEAM else place


def _check_usernames(context: Context, found: dict[str, User]) -> None:
    """Sign-in names are unique in the whole of Cairn, ignoring case. People of the roster may exchange theirs."""
    people = context.roster.people
    taken = {row.username.lower(): key for key, row in found.items()}
    names = [person.username.lower() for person in people.values()]
    others = User.objects.exclude(source=context.source).annotate(lower=Lower("username"))
    foreign = set(others.filter(lower__in=names).values_list("lower", flat=True))
    yielding = []
    for key, person in people.items():
        holder = taken.get(person.username.lower(), key)
        if person.username.lower() in foreign or (holder != key and holder not in people):
            sentence = _("The user name is already that of somebody else.")
            context.refuse("users", "username_taken", sentence, person.line, "username")
        elif holder != key:
            yielding.append(found[holder])
    free_usernames(users=yielding)


# Students


def write_students(context: Context, users: dict[str, User]) -> dict[str, Student]:
    """The students, by the sourcedId of their user. One that was tied to the user by hand is used as it stands."""
    rows = Student.objects.filter(Q(source=context.source) | Q(user__source=context.source)).select_related("user")
    found: dict[str, Student] = {}
    others: dict[str, Student] = {}
    for row in rows:
        if row.source_id == context.source.pk:
            found[row.sourced_id] = row
        elif row.user:
            others[row.user.sourced_id] = row
    keys = [key for key in student_ids(context) if key not in others]
    classes = {seat.user_id: seat.class_id for seat in context.roster.seats.values()}
    wanted = {key: values for key in keys if (values := _student(context, key, users[key], classes.get(key)))}
    return others | write_rows(
        model=Student,
        source=context.source,
        found=found,
        wanted=wanted,
        counts=context.report.count("students"),
    )


def student_ids(context: Context) -> list[str]:
    """The users who are students: their role says so, and they do not just teach.

    Some exporters give everybody the role of a student: what somebody does in a class decides.
    """
    teaching = {seat.user_id for seat in context.roster.seats.values() if seat.teaches}
    learning = {seat.user_id for seat in context.roster.seats.values() if not seat.teaches}
    for key in sorted(teaching, key=lambda key: context.roster.people[key].line):
        _note_teacher(context, context.roster.people[key], learns=key in learning)
    return [
        key
        for key, person in context.roster.people.items()
        if "student" in person.roles and (key in learning or key not in teaching)
    ]


def _note_teacher(context: Context, person: Person, *, learns: bool) -> None:
    if "student" in person.roles and not learns:
        sentence = _("The role is student, but the person only teaches: taken as a teacher, not as a student.")
    elif not person.roles & TEACHERS:
        sentence = _("The role is not teacher, but the person teaches: taken as a teacher of those classes.")
    else:
        return
    context.warn("users", "teaches_by_enrollment", sentence, person.line, "role")


def _student(context: Context, key: str, user: User, class_id: str | None) -> dict[str, Any] | None:
    person = context.roster.people[key]
    school = _school(context, person, class_id)
    if school is None:
        column = "orgSourcedIds" if context.roster.version == "1.1" else "primaryOrgSourcedId"
        context.refuse("users", "student_without_school", _("The student belongs to no school."), person.line, column)
        return None
    values = {
        "sourced_id": key,
        "district_id": school.parent_id,
        "school_id": school.pk,
        "user_id": user.pk,
        "given_name": person.given_name,
        "family_name": person.family_name,
    }
    said = {"grade": person.grade, "preferred_name": person.preferred_name or None, "born_on": person.born_on}
    return values | {name: value for name, value in said.items() if value is not None}


def _school(context: Context, person: Person, class_id: str | None) -> Organization | None:
    """The first school they belong to; else the one where they are in a class."""
    schools = [school for org in person.orgs if (school := context.school(org))]
    if schools or class_id is None:
        return schools[0] if schools else None
    return context.school(context.roster.classes[class_id].school)


# Guardians


def write_guardianships(context: Context, users: dict[str, User], students: dict[str, Student]) -> None:
    """Each guardian whom a student names, or who names a student.

    The roster owns the dates of its own guardianships: one it no longer names ends, one it names again is open
    again. To close a record to somebody whom the roster names, ``is_restricted`` is set by hand; no file changes it.
    """
    pairs = _pairs(context, users, students)
    rows = list(Guardianship.objects.filter(student__in=[student.pk for student in students.values()]))
    by_pair = {(row.guardian_id, row.student_id): row for row in rows}
    found = {pair: row for pair, row in by_pair.items() if row.source_id == context.source.pk}
    others = by_pair.keys() - found.keys()
    wanted = {
        (guardian.pk, student.pk): {
            "sourced_id": guardian.sourced_id,
            "district_id": student.district_id,
            "guardian_id": guardian.pk,
            "student_id": student.pk,
            "ends_on": None,
        }
        for guardian, student in pairs
        if (guardian.pk, student.pk) not in others
    }
    counts = context.report.count("guardianships")
    write_rows(model=Guardianship, source=context.source, found=found, wanted=wanted, counts=counts)
    if any(person.agents is not None for person in context.roster.people.values()):
        gone = [row for pair, row in found.items() if pair not in wanted]
        end_rows(model=Guardianship, rows=gone, last_day=context.last_day_before, counts=counts)


def _pairs(context: Context, users: dict[str, User], students: dict[str, Student]) -> list[tuple[User, Student]]:
    pairs: dict[tuple[str, str], tuple[User, Student]] = {}
    for key, person in context.roster.people.items():
        for agent in person.agents or ():
            for guardian, student in ((agent, key), (key, agent)):
                if student in students and context.roster.people[guardian].roles & GUARDIANS:
                    pairs[guardian, student] = users[guardian], students[student]
                    break
            else:
                sentence = _("The person named is no guardian, parent or relative; this was passed over.")
                context.warn("users", "agent_not_a_guardian", sentence, person.line, "agentSourcedIds")
    return list(pairs.values())


def note_absent(context: Context, model: type[Any], there: Collection[Any], code: str, sentence: str) -> None:
    """Say how many rows of the source the roster no longer holds; they stay as they are."""
    ours = sum(1 for row in there if row.source_id == context.source.pk)
    count = model.objects.filter(source=context.source).count() - ours
    if there and count:
        context.notes.warn(code, sentence.format(count=count))
