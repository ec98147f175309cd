"""The dated options of how levels are made and shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from lpm.audit.services import record_entry
from lpm.lib.enqueue import enqueue
from lpm.lib.progress import tell_progress
from lpm.people.models import Organization, Student, User, district_id_of
from lpm.people.services.dated import decide_from
from students.mastery.models import Assessment, MasterySettings
from students.mastery.queries.effects import by_day, first_day_everywhere
from students.mastery.querysets import WHOSE
from students.mastery.services.changes import APPLY_BATCH
from students.mastery.services.derive import rebuild_students
from students.mastery.services.ways import ChangeRefused, check_may_set

LOOKED_BACK = timedelta(days=14)  # how long the sweep looks for levels that were to be made anew
KEPT_SECONDS = 60 * 60 * 24 * 20


@transaction.atomic
def change_mastery_settings(
    *, organization: Organization, valid_from: date, values: Mapping[str, Any], actor: User | None, day: date
) -> MasterySettings:
    """What the organization decides from ``valid_from`` on: the fields of ``values``; None leaves one to those above.

    What is not among them stays as it was decided before. A later day for which something else is planned goes along.
    Raises ChangeRefused: not_allowed, past.
    """
    check_may_set(organization, actor, day)
    if valid_from < day:
        raise ChangeRefused("past", _("Choose today or a day to come. What people saw on a past day has happened."))
    row, changes = decide_from(
        rows=MasterySettings,
        fields=list(MasterySettings.DEFAULTS),
        organization=organization,
        valid_from=valid_from,
        values=values,
    )
    record_entry(
        actor_id=actor.pk if actor else None,
        action="mastery.change_settings",
        subject_uuid=organization.uuid,
        district_id=district_id_of(organization),
        valid_from=valid_from.isoformat(),
        changes=changes,
    )
    if "foundations_first" in changes:
        transaction.on_commit(lambda: cache.delete(_done_key(row)))
        if valid_from <= first_day_everywhere(organization):
            enqueue("mastery.rebuild_by_settings", settings_id=row.pk)
    return row


def rebuild_by_settings(*, settings_id: int) -> None:
    """Make anew, at and below the organization, what depends on the order of evidence: only where a piece had a goal.

    Doing it again changes nothing.
    """
    row = MasterySettings.objects.select_related("organization").get(pk=settings_id)
    aimed = Assessment.objects.filter(goal__isnull=False, student__school__lineage__ancestor=row.organization_id)
    ids = sorted(aimed.order_by().values_list(WHOSE, flat=True).distinct())
    for start in range(0, len(ids), APPLY_BATCH):
        tell_progress(f"settings:{row.pk}", 100 * start // len(ids))
        _rebuild(ids[start : start + APPLY_BATCH])
    cache.set(_done_key(row), True, KEPT_SECONDS)


def _rebuild(student_ids: list[int]) -> None:
    """The students as whole: what was recorded on a target that ended counts elsewhere."""
    for day, students in by_day(Student.objects.filter(pk__in=student_ids).select_related("school")):
        rebuild_students(students=students, day=day)


def sweep_settings() -> None:
    """Have made anew what no worker has yet: the day of a decision has come, or its task was lost.

    That it was done is noted in the cache alone. Losing the note has it done once more.
    """
    rows = MasterySettings.objects.select_related("organization").order_by("organization", "valid_from")
    before: dict[int, bool | None] = {}
    for row in rows:
        is_other = before.get(row.organization_id) != row.foundations_first
        before[row.organization_id] = row.foundations_first
        if is_other and _is_due(row) and not cache.get(_done_key(row)):
            enqueue("mastery.rebuild_by_settings", settings_id=row.pk)


def _is_due(row: MasterySettings) -> bool:
    today = first_day_everywhere(row.organization)
    return today - LOOKED_BACK <= row.valid_from <= today


def _done_key(row: MasterySettings) -> str:
    return f"mastery:made-anew:{row.pk}:{row.foundations_first}"
