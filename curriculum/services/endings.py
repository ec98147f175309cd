"""Targets that end in a revision: split, merged or retired, and where what was shown on them counts from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.enums import Carries, ChangeKind, Subject
from curriculum.models import Crosswalk, Revision, Target
from curriculum.services.edits import ENDING, Edit, check_may_write, make_edits
from curriculum.services.revisions import RevisionRefused, add_crosswalk, forget_successors, lock_draft
from lpm.lib.ids import uuid7
from lpm.people.models import User

# What follows if nobody says otherwise. Who could do all of a target can do each part of it; who could do one of
# several has not shown the others.
USUAL = {
    ChangeKind.SPLIT: Carries.LEVELS,
    ChangeKind.MERGED: Carries.EVIDENCE,
    ChangeKind.RETIRED: Carries.LEVELS,
}


@dataclass(frozen=True)
class NewTarget:
    """A target that begins where others end: on their topic, at their place, for their grades."""

    statement: str
    code: str = ""
    short_title: str = ""
    i_can: str = ""
    uuid: UUID = field(default_factory=uuid7)


@transaction.atomic
def end_targets(
    *,
    revision: Revision,
    kind: ChangeKind,
    sources: Sequence[Target],
    existing: Sequence[UUID] = (),
    new: Sequence[NewTarget] = (),
    carries: Carries | None = None,
    actor: User | None,
    day: date,
) -> list[Crosswalk]:
    """Split one target into several, merge several into one, or retire some with or without one that follows them.

    ``existing`` are targets that are there, or that the revision adds; merged into one of ``sources``, that one goes
    on. Parts end with their whole. Said again of the same targets, it takes the place of what was said before.
    Raises RevisionRefused and PermissionDenied, with nothing done.
    """
    check_may_write(framework=revision.framework, actor=actor, day=day)
    locked = lock_draft(revision)
    ending = [target for target in sources if target.uuid not in existing]
    destinations = [*existing, *(target.uuid for target in new)]
    _check_numbers(kind, len(sources), len(ending), len(destinations))
    _check_may_end(locked, ending)
    _check_go_on(locked, existing)
    forget_successors(locked, {target.uuid for target in ending}, keep=existing)
    edits = [*_beginnings(new, ending[0]), *_ends(kind, ending)]
    make_edits(framework=locked.framework, edits=edits, actor=actor, day=day)
    follows = carries or USUAL[kind]
    return add_crosswalk(locked, [(target.uuid, uuid, follows) for target in ending for uuid in destinations])


def _check_numbers(kind: ChangeKind, sources: int, ending: int, destinations: int) -> None:
    sentence = ""
    if kind == ChangeKind.SPLIT and (sources != 1 or ending != 1 or destinations < 2):
        sentence = _("To split, choose one target, and at least two that take its place.")
    elif kind == ChangeKind.MERGED and (sources < 2 or destinations != 1):
        sentence = _("To merge, choose at least two targets, and the one that takes their place.")
    elif kind == ChangeKind.RETIRED and (not ending or destinations > 1):
        sentence = _("To retire, choose at least one target, and at most one that takes its place.")
    if sentence:
        raise RevisionRefused("wrong_number", sentence)


def _check_may_end(revision: Revision, ending: Sequence[Target]) -> None:
    """They are there, in use, and nothing else in this revision leads to them."""
    uuids = [target.uuid for target in ending]
    there = Target.objects.filter(topic__area__framework=revision.framework_id, uuid__in=uuids)
    if there.filter(retired_on__isnull=True).count() != len(uuids):
        raise RevisionRefused("ended", _("One of these targets is not in use any more. Look at it again."))
    if revision.crosswalk.exclude(source__in=ending).filter(destination_uuid__in=uuids).exists():
        sentence = _("One of these targets takes the place of another in this revision, so it cannot end in it.")
        raise RevisionRefused("leads_here", sentence)


def _check_go_on(revision: Revision, existing: Sequence[UUID]) -> None:
    changes = revision.changes.filter(subject=Subject.TARGET, subject_uuid__in=existing)
    kinds: dict[UUID, str] = dict(changes.values_list("subject_uuid", "kind"))
    there = Target.objects.filter(topic__area__framework=revision.framework_id, uuid__in=existing)
    going_on = set(there.current().values_list("uuid", flat=True))
    known = going_on | {uuid for uuid, kind in kinds.items() if kind == ChangeKind.ADDED}
    if set(existing) - known or any(kind in ENDING for kind in kinds.values()):
        raise RevisionRefused("no_successor", _("What takes their place must be a target that goes on."))


def _beginnings(new: Sequence[NewTarget], before: Target) -> list[Edit]:
    shared = {
        "topic": str(before.topic.uuid),
        "position": before.position,
        "grades": before.grades,
        "language": before.language,
    }
    return [
        Edit(
            Subject.TARGET,
            target.uuid,
            {
                **shared,
                "code": target.code,
                "short_title": target.short_title,
                "statement": target.statement,
                "i_can": target.i_can,
            },
            ChangeKind.ADDED,
        )
        for target in new
    ]


def _ends(kind: ChangeKind, ending: Sequence[Target]) -> list[Edit]:
    parts = Target.objects.filter(part_of__in=ending, retired_on__isnull=True).values_list("uuid", flat=True)
    return [
        *(Edit(Subject.TARGET, target.uuid, {}, kind) for target in ending),
        *(Edit(Subject.TARGET, uuid, {}, ChangeKind.RETIRED) for uuid in parts),
    ]
