from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from curriculum.enums import ChangeKind, FrameworkStatus, RevisionStatus
from lpm.people import access
from lpm.people.models import Organization
from lpm.people.policy import Action

if TYPE_CHECKING:
    from lpm.people.models import User

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class FrameworkQuerySet(models.QuerySet[M_co]):
    rules: ClassVar[access.Rules] = access.FRAMEWORK_RULES  # beside what their owner gives

    def visible_to(self, user: User, action: Action, day: date) -> Self:
        """Frameworks that ``user`` may do ``action`` on: reading and commenting, what their organizations own or use,
        without drafts; all else, what they write and what their organizations own."""
        organizations = Organization.objects.visible_to(user, action, day).values("pk")
        if action in {Action.VIEW_CURRICULUM, Action.COMMENT_CURRICULUM}:
            return self._of(organizations)
        allowed = Q(owner__in=organizations)
        for condition in access.permitted(self.rules, user, action, day):
            allowed |= Q(pk__in=self.model._base_manager.filter(condition).values("pk"))
        return self.filter(allowed)

    def used_by(self, organization_id: int) -> Self:
        """Frameworks that the organization, or one above it, has adopted; no drafts."""
        at_or_above = Organization.objects.filter(below__descendant=organization_id).values("pk")
        return self.filter(self._adopted(at_or_above)).exclude(status=FrameworkStatus.DRAFT)

    def _of(self, organizations: models.QuerySet[Organization, Any]) -> Self:
        """Owned or used by one of them. Asked from the framework, so that their rules are gone through once."""
        owns = Q(pk=OuterRef("owner"))
        uses = Q(adoptions__framework=OuterRef("pk"), adoptions__ended_on__isnull=True)
        return self.filter(Exists(organizations.filter(owns | uses))).exclude(status=FrameworkStatus.DRAFT)

    def _adopted(self, organizations: models.QuerySet[Organization, Any]) -> Q:
        in_use = {"adoptions__organization__in": organizations, "adoptions__ended_on__isnull": True}
        return Q(pk__in=self.model._base_manager.filter(**in_use).values("pk"))

    def by_title(self) -> Self:
        return self.order_by("sort_key", "pk")

    def with_has_news(self, revisions: models.QuerySet[Any]) -> Self:
        """``has_news``: one of ``revisions`` is of the framework."""
        return self.annotate(has_news=Exists(revisions.filter(framework=OuterRef("pk"))))


class InFrameworkQuerySet(models.QuerySet[M_co]):
    """Rows of a framework, visible where it is; ``path`` leads from the row to the framework."""

    path = "framework"

    def visible_to(self, user: User, action: Action, day: date) -> Self:
        return self.filter(**{f"{self.path}__in": _frameworks().visible_to(user, action, day)})

    def in_use(self) -> Self:
        return self.filter(retired_on__isnull=True)


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

    def with_has_changed(self) -> Self:
        """``has_changed``: a revision that is published said it otherwise than before, moved it or ended it."""
        changes = apps.get_model("curriculum", "Change").objects.exclude(kind=ChangeKind.ADDED)
        published = {"subject_uuid": OuterRef("uuid"), "revision__status": RevisionStatus.PUBLISHED}
        return self.annotate(has_changed=Exists(changes.filter(**published)))


class RevisionQuerySet(models.QuerySet[M_co]):
    def visible_to(self, user: User, action: Action, day: date) -> Self:
        """Those of frameworks visible for ``action``; who only reads sees what was, or is about to be, published."""
        rows = self.filter(framework__in=_frameworks().visible_to(user, action, day))
        if action in {Action.VIEW_CURRICULUM, Action.COMMENT_CURRICULUM}:
            return rows.filter(status__in=[RevisionStatus.SCHEDULED, RevisionStatus.PUBLISHED])
        return rows

    def open(self) -> Self:
        return self.filter(status__in=[RevisionStatus.DRAFT, RevisionStatus.SCHEDULED])


class WordingQuerySet(models.QuerySet[M_co]):
    def in_force(self) -> Self:
        return self.filter(ended_at__isnull=True)


class CommentQuerySet(InFrameworkQuerySet[M_co]):
    """What the staff says about a framework."""


def _frameworks() -> FrameworkQuerySet[models.Model]:
    rows: FrameworkQuerySet[models.Model] = apps.get_model("curriculum", "Framework").objects.all()
    return rows
