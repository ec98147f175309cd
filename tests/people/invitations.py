"""Codes of letters, and how they are typed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lpm.lib.codes import digest
from lpm.people.models import Household, Invitation, RosterSource, User
from lpm.people.services.invitations import (
    invite_household,
)
from tests.people.test_guardians import home
from tests.world import DAY, World, guard, person

JOIN, ACCOUNT, CONFIRM = (reverse(f"people:{name}") for name in ("join", "join-account", "join-confirm"))
ANEW = {
    "given_name": "Lena",
    "family_name": "Diallo",
    "username": "lena",
    "password": "seven stones by a lake",
    "relationship": "mother",
    "language": "es",
}


def code_for(household: Household, world: World, **fields: Any) -> str:
    actor = world.far_administrator if household.district == world.other_district.district else world.office
    return invite_household(household=household, day=DAY, actor=actor, **fields).letters[0].code


def invitation_of(code: str) -> Invitation:
    return Invitation.objects.get(digest=digest(code))


def typed(client: Client, code: str) -> Any:
    return client.post(JOIN, {"code": code})


@pytest.fixture
def known(world: World) -> tuple[Household, User]:
    """A guardian of a roster who has no password, in a home."""
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    user = person("mdiallo", world.own.district)
    user.given_name, user.family_name, user.source = "Mariam", "Diallo", source
    user.set_unusable_password()
    user.save()
    household = home(world.other_class.student)
    guard(user, world.other_class.student, household=household)
    return household, user


def offered(client: Client) -> list[str]:
    form = client.get(ACCOUNT).context["form"]
    return [label for _key, label in form.fields["person"].choices] if "person" in form.fields else []
