"""Saving what a file adds to a framework that is new, or still a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import (
    CaseObject,
    ContentArea,
    Framework,
    GuideLevel,
    MappingRule,
    Prerequisite,
    Target,
    Topic,
)
from curriculum.services.adoption import adopt_own
from curriculum.signals import framework_changed
from lpm.audit.services import record_entry
from lpm.people.models import Organization, User
from lpm.people.policy import Action
from lpm.people.services import district_id_of

M = TypeVar("M", bound=models.Model)

CREATE_ROWS = 5_000  # in one statement
CHANGE_ROWS = 500


@dataclass
class Batch(Generic[M]):
    """Rows of one model: new ones, and changed ones that are stored already."""

    add: list[M] = field(default_factory=list)
    change: list[M] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.add or self.change)


@dataclass
class ObjectChanges:
    """Objects of the package that are new or take the place of another; ``remove`` are the keys of those that go."""

    add: list[CaseObject] = field(default_factory=list)
    remove: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.add or self.remove)


@dataclass
class CurriculumChanges:
    """What is new and changed in one framework; new rows refer to each other unsaved.

    ``parts`` are the targets that are part of one of ``targets``; ``rules`` what somebody said that sorts of items
    become. No area, topic or target is ever taken away here.
    """

    framework: Batch[Framework] = field(default_factory=Batch)
    areas: Batch[ContentArea] = field(default_factory=Batch)
    topics: Batch[Topic] = field(default_factory=Batch)
    targets: Batch[Target] = field(default_factory=Batch)
    parts: Batch[Target] = field(default_factory=Batch)
    prerequisites: Batch[Prerequisite] = field(default_factory=Batch)
    guide: Batch[GuideLevel] = field(default_factory=Batch)
    objects: ObjectChanges = field(default_factory=ObjectChanges)
    rules: Batch[MappingRule] = field(default_factory=Batch)

    def __bool__(self) -> bool:
        return any(vars(self).values())


def check_may_bring_in(*, owner: Organization, actor: User | None, day: date) -> None:
    """Raises PermissionDenied. Nobody (the shell, the demo) may."""
    if actor is None:
        return
    allowed = Organization.objects.visible_to(actor, Action.IMPORT_CURRICULUM, day)
    if not allowed.filter(pk=owner.pk).exists():
        raise PermissionDenied(_("You may not bring in a curriculum here."))


@transaction.atomic
def bring_in_curriculum(*, framework: Framework, changes: CurriculumChanges, actor: User | None, day: date) -> None:
    """Save what is new and changed in a framework, in a number of statements that grows with every 500 rows.

    Raises PermissionDenied.
    """
    check_may_bring_in(owner=framework.owner, actor=actor, day=day)
    _save_framework(framework, actor, day)
    _save(changes.areas, ["title", "position", "domain"])
    _save(changes.topics, ["area", "code", "title", "description", "position"])
    texts = ["code", "short_title", "statement", "i_can", "language", "grades", "search_text"]
    _save(changes.targets, ["topic", "part_of", *texts, "position"])
    _save(changes.parts, ["topic", "part_of", *texts, "position"])
    _save(changes.prerequisites, [])
    _save(changes.guide, ["description"])
    _save_objects(framework, changes.objects)
    _save(changes.rules, ["kind"])
    record_entry(
        actor_id=actor.pk if actor else None,
        action="curriculum.bring_in",
        subject_uuid=framework.uuid,
        district_id=district_id_of(framework.owner),
        **_counts(changes),
    )
    framework_changed.send(Framework, framework_id=framework.pk)


@transaction.atomic
def remember_mapping(*, framework: Framework, rules: Batch[MappingRule], actor: User | None, day: date) -> None:
    """Keep what somebody said that sorts of items become. Raises PermissionDenied."""
    check_may_bring_in(owner=framework.owner, actor=actor, day=day)
    _save(rules, ["kind"])
    record_entry(
        actor_id=actor.pk if actor else None,
        action="curriculum.map",
        subject_uuid=framework.uuid,
        district_id=district_id_of(framework.owner),
        rules=[len(rules.add), len(rules.change)],
    )


def _save_framework(framework: Framework, actor: User | None, day: date) -> None:
    """One that is new is published, and used where it belongs, from this day on."""
    framework.imported_at = framework.roll_ups_due_at = timezone.now()
    if framework.pk is None:
        framework.published_on = day
        framework.save()
        adopt_own(framework=framework, actor=actor, day=day)
    else:
        texts = ["title", "creator", "version", "language", "notes", "case_version"]
        framework.save(update_fields=[*texts, "imported_at", "roll_ups_due_at"])


def _save_objects(framework: Framework, changes: ObjectChanges) -> None:
    CaseObject.objects.filter(framework=framework, pk__in=changes.remove).delete()
    for row in changes.add:
        row.framework = framework
    CaseObject.objects.bulk_create(changes.add, batch_size=CREATE_ROWS)


def _save(batch: Batch[M], fields: Sequence[str]) -> None:
    """Add the new rows, then write ``fields`` of the changed ones, which may refer to the new."""
    for row in [*batch.add, *batch.change]:
        if isinstance(row, Target):
            row.fill_search_text()
    for model in {type(row) for row in [*batch.add, *batch.change]}:
        model._base_manager.bulk_create(batch.add, batch_size=CREATE_ROWS)
        if batch.change:
            model._base_manager.bulk_update(batch.change, fields, batch_size=CHANGE_ROWS)


def _counts(changes: CurriculumChanges) -> dict[str, list[int]]:
    """For the audit: of each kind how many rows were added and how many changed."""
    batches = {kind: batch for kind, batch in vars(changes).items() if isinstance(batch, Batch) and batch}
    return {kind: [len(batch.add), len(batch.change)] for kind, batch in batches.items()}
