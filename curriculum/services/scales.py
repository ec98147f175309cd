"""Scales: the levels a district judges by."""

from __future__ import annotations

from decimal import Decimal

from django.db import models, transaction
from django.utils.translation import gettext as _

from curriculum.models import Scale, ScaleLevel
from lpm.audit.services import record_entry
from lpm.people.models import Lineage, Organization, User
from lpm.people.services import district_id_of


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
