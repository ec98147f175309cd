"""What people decide about their own record, and what is taken out of the system."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from lpm.audit.services import record_entry
from lpm.people.models import Guardianship, Student, User
from lpm.people.policy import Action
from lpm.people.queries.person import Person
from lpm.people.queries.privacy import of_age, read_choices


@transaction.atomic
def allow_guardians(*, student: Student, actor: User, allowed: Collection[UUID], day: date) -> int:
    """Let those guardians (by the uuid of their guardianship) go on seeing the record, and nobody else's.

    Counts at once. Only the student decides, and only once of age. Returns how many changed. Raises PermissionDenied.
    """
    mine = Student.objects.visible_to(actor, Action.ALLOW_GUARDIANS, day).filter(pk=student.pk)
    if not of_age(mine, day).exists():
        raise PermissionDenied
    choices = read_choices(student, day)
    Guardianship.objects.select_for_update().filter(pk__in=[one.pk for one in choices]).count()
    changed = [one for one in choices if one.student_allows != (one.uuid in allowed)]
    for one in changed:
        one.student_allows = not one.student_allows
    Guardianship.objects.bulk_update(changed, ["student_allows"])
    record_entry(
        actor_id=actor.pk,
        action="people.allow_guardians",
        subject_uuid=student.uuid,
        district_id=student.district_id,
        allowed=[str(one.uuid) for one in changed if one.student_allows],
        withdrawn=[str(one.uuid) for one in changed if not one.student_allows],
    )
    return len(changed)


@transaction.atomic
def note_export(*, person: Person, actor: User | None, day: date) -> None:
    """Before everything about somebody is taken out: that it was. Raises PermissionDenied."""
    check_may(person, actor, Action.EXPORT_PERSON, day)
    record_entry(
        actor_id=actor.pk if actor else None,
        action="people.export_person",
        subject_uuid=person.uuid,
        district_id=person.district_id,
    )


def check_may(person: Person, actor: User | None, action: Action, day: date) -> None:
    """Whether ``actor`` (None: the shell) may do ``action`` to the person. Raises PermissionDenied."""
    if actor is None:
        return
    rows = Student.objects if isinstance(person, Student) else User.objects
    if not rows.visible_to(actor, action, day).filter(pk=person.pk).exists():
        raise PermissionDenied
