"""Somebody of whom there is a great deal to erase."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.apps import apps
from django.urls import reverse

from lpm.audit.services import record_entry, record_views
from lpm.people.models import (
    Badge,
    Erasure,
    Guardianship,
    Household,
    Invitation,
    Student,
    StudentMerge,
    User,
)
from lpm.people.services.erasure import (
    erase_person,
)
from lpm.people.services.stays import settle_stays
from students.mastery.services import record_mark
from tests.world import World, enroll

REASON = "request of the family"


def mark(world: World, student: Student, day: date, level: str = "3.0") -> None:
    record_mark(
        uuid=uuid4(),
        recorder=world.teacher,
        student=student,
        target=world.targets[0],
        level=Decimal(level),
        performed_on=day,
        day=day,
        group=world.own.group,
    )


@pytest.fixture
def known(world, school_day):
    """A student of whom everything there is is known, with a record that was merged into theirs."""
    own = world.own
    absorbed = enroll(own.group, given_name="Amara", family_name="Again")
    for student in (own.student, absorbed, Student.objects.get(user=world.classmate)):
        mark(world, student, school_day)
    settle_stays(student_ids=[own.student.pk, absorbed.pk], day=school_day)
    Student.objects.filter(pk=absorbed.pk).update(merged_into=own.student)
    StudentMerge.objects.create(district=own.district, student=own.student, absorbed=absorbed, merged_by=world.office)
    alone, shared = (Household.objects.create(district=own.district, label=label) for label in ("one", "two"))
    alone.students.add(own.student)
    shared.students.add(own.student, Student.objects.get(user=world.classmate))
    for home, digest in ((alone, "a"), (shared, "b")):
        Invitation.objects.create(household=home, digest=digest, made_by=world.office, expires_on=school_day)
    Guardianship.objects.filter(student=own.student, guardian=world.guardian).update(household=alone)
    Badge.objects.create(user=world.student, digest="c", made_by=world.teacher, expires_on=school_day)
    record_views(
        viewer_id=world.teacher.pk,
        students=[(one.uuid, one.district_id, "TEACHER") for one in (own.student, absorbed)],
        page="topic",
        day=school_day,
    )
    record_entry(actor_id=world.student.pk, action="people.sign_in", subject_uuid=world.student.uuid)
    return world


def everything() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def erase(world: World, day: date, **changes) -> Erasure:
    given = {"person": world.own.student, "actor": world.privacy_officer, "reason": REASON, "day": day}
    erasure = erase_person(**{**given, **changes})
    assert erasure is not None
    return erasure


GONE = {
    "audit.RecordView": 2,
    "mastery.AreaMastery": 2,
    "mastery.Assessment": 2,
    "mastery.Judgement": 2,
    "mastery.MasteryState": 2,
    "mastery.TopicMastery": 2,
    "people.Badge": 1,
    "people.Caseload": 3,
    "people.Enrollment": 2,
    "people.Guardianship": 4,
    "people.Household": 1,
    "people.SchoolStay": 2,
    "people.Student": 2,
    "people.StudentMerge": 1,
    "people.User": 1,
}


def address(one: Student | User) -> str:
    return reverse("people:person-erase", kwargs={"person": one.uuid})
