"""Guardians whom the office knew already take their account with a code."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lpm.people.enums import Role
from lpm.people.models import Guardianship, Invitation, User
from lpm.people.services.invitations import (
    NotKnown,
    take_over_account,
)
from tests.people.invitations import ACCOUNT, ANEW, code_for, known, offered, typed
from tests.world import DAY, PASSWORD, World, grant, guard, teach

__all__ = ["known"]


def test_a_known_guardian_takes_their_account(known, world: World):
    household, user = known
    household.students.add(world.other_school.student)
    client = Client()
    typed(client, code_for(household, world))
    assert offered(client) == ["M. Diallo", "somebody else"]
    assert "Mariam" not in client.get(ACCOUNT).content.decode()
    before = User.objects.count()

    client.post(
        ACCOUNT, {"person": user.uuid, "password": ANEW["password"], "relationship": "mother", "language": "es"}
    )

    user.refresh_from_db()
    assert (User.objects.count(), user.username, user.check_password(ANEW["password"])) == (before, "mdiallo", True)
    assert set(Guardianship.objects.filter(guardian=user).values_list("student", "relationship", "household")) == {
        (world.other_class.student.pk, "mother", household.pk),
        (world.other_school.student.pk, "mother", household.pk),
    }
    assert Invitation.objects.get().places == 1
    other = Client()
    typed(other, code_for(household, world))
    assert offered(other) == []
    with pytest.raises(NotKnown):
        take_over_account(
            invitation=Invitation.objects.latest("pk"),
            guardian=user,
            username="x",
            password="y",
            language="en",
            relationship="",
            day=DAY,
        )


def test_one_added_by_hand_chooses_a_name(known, world: World):
    household, user = known
    User.objects.filter(pk=user.pk).update(source=None, username="~0123")
    client = Client()
    typed(client, code_for(household, world))
    form = {"person": user.uuid, "password": ANEW["password"], "relationship": "mother", "language": "en"}
    assert set(client.post(ACCOUNT, form).context["form"].errors) == {"username"}
    assert set(client.post(ACCOUNT, form | {"username": "teacher"}).context["form"].errors) == {"username"}

    client.post(ACCOUNT, form | {"username": "mariam"})

    user.refresh_from_db()
    assert user.username == "mariam"


@pytest.mark.parametrize(
    "trouble",
    ["password", "signed in", "closed", "teacher", "role", "other child", "restricted", "over", "not here", "caseload"],
)
def test_nobody_is_offered_who_could_do_more_or_may_not(trouble, known, world: World):
    household, user = known
    row = Guardianship.objects.get(guardian=user)
    if trouble == "password":
        user.set_password(PASSWORD)
        user.save()
    elif trouble == "signed in":
        User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    elif trouble == "closed":
        User.objects.filter(pk=user.pk).update(is_active=False)
    elif trouble == "teacher":
        teach(user, world.other_school.group)
    elif trouble == "role":
        grant(user, world.own.school, Role.OFFICE)
    elif trouble == "other child":
        guard(user, world.other_school.student)
    elif trouble == "restricted":
        household.students.add(world.own.student)
        Guardianship.objects.filter(pk=row.pk).update(is_restricted=True)
    elif trouble == "over":
        household.students.add(world.own.student)
        Guardianship.objects.filter(pk=row.pk).update(ends_on=DAY - timedelta(days=1))
    elif trouble == "not here":
        Guardianship.objects.filter(pk=row.pk).update(household=None)
    else:
        from lpm.people.models import Caseload

        Caseload.objects.create(district=world.own.district, manager=user, student=world.own.student)
    client = Client()
    assert typed(client, code_for(household, world)).status_code == 302

    assert offered(client) == []
    response = client.post(ACCOUNT, ANEW | {"person": user.uuid})
    assert not Guardianship.objects.filter(guardian=user, student=world.own.student).exists()
    assert response["Location"] == reverse("home:home")  # somebody new, for all that the form says
    assert User.objects.filter(username="lena").exists()
