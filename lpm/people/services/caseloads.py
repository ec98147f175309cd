"""Whose caseload a student is on, and how much of the student that opens."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lpm.audit.services import record_entry
from lpm.people.enums import CaseloadKind, CaseloadScope
from lpm.people.models import Caseload, Student, User
from lpm.people.policy import Action
from lpm.people.queries.students import staff_of
from lpm.people.services.roles import WrongDates


class NotStaff(Exception):
    """Only staff of the student's district have a caseload."""


class OnCaseload(Exception):
    """The student is on this caseload in these days already."""


@transaction.atomic
def add_caseload(
    *,
    student: Student,
    manager: User,
    kind: CaseloadKind,
    scope: CaseloadScope,
    starts_on: date,
    ends_on: date | None,
    actor: User | None,
    day: date,
) -> Caseload:
    """Put the student on somebody's caseload, both days included.

    Raises NotStaff, OnCaseload, WrongDates, PermissionDenied.
    """
    _check_permitted(student, actor, day)
    if actor == manager and scope == CaseloadScope.RECORD:
        check_sees(student, manager, day)
    if ends_on and ends_on < starts_on:
        raise WrongDates(f"{ends_on} lies before {starts_on}.")
    if not staff_of(student.district_id).filter(pk=manager.pk).exists():
        raise NotStaff
    ahead = Q(starts_on__isnull=True) | Q(starts_on__lte=ends_on or date.max)
    behind = Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)
    if Caseload.objects.filter(ahead, behind, student=student, manager=manager, kind=kind).exists():
        raise OnCaseload
    row = Caseload.objects.create(
        district_id=student.district_id,
        student=student,
        manager=manager,
        kind=kind,
        scope=scope,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    _record("people.add_caseload", row, actor)
    return row


@transaction.atomic
def end_caseload(*, caseload: Caseload, last_day: date, actor: User | None, day: date) -> None:
    """``last_day`` is the last on which it opens the student; the day before it began says that it never did.

    Raises WrongDates, PermissionDenied.
    """
    _check_permitted(caseload.student, actor, day)
    if caseload.starts_on and last_day < caseload.starts_on - timedelta(days=1):
        raise WrongDates(f"{last_day} lies before {caseload.starts_on}.")
    caseload.ends_on = last_day
    caseload.save(update_fields=["ends_on"])
    _record("people.end_caseload", caseload, actor)


def check_sees(student: Student, actor: User, day: date) -> None:
    """Nobody opens a record to themselves. Raises PermissionDenied."""
    if not Student.objects.visible_to(actor, Action.VIEW_STUDENT, day).filter(pk=student.pk).exists():
        raise PermissionDenied(_("Somebody else has to open this record to you."))


def _check_permitted(student: Student, actor: User | None, day: date) -> None:
    if actor is None:
        return
    if not Student.objects.visible_to(actor, Action.MANAGE_STUDENT, day).filter(pk=student.pk).exists():
        raise PermissionDenied(_("You may not change this student."))


def _record(action: str, row: Caseload, actor: User | None) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=row.student.uuid,
        district_id=row.district_id,
        caseload=str(row.uuid),
        manager=str(row.manager.uuid),
    )
