"""Erasing from the shell, and the records that are old enough."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from lpm.people.models import (
    Erasure,
    PeopleSettings,
    Student,
)
from lpm.people.queries.privacy import find_expired, years_before
from lpm.people.signals import students_erasing
from tests.people.erasure import REASON, known
from tests.world import World

__all__ = ["known"]


def test_the_command_says_first_and_erases_when_told(known):
    uuid = str(known.own.student.uuid)
    out = StringIO()
    call_command("erase_person", uuid, stdout=out)
    assert "people.Student 2" in out.getvalue()
    assert Student.objects.filter(uuid=uuid).exists()

    with pytest.raises(CommandError, match="--reason"):
        call_command("erase_person", uuid, "--erase", stdout=out)
    call_command("erase_person", uuid, "--erase", "--reason", REASON, stdout=out)

    assert not Student.objects.filter(uuid=uuid).exists()
    with pytest.raises(CommandError, match="nobody"):
        call_command("erase_person", uuid, stdout=out)


def test_the_command_says_why_it_does_not(known):
    absorbed = Student.objects.get(merged_into=known.own.student)
    with pytest.raises(CommandError, match="merged"):
        call_command("erase_person", str(absorbed.uuid), "--erase", "--reason", REASON, stdout=StringIO())

    receivers, students_erasing.receivers = students_erasing.receivers, []
    students_erasing.sender_receivers_cache.clear()
    try:
        with pytest.raises(CommandError, match=r"mastery\.Assessment"):
            call_command("erase_person", str(known.own.student.uuid), "--erase", "--reason", REASON, stdout=StringIO())
    finally:
        students_erasing.receivers = receivers
        students_erasing.sender_receivers_cache.clear()


def left(world: World, student: Student, day: date) -> None:
    Student.objects.filter(pk=student.pk).update(left_on=day)


@pytest.fixture
def old(world, school_day):
    PeopleSettings.objects.create(organization=world.own.district, valid_from=school_day, retention_years=7)
    left(world, world.own.student, date(2019, 11, 18))
    left(world, world.other_class.student, date(2019, 11, 19))  # seven years ago to the day: not longer
    left(world, world.other_school.student, date(2010, 6, 1))
    left(world, world.other_district.student, date(2010, 6, 1))  # nobody there has set a time
    return world


def test_those_who_left_longer_ago_than_records_are_kept(old, school_day):
    schools = [place.school for place in old.places.values()]

    found = find_expired(list({school.pk: school for school in schools}.values()), school_day)

    assert set(found) == {old.own.student, old.other_school.student}


def test_a_year_before_a_leap_day():
    assert years_before(date(2028, 2, 29), 1) == date(2027, 2, 28)
    assert years_before(date(2028, 2, 29), 4) == date(2024, 2, 29)


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--dry-run", "--erase", "--actor", "privacy_officer"]])
def test_retention_lists_and_changes_nothing(options, old):
    out = StringIO()

    call_command("retention", *options, stdout=out)

    assert set(out.getvalue().split("\n")[:2]) == {str(old.own.student.uuid), str(old.other_school.student.uuid)}
    assert "2 found, nothing changed." in out.getvalue()
    assert "Amara" not in out.getvalue()
    assert Student.objects.filter(pk=old.own.student.pk).exists()


def test_retention_erases_in_the_name_of_a_privacy_officer(old):
    out = StringIO()

    call_command("retention", "--erase", "--actor", "privacy_officer", stdout=out)

    assert "2 erased." in out.getvalue()
    assert not Student.objects.filter(pk__in=[old.own.student.pk, old.other_school.student.pk]).exists()
    assert Student.objects.filter(pk__in=[old.other_class.student.pk, old.other_district.student.pk]).count() == 2
    assert {one.erased_by for one in Erasure.objects.all()} == {old.privacy_officer}


def test_retention_erases_in_nobody_elses_name(old):
    for options in (["--erase"], ["--erase", "--actor", "nobody"]):
        with pytest.raises(CommandError, match="in whose name"):
            call_command("retention", *options, stdout=StringIO())
    with pytest.raises(CommandError, match="may not"):
        call_command("retention", "--erase", "--actor", "administrator", stdout=StringIO())

    assert Student.objects.filter(pk=old.own.student.pk).exists()
