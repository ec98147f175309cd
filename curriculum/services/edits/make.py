"""Edits made by hand: carried out on a draft, kept in the open revision of a published framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.calculations.outline import ENDING
from curriculum.enums import ChangeKind, FrameworkStatus, RevisionStatus
from curriculum.models import Change, Framework, Revision
from curriculum.services.edits.edit import BATCH, Edit, EditRefused, check_fields
from curriculum.services.edits.work import apply_edits
from lpm.audit.services import record_entry
from lpm.people.models import User
from lpm.people.policy import Action
from lpm.people.services import district_id_of

PARENTS = frozenset({"area", "topic", "part_of"})  # fields that name what a row stands under


@transaction.atomic
def make_edits(*, framework: Framework, edits: Sequence[Edit], actor: User | None, day: date) -> Revision | None:
    """Carry out the edits on a draft; on a published framework put them into its open revision, which is returned.

    Raises EditRefused, with nothing done, and PermissionDenied.
    """
    check_may_write(framework=framework, actor=actor, day=day)
    locked = Framework.objects.select_for_update(no_key=True, of=("self",)).select_related("owner").get(pk=framework.pk)
    if locked.status == FrameworkStatus.DRAFT:
        apply_edits(framework=locked, edits=edits, day=day)
        revision = None
    else:
        revision = _open_revision(locked)
        _add_changes(revision, edits, actor)
    record_entry(
        actor_id=actor.pk if actor else None,
        action="curriculum.edit",
        subject_uuid=locked.uuid,
        district_id=district_id_of(locked.owner),
        edits=len(edits),
    )
    return revision


def check_may_write(*, framework: Framework, actor: User | None, day: date) -> None:
    """Raises PermissionDenied. Nobody (the shell, the demo) may."""
    if actor is None:
        return
    if not Framework.objects.visible_to(actor, Action.WRITE_CURRICULUM, day).filter(pk=framework.pk).exists():
        raise PermissionDenied(_("You may not write on this curriculum."))


def _open_revision(framework: Framework) -> Revision:
    revision = framework.revisions.open().first()
    if revision is None:
        sentence = _("This curriculum is in use. Begin a revision first; it is published as a whole.")
        raise EditRefused("no_open_revision", sentence)
    if revision.status == RevisionStatus.SCHEDULED:
        sentence = _("The revision of this curriculum waits for its day. Take it back to writing first.")
        raise EditRefused("scheduled", sentence)
    return revision


def _add_changes(revision: Revision, edits: Sequence[Edit], actor: User | None) -> None:
    """One change for each subject: a later edit adds to an earlier one, and what begins or ends stays so.

    What the revision itself would add, and that ends again before it is published, is not in it any more.
    """
    uuids = [edit.uuid for edit in edits]
    known = {change.subject_uuid: change for change in revision.changes.filter(subject_uuid__in=uuids)}
    given_up: set[UUID] = set()
    for edit in edits:
        check_fields(edit)
        change = known.setdefault(
            edit.uuid, Change(revision=revision, subject=edit.subject, subject_uuid=edit.uuid, made_by=actor)
        )
        if change.kind == ChangeKind.ADDED and edit.kind in ENDING:
            given_up.add(edit.uuid)
        change.after = _merged(change.after, edit.values)
        change.kind = _gravest(change.kind, edit, change.after)
        change.made_at = timezone.now()
    kept = [change for uuid, change in known.items() if uuid not in given_up]
    fields = ["after", "kind", "made_at"]
    Change.objects.bulk_create([change for change in kept if change.pk is None], batch_size=BATCH)
    Change.objects.bulk_update([change for change in kept if change.pk], fields, batch_size=BATCH)
    if given_up:
        _give_up(revision, given_up)


def _merged(after: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Later values take the place of earlier ones; of a scoring guide, line by line."""
    guide = {**after.get("guide", {}), **values.get("guide", {})}
    return {**after, **values, **({"guide": guide} if guide else {})}


def _give_up(revision: Revision, uuids: set[UUID]) -> None:
    """Take what would have been added out of the revision, also where another change stands under it or after it."""
    revision.changes.filter(subject_uuid__in=uuids).delete()
    gone = {str(uuid) for uuid in uuids}
    left = list(revision.changes.filter(after__has_any_keys=["requires", *PARENTS]))
    for change in left:
        change.after = {name: value for name, value in change.after.items() if name not in PARENTS or value not in gone}
        if "requires" in change.after:
            change.after["requires"] = [uuid for uuid in change.after["requires"] if uuid not in gone]
    Change.objects.bulk_update(left, ["after"], batch_size=BATCH)


def _gravest(before: str, edit: Edit, after: Mapping[str, Any]) -> ChangeKind:
    if edit.kind:
        return edit.kind
    if before and ChangeKind(before) in {ChangeKind.ADDED, *ENDING}:
        return ChangeKind(before)
    return Edit(edit.subject, edit.uuid, after).told_kind
