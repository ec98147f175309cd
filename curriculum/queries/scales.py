"""Scales as pages show them."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from curriculum.enums import FrameworkStatus
from curriculum.models import Framework, Scale, ScaleLevel
from lpm.people.models import Organization


def scales_of(organizations: QuerySet[Organization, Any]) -> QuerySet[Scale, Any]:
    """The scales of the organizations, with their levels, the lowest first, and how many curricula use them."""
    levels = Prefetch("levels", ScaleLevel.objects.order_by("value"))
    rows = Scale.objects.filter(owner__in=organizations).select_related("owner").prefetch_related(levels)
    published = Count("frameworks", filter=~Q(frameworks__status=FrameworkStatus.DRAFT))
    return rows.annotate(use_count=Count("frameworks"), published_count=published).order_by(
        "owner__sort_key", "name", "pk"
    )


def is_in_use(scale: Scale) -> bool:
    """Whether a curriculum that is, or was, published is judged by it."""
    return Framework.objects.filter(scale=scale).exclude(status=FrameworkStatus.DRAFT).exists()
