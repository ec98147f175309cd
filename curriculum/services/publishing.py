"""A revision comes into force: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.enums import Carries, ChangeKind, RevisionStatus, Subject
from curriculum.models import CaseObject, Change, Crosswalk, Framework, Revision, Target, Topic
from curriculum.services.edits import BATCH, ENDING, Edit, EditRefused, apply_edits
from curriculum.services.revisions import (
    NOT_OPEN,
    RevisionRefused,
    check_may_publish,
    lock_draft,
    lock_open,
    named,
    note_revision,
)
from curriculum.signals import revision_published
from lpm.lib.dates import school_day
from lpm.people.models import User

log = structlog.get_logger(__name__)


@transaction.atomic
def schedule_revision(*, revision: Revision, publish_on: date, actor: User | None, day: date) -> Revision:
    """It is published in the first hours of ``publish_on``, the owner's day, as ``actor`` decided; until then nobody
    changes it. Raises RevisionRefused and PermissionDenied."""
    check_may_publish(framework=revision.framework, actor=actor, day=day)
    locked = lock_draft(revision)
    if publish_on <= day:
        raise RevisionRefused("past_day", _("Choose a day after today, or publish it now."))
    _check_says_something(locked)
    locked.status, locked.publish_on, locked.published_by = RevisionStatus.SCHEDULED, publish_on, actor
    locked.save(update_fields=["status", "publish_on", "published_by"])
    note_revision(locked, "schedule", actor, publish_on=str(publish_on))
    return locked


@transaction.atomic
def reopen_revision(*, revision: Revision, actor: User | None, day: date) -> Revision:
    """Take one that waits for its day back to writing. Raises RevisionRefused and PermissionDenied."""
    check_may_publish(framework=revision.framework, actor=actor, day=day)
    locked = lock_open(revision)
    if locked.status != RevisionStatus.SCHEDULED:
        raise RevisionRefused("not_scheduled", _("This revision is being written already."))
    locked.status, locked.publish_on, locked.published_by = RevisionStatus.DRAFT, None, None
    locked.save(update_fields=["status", "publish_on", "published_by"])
    note_revision(locked, "reopen", actor)
    return locked


@transaction.atomic
def publish_revision(*, revision: Revision, actor: User | None, day: date) -> Revision:
    """Carry out every change, remember what was there before, and say where what was shown counts from now on.

    Raises EditRefused (RevisionRefused), with nothing done, and PermissionDenied. Nothing that was recorded about a
    student is touched: what is derived follows the signal ``revision_published``.
    """
    check_may_publish(framework=revision.framework, actor=actor, day=day)
    locked = lock_open(revision)
    _check_says_something(locked)
    locked.status, locked.publish_on, locked.published_at = RevisionStatus.PUBLISHED, day, timezone.now()
    locked.published_by = actor or locked.published_by
    changes = list(locked.changes.order_by("pk"))
    _check_still_in_use(locked.framework, changes)
    before = apply_edits(framework=locked.framework, edits=[_edit(change) for change in changes], day=day)
    for change in changes:
        change.before = before.get(change.subject_uuid, {})
    Change.objects.bulk_update(changes, ["before"], batch_size=BATCH)
    _check_nothing_left_behind(locked.framework)
    _apply_crosswalk(locked)
    _take_objects(locked)
    locked.save(update_fields=["status", "publish_on", "published_at", "published_by"])
    note_revision(locked, "publish", actor, changes=len(changes), crosswalk=locked.crosswalk.count())
    revision_published.send(Revision, framework_id=locked.framework_id, revision_id=locked.pk)
    return locked


def publish_due() -> int:
    """Publish what waits for today where its owner is, or for an earlier day; returns how many were. Idempotent.

    One that cannot be published stays as it is, is told to the log and the audit, and keeps no other waiting.
    """
    waiting = Revision.objects.filter(status=RevisionStatus.SCHEDULED).select_related("framework__owner")
    return sum(publish_if_due(revision) for revision in waiting.order_by("publish_on", "pk"))


def publish_if_due(revision: Revision) -> bool:
    """Whether it was due and is published now."""
    owner = revision.framework.owner
    day = school_day(owner.time_zone)
    if revision.publish_on is None or revision.publish_on > day:
        return False
    try:
        publish_revision(revision=revision, actor=None, day=day)
    except DatabaseError:
        log.exception("revision_not_published", revision=str(revision.uuid))  # the next sweep tries again
        return False
    except EditRefused as refused:
        if refused.code == NOT_OPEN:  # somebody was faster
            return False
        log.warning("revision_not_published", revision=str(revision.uuid), code=refused.code)
        note_revision(revision, "fail_to_publish", None, code=refused.code)
        return False
    return True


def _edit(change: Change) -> Edit:
    told = ChangeKind(change.kind) if change.kind in {ChangeKind.ADDED, *ENDING} else None
    return Edit(Subject(change.subject), change.subject_uuid, change.after, told)


def _check_says_something(revision: Revision) -> None:
    if not revision.changes.exists() and not revision.case_objects.exists():
        raise RevisionRefused("empty", _("There is no change in this revision yet."))


def _check_still_in_use(framework: Framework, changes: Sequence[Change]) -> None:
    uuids = {change.subject_uuid for change in changes if change.subject == Subject.TARGET}
    rows = Target.objects.filter(topic__area__framework=framework, uuid__in=uuids, retired_on__isnull=False)
    if ended := list(rows.order_by("code", "pk")):
        sentence = _("Not in use any more, so nothing can change in it: %(names)s. Undo its change, then publish.")
        raise RevisionRefused("ended_meanwhile", sentence % {"names": named(ended)})


def _check_nothing_left_behind(framework: Framework) -> None:
    """A topic ends with all of its targets, an area with all of its topics, a whole with its parts."""
    targets = Target.objects.filter(topic__area__framework=framework, retired_on__isnull=True)
    if rows := list(targets.filter(topic__retired_on__isnull=False).order_by("code", "pk")):
        sentence = _("Their topic ends, but not they: %(names)s. Move them, or end them too.")
        raise RevisionRefused("left_behind", sentence % {"names": named(rows)})
    if rows := list(targets.filter(part_of__retired_on__isnull=False).order_by("code", "pk")):
        sentence = _("What they are part of ends, but not they: %(names)s. Move them, or end them too.")
        raise RevisionRefused("left_behind", sentence % {"names": named(rows)})
    apart = ~Q(topic=F("part_of__topic")) | Q(part_of__part_of__isnull=False)
    if rows := list(targets.filter(apart, part_of__isnull=False).order_by("code", "pk")):
        sentence = _("They are not where the whole target is that they are part of: %(names)s. Undo, or move them.")
        raise RevisionRefused("left_behind", sentence % {"names": named(rows)})
    topics = Topic.objects.filter(area__framework=framework, retired_on__isnull=True, area__retired_on__isnull=False)
    if topics.exists():
        raise RevisionRefused("left_behind", _("A content area ends, but not all of its topics. End them too."))


def _apply_crosswalk(revision: Revision) -> None:
    rows = list(revision.crosswalk.select_related("source"))
    here = Target.objects.filter(topic__area__framework=revision.framework_id)
    there = here.filter(uuid__in={row.destination_uuid for row in rows}, retired_on__isnull=True)
    destinations: dict[UUID, Target] = {target.uuid: target for target in there}
    for row in rows:
        if row.source.retired_on is None or row.destination_uuid not in destinations:
            sentence = _("Where %(name)s leads is not right any more. Say again what takes its place.")
            raise RevisionRefused("wrong_crosswalk", sentence % {"name": named([row.source])})
        row.destination = destinations[row.destination_uuid]
        row.applied_by, row.applied_at = revision.published_by, revision.published_at
    Crosswalk.objects.bulk_update(rows, ["destination", "applied_by", "applied_at"], batch_size=BATCH)
    carrying = [destinations[row.destination_uuid].pk for row in rows if row.carries != Carries.NOTHING]
    Target.objects.filter(pk__in=carrying).update(has_forerunners=True)


def _take_objects(revision: Revision) -> None:
    """The objects of the newer package take the place of those that the framework came with."""
    if revision.case_objects.exists():
        CaseObject.objects.filter(framework=revision.framework_id, revision__isnull=True).delete()
        revision.case_objects.update(revision=None)
