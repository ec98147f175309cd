"""Writing a revision: what a published framework is going to say, before anybody reads it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.enums import Carries, ChangeKind, FrameworkStatus, RevisionStatus, TrialState
from curriculum.models import CaseObject, Change, Crosswalk, Framework, Revision, RevisionTrial, Target
from curriculum.services.edits import BATCH, ENDING, Edit, EditRefused, check_may_write, make_edits
from lpm.audit.services import record_entry
from lpm.lib.enqueue import enqueue
from lpm.people.models import User
from lpm.people.policy import Action
from lpm.people.services import district_id_of

CrosswalkRow = tuple[UUID, UUID, Carries]  # from the target that ends, to the one that takes its place, what follows
NOT_OPEN = "not_open"
NAMED = 3  # in a sentence


class RevisionRefused(EditRefused):
    """Nothing was done. ``code`` is for programs; the text is a sentence for the person."""


class RevisionOpen(RevisionRefused):
    """Another revision of the framework is being written."""


@transaction.atomic
def open_revision(*, framework: Framework, title: str, actor: User | None, day: date) -> Revision:
    """Begin to write changes to a published framework. Raises RevisionOpen, RevisionRefused and PermissionDenied."""
    check_may_write(framework=framework, actor=actor, day=day)
    return _begin(framework, title, actor, is_imported=False)


@transaction.atomic
def propose_revision(
    *,
    framework: Framework,
    title: str,
    edits: Sequence[Edit],
    crosswalk: Sequence[CrosswalkRow],
    objects: Sequence[CaseObject],
    actor: User | None,
    day: date,
) -> Revision:
    """A revision that a newer version of the package proposes; people read, change and publish it as any other.

    ``objects`` are unsaved; they take the place of the framework's when the revision is published.
    Raises RevisionOpen, EditRefused and PermissionDenied, with nothing done.
    """
    check_may_write(framework=framework, actor=actor, day=day)
    revision = _begin(framework, title, actor, is_imported=True)
    make_edits(framework=framework, edits=edits, actor=actor, day=day)
    add_crosswalk(revision, crosswalk)
    for row in objects:
        row.framework, row.revision = framework, revision
    CaseObject.objects.bulk_create(objects, batch_size=BATCH)
    return revision


def _begin(framework: Framework, title: str, actor: User | None, *, is_imported: bool) -> Revision:
    locked = lock_framework(framework)
    if locked.status != FrameworkStatus.PUBLISHED:
        raise RevisionRefused("not_published", _("Only a published curriculum is revised. A draft is simply changed."))
    if locked.revisions.open().exists():
        sentence = _("A revision of this curriculum is open already. Publish it or withdraw it first.")
        raise RevisionOpen("open_already", sentence)
    revision = Revision.objects.create(framework=locked, title=title, made_by=actor, is_imported=is_imported)
    note_revision(revision, "open", actor)
    return revision


def lock_framework(framework: Framework) -> Framework:
    """The framework as it is now, until the transaction ends: whoever edits or publishes waits."""
    rows = Framework.objects.select_for_update(no_key=True, of=("self",)).select_related("owner")
    return rows.get(pk=framework.pk)


def lock_open(revision: Revision) -> Revision:
    """The revision as it is now, with its framework locked. Raises RevisionRefused when it is not open any more."""
    framework = lock_framework(revision.framework)
    locked = Revision.objects.get(pk=revision.pk)
    locked.framework = framework
    if not locked.is_open:
        raise RevisionRefused(NOT_OPEN, _("This revision is not open any more. Nothing was changed."))
    return locked


def lock_draft(revision: Revision) -> Revision:
    """Like ``lock_open``, and still being written: what somebody decided to publish changes for nobody."""
    locked = lock_open(revision)
    if locked.status != RevisionStatus.DRAFT:
        sentence = _("This revision waits for its day. Take it back to writing before you change it.")
        raise RevisionRefused("scheduled", sentence)
    return locked


def check_may_publish(*, framework: Framework, actor: User | None, day: date) -> None:
    """Raises PermissionDenied. Nobody (the shell, the hourly sweep) may."""
    if actor is None:
        return
    if not Framework.objects.visible_to(actor, Action.PUBLISH_CURRICULUM, day).filter(pk=framework.pk).exists():
        raise PermissionDenied(_("You may not publish this curriculum."))


def note_revision(revision: Revision, verb: str, actor: User | None, **counts: int | str) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=f"curriculum.{verb}_revision",
        subject_uuid=revision.uuid,
        district_id=district_id_of(revision.framework.owner),
        **counts,
    )


def add_crosswalk(revision: Revision, rows: Iterable[CrosswalkRow]) -> list[Crosswalk]:
    """Raises RevisionRefused when a target that ends is not of this framework."""
    wanted = list(rows)
    sources = Target.objects.filter(
        uuid__in={source for source, _destination, _carries in wanted}, topic__area__framework=revision.framework_id
    )
    known = {target.uuid: target for target in sources}
    if any(source not in known for source, _destination, _carries in wanted):
        raise RevisionRefused("not_there", _("A target that should end is not in this curriculum."))
    return Crosswalk.objects.bulk_create(
        [
            Crosswalk(revision=revision, source=known[source], destination_uuid=destination, carries=carries)
            for source, destination, carries in wanted
        ],
        batch_size=BATCH,
    )


@transaction.atomic
def describe_revision(*, revision: Revision, title: str, note: str, actor: User | None, day: date) -> Revision:
    """What it is called, and why it is made, for those whose curriculum changes."""
    check_may_write(framework=revision.framework, actor=actor, day=day)
    locked = lock_draft(revision)
    locked.title, locked.note = title, note
    locked.save(update_fields=["title", "note"])
    note_revision(locked, "describe", actor)
    return locked


@transaction.atomic
def undo_changes(*, revision: Revision, subjects: Collection[UUID], actor: User | None, day: date) -> int:
    """Take changes out of a revision; returns how many went, those that hang on them included.

    Where a target does not end after all, neither do its parts, and the targets that were added to take its place
    alone go too. Raises RevisionRefused, with nothing done, when other changes need one that is to go.
    """
    check_may_write(framework=revision.framework, actor=actor, day=day)
    locked = lock_draft(revision)
    changes = {change.subject_uuid: change for change in locked.changes.all()}
    if not set(subjects) <= changes.keys():
        raise RevisionRefused("no_change", _("This change is not in the revision any more."))
    crosswalk = list(locked.crosswalk.select_related("source"))
    going = _with_what_hangs_on(set(subjects), changes, crosswalk)
    _check_not_needed(going, changes, crosswalk)
    locked.crosswalk.filter(source__uuid__in=going).delete()
    locked.changes.filter(subject_uuid__in=going).delete()
    note_revision(locked, "undo_in", actor, changes=len(going))
    return len(going)


def _with_what_hangs_on(going: set[UUID], changes: dict[UUID, Change], crosswalk: list[Crosswalk]) -> set[UUID]:
    ends = {uuid for uuid in going if changes[uuid].kind in ENDING}
    parts = Target.objects.filter(part_of__uuid__in=ends).values_list("uuid", flat=True)
    ended_with_it = {uuid for uuid in parts if uuid in changes and changes[uuid].kind in ENDING}
    return going | ended_with_it | _added_for(ends, changes, crosswalk)


def _added_for(ends: set[UUID], changes: dict[UUID, Change], crosswalk: list[Crosswalk]) -> set[UUID]:
    """Targets that the revision adds to take the place of those that end, and of no others."""
    theirs = {row.destination_uuid for row in crosswalk if row.source.uuid in ends}
    others = {row.destination_uuid for row in crosswalk if row.source.uuid not in ends}
    return {uuid for uuid in theirs - others if uuid in changes and changes[uuid].kind == ChangeKind.ADDED}


def forget_successors(revision: Revision, ends: set[UUID], keep: Collection[UUID]) -> None:
    """Take back where the targets go on; what was added for it goes too, where it is not in ``keep``.

    Raises RevisionRefused when other changes need one that is to go.
    """
    changes = {change.subject_uuid: change for change in revision.changes.all()}
    crosswalk = list(revision.crosswalk.select_related("source"))
    going = _added_for(ends, changes, crosswalk) - set(keep)
    _check_not_needed(going, changes, [row for row in crosswalk if row.source.uuid not in ends])
    revision.crosswalk.filter(source__uuid__in=ends).delete()
    revision.changes.filter(subject_uuid__in=going).delete()


def _check_not_needed(going: set[UUID], changes: dict[UUID, Change], crosswalk: list[Crosswalk]) -> None:
    added = {str(uuid) for uuid in going if changes[uuid].kind == ChangeKind.ADDED}
    needed: set[str] = {str(row.destination_uuid) for row in crosswalk if row.source.uuid not in going}
    for uuid, change in changes.items():
        if uuid not in going:
            needed |= {change.after[name] for name in ("area", "topic", "part_of") if change.after.get(name)}
            needed |= set(change.after.get("requires", []))
    if added & needed:
        sentence = _("Other changes need what this one adds. Undo them first.")
        raise RevisionRefused("needed", sentence)


@transaction.atomic
def withdraw_revision(*, revision: Revision, actor: User | None, day: date) -> Revision:
    """Nothing of it is published; it stays to be looked at. Raises RevisionRefused and PermissionDenied."""
    check_may_publish(framework=revision.framework, actor=actor, day=day)
    locked = lock_open(revision)
    locked.status, locked.publish_on, locked.published_by = RevisionStatus.WITHDRAWN, None, None
    locked.save(update_fields=["status", "publish_on", "published_by"])
    note_revision(locked, "withdraw", actor)
    return locked


@transaction.atomic
def try_revision(*, revision: Revision, starts_on: date, ends_on: date, actor: User | None, day: date) -> RevisionTrial:
    """Ask what the levels of a past year, up to today, would be under the revision. Nothing changes; a worker counts.

    Raises RevisionRefused when one is being counted, and PermissionDenied.
    """
    check_may_write(framework=revision.framework, actor=actor, day=day)
    locked = lock_open(revision)
    if ends_on < starts_on or starts_on > day:
        raise RevisionRefused("no_days", _("The first day lies in the past, and the last day not before it."))
    if locked.trials.filter(state__in=[TrialState.WAITING, TrialState.RUNNING]).exists():
        raise RevisionRefused("trying", _("This revision is being tried already. Wait until that is done."))
    days = {"starts_on": starts_on, "ends_on": min(ends_on, day)}
    trial = RevisionTrial.objects.create(revision=locked, asked_by=actor, **days)
    note_revision(locked, "try", actor)
    enqueue("mastery.try_revision", trial_id=trial.pk)
    return trial


def named(targets: Sequence[Target]) -> str:
    """The first of the targets by code or title, and how many more there are."""
    names = ", ".join(target.code or target.title for target in targets[:NAMED])
    more = len(targets) - NAMED
    if more <= 0:
        return names
    return ngettext("%(names)s and %(count)d more", "%(names)s and %(count)d more", more) % {
        "names": names,
        "count": more,
    }
