"""Typing the code of a letter."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from lpm.audit.models import Entry
from lpm.lib.codes import digest, normalise
from lpm.people.models import Guardianship, Invitation, Student
from lpm.people.services.guardians import add_to_household
from lpm.people.services.invitations import (
    invite_household,
)
from lpm.people.views.join import ALARM, KEY, TRIES
from tests.people.invitations import ACCOUNT, JOIN, code_for, typed
from tests.people.test_guardians import home, siblings
from tests.world import DAY, World


def test_wrong_late_used_and_void_codes_get_the_same_sentence(world: World):
    household = home(world.own.student)
    late, void = code_for(household, world), code_for(home(world.own.student), world)
    used = code_for(home(world.own.student), world)
    Invitation.objects.filter(digest=digest(late)).update(expires_on=DAY - timedelta(days=1))
    Invitation.objects.filter(digest=digest(void)).update(revoked_at=timezone.now())
    Invitation.objects.filter(digest=digest(used)).update(places=0)

    pages = {}
    for code in (late, void, used, "AAAA-BBBB-CCCC"):
        response = typed(Client(), code)
        assert response.status_code == 422
        pages[code] = [str(error) for error in response.context["form"].errors["code"]]
    assert len({tuple(said) for said in pages.values()}) == 1
    assert Entry.objects.filter(action="people.join_failed", details={}, actor=None).count() == 4


def test_a_code_dies_with_the_last_day_where_the_school_is(world: World):
    code = code_for(home(world.own.student), world)
    last = DAY + timedelta(days=60)

    with time_machine.travel(f"{last + timedelta(days=1)}T04:30:00+00:00"):  # half past eleven in the evening there
        assert typed(Client(), code).status_code == 302
    with time_machine.travel(f"{last + timedelta(days=1)}T05:30:00+00:00"):
        assert typed(Client(), code).status_code == 422


@pytest.mark.parametrize("gone", ["left", "grown", "merged", "moved"])
def test_a_code_dies_when_the_child_is_gone(gone, world: World):
    student = world.own.student
    household = home(student)
    code = code_for(household, world)
    assert typed(Client(), code).status_code == 302

    if gone == "left":
        Student.objects.filter(pk=student.pk).update(left_on=DAY - timedelta(days=1))
    elif gone == "grown":
        Student.objects.filter(pk=student.pk).update(born_on=DAY - timedelta(days=19 * 366))
    elif gone == "merged":
        Student.objects.filter(pk=student.pk).update(merged_into=Student.objects.get(given_name="Ben"))
    else:
        household.students.clear()

    assert typed(Client(), code).status_code == 422


def test_codes_die_when_another_child_moves_in(world: World):
    household = home(world.own.student)
    code = code_for(household, world)

    add_to_household(household=household, student=world.other_class.student, day=DAY, actor=world.office)

    assert typed(Client(), code).status_code == 422


def test_too_many_wrong_codes_close_the_door_to_that_address_alone(world: World):
    code = code_for(home(world.own.student), world)
    for _n in range(TRIES):
        assert typed(Client(), "AAAA-BBBB-CCCC").status_code == 422

    assert typed(Client(), "AAAA-BBBB-CCCC").status_code == 429
    assert typed(Client(), code).status_code == 429  # or guessing could go on
    assert typed(Client(REMOTE_ADDR="10.0.0.2"), code).status_code == 302


def test_a_family_evening_at_one_address_is_not_stopped(world: World):
    code = code_for(home(world.own.student), world)

    assert {typed(Client(), code).status_code for _n in range(3 * TRIES)} == {302}
    assert {typed(Client(), "").status_code for _n in range(3 * TRIES)} == {422}


def test_guessing_from_everywhere_raises_the_alarm_once(world: World):
    for n in range(ALARM + 5):
        typed(Client(REMOTE_ADDR=f"10.0.{n % 250}.{n // 250 + 1}"), "AAAA-BBBB-CCCC")

    assert Entry.objects.filter(action="people.join_alarm").count() == 1
    assert Entry.objects.filter(action="people.join_failed").count() == ALARM + 4


def test_the_code_stands_in_no_address_and_no_session(world: World):
    client = Client()
    code = code_for(home(world.own.student), world)
    response = typed(client, code)

    assert response["Location"] == ACCOUNT
    assert set(client.session[KEY]) == {"invitation", "at"}
    assert normalise(code) not in normalise(str(dict(client.session)))


def test_half_an_hour_later_the_code_is_typed_again(world: World):
    client = Client()
    typed(client, code_for(home(world.own.student), world))
    assert client.get(ACCOUNT).status_code == 200

    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert client.get(ACCOUNT)["Location"] == JOIN


def test_a_code_opens_no_child_from_whom_somebody_at_home_is_restricted(world):
    children = siblings(world)
    ada, bo = children["Ada"], children["Bo"]
    household = home(ada, bo)
    father = Guardianship.objects.get(guardian__username="father", student=ada)
    father.household = household
    father.save()
    Guardianship.objects.filter(guardian__username="father", student=bo).update(is_restricted=True)

    assert invite_household(household=household, day=DAY, actor=world.office).letters[0].children == [ada]
