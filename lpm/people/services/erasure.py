"""The lawful erasure of a person: whole, in one transaction, and for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet
from django.utils import timezone

from lpm.audit.models import Entry, RecordView
from lpm.audit.services import record_entry
from lpm.people.access import in_force
from lpm.people.enums import ImportKind, ImportState, Role
from lpm.people.models import Erasure, Household, ImportRun, Organization, Student, User
from lpm.people.policy import Action
from lpm.people.queries.person import (
    KEPT_WITH_THE_STUDENT,
    Person,
    count_of_student,
    count_of_user,
    empty_households,
    guardians_left_alone,
    holds_fast,
    links_to,
    records_of,
)
from lpm.people.services.privacy import check_may
from lpm.people.services.roles import check_others_administer
from lpm.people.signals import students_erasing

ENDED = [ImportState.REFUSED, ImportState.APPLIED]
NOBODY = "–"  # the name of somebody whose name is gone
TAKEN = "people.take_sign_in"


class NoReason(Exception):
    """Nobody is erased without a reason."""


class PartOfAnother(Exception):
    """The record was merged into another, or the account is a student's: that one is to be erased."""


class StillHeld(Exception):
    """Rows that nobody removed refuse to let the person go; nothing was changed. Names the models."""


class NotAlone(Exception):
    """Somebody to be erased along is no guardian of this student, or has another child or task here."""


@dataclass(frozen=True)
class Preview:
    """What goes (name of the model → rows), whose account stays without a name, and who could go along."""

    counts: dict[str, int]
    is_anonymised: bool
    alone: list[User] = field(default_factory=list)
    run_count: int = 0
    waiting_count: int = 0


def preview_erasure(*, person: Person) -> Preview:
    """What ``erase_person`` would do. Changes nothing."""
    if isinstance(person, User):
        return Preview(count_of_user(person), holds_fast(person))
    records = records_of(person)
    runs = _rosters_of(person.district_id)
    return Preview(
        counts=_counts(records),
        is_anonymised=any(holds_fast(user, with_entries=False) for user in _accounts(records)),
        alone=guardians_left_alone(records),
        run_count=runs.filter(state__in=ENDED).count(),
        waiting_count=runs.exclude(state__in=ENDED).count(),
    )


@transaction.atomic
def erase_person(
    *, person: Person, actor: User | None, reason: str, day: date, along: Collection[UUID] = ()
) -> Erasure | None:
    """Erase a student, or somebody with an account; ``along`` are guardians (uuid) who have nobody else here.

    Raises PermissionDenied, NoReason, PartOfAnother, NotAlone, LastAdministrator and StillHeld; then nothing has
    changed.
    """
    check_may(person, actor, Action.ERASE_PERSON, day)
    if not reason.strip():
        raise NoReason
    district_id = person.district_id
    if isinstance(person, User):
        check_others_administer(list(person.grants.filter(in_force(day), role=Role.ADMINISTRATOR)), day)
    try:
        counts = _erase_student(person, along) if isinstance(person, Student) else _erase_user(person)
    except ProtectedError as error:
        raise StillHeld(", ".join(sorted({row._meta.label for row in error.protected_objects}))) from None
    return _note(district_id, actor, reason, counts)


def _note(district_id: int | None, actor: User | None, reason: str, counts: Counter[str]) -> Erasure | None:
    """That it was done, and how much went; nothing of it says about whom. None for who belonged to no district."""
    erasure = None
    if district_id is not None:
        erasure = Erasure.objects.create(
            district_id=district_id, reason=reason.strip(), counts=dict(sorted(counts.items())), erased_by=actor
        )
    record_entry(
        actor_id=actor.pk if actor else None,
        action="people.erase_person",
        subject_uuid=erasure.uuid if erasure else None,
        district_id=district_id,
        row_count=sum(counts.values()),
    )
    return erasure


# --- a student


