from __future__ import annotations

import getpass
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.people.enums import OrganizationKind, Role
from lpm.people.models import RoleGrant, User
from lpm.people.services import create_organization, create_user
from tests.world import PASSWORD


@pytest.fixture
def jo(db, school_day) -> User:
    north = create_organization(kind=OrganizationKind.DISTRICT, name="Northfield District", parent=None)
    return create_user(username="JMoore", given_name="Jo", family_name="Moore", organization=north)


def grants() -> list[tuple[object, ...]]:
    return list(RoleGrant.objects.values_list("user__username", "role", "organization__name", "starts_on", "ends_on"))


def test_grant_role_by_name_holds_from_today(jo, school_day, capsys):
    call_command("grant_role", "jmoore", "administrator", "Northfield District")

    assert grants() == [("JMoore", Role.ADMINISTRATOR, "Northfield District", school_day, None)]
    assert capsys.readouterr().out == "It is done: district administrator of Northfield District.\n"
    assert Entry.objects.get(action="people.grant_role").subject_uuid == jo.uuid


def test_grant_role_by_uuid_holds_on_the_days_given(jo):
    days = ["--from", "2026-09-01", "--until", "2027-06-30"]

    call_command("grant_role", "JMoore", "leader", str(jo.organization.uuid), *days)

    assert grants() == [("JMoore", Role.LEADER, "Northfield District", date(2026, 9, 1), date(2027, 6, 30))]


def test_grant_role_asks_which_of_several_organizations_is_meant(jo):
    for _ in range(2):
        create_organization(kind=OrganizationKind.SCHOOL, name="Hill", parent=jo.organization)

    with pytest.raises(CommandError) as refused:
        call_command("grant_role", "jmoore", "leader", "Hill")

    hills = jo.organization.children.order_by("pk")
    assert str(refused.value).splitlines() == [
        "Several organizations have this name. Give the UUID of one:",
        *(f"{hill.uuid}  school, Northfield District" for hill in hills),
    ]
    assert grants() == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nobody", "leader", "Northfield District"], "Nobody signs in with this name."),
        (["jmoore", "leader", "Southfield"], "There is no organization with this UUID or name."),
        (
            ["jmoore", "leader", "0f9c2f0e-6f7b-4d0a-9a37-5a1e60d0c001"],
            "There is no organization with this UUID or name.",
        ),
        (
            ["jmoore", "leader", "Northfield District", "--from", "2026-09-02", "--until", "2026-09-01"],
            "The last day lies before the first.",
        ),
        (["jmoore", "king", "Northfield District"], "invalid choice: 'king'"),
        (["jmoore", "leader", "Northfield District", "--from", "soon"], "invalid day value: 'soon'"),
    ],
)
def test_grant_role_refuses_with_a_sentence(arguments, sentence, jo):
    with pytest.raises(CommandError) as refused:
        call_command("grant_role", *arguments)

    assert sentence in str(refused.value)
    assert grants() == []


def test_the_first_administrator_gets_a_password_and_comes_in(jo, monkeypatch, client):
    call_command("grant_role", "jmoore", "administrator", "Northfield District")
    monkeypatch.setattr(getpass, "getpass", lambda prompt="": PASSWORD)
    call_command("changepassword", "JMoore")

    response = client.post(reverse("home:sign-in"), {"username": "jmoore", "password": PASSWORD})

    assert response.status_code == 302
    assert client.get(reverse("home:import-list")).status_code == 200
