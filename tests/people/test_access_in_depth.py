"""The policy, evaluated: for each action everybody who may do it, at each place; and that the rules fit it.

A change of the policy, of a rule or of the world of the tests shows in the difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from curriculum.models import Framework
from lpm.people import access
from lpm.people.models import (
    Caseload,
    Group,
    Household,
    Organization,
    Student,
    User,
)
from lpm.people.policy import POLICY, Action, Relation
from tests.people.access_tables import GROUPS, STUDENTS, Table, names
from tests.people.access_tables_of_places import DISTRICTS, FRAMEWORKS, SCHOOLS
from tests.routes.common import PLACES
from tests.world import World


def places_of(world: World, kind: str) -> dict[str, int]:
    """The rows of a table by place."""
    found = {place: getattr(world.places[place], kind).pk for place in PLACES}
    if kind == "student":
        return found | {"grown": Student.objects.get(user=world.grown_student).pk}
    return {place: found[place] for place in ("own", "other_district")} if kind in {"district", "framework"} else found


def evaluate(
    world: World, kind: str, model: type[Any], day: Any, actions: Iterable[Action] = tuple(Action)
) -> dict[str, dict[str, set[str]]]:
    """Action and place to everybody who may do it there."""
    places = places_of(world, kind)
    found: dict[str, dict[str, set[str]]] = {}
    for action in actions:
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
    assert evaluate(world, kind, model, school_day) == told(table)


def test_everybody_may_do_with_a_curriculum_what_the_table_says(world, school_day):
    assert evaluate(world, "framework", Framework, school_day, FRAMEWORKS) == told(FRAMEWORKS)


def told(table: Table) -> dict[str, dict[str, set[str]]]:
    return {action.name: {place: names(words) for place, words in places.items()} for action, places in table.items()}


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
    "people.ApiToken": "reached through the person",
    "people.Badge": "reached through the person",
    "notices.NoticeChoice": "a person's own",
    "notices.NoticePerson": "a person's own",
    "notices.Delivery": "reached through the person it goes to",
    "threads.Message": "reached through the thread",
    "threads.MessageTranslation": "reached through the message",
    "mastery.GridView": "reached through its owner, or the school that gives it to its teachers",
    "mastery.Seminar": "reached through the group",
    "mastery.ShowingSession": "reached through the group",
    "curriculum.FrameworkAdoption": "reached through the organization that uses it, or the framework",
    "curriculum.FrameworkWriter": "reached through the framework",
    "curriculum.Change": "reached through the revision",
    "curriculum.Crosswalk": "reached through the revision",
    "curriculum.RevisionTrial": "reached through the revision",
    "curriculum.Translation": "reached through the framework",
    "curriculum.Wording": "reached through the school or the class whose words they are",
}


def says_personal(model: type[models.Model]) -> bool:
    said = " ".join((model.__doc__ or "").split())
    return "Personal data:" in said and "Personal data: none" not in said


def test_each_model_with_personal_data_has_a_door():
    ours = [model for model in apps.get_models() if says_personal(model)]
    without = {m._meta.label for m in ours if not hasattr(getattr(m, "objects", None), "visible_to")}

    assert {Student, Household, Caseload, User} <= set(ours)
    assert without - set(REACHED_OTHERWISE) == set()
