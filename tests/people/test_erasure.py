"""A person is erased whole or not at all, and nobody else with them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.people.models import (
    Enrollment,
    Household,
    SchoolStay,
    Student,
    User,
)
from lpm.people.services.erasure import (
    NoReason,
    PartOfAnother,
    StillHeld,
    erase_person,
    preview_erasure,
)
from lpm.people.services.merges import merge_students
from lpm.people.services.students import give_sign_in, take_sign_in
from lpm.people.signals import students_erasing
from students.mastery.models import Assessment, Judgement, MasteryState
from tests.people.erasure import GONE, erase, everything, known, mark
from tests.world import DAY, enroll, person

__all__ = ["known"]


def test_everything_about_a_student_goes_and_nothing_of_anybody_else(known, school_day):
    before = everything()
    assert preview_erasure(person=known.own.student).counts == GONE

    erasure = erase(known, school_day)

    after = everything()
    added = {"people.Erasure": 1, "audit.Entry": 1}
    along = {"people.Invitation": 1}  # of the home that is no more
    expected = {
        label: count - GONE.get(label, 0) - along.get(label, 0) + added.get(label, 0) for label, count in before.items()
    }
    assert after == expected
    assert erasure.counts == GONE
    assert {home.label for home in Household.objects.all()} == {"two"}
    classmate = Student.objects.get(user=known.classmate)
    assert set(Assessment.objects.values_list("student", flat=True)) == {classmate.pk}
    assert set(MasteryState.objects.values_list("student", flat=True)) == {classmate.pk}


def test_of_an_erasure_is_noted_that_it_was_and_not_of_whom(known, school_day):
    student = known.own.student

    erasure = erase(known, school_day)

    entry = Entry.objects.get(action="people.erase_person")
    assert (entry.actor, entry.subject_uuid, entry.details) == (
        known.privacy_officer,
        erasure.uuid,
        {"row_count": sum(GONE.values())},
    )
    told = f"{erasure.reason} {erasure.counts} {entry.details}"
    for word in (student.given_name, student.family_name, str(student.uuid)):
        assert word not in told


def test_what_a_student_did_stays_in_the_audit_without_them(known, school_day):
    erase(known, school_day)

    assert Entry.objects.get(action="people.sign_in").actor is None
    assert not User.objects.filter(username="student").exists()


@pytest.mark.django_db(transaction=True)
def test_the_logs_refuse_changes_again_after_an_erasure(school_day):
    from tests.world import build_world

    world = build_world(school_day)
    mark(world, world.own.student, school_day)
    other = Student.objects.get(user=world.classmate)
    mark(world, other, school_day)

    erase(world, school_day)

    assert not Assessment.objects.exclude(student=other).exists()
    for log in (Assessment, Judgement):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            log._base_manager.filter(student=other)._raw_delete("default")
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            log.objects.filter(student=other).update(level=Decimal(1))


def test_when_one_part_fails_nothing_is_erased(known, school_day):
    def fail(**kwargs):
        raise RuntimeError

    before = everything()
    students_erasing.connect(fail)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            erase(known, school_day)
    finally:
        students_erasing.disconnect(fail)

    assert everything() == before


def test_rows_that_nobody_removes_keep_the_student(known, school_day):
    """As if the part that keeps marks did not listen."""
    before = everything()
    receivers, students_erasing.receivers = students_erasing.receivers, []
    students_erasing.sender_receivers_cache.clear()
    try:
        with pytest.raises(StillHeld, match=r"mastery\.Assessment"):
            erase(known, school_day)
    finally:
        students_erasing.receivers = receivers
        students_erasing.sender_receivers_cache.clear()

    assert everything() == before


@pytest.mark.parametrize("name", ["administrator", "leader", "office", "teacher", "operator", "guardian", "student"])
def test_only_a_privacy_officer_erases(name, known, school_day):
    with pytest.raises(PermissionDenied):
        erase(known, school_day, actor=known.people[name])

    assert Student.objects.filter(pk=known.own.student.pk).exists()


def test_a_privacy_officer_erases_nobody_elsewhere(known, school_day):
    with pytest.raises(PermissionDenied):
        erase(known, school_day, person=known.other_district.student)


@pytest.mark.parametrize("reason", ["", "   "])
def test_nobody_is_erased_without_a_reason(reason, known, school_day):
    with pytest.raises(NoReason):
        erase(known, school_day, reason=reason)


def test_a_record_that_was_merged_goes_with_the_one_that_was_kept(known, school_day):
    absorbed = Student.objects.get(merged_into=known.own.student)

    with pytest.raises(PartOfAnother):
        erase(known, school_day, person=absorbed, actor=None)


def test_the_account_of_a_student_goes_with_the_student(known, school_day):
    with pytest.raises(PartOfAnother):
        erase(known, school_day, person=known.student, actor=None)


def test_the_stays_and_seats_of_others_stay(known, school_day):
    others = Enrollment.objects.exclude(student__in=Student.objects.records_of([known.own.student.pk])).count()

    erase(known, school_day)

    assert Enrollment.objects.count() == others
    assert not SchoolStay.objects.exists()
    assert person("new", known.own.school)  # the name of the one who went is free again


def test_an_account_that_was_taken_from_the_student_goes_too(world):
    student = enroll(world.own.group, given_name="Zora", family_name="Nightingale")
    give_sign_in(student=student, username="zora", actor=world.office, day=DAY)
    take_sign_in(student=student, actor=world.office, day=DAY)

    erase_person(person=student, actor=world.privacy_officer, reason="Asked for", day=DAY)

    assert not User.objects.filter(family_name="Nightingale").exists()


def test_the_account_of_a_merged_record_goes_with_the_kept_one_alone(world, as_person):
    absorbed = enroll(world.own.group, given_name="Amara", family_name="Twice")
    account = give_sign_in(student=absorbed, username="twice", actor=None, day=DAY)
    merge_students(kept=world.own.student, absorbed=absorbed, actor=world.administrator, day=DAY)

    page = as_person(world.privacy_officer).get(reverse("people:person-erase", args=[account.uuid]))

    assert page.status_code == 404
