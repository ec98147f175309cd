"""The policy, evaluated: for each action everybody who may do it, at each place; and the edges of each relation.

The tables hold whole sets. A change of the policy, of a rule or of the world of the tests shows in the difference.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from lpm.people import access
from lpm.people.enums import CaseloadKind, CaseloadScope, GroupKind, Role, StaffRole
from lpm.people.models import (
    Caseload,
    Enrollment,
    Group,
    Household,
    OperatorSession,
    Organization,
    RoleGrant,
    Staffing,
    Student,
    User,
)
from lpm.people.policy import POLICY, Action, Relation
from tests.routes.common import PLACES
from tests.world import World, enroll, grant, person, teach

Table = dict[Action, dict[str, str]]  # place to the people's names, with a word for those who often come together

TOGETHER = {
    "TEACHERS": "teacher co_teacher teacher_here_leader_there teacher_from_afar",
    "FAMILY": "student guardian guardian_from_nowhere",
    "HEADS": "leader administrator",
    "LOOKING": "privacy_officer operator",
}

STUDENTS: Table = {
    Action.VIEW_STUDENT: {
        "own": "TEACHERS FAMILY HEADS LOOKING case_manager counselor substitute",
        "other_class": "HEADS LOOKING",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator far_teacher",
        "grown": "TEACHERS HEADS LOOKING grown_student guardian_allowed substitute",
    },
    Action.RECORD_MARK: {
        "own": "TEACHERS",
        "other_district": "far_teacher",
        "grown": "TEACHERS",
    },
    Action.ADD_EVIDENCE: {
        "own": "TEACHERS school_teacher",
        "other_class": "TEACHERS school_teacher",
        "other_district": "far_teacher",
        "grown": "TEACHERS school_teacher",
    },
    Action.VIEW_PROFILE: {
        "own": "TEACHERS FAMILY HEADS LOOKING case_manager counselor narrow_caseload office substitute",
        "other_class": "HEADS LOOKING office",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator far_teacher",
        "grown": "TEACHERS HEADS LOOKING grown_student guardian_allowed office substitute",
    },
    Action.VIEW_CONTACTS: {
        "own": "TEACHERS HEADS case_manager counselor office privacy_officer",
        "other_class": "HEADS office privacy_officer",
        "other_school": "administrator privacy_officer teacher_here_leader_there",
        "other_district": "far_administrator far_teacher",
        "grown": "TEACHERS HEADS office privacy_officer",
    },
    Action.MANAGE_STUDENT: {
        "own": "HEADS office",
        "other_class": "HEADS office",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator",
        "grown": "HEADS office",
    },
    Action.ENROLL_STUDENT: {
        "own": "TEACHERS HEADS office",
        "other_class": "HEADS office",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator far_teacher",
        "grown": "TEACHERS HEADS office",
    },
    Action.VIEW_ACCESS: {
        "own": "FAMILY HEADS privacy_officer",
        "other_class": "HEADS privacy_officer",
        "other_school": "administrator privacy_officer teacher_here_leader_there",
        "other_district": "far_administrator",
        "grown": "HEADS grown_student guardian_allowed privacy_officer",
    },
    Action.VIEW_ACCESS_IN_FULL: {
        "own": "privacy_officer",
        "other_class": "privacy_officer",
        "other_school": "privacy_officer",
        "grown": "privacy_officer",
    },
    Action.ALLOW_GUARDIANS: {
        "own": "student",
        "grown": "grown_student",
    },
    Action.EXPORT_PERSON: {
        "own": "privacy_officer",
        "other_class": "privacy_officer",
        "other_school": "privacy_officer",
        "grown": "privacy_officer",
    },
    Action.ERASE_PERSON: {
        "own": "privacy_officer",
        "other_class": "privacy_officer",
        "other_school": "privacy_officer",
        "grown": "privacy_officer",
    },
    Action.VIEW_GROUP: {
        "own": "TEACHERS HEADS LOOKING substitute",
        "other_class": "HEADS LOOKING",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator far_teacher",
        "grown": "TEACHERS HEADS LOOKING substitute",
    },
    Action.MANAGE_GROUP: {
        "own": "TEACHERS HEADS office",
        "other_class": "HEADS office",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator far_teacher",
        "grown": "TEACHERS HEADS office",
    },
    Action.VIEW_SCHOOL: {
        "own": "HEADS LOOKING office",
        "other_class": "HEADS LOOKING office",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator",
        "grown": "HEADS LOOKING office",
    },
    Action.VIEW_DIRECTORY: {
        "own": "HEADS LOOKING office",
        "other_class": "HEADS LOOKING office",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator",
        "grown": "HEADS LOOKING office",
    },
    Action.CREATE_GROUP: {
        "own": "TEACHERS HEADS office school_teacher",
        "other_class": "TEACHERS HEADS office school_teacher",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator far_teacher",
        "grown": "TEACHERS HEADS office school_teacher",
    },
    Action.MANAGE_ORGANIZATION: {
        "own": "administrator",
        "other_class": "administrator",
        "other_school": "administrator",
        "other_district": "far_administrator",
        "grown": "administrator",
    },
    Action.MANAGE_STAFF: {
        "own": "HEADS",
        "other_class": "HEADS",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator",
        "grown": "HEADS",
    },
    Action.GRANT_ROLE: {
        "own": "administrator",
        "other_class": "administrator",
        "other_school": "administrator",
        "other_district": "far_administrator",
        "grown": "administrator",
    },
    Action.ROLL_OVER: {
        "own": "HEADS",
        "other_class": "HEADS",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator",
        "grown": "HEADS",
    },
    Action.VIEW_AUDIT: {
        "own": "administrator privacy_officer",
        "other_class": "administrator privacy_officer",
        "other_school": "administrator privacy_officer",
        "other_district": "far_administrator",
        "grown": "administrator privacy_officer",
    },
    Action.VIEW_CURRICULUM: {
        "own": "operator",
        "other_class": "operator",
        "other_school": "operator",
        "grown": "operator",
    },
    Action.IMPORT_CURRICULUM: {
        "own": "administrator curriculum_lead",
        "other_class": "administrator curriculum_lead",
        "other_school": "administrator curriculum_lead",
        "other_district": "far_administrator",
        "grown": "administrator curriculum_lead",
    },
    Action.IMPORT_ROSTER: {
        "own": "administrator",
        "other_class": "administrator",
        "other_school": "administrator",
        "other_district": "far_administrator",
        "grown": "administrator",
    },
    Action.EXPORT_ROSTER: {
        "own": "administrator",
        "other_class": "administrator",
        "other_school": "administrator",
        "other_district": "far_administrator",
        "grown": "administrator",
    },
    Action.RUN_IMPORT: {
        "own": "administrator curriculum_lead",
        "other_class": "administrator curriculum_lead",
        "other_school": "administrator curriculum_lead",
        "other_district": "far_administrator",
        "grown": "administrator curriculum_lead",
    },
}
GROUPS: Table = {
    Action.VIEW_STUDENT: {
        "own": "TEACHERS HEADS LOOKING substitute",
        "other_class": "HEADS LOOKING",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator far_teacher",
    },
    Action.RECORD_MARK: {
        "own": "TEACHERS",
        "other_district": "far_teacher",
    },
    Action.ADD_EVIDENCE: {
        "own": "TEACHERS",
        "other_district": "far_teacher",
    },
    Action.VIEW_PROFILE: {
        "own": "TEACHERS HEADS LOOKING office substitute",
        "other_class": "HEADS LOOKING office",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator far_teacher",
    },
    Action.VIEW_CONTACTS: {
        "own": "TEACHERS HEADS office privacy_officer",
        "other_class": "HEADS office privacy_officer",
        "other_school": "administrator privacy_officer teacher_here_leader_there",
        "other_district": "far_administrator far_teacher",
    },
    Action.MANAGE_STUDENT: {
        "own": "HEADS office",
        "other_class": "HEADS office",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.ENROLL_STUDENT: {
        "own": "TEACHERS HEADS office",
        "other_class": "HEADS office",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator far_teacher",
    },
    Action.VIEW_ACCESS: {
        "own": "HEADS privacy_officer",
        "other_class": "HEADS privacy_officer",
        "other_school": "administrator privacy_officer teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.VIEW_ACCESS_IN_FULL: {
        "own": "privacy_officer",
        "other_class": "privacy_officer",
        "other_school": "privacy_officer",
    },
    Action.EXPORT_PERSON: {
        "own": "privacy_officer",
        "other_class": "privacy_officer",
        "other_school": "privacy_officer",
    },
    Action.ERASE_PERSON: {
        "own": "privacy_officer",
        "other_class": "privacy_officer",
        "other_school": "privacy_officer",
    },
    Action.VIEW_GROUP: {
        "own": "TEACHERS HEADS LOOKING substitute",
        "other_class": "HEADS LOOKING",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator far_teacher",
    },
    Action.MANAGE_GROUP: {
        "own": "TEACHERS HEADS office",
        "other_class": "HEADS office",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator far_teacher",
    },
    Action.VIEW_SCHOOL: {
        "own": "HEADS LOOKING office",
        "other_class": "HEADS LOOKING office",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.VIEW_DIRECTORY: {
        "own": "HEADS LOOKING office",
        "other_class": "HEADS LOOKING office",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.CREATE_GROUP: {
        "own": "HEADS office",
        "other_class": "HEADS office",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.MANAGE_ORGANIZATION: {
        "own": "administrator",
        "other_class": "administrator",
        "other_school": "administrator",
        "other_district": "far_administrator",
    },
    Action.MANAGE_STAFF: {
        "own": "HEADS",
        "other_class": "HEADS",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.GRANT_ROLE: {
        "own": "administrator",
        "other_class": "administrator",
        "other_school": "administrator",
        "other_district": "far_administrator",
    },
    Action.ROLL_OVER: {
        "own": "HEADS",
        "other_class": "HEADS",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.VIEW_AUDIT: {
        "own": "administrator privacy_officer",
        "other_class": "administrator privacy_officer",
        "other_school": "administrator privacy_officer",
        "other_district": "far_administrator",
    },
    Action.VIEW_CURRICULUM: {
        "own": "operator",
        "other_class": "operator",
        "other_school": "operator",
    },
    Action.IMPORT_CURRICULUM: {
        "own": "administrator curriculum_lead",
        "other_class": "administrator curriculum_lead",
        "other_school": "administrator curriculum_lead",
        "other_district": "far_administrator",
    },
    Action.IMPORT_ROSTER: {
        "own": "administrator",
        "other_class": "administrator",
        "other_school": "administrator",
        "other_district": "far_administrator",
    },
    Action.EXPORT_ROSTER: {
        "own": "administrator",
        "other_class": "administrator",
        "other_school": "administrator",
        "other_district": "far_administrator",
    },
    Action.RUN_IMPORT: {
        "own": "administrator curriculum_lead",
        "other_class": "administrator curriculum_lead",
        "other_school": "administrator curriculum_lead",
        "other_district": "far_administrator",
    },
}
SCHOOLS: Table = {
    Action.VIEW_STUDENT: {
        "own": "HEADS LOOKING",
        "other_class": "HEADS LOOKING",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.ADD_EVIDENCE: {
        "own": "TEACHERS school_teacher",
        "other_class": "TEACHERS school_teacher",
        "other_district": "far_teacher",
    },
    Action.VIEW_PROFILE: {
        "own": "HEADS LOOKING office",
        "other_class": "HEADS LOOKING office",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.VIEW_CONTACTS: {
        "own": "HEADS office privacy_officer",
        "other_class": "HEADS office privacy_officer",
        "other_school": "administrator privacy_officer teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.MANAGE_STUDENT: {
        "own": "HEADS office",
        "other_class": "HEADS office",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.ENROLL_STUDENT: {
        "own": "HEADS office",
        "other_class": "HEADS office",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.VIEW_ACCESS: {
        "own": "HEADS privacy_officer",
        "other_class": "HEADS privacy_officer",
        "other_school": "administrator privacy_officer teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.VIEW_ACCESS_IN_FULL: {
        "own": "privacy_officer",
        "other_class": "privacy_officer",
        "other_school": "privacy_officer",
    },
    Action.EXPORT_PERSON: {
        "own": "privacy_officer",
        "other_class": "privacy_officer",
        "other_school": "privacy_officer",
    },
    Action.ERASE_PERSON: {
        "own": "privacy_officer",
        "other_class": "privacy_officer",
        "other_school": "privacy_officer",
    },
    Action.VIEW_GROUP: {
        "own": "HEADS LOOKING",
        "other_class": "HEADS LOOKING",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.MANAGE_GROUP: {
        "own": "HEADS office",
        "other_class": "HEADS office",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.VIEW_SCHOOL: {
        "own": "HEADS LOOKING office",
        "other_class": "HEADS LOOKING office",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.VIEW_DIRECTORY: {
        "own": "HEADS LOOKING office",
        "other_class": "HEADS LOOKING office",
        "other_school": "LOOKING administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.CREATE_GROUP: {
        "own": "TEACHERS HEADS office school_teacher",
        "other_class": "TEACHERS HEADS office school_teacher",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator far_teacher",
    },
    Action.MANAGE_ORGANIZATION: {
        "own": "administrator",
        "other_class": "administrator",
        "other_school": "administrator",
        "other_district": "far_administrator",
    },
    Action.MANAGE_STAFF: {
        "own": "HEADS",
        "other_class": "HEADS",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.GRANT_ROLE: {
        "own": "administrator",
        "other_class": "administrator",
        "other_school": "administrator",
        "other_district": "far_administrator",
    },
    Action.ROLL_OVER: {
        "own": "HEADS",
        "other_class": "HEADS",
        "other_school": "administrator teacher_here_leader_there",
        "other_district": "far_administrator",
    },
    Action.VIEW_AUDIT: {
        "own": "administrator privacy_officer",
        "other_class": "administrator privacy_officer",
        "other_school": "administrator privacy_officer",
        "other_district": "far_administrator",
    },
    Action.VIEW_CURRICULUM: {
        "own": (
            "TEACHERS FAMILY HEADS LOOKING case_manager classmate counselor curriculum_lead grown_student "
            "guardian_allowed guardian_of_grown narrow_caseload office past_guardian past_leader "
            "past_substitute past_teacher restricted_guardian school_teacher substitute"
        ),
        "other_class": (
            "TEACHERS FAMILY HEADS LOOKING case_manager classmate counselor curriculum_lead grown_student "
            "guardian_allowed guardian_of_grown narrow_caseload office past_guardian past_leader "
            "past_substitute past_teacher restricted_guardian school_teacher substitute"
        ),
        "other_school": (
            "LOOKING administrator curriculum_lead guardian guardian_allowed guardian_of_grown past_guardian "
            "restricted_guardian teacher_here_leader_there"
        ),
        "other_district": "far_administrator far_teacher teacher_from_afar",
    },
    Action.IMPORT_CURRICULUM: {
        "own": "administrator curriculum_lead",
        "other_class": "administrator curriculum_lead",
        "other_school": "administrator curriculum_lead",
        "other_district": "far_administrator",
    },
    Action.IMPORT_ROSTER: {
        "own": "administrator",
        "other_class": "administrator",
        "other_school": "administrator",
        "other_district": "far_administrator",
    },
    Action.EXPORT_ROSTER: {
        "own": "administrator",
        "other_class": "administrator",
        "other_school": "administrator",
        "other_district": "far_administrator",
    },
    Action.RUN_IMPORT: {
        "own": "administrator curriculum_lead",
        "other_class": "administrator curriculum_lead",
        "other_school": "administrator curriculum_lead",
        "other_district": "far_administrator",
    },
}
DISTRICTS: Table = {
    Action.VIEW_STUDENT: {
        "own": "LOOKING administrator",
        "other_district": "far_administrator",
    },
    Action.VIEW_PROFILE: {
        "own": "LOOKING administrator",
        "other_district": "far_administrator",
    },
    Action.VIEW_CONTACTS: {
        "own": "administrator privacy_officer",
        "other_district": "far_administrator",
    },
    Action.MANAGE_STUDENT: {
        "own": "administrator",
        "other_district": "far_administrator",
    },
    Action.ENROLL_STUDENT: {
        "own": "administrator",
        "other_district": "far_administrator",
    },
    Action.VIEW_ACCESS: {
        "own": "administrator privacy_officer",
        "other_district": "far_administrator",
    },
    Action.VIEW_ACCESS_IN_FULL: {
        "own": "privacy_officer",
    },
    Action.EXPORT_PERSON: {
        "own": "privacy_officer",
    },
    Action.ERASE_PERSON: {
        "own": "privacy_officer",
    },
    Action.VIEW_GROUP: {
        "own": "LOOKING administrator",
        "other_district": "far_administrator",
    },
    Action.MANAGE_GROUP: {
        "own": "administrator",
        "other_district": "far_administrator",
    },
    Action.VIEW_SCHOOL: {
        "own": "LOOKING administrator",
        "other_district": "far_administrator",
    },
    Action.VIEW_DIRECTORY: {
        "own": "LOOKING administrator",
        "other_district": "far_administrator",
    },
    Action.CREATE_GROUP: {
        "own": "administrator",
        "other_district": "far_administrator",
    },
    Action.MANAGE_ORGANIZATION: {
        "own": "administrator",
        "other_district": "far_administrator",
    },
    Action.MANAGE_STAFF: {
        "own": "administrator",
        "other_district": "far_administrator",
    },
    Action.GRANT_ROLE: {
        "own": "administrator",
        "other_district": "far_administrator",
    },
    Action.ROLL_OVER: {
        "own": "administrator",
        "other_district": "far_administrator",
    },
    Action.VIEW_AUDIT: {
        "own": "administrator privacy_officer",
        "other_district": "far_administrator",
    },
    Action.VIEW_CURRICULUM: {
        "own": (
            "TEACHERS FAMILY HEADS LOOKING case_manager classmate counselor curriculum_lead grown_student "
            "guardian_allowed guardian_of_grown narrow_caseload office past_guardian past_leader "
            "past_substitute past_teacher restricted_guardian school_teacher substitute"
        ),
        "other_district": "far_administrator far_teacher teacher_from_afar",
    },
    Action.IMPORT_CURRICULUM: {
        "own": "administrator curriculum_lead",
        "other_district": "far_administrator",
    },
    Action.IMPORT_ROSTER: {
        "own": "administrator",
        "other_district": "far_administrator",
    },
    Action.EXPORT_ROSTER: {
        "own": "administrator",
        "other_district": "far_administrator",
    },
    Action.RUN_IMPORT: {
        "own": "administrator curriculum_lead",
        "other_district": "far_administrator",
    },
}

# Actions that a page does to a student; those on groups and organizations are looked up on these.
ABOUT_STUDENTS = {
    Action.VIEW_STUDENT,
    Action.RECORD_MARK,
    Action.ADD_EVIDENCE,
    Action.VIEW_PROFILE,
    Action.VIEW_CONTACTS,
    Action.MANAGE_STUDENT,
    Action.ENROLL_STUDENT,
    Action.VIEW_ACCESS,
    Action.VIEW_ACCESS_IN_FULL,
    Action.ALLOW_GUARDIANS,
    Action.EXPORT_PERSON,
    Action.ERASE_PERSON,
}


def names(words: str) -> set[str]:
    return {name for word in words.split() for name in TOGETHER.get(word, word).split()}


def places_of(world: World, kind: str) -> dict[str, int]:
    """The rows of a table by place."""
    found = {place: getattr(world.places[place], kind).pk for place in PLACES}
    if kind == "student":
        return found | {"grown": Student.objects.get(user=world.grown_student).pk}
    return {place: found[place] for place in ("own", "other_district")} if kind == "district" else found


def evaluate(world: World, kind: str, model: type[Any], day: Any) -> dict[str, dict[str, set[str]]]:
    """Action and place to everybody who may do it there."""
    places = places_of(world, kind)
    found: dict[str, dict[str, set[str]]] = {}
    for action in Action:
        for name, user in world.people.items():
            seen = set(model.objects.visible_to(user, action, day).values_list("pk", flat=True))
            for place in (place for place, pk in places.items() if pk in seen):
                found.setdefault(action.name, {}).setdefault(place, set()).add(name)
    return found


@pytest.mark.parametrize(
    ("kind", "model", "table"),
    [
        ("student", Student, STUDENTS),
        ("group", Group, GROUPS),
        ("school", Organization, SCHOOLS),
        ("district", Organization, DISTRICTS),
    ],
)
def test_everybody_may_do_what_the_table_says_and_nothing_else(kind, model, table, world, school_day):
    expected = {
        action.name: {place: names(words) for place, words in places.items()} for action, places in table.items()
    }

    assert evaluate(world, kind, model, school_day) == expected


# --- the policy and the rules fit together


def models_with_rules() -> dict[type[models.Model], access.Rules]:
    found = {model: getattr(model._default_manager.all(), "rules", None) for model in apps.get_models()}
    return {model: rules for model, rules in found.items() if rules}


def test_each_relation_of_the_policy_has_a_rule_somewhere():
    with_rules = {relation for rules in models_with_rules().values() for relation in rules}

    assert with_rules == set(Relation)


def test_each_relation_that_opens_a_record_has_a_rule_for_students():
    """A relation that the policy names for a record, and that no rule explains, would open nothing, silently."""
    assert POLICY[Action.VIEW_STUDENT] - set(access.STUDENT_RULES) == set()
    assert POLICY[Action.VIEW_GROUP] - set(access.GROUP_RULES) == set()
    assert POLICY[Action.VIEW_SCHOOL] - set(access.ORGANIZATION_RULES) == set()


# What holds personal data and has no ``visible_to``, and why nobody needs one.
REACHED_OTHERWISE = {
    "audit.Entry": "read on the audit page of an organization that the reader may read it of",
    "audit.RecordView": "read on the page of a student whose looks the reader may see",
    "people.Invitation": "reached through the household",
    "people.Staffing": "reached through the group",
    "people.OperatorSession": "read on the audit page; an operator sees their own",
    "people.Badge": "reached through the person",
}


def says_personal(model: type[models.Model]) -> bool:
    said = " ".join((model.__doc__ or "").split())
    return "Personal data:" in said and "Personal data: none" not in said


def test_each_model_with_personal_data_has_a_door():
    ours = [model for model in apps.get_models() if says_personal(model)]
    without = {m._meta.label for m in ours if not hasattr(getattr(m, "objects", None), "visible_to")}

    assert {Student, Household, Caseload, User} <= set(ours)
    assert without - set(REACHED_OTHERWISE) == set()


# --- windows around enrollments


def sees(user: User, student: Student, day: Any, action: Action = Action.VIEW_STUDENT) -> bool:
    return Student.objects.visible_to(user, action, day).filter(pk=student.pk).exists()


@pytest.mark.parametrize(
    ("opens", "closes", "days", "expected"),
    [
        (30, 14, -31, False),
        (30, 14, -30, True),
        (30, 14, 34, True),
        (30, 14, 35, False),
        (7, 60, -8, False),
        (7, 60, -7, True),
        (7, 60, 80, True),
        (7, 60, 81, False),
        (0, 0, -1, False),
        (0, 0, 0, True),
        (0, 0, 20, True),
        (0, 0, 21, False),
    ],
)
def test_the_window_is_the_one_of_the_school(opens, closes, days, expected, world, school_day):
    """An enrollment of 21 days, counted from its first; as the district has it."""
    Organization.objects.filter(pk=world.own.school.pk).update(opens_before=opens, closes_after=closes)
    Enrollment.objects.filter(student=world.own.student).update(
        starts_on=school_day, ends_on=school_day + timedelta(days=20)
    )

    for name in ("teacher", "co_teacher"):
        assert sees(world.people[name], world.own.student, school_day + timedelta(days=days)) is expected


def test_the_window_of_another_school_does_not_count(world, school_day):
    Organization.objects.exclude(pk=world.own.school.pk).update(closes_after=100)
    Enrollment.objects.filter(student=world.own.student).update(ends_on=school_day - timedelta(days=15))

    assert not sees(world.teacher, world.own.student, school_day)


def test_a_student_in_two_groups_is_open_to_the_teachers_of_each_in_its_own_days(world, school_day):
    teacher_of_other = person("other", world.own.school)
    teach(teacher_of_other, world.other_class.group)
    seat = Enrollment.objects.create(
        district=world.own.district, group=world.other_class.group, student=world.own.student
    )
    assert sees(teacher_of_other, world.own.student, school_day)

    Enrollment.objects.filter(pk=seat.pk).update(ends_on=school_day - timedelta(days=15))

    assert not sees(teacher_of_other, world.own.student, school_day)
    assert sees(world.teacher, world.own.student, school_day)


def test_a_teacher_of_one_group_and_a_seat_in_another_do_not_add_up(world, school_day):
    """The group of the seat and the group that is taught must be one."""
    teach(world.stranger, world.other_class.group)

    assert not sees(world.stranger, world.own.student, school_day)


# --- caseloads


@pytest.mark.parametrize(
    ("kind", "relation"),
    [
        (CaseloadKind.CASE_MANAGER, "CASE_MANAGER"),
        (CaseloadKind.LANGUAGE_TEACHER, "CASE_MANAGER"),
        (CaseloadKind.COUNSELOR, "COUNSELOR"),
        (CaseloadKind.THERAPIST, "COUNSELOR"),
    ],
)
@pytest.mark.parametrize("scope", CaseloadScope)
def test_a_caseload_opens_what_its_scope_says(kind, relation, scope, world, school_day):
    Caseload.objects.create(
        district=world.own.district, student=world.own.student, manager=world.stranger, kind=kind, scope=scope
    )
    is_whole = scope == CaseloadScope.RECORD

    assert sees(world.stranger, world.own.student, school_day) is is_whole
    assert sees(world.stranger, world.own.student, school_day, Action.VIEW_PROFILE)
    assert sees(world.stranger, world.own.student, school_day, Action.VIEW_CONTACTS) is is_whole
    assert not sees(world.stranger, world.other_class.student, school_day, Action.VIEW_PROFILE)
    found = Student.objects.with_relation(world.stranger, Action.VIEW_STUDENT, school_day)
    row: Any = found.get(pk=world.own.student.pk)
    assert row.relation == (relation if is_whole else "")


@pytest.mark.parametrize(("days", "expected"), [(-1, False), (0, True), (5, True), (6, False)])
def test_a_caseload_lasts_from_its_first_to_its_last_day(days, expected, world, school_day):
    Caseload.objects.filter(manager=world.case_manager).update(
        starts_on=school_day, ends_on=school_day + timedelta(days=5)
    )

    assert sees(world.case_manager, world.own.student, school_day + timedelta(days=days)) is expected


# --- substitutes


@pytest.mark.parametrize(("days", "expected"), [(-1, False), (0, True), (1, False)])
def test_a_substitute_has_the_days_named_and_no_window(days, expected, world, school_day):
    assert sees(world.substitute, world.own.student, school_day + timedelta(days=days)) is expected


def test_a_substitute_has_the_groups_named_and_no_mark_to_give(world, school_day):
    teach(
        world.substitute, world.other_class.group, role=StaffRole.SUBSTITUTE, starts_on=school_day, ends_on=school_day
    )
    groups = Group.objects.visible_to(world.substitute, Action.VIEW_GROUP, school_day)

    assert set(groups) == {world.own.group, world.other_class.group}
    assert sees(world.substitute, world.other_class.student, school_day)
    assert not sees(world.substitute, world.own.student, school_day, Action.RECORD_MARK)
    assert not sees(world.substitute, world.own.student, school_day, Action.VIEW_CONTACTS)


def test_a_substitute_sees_no_student_who_left_the_group(world, school_day):
    Enrollment.objects.filter(student=world.own.student).update(ends_on=school_day - timedelta(days=1))

    assert not sees(world.substitute, world.own.student, school_day)


# --- evidence by any teacher of the school


def test_a_teacher_of_the_school_adds_evidence_for_all_its_students_and_sees_no_record(world, school_day):
    adds = Student.objects.visible_to(world.school_teacher, Action.ADD_EVIDENCE, school_day)
    of_school = Student.objects.filter(school=world.own.school)

    assert of_school.count() == 4
    assert set(adds) == set(of_school)
    for action in ABOUT_STUDENTS - {Action.ADD_EVIDENCE}:
        assert not Student.objects.visible_to(world.school_teacher, action, school_day).exists()


@pytest.mark.parametrize("role", [StaffRole.TEACHER, StaffRole.CO_TEACHER, StaffRole.SUBSTITUTE])
def test_only_who_teaches_there_now_is_a_teacher_of_the_school(role, world, school_day):
    Staffing.objects.filter(user=world.school_teacher).update(role=role, ends_on=school_day)
    later = school_day + timedelta(days=1)
    is_teacher = role != StaffRole.SUBSTITUTE

    assert sees(world.school_teacher, world.own.student, school_day, Action.ADD_EVIDENCE) is is_teacher
    assert not sees(world.school_teacher, world.own.student, later, Action.ADD_EVIDENCE)


# --- roles


def test_the_office_knows_who_a_student_is_and_no_level(world, school_day):
    student = world.own.student
    may = {action for action in ABOUT_STUDENTS if sees(world.office, student, school_day, action)}

    assert may == {Action.VIEW_PROFILE, Action.VIEW_CONTACTS, Action.MANAGE_STUDENT, Action.ENROLL_STUDENT}
    assert not Group.objects.visible_to(world.office, Action.VIEW_GROUP, school_day).exists()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("days", "expected"), [(-1, False), (0, True), (3, True), (4, False)])
def test_a_role_lasts_from_its_first_to_its_last_day(role, days, expected, world, school_day):
    grant(world.stranger, world.own.district, role, starts_on=school_day, ends_on=school_day + timedelta(days=3))
    day = school_day + timedelta(days=days)
    given = {action for action in Action if Student.objects.visible_to(world.stranger, action, day).exists()}

    assert bool(given) is expected


def test_a_role_over_a_school_reaches_down_and_never_up_or_aside(world, school_day):
    RoleGrant.objects.filter(user=world.privacy_officer).update(organization=world.other_school.school)
    seen = Student.objects.visible_to(world.privacy_officer, Action.ERASE_PERSON, school_day)

    assert set(seen) == {world.other_school.student}
    assert set(Organization.objects.visible_to(world.privacy_officer, Action.VIEW_AUDIT, school_day)) == {
        world.other_school.school
    }


# --- operators


def test_an_operator_sees_while_a_session_is_open_and_that_district_alone(world, school_day):
    sessions = OperatorSession.objects.filter(operator=world.operator)
    assert sees(world.operator, world.own.student, school_day)
    assert not sees(world.operator, world.other_district.student, school_day)

    sessions.update(ends_at=timezone.now())

    assert not sees(world.operator, world.own.student, school_day)


def test_a_session_that_has_not_begun_opens_nothing(world, school_day):
    begin = timezone.now() + timedelta(minutes=5)
    OperatorSession.objects.filter(operator=world.operator).update(starts_at=begin, ends_at=begin + timedelta(hours=1))

    assert not sees(world.operator, world.own.student, school_day)


def test_a_session_of_somebody_who_is_no_operator_any_more_opens_nothing(world, school_day):
    world.operator.is_operator = False

    assert not sees(world.operator, world.own.student, school_day)


def test_an_operator_only_looks(world, school_day):
    may = {a for a in ABOUT_STUDENTS if Student.objects.visible_to(world.operator, a, school_day).exists()}

    assert may == {Action.VIEW_STUDENT, Action.VIEW_PROFILE}


# --- records that were merged


def test_a_record_merged_into_another_is_seen_by_nobody(world, school_day):
    absorbed = enroll(world.own.group, given_name="Amara", family_name="Again")
    assert sees(world.teacher, absorbed, school_day)

    Student.objects.filter(pk=absorbed.pk).update(merged_into=world.own.student)

    assert not any(sees(user, absorbed, school_day) for user in world.people.values())


def test_a_group_of_another_kind_is_no_other_door(world, school_day):
    seminar = Group.objects.create(
        district=world.own.district, school=world.own.school, kind=GroupKind.ADVISORY, name="Oak"
    )
    teach(world.stranger, seminar)
    Enrollment.objects.create(district=world.own.district, group=seminar, student=world.own.student)

    assert sees(world.stranger, world.own.student, school_day)
