"""The small demo school: made by the importers, the same each time, alive on any day."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse

from lpm.demo.services import PEOPLE, build_school, shifted_roster
from lpm.people.enums import OrganizationKind
from lpm.people.models import Group, Organization, Student, User
from lpm.people.policy import Action
from students.mastery.models import Assessment, Judgement, MasteryState


@pytest.mark.django_db
@pytest.mark.parametrize("today", ["2026-11-21", "2027-07-04", "2031-01-03"])
def test_the_school_is_alive_on_any_day(today):
    with time_machine.travel(f"{today}T15:00:00+00:00"):
        build_school()
        day = date.fromisoformat(today)
        teacher = User.objects.get(username="mthibodeau")

        assert Group.objects.visible_to(teacher, Action.VIEW_GROUP, day).count() == 2
        assert Student.objects.visible_to(teacher, Action.RECORD_MARK, day).count() == 25
        assert Assessment.objects.filter(performed_on__gt=day).count() == 0
        assert Assessment.objects.filter(performed_on__week_day__in=[1, 7]).count() == 0
        assert Assessment.objects.count() == Judgement.objects.count() > 200
        assert MasteryState.objects.filter(is_proficient=True).count() > 50


@pytest.mark.django_db
def test_the_same_day_makes_the_same_school(django_db_blocker):
    def marks():
        rows = Assessment.objects.order_by("pk")
        return list(rows.values_list("student__sourced_id", "target__code", "level", "performed_on"))

    from django.db import transaction

    seen = []
    for _ in range(2):
        with transaction.atomic():
            build_school()
            seen.append(marks())
            transaction.set_rollback(True)

    assert seen[0] == seen[1]


@pytest.mark.django_db
def test_everybody_named_can_sign_in_with_one_click(client):
    build_school()

    for person in PEOPLE:
        user = User.objects.get(username=person.username)
        assert not user.has_usable_password()
        response = client.post(reverse("home:demo-sign-in"), {"person": user.uuid})
        assert (response.status_code, client.session["_auth_user_id"]) == (302, str(user.pk))
        assert client.get(response.url, follow=True).status_code == 200


@pytest.mark.django_db
def test_nobody_else_can(client):
    build_school()
    other = User.objects.filter(demo_caption="").earliest("pk")

    assert client.post(reverse("home:demo-sign-in"), {"person": other.uuid}).status_code == 404
    assert client.post(reverse("home:demo-sign-in"), {"person": "anybody"}).status_code == 404


@pytest.mark.django_db
def test_outside_demo_mode_there_is_no_way_in(client, settings):
    build_school()
    user = User.objects.get(username="mthibodeau")
    settings.DEMO = False

    assert client.post(reverse("home:demo-sign-in"), {"person": user.uuid}).status_code == 404
    assert user.name not in client.get(reverse("home:sign-in")).content.decode()


@pytest.mark.django_db
def test_the_command_makes_it_once(capsys):
    call_command("demo", "--if-empty")
    call_command("demo", "--if-empty")
    call_command("demo", "--people")

    assert Organization.objects.filter(kind=OrganizationKind.DISTRICT).count() == 1
    assert "Marguerite Thibodeau: Teacher of Grades 5 and 6 Math" in capsys.readouterr().out
    with pytest.raises(CommandError, match="There is data already"):
        call_command("demo")


@pytest.mark.django_db
def test_the_command_refuses_outside_demo_mode(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="demo mode only"):
        call_command("demo")

    assert not Organization.objects.exists()


def test_the_roster_moves_by_whole_weeks():
    moved = shifted_roster(date(2027, 11, 22))

    assert b"2027-09-06" in moved["academicSessions.csv"]
    assert b",2028\r\n" in moved["academicSessions.csv"]


def test_with_production_settings_the_route_does_not_exist():
    program = (
        "import django; django.setup()\n"
        "from django.urls import NoReverseMatch, resolve, Resolver404, reverse\n"
        "try: reverse('home:demo-sign-in')\n"
        "except NoReverseMatch: pass\n"
        "else: raise SystemExit('it has an address')\n"
        "try: resolve('/demo-sign-in')\n"
        "except Resolver404: print('no route')\n"
    )
    production = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lpm.settings",
        "LPM_MODE": "production",
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "cairn.example.org",
        "LPM_FILES_ON_DISK": "true",
    }

    ran = subprocess.run([sys.executable, "-c", program], env=production, capture_output=True, text=True, check=False)

    assert ran.stdout == "no route\n", ran.stderr
