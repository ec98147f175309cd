from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Lower

from lpm.people import access
from lpm.people.policy import Action, Relation

if TYPE_CHECKING:
    from collections.abc import Collection

    from lpm.people.models import Organization, User

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class VisibleQuerySet(models.QuerySet[M_co]):
    """Rows a person may act on; the rules come from ``access`` and nowhere else."""

    rules: ClassVar[access.Rules] = {}

    def visible_to(
        self, user: User, action: Action, day: date, *, through: Collection[Relation] = tuple(Relation)
    ) -> Self:
        """The rows on which ``user`` may do ``action`` on the school day ``day``, by one of the relations named."""
        conditions = access.permitted(self.rules, user, action, day, through)
        if not conditions:
            return self.none()
        rows = self.model._base_manager
        allowed = Q()
        # A subquery each, so that joins of one relation never multiply another's; correlated, so that whoever
        # wants one row looks at what that row is tied to, and at no other.
        for condition in conditions:
            allowed |= Q(Exists(rows.filter(condition, pk=OuterRef("pk"))))
        return self.filter(allowed)


class StudentQuerySet(VisibleQuerySet[M_co]):
    rules = access.STUDENT_RULES

    def enrolled_in(self, group_id: int, day: date) -> Self:
        enrolled = self.model._base_manager.filter(
            access.in_window(day, "enrollments__"), enrollments__group_id=group_id
        )
        return self.filter(pk__in=enrolled.values("pk"))

    def by_name(self) -> Self:
        return self.order_by("sort_key", "pk")


class AboutStudentQuerySet(models.QuerySet[M_co]):
    """Rows about a student (``student`` is their field): visible where the student is."""

    def visible_to(self, user: User, action: Action, day: date) -> Self:
        students = self.model._meta.get_field("student").related_model
        return self.filter(student__in=students.objects.visible_to(user, action, day))  # type: ignore[union-attr]


class GroupQuerySet(VisibleQuerySet[M_co]):
    rules = access.GROUP_RULES

    def by_name(self) -> Self:
        return self.order_by("sort_key", "pk")


class OrganizationQuerySet(VisibleQuerySet[M_co]):
    rules = access.ORGANIZATION_RULES

    def under(self, organization: Organization) -> Self:
        """The organization itself and everything below it."""
        return self.filter(lineage__ancestor=organization)

    def by_name(self) -> Self:
        return self.order_by("sort_key", "pk")

    def from_the_top(self) -> Self:
        """Districts before their schools, each kind by name."""
        return self.annotate(height=models.Count("lineage")).order_by("height", "sort_key", "pk")


class ImportRunQuerySet(VisibleQuerySet[M_co]):
    rules = access.IMPORT_RULES


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        """Sign-in names ignore case, as people do; in the words of the index that holds them apart."""
        return self.alias(lowered=Lower(F("username"))).get(lowered=Lower(Value(username)))
