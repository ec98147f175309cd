"""Becoming a guardian with a code."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lpm.audit.models import Entry
from lpm.people.models import Guardianship, Invitation, Student, User
from lpm.people.services.guardians import restrict_guardian
from lpm.people.services.invitations import (
    CodeSpent,
    NameTaken,
    NothingOpens,
    join_anew,
    join_household,
)
from lpm.people.views.join import KEY
from tests.people.invitations import ACCOUNT, ANEW, CONFIRM, JOIN, code_for, invitation_of, typed
from tests.people.test_guardians import home
from tests.world import DAY, PASSWORD, World, person


def test_a_new_account_sees_all_children_of_the_home_and_nobody_else(world: World):
    sibling = world.other_school.student
    household = home(world.own.student, sibling)
    home(world.other_class.student)
    code = code_for(household, world)
    client = Client()
    typed(client, code.lower().replace("-", " "))
    assert "Amara, Amara" in client.get(ACCOUNT).content.decode()

    response = client.post(ACCOUNT, ANEW)

    assert response["Location"] == reverse("home:home")
    user = User.objects.get(username="lena")
    assert (user.organization, user.language, user.check_password(ANEW["password"])) == (
        world.own.district,
        "es",
        True,
    )
    rows = Guardianship.objects.filter(guardian=user)
    assert {(row.student, row.household, row.relationship, row.starts_on) for row in rows} == {
        (world.own.student, household, "mother", DAY),
        (sibling, household, "mother", DAY),
    }
    assert Invitation.objects.get().places == 1
    assert int(client.session["_auth_user_id"]) == user.pk
    assert KEY not in client.session
    open_to = {
        student: client.get(reverse("student:family", args=[student.uuid])).status_code
        for student in (world.own.student, sibling, world.other_class.student)
    }
    assert open_to == {world.own.student: 200, sibling: 200, world.other_class.student: 404}
    assert list(Entry.objects.order_by("pk").values_list("action", "actor", "details"))[-2:] == [
        ("people.join_household", user.pk, {"children": 2}),
        ("people.sign_in", user.pk, {}),
    ]


def test_an_address_is_an_email_too(world: World):
    client = Client()
    typed(client, code_for(home(world.own.student), world))
    client.post(ACCOUNT, ANEW | {"username": "lena@home.example"})

    assert User.objects.get(given_name="Lena").email == "lena@home.example"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", "short"),
        ("password", "Lena Diallo"),
        ("given_name", ""),
        ("username", ""),
        ("username", "a@b"),
        ("username", "~name"),
        ("username", "TEACHER"),
        ("username", "far_teacher"),
        ("relationship", ""),
        ("language", "xx"),
    ],
)
def test_what_does_not_fit_is_said_and_makes_nobody(field, value, world: World):
    client = Client()
    typed(client, code_for(home(world.own.student), world))
    before = User.objects.count()

    response = client.post(ACCOUNT, ANEW | {field: value})

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert (User.objects.count(), Invitation.objects.get().places) == (before, 2)


def test_somebody_with_an_account_joins_also_from_another_district(world: World, as_person):
    household = home(world.other_district.student)
    code = code_for(household, world)
    client = as_person(world.guardian)
    assert typed(client, code)["Location"] == CONFIRM
    assert "Amara" in client.get(CONFIRM).content.decode()
    assert client.post(CONFIRM, {}).status_code == 422

    assert client.post(CONFIRM, {"relationship": "father"})["Location"] == reverse("home:home")

    assert set(Guardianship.objects.filter(guardian=world.guardian).values_list("student", "relationship")) == {
        (world.own.student.pk, ""),
        (world.other_district.student.pk, "father"),
    }
    children = client.get(reverse("student:family", args=[world.other_district.student.uuid])).context["children"]
    assert {child.pk for child in children} == {world.own.student.pk, world.other_district.student.pk}


def test_the_code_is_kept_through_the_sign_in(world: World):
    client = Client()
    typed(client, code_for(home(world.other_class.student), world))
    response = client.post(reverse("home:sign-in"), {"username": "guardian", "password": PASSWORD, "next": CONFIRM})

    assert response["Location"] == CONFIRM
    assert client.get(ACCOUNT)["Location"] == CONFIRM
    assert client.get(CONFIRM).status_code == 200


def test_joining_twice_takes_one_place(world: World):
    invitation = invitation_of(code_for(home(world.other_class.student), world))
    for _n in range(2):
        join_household(invitation=invitation, user=world.guardian, relationship="father", day=DAY)

    assert Invitation.objects.get().places == 1
    assert Guardianship.objects.filter(student=world.other_class.student).count() == 1


def test_two_adults_and_no_third(world: World):
    code = code_for(home(world.other_class.student), world)
    clients = [Client() for _n in range(3)]
    assert {typed(client, code).status_code for client in clients} == {302}

    answers = [client.post(ACCOUNT, ANEW | {"username": f"lena{n}"})["Location"] for n, client in enumerate(clients)]

    assert answers == [reverse("home:home"), reverse("home:home"), JOIN]
    assert set(
        Guardianship.objects.filter(student=world.other_class.student).values_list("guardian__username", flat=True)
    ) == {"lena0", "lena1"}
    assert not User.objects.filter(username="lena2").exists()
    assert typed(Client(), code).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_cannot_both_take_the_last_place(transactional_db, school_day):
    from tests.world import build_world

    world = build_world(school_day)
    invitation = invitation_of(code_for(home(world.other_class.student), world, places=1))
    people = [person(f"rival {n}", world.own.district) for n in range(4)]

    def take(user: User) -> bool:
        try:
            join_household(invitation=invitation, user=user, relationship="", day=DAY)
        except CodeSpent:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, people))

    assert sorted(taken) == [False, False, False, True]
    assert Guardianship.objects.filter(student=world.other_class.student).count() == 1
    assert Invitation.objects.get().places == 0


@pytest.mark.parametrize("name", ["restricted_guardian", "past_guardian", "student"])
def test_no_code_opens_what_the_office_closed(name, world: World, as_person):
    """A code of another home, with a sibling: the sibling opens, the child does not; the child alone opens nothing."""
    student, sibling = world.own.student, world.other_class.student
    user = world.people[name]
    before = set(Guardianship.objects.filter(guardian=user).values_list("pk", "is_restricted", "ends_on"))
    alone = invitation_of(code_for(home(student), world))
    with pytest.raises(NothingOpens):
        join_household(invitation=alone, user=user, relationship="", day=DAY)
    client = as_person(user)
    typed(client, code_for(home(student), world))
    assert client.post(CONFIRM, {"relationship": "father"})["Location"] == reverse("home:home")
    assert set(Guardianship.objects.filter(guardian=user).values_list("pk", "is_restricted", "ends_on")) == before

    both = invitation_of(code_for(home(student, sibling), world))
    join_household(invitation=both, user=user, relationship="", day=DAY)

    rows = set(Guardianship.objects.filter(guardian=user).values_list("pk", "is_restricted", "ends_on"))
    assert before <= rows
    assert len(rows) == len(before) + 1
    family = [client.get(reverse("student:family", args=[one.uuid])).status_code for one in (student, sibling)]
    assert family == [200 if name == "student" else 404, 200]


def test_once_the_office_lifts_it_the_record_is_open(world: World, as_person):
    row = Guardianship.objects.get(guardian=world.restricted_guardian)
    restrict_guardian(guardianship=row, is_restricted=False, day=DAY, actor=world.office)

    address = reverse("student:family", args=[world.own.student.uuid])
    assert as_person(world.restricted_guardian).get(address).status_code == 200


def test_services_of_joining_say_what_is_wrong(world: World):
    invitation = invitation_of(code_for(home(world.other_class.student), world))
    common: dict[str, Any] = {"invitation": invitation, "day": DAY} | ANEW
    with pytest.raises(NameTaken):
        join_anew(**common | {"username": "Teacher"})
    Student.objects.filter(pk=world.other_class.student.pk).update(left_on=DAY - timedelta(days=1))
    with pytest.raises(CodeSpent):
        join_anew(**common)
    Invitation.objects.update(expires_on=DAY - timedelta(days=1))
    with pytest.raises(CodeSpent):
        join_anew(**common)


def test_a_code_that_dies_meanwhile_leads_back(world: World, as_person):
    household = home(world.other_class.student)
    code = code_for(household, world)
    anew, signed_in = Client(), as_person(world.guardian)
    typed(anew, code)
    typed(signed_in, code)
    Invitation.objects.update(revoked_at=timezone.now())

    assert anew.post(ACCOUNT, ANEW)["Location"] == JOIN
    assert signed_in.post(CONFIRM, {"relationship": "father"})["Location"] == JOIN
    assert "does not open anything" in anew.get(JOIN).content.decode()
    assert not User.objects.filter(username="lena").exists()


def test_a_name_is_not_the_email_of_somebody_else(world):
    User.objects.filter(pk=world.administrator.pk).update(email="head@north.example")
    invitation = invitation_of(code_for(home(world.own.student), world))

    with pytest.raises(NameTaken):
        join_anew(invitation=invitation, day=DAY, **ANEW | {"username": "Head@north.example"})

    assert not User.objects.named("head@north.example").exists()
