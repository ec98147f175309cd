"""What the first pages of the staff show, in the world of the tests."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from curriculum.models import Target
from lpm.lib.ids import uuid7
from lpm.people.enums import GroupKind, OrganizationKind
from lpm.people.models import Group, Household, Invitation, Organization, Student, User
from lpm.people.services import create_organization
from students.mastery.enums import ProgressDimension
from students.mastery.models import ReadyRequest, SchoolProgress, Seminar, ShowingSession
from students.mastery.services import record_mark
from tests.world import Place, World


def ask(student: Student, target: Target, days_ago: int = 0) -> ReadyRequest:
    """The student waits since then."""
    return ReadyRequest.objects.create(
        district_id=student.district_id,
        student=student,
        target=target,
        done_since="I tried it again.",
        asked_at=timezone.now() - timedelta(days=days_ago),
    )


def mark(recorder: User, student: Student, target: Target, level: str, day: date, **more: Any) -> None:
    record_mark(
        uuid=uuid7(),
        recorder=recorder,
        student=student,
        target=target,
        level=Decimal(level),
        performed_on=day,
        day=day,
        **more,
    )


def add_group(place: Place, name: str, kind: GroupKind = GroupKind.CLASS) -> Group:
    return Group.objects.create(district=place.district, school=place.school, kind=kind, name=name)


def add_session(group: Group, host: User, at: datetime, places: int = 5) -> ShowingSession:
    return ShowingSession.objects.create(
        district_id=group.district_id, group=group, host=host, starts_at=at, place="Room 4", places=places
    )


def add_seminar(place: Place, maker: User, at: datetime, **fields: Any) -> Seminar:
    group = add_group(place, "Seminar on halves", GroupKind.SEMINAR)
    return Seminar.objects.create(group=group, made_by=maker, meets_at=at, place="Library", **fields)


def add_school(district: Organization, name: str) -> Organization:
    return create_organization(kind=OrganizationKind.SCHOOL, name=name, parent=district)


def count(school: Organization, students: int, learned: int = 0, heard: int = 0, waiting: int = 0) -> SchoolProgress:
    """As the task that counts would have left it."""
    now = timezone.now()
    return SchoolProgress.objects.create(
        school=school,
        dimension=ProgressDimension.ALL,
        student_count=students,
        learned_count=learned,
        heard_count=heard,
        waiting_count=waiting,
        met_count=3 * students,
        under_way_count=students,
        day=now.date(),
        made_at=now,
    )


def invite(world: World, student: Student, day: date) -> Invitation:
    home = Household.objects.create(district=world.own.district)
    home.students.add(student)
    return Invitation.objects.create(
        household=home, digest=str(home.uuid), made_by=world.office, expires_on=day + timedelta(days=10)
    )
