"""What can be done to a curriculum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import (
    ContentArea,
    Framework,
    GuideLevel,
    Prerequisite,
    Scale,
    ScaleLevel,
    Target,
    Topic,
)
from curriculum.signals import framework_changed
from lpm.audit.services import record_entry
from lpm.people.models import Lineage, Organization, User
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
class CurriculumChanges:
    """What is new and changed in one framework; new rows refer to each other unsaved.

    ``parts`` are the targets that are part of one of ``targets``. Nothing is ever taken away here.
    """

    framework: Batch[Framework] = field(default_factory=Batch)
    areas: Batch[ContentArea] = field(default_factory=Batch)
    topics: Batch[Topic] = field(default_factory=Batch)
    targets: Batch[Target] = field(default_factory=Batch)
    parts: Batch[Target] = field(default_factory=Batch)
    prerequisites: Batch[Prerequisite] = field(default_factory=Batch)
    guide: Batch[GuideLevel] = field(default_factory=Batch)

    def __bool__(self) -> bool:
        return any(vars(self).values())


def check_may_bring_in(*, owner: Organization, actor: User | None, day: date) -> None:
    """Raises PermissionDenied. Nobody (the shell, the demo) may."""
    if actor is None:
        return
    allowed = Organization.objects.visible_to(actor, Action.IMPORT_CURRICULUM, day)
    if not allowed.filter(pk=owner.pk).exists():
        raise PermissionDenied(_("You may not bring in a curriculum here."))


def scale_for(owner: Organization) -> Scale | None:
    """The scale of the organization, or of the nearest one above it that has one."""
    depth = Lineage.objects.filter(descendant=owner, ancestor=models.OuterRef("owner")).values("depth")
    scales = Scale.objects.annotate(depth=models.Subquery(depth)).filter(depth__isnull=False)
    return scales.order_by("depth", "pk").first()


def default_scale(owner: Organization) -> Scale:
    """0 to 4 in half points, proficient at 3; not saved."""
    return Scale(owner=owner, name=_("0 to 4"))


def default_levels(scale: Scale) -> list[ScaleLevel]:
    levels = (
        ("0.00", _("looking for a way in"), _("I am still looking for a way in, with help.")),
        ("1.00", _("getting started"), _("With help, I can do some of it.")),
        ("2.00", _("developing"), _("I can do the simpler parts alone.")),
        ("3.00", _("proficient"), _("I can do all of it alone.")),
        ("4.00", _("going further"), _("I can use it somewhere new and explain why.")),
    )
    return [
        ScaleLevel(scale=scale, value=Decimal(value), name=name, description=description)
        for value, name, description in levels
    ]


@transaction.atomic
def create_default_scale(*, owner: Organization, actor: User | None) -> Scale:
    scale = default_scale(owner)
    scale.save()
    ScaleLevel.objects.bulk_create(default_levels(scale))
    record_entry(
        actor_id=actor.pk if actor else None,
        action="curriculum.create_scale",
        subject_uuid=scale.uuid,
        district_id=district_id_of(owner),
    )
    return scale


@transaction.atomic
def bring_in_curriculum(*, framework: Framework, changes: CurriculumChanges, actor: User | None, day: date) -> None:
    """Save what is new and changed in a framework, in a number of statements that grows with every 500 rows.

    Raises PermissionDenied.
    """
    check_may_bring_in(owner=framework.owner, actor=actor, day=day)
    _save_framework(framework)
    _save(changes.areas, ["title", "position"])
    _save(changes.topics, ["area", "code", "title", "description", "position"])
    texts = ["code", "short_title", "statement", "i_can", "language", "grades"]
    _save(changes.targets, ["topic", "part_of", *texts, "position"])
    _save(changes.parts, ["topic", "part_of", *texts, "position"])
    _save(changes.prerequisites, [])
    _save(changes.guide, ["description"])
    record_entry(
        actor_id=actor.pk if actor else None,
        action="curriculum.bring_in",
        subject_uuid=framework.uuid,
        district_id=district_id_of(framework.owner),
        **_counts(changes),
    )
    framework_changed.send(Framework, framework_id=framework.pk)


def _save_framework(framework: Framework) -> None:
    framework.imported_at = framework.roll_ups_due_at = timezone.now()
    if framework.pk is None:
        framework.save()
    else:
        texts = ["title", "creator", "version", "language", "notes"]
        framework.save(update_fields=[*texts, "imported_at", "roll_ups_due_at"])


def _save(batch: Batch[M], fields: Sequence[str]) -> None:
    """Add the new rows, then write ``fields`` of the changed ones, which may refer to the new."""
    for model in {type(row) for row in [*batch.add, *batch.change]}:
        model._base_manager.bulk_create(batch.add, batch_size=CREATE_ROWS)
        if batch.change:
            model._base_manager.bulk_update(batch.change, fields, batch_size=CHANGE_ROWS)


def _counts(changes: CurriculumChanges) -> dict[str, list[int]]:
    """For the audit: of each kind how many rows were added and how many changed."""
    return {kind: [len(batch.add), len(batch.change)] for kind, batch in vars(changes).items() if batch}
