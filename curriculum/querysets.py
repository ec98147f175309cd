from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Q

from curriculum.enums import FrameworkStatus
from lpm.people.models import Organization
from lpm.people.policy import Action

if TYPE_CHECKING:
    from lpm.people.models import User

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class FrameworkQuerySet(models.QuerySet[M_co]):
    def visible_to(self, user: User, action: Action, day: date) -> Self:
        """Frameworks owned or adopted by an organization where ``user`` may do ``action``."""
        organizations = Organization.objects.visible_to(user, action, day).values("pk")
        return self._of(organizations)

    def used_by(self, organization_id: int) -> Self:
        """Frameworks that the organization, or one above it, owns or has adopted; no drafts."""
        return self._of(Organization.objects.filter(below__descendant=organization_id).values("pk"))

    def _of(self, organizations: models.QuerySet[Organization, Any]) -> Self:
        owned = Q(owner__in=organizations)
        adopted = self.model._base_manager.filter(adoptions__organization__in=organizations).values("pk")
        return self.filter(owned | Q(pk__in=adopted)).exclude(status=FrameworkStatus.DRAFT)

    def by_title(self) -> Self:
        return self.order_by("sort_key", "pk")


class InFrameworkQuerySet(models.QuerySet[M_co]):
    """Rows of a framework, visible where it is; ``path`` leads from the row to the framework."""

    path = "framework"

    def visible_to(self, user: User, action: Action, day: date) -> Self:
        return self.filter(**{f"{self.path}__in": _frameworks().visible_to(user, action, day)})


class TopicQuerySet(InFrameworkQuerySet[M_co]):
    path = "area__framework"

    def used_by(self, organization_id: int) -> Self:
        return self.filter(area__framework__in=_frameworks().used_by(organization_id))

    def in_order(self) -> Self:
        return self.order_by("area__position", "area_id", "position", "pk")


class TargetQuerySet(InFrameworkQuerySet[M_co]):
    path = "topic__area__framework"

    def current(self) -> Self:
        """Whole targets in use: neither parts of another target nor retired."""
        return self.filter(part_of__isnull=True, retired_on__isnull=True)

    def in_order(self) -> Self:
        """Along the progression of each topic, from early to advanced."""
        return self.order_by("position", "pk")


def _frameworks() -> FrameworkQuerySet[models.Model]:
    rows: FrameworkQuerySet[models.Model] = apps.get_model("curriculum", "Framework").objects.all()
    return rows
