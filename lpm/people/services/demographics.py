"""What a student is counted by: typed by the office, and read in counts alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from lpm.audit.services import record_entry
from lpm.people.models import Demographics, Student, User
from lpm.people.policy import Action


@dataclass(frozen=True)
class CountedBy:
    """Values of the enums Sex, Race and Programme, and the code of a language; empty is what nobody has said."""

    sex: str = ""
    races: Sequence[str] = ()
    is_hispanic: bool | None = None
    home_language: str = ""
    programmes: Sequence[str] = ()


@transaction.atomic
def change_demographics(*, student: Student, counted_by: CountedBy, actor: User, day: date) -> None:
    """Raises PermissionDenied. The audit says which of them changed, never what they are."""
    allowed = Student.objects.visible_to(actor, Action.MANAGE_STUDENT, day)
    locked = Student.objects.select_for_update().filter(pk=student.pk, pk__in=allowed.values("pk")).first()
    if locked is None:
        raise PermissionDenied
    row = Demographics.objects.filter(student=locked).first() or Demographics()
    values = asdict(counted_by) | {"races": sorted(counted_by.races), "programmes": sorted(counted_by.programmes)}
    changed = sorted(name for name, value in values.items() if _plain(getattr(row, name)) != value)
    if not changed:
        return
    now = {name: values[name] for name in changed}  # a roster may have made the row meanwhile
    Demographics.objects.update_or_create(student=locked, defaults={"district_id": locked.district_id, **now})
    record_entry(
        actor_id=actor.pk,
        action="people.change_demographics",
        subject_uuid=locked.uuid,
        district_id=locked.district_id,
        fields=changed,
    )


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value
