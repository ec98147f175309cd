"""Giving a student a sign-in, and taking it."""

from __future__ import annotations

import pytest

from lpm.audit.models import Entry
from lpm.people.enums import Role
from lpm.people.models import RosterSource, Student, User
from lpm.people.services.students import (
    HasSignIn,
    OwnedByRoster,
    UsernameTaken,
    give_sign_in,
    propose_username,
    take_sign_in,
)
from tests.people.students import add, page
from tests.world import DAY, grant, person


def test_a_sign_in_is_given_taken_and_given_again(world, as_person):
    student, client = add(world), as_person(world.office)
    address = page("student-sign-in", student)
    assert 'value="emile.zed"' in client.get(address).content.decode()

    client.post(address, {"username": "emile.zed"})

    user = User.objects.get(username="emile.zed")
    assert Student.objects.get(user=user) == student
    assert (user.organization, user.has_usable_password(), user.is_active) == (world.own.school, False, True)

    client.post(page("student-sign-in-take", student))

    assert Student.objects.get(pk=student.pk).user is None
    assert not User.objects.get(pk=user.pk).is_active
    assert 'value="emile.zed2"' in client.get(address).content.decode()
    actions = Entry.objects.filter(subject_uuid=student.uuid, actor=world.office).values_list("action", flat=True)
    assert set(actions) == {"people.add_student", "people.give_sign_in", "people.take_sign_in"}


def test_a_taken_name_is_told(world, as_person):
    student = add(world)
    with pytest.raises(UsernameTaken):
        give_sign_in(student=student, username="TEACHER", actor=world.office, day=DAY)

    response = as_person(world.office).post(page("student-sign-in", student), {"username": "Teacher"})

    assert response.status_code == 422
    assert "Choose another." in response.content.decode()
    assert as_person(world.office).post(page("student-sign-in", student), {"username": "a b"}).status_code == 422


def test_one_sign_in_is_enough(world, as_person):
    with pytest.raises(HasSignIn):
        give_sign_in(student=world.own.student, username="another", actor=None, day=DAY)

    response = as_person(world.office).post(page("student-sign-in", world.own.student), {"username": "another"})

    assert response.url == page("student-show", world.own.student)
    assert not User.objects.filter(username="another").exists()


def test_an_account_of_the_roster_is_not_taken(world, as_person):
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    User.objects.filter(pk=world.student.pk).update(source=source, sourced_id="u1")
    with pytest.raises(OwnedByRoster):
        take_sign_in(student=world.own.student, actor=world.office, day=DAY)

    as_person(world.office).post(page("student-sign-in-take", world.own.student))

    assert Student.objects.get(pk=world.own.student.pk).user == world.student


def test_taking_a_sign_in_that_is_not_there_does_nothing(world):
    take_sign_in(student=add(world), actor=world.office, day=DAY)

    assert not Entry.objects.filter(action="people.take_sign_in").exists()


@pytest.mark.parametrize(
    ("given", "family", "name"),
    [
        ("Ana María", "de la Cruz", "ana.cruz"),
        ("Zoë", "O’Neil-Ångström", "zoe.oneilangstrom"),
        ("Ming", "", "ming"),
        ("李", "王", "student2"),
        ("Teacher", "", "teacher2"),
    ],
)
def test_a_sign_in_name_is_proposed_in_plain_letters(given, family, name, world):
    assert propose_username(add(world, given_name=given, family_name=family)) == name


def test_names_taken_elsewhere_are_free_here(world):
    User.objects.create(username="emile.zed", given_name="E", family_name="Z", organization=world.other_district.school)

    assert propose_username(add(world)) == "emile.zed"


def test_the_roles_of_somebody_do_not_reach_over_the_fence(world, as_person):
    """A leader of one school who teaches in another changes students of the first alone."""
    client = as_person(world.teacher_here_leader_there)

    assert client.get(page("student-change", world.own.student)).status_code == 404
    assert client.get(page("student-change", world.other_school.student)).status_code == 200
    grant(person("clerk", world.own.district), world.own.school, Role.OFFICE)
    assert client.get(page("student-list", world.own.school)).status_code == 404