def _erase_student(student: Student, along: Collection[UUID]) -> Counter[str]:
    """The records that were merged go first, since they point at the one that was kept."""
    if student.merged_into_id is not None:
        raise PartOfAnother
    records = _lock(student)
    pks = [record.pk for record in records]
    guardians = _alone(records, along)
    accounts = _accounts(records)
    counts = Counter(_counts(records))
    students_erasing.send(sender=Student, student_ids=pks)
    RecordView.objects.filter(student_uuid__in=[record.uuid for record in records]).delete()
    Household.objects.filter(pk__in=list(empty_households(pks).values_list("pk", flat=True))).delete()
    _forget_imports(student.district_id)
    for record in records:
        Student.objects.filter(pk=record.pk).delete()
    for user in accounts:
        if not holds_fast(user, with_entries=False):
            Entry.objects.filter(actor=user).update(actor=None)
        _erase_account(user)
    for guardian in guardians:
        counts += _erase_user(guardian)
    return counts


def _lock(student: Student) -> list[Student]:
    """Whoever records a mark meanwhile waits, and then finds nobody."""
    pks = [record.pk for record in records_of(student)]
    list(Student.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk").values_list("pk"))
    return records_of(student)


def _accounts(records: Collection[Student]) -> list[User]:
    """Those of the records, and those that were taken from them: closed, and nobody's since, but with the name."""
    taken = Entry.objects.filter(action=TAKEN, subject_uuid__in=[record.uuid for record in records])
    uuids = [entry.details["user"] for entry in taken]
    nobodys = User.objects.filter(uuid__in=uuids, student=None, is_active=False).order_by("pk")
    return [*(record.user for record in records if record.user is not None), *nobodys]


def _counts(records: list[Student]) -> dict[str, int]:
    """With the rows of the students' own accounts."""
    counts = Counter(count_of_student(records))
    for user in _accounts(records):
        counts += Counter(count_of_user(user)) + Counter({User._meta.label: 1})
    return dict(sorted(counts.items()))


def _alone(records: list[Student], along: Collection[UUID]) -> list[User]:
    alone = {user.uuid: user for user in guardians_left_alone(records)}
    if set(along) - set(alone):
        raise NotAlone
    return [alone[uuid] for uuid in sorted(set(along))]


def _forget_imports(district_id: int) -> None:
    """Files and reports of rosters that may name the student. Those that still wait are told of in the preview."""
    for run in _rosters_of(district_id).filter(state__in=ENDED).order_by("pk"):
        if run.file:
            transaction.on_commit(_deleter(run.file.storage, run.file.name or ""))
        run.delete()


def _rosters_of(district_id: int) -> QuerySet[ImportRun]:
    """Those of the district, of what is below it, and of a consortium above it."""
    places = Organization.objects.filter(Q(lineage__ancestor=district_id) | Q(below__descendant=district_id))
    return ImportRun.objects.filter(kind=ImportKind.ROSTER, organization__in=places.values("pk"))


def _deleter(storage: Any, name: str) -> Any:
    return lambda: storage.delete(name)


# --- somebody with an account


def _erase_user(user: User) -> Counter[str]:
    if Student.objects.filter(user=user).exists():
        raise PartOfAnother
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    counts = Counter(count_of_user(locked)) + Counter({User._meta.label: 1})
    _erase_account(locked)
    return counts


def _erase_account(user: User) -> None:
    """The row stays, as nobody's, where others need it: a mark belongs to the student who was given it."""
    _end_sign_ins(user)
    if not holds_fast(user):
        User.objects.filter(pk=user.pk).delete()
        return
    for link in links_to(User):
        if link.goes_along and link.label not in KEPT_WITH_THE_STUDENT:
            link.model._base_manager.filter(**{link.name: user}).delete()
    _anonymise(user)


def _anonymise(user: User) -> None:
    user.username, user.email, user.language, user.demo_caption = f"erased-{user.uuid}", "", "", ""
    user.given_name, user.family_name = NOBODY, ""
    user.source, user.sourced_id = None, ""
    user.is_active = user.is_operator = False
    user.last_login = None
    user.set_unusable_password()
    user.save()


def _end_sign_ins(user: User) -> None:
    """Sessions name nobody but by a key inside; there are as many as people signed in within some hours."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            store(session.session_key).delete()
