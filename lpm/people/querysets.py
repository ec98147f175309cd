from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Lower

from lpm.people import access
from lpm.people.enums import Audience
from lpm.people.policy import Action, Relation

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from lpm.people.models import Organization, User

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


def _model_across(rows: models.QuerySet[Any], relation: str) -> Any:
    """The model on the other side of ``relation``: models import this module, so that it cannot import theirs."""
    return rows.model._meta.get_field(relation).related_model


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
        return self.filter(self._any_of(conditions))

    def any_visible_to(
        self, user: User, action: Action, day: date, *, through: Collection[Relation] = tuple(Relation)
    ) -> bool:
        """Whether there are such rows; within a request mostly without a query. Asked of all rows of the model."""
        conditions = access.permitted(self.rules, user, action, day, through)
        if any(isinstance(condition, access.OfSome) for condition in conditions):
            return True
        return bool(conditions) and self.filter(self._any_of(conditions)).exists()

    def allows(self, user: User, action: Action, day: date, row: models.Model) -> bool:
        """Whether ``user`` may do ``action`` on ``row``; what the door of the page found is not looked up again."""
        if access.was_allowed(user.pk, action, day, type(row), row.pk):
            return True
        return self.visible_to(user, action, day).filter(pk=row.pk).exists()

    def _any_of(self, conditions: Sequence[Q]) -> Q:
        """A subquery each, so that joins of one never multiply another's; correlated, so that whoever wants one row
        looks at what that row is tied to, and at no other."""
        rows = self.model._base_manager
        allowed = Q()
        for condition in conditions:
            is_plain = isinstance(condition, access.OfRow)
            allowed |= condition if is_plain else Q(Exists(rows.filter(condition, pk=OuterRef("pk"))))
        return allowed


class StudentQuerySet(VisibleQuerySet[M_co]):
    """Students; ``visible_to`` leaves out records that were merged into another, which speaks for them."""

    rules = access.STUDENT_RULES

    def visible_to(
        self, user: User, action: Action, day: date, *, through: Collection[Relation] = tuple(Relation)
    ) -> Self:
        return super().visible_to(user, action, day, through=through).unmerged()

    def any_visible_to(
        self, user: User, action: Action, day: date, *, through: Collection[Relation] = tuple(Relation)
    ) -> bool:
        """Asked, since a guardian's only child here may be a record that was merged."""
        return self.visible_to(user, action, day, through=through).exists()

    def unmerged(self) -> Self:
        """Without the records that were merged into another one, which speaks for them."""
        return self.filter(merged_into__isnull=True)

    def enrolled_in(self, group_id: int, day: date) -> Self:
        enrolled = self.model._base_manager.filter(
            access.in_window(day, "enrollments__", "group__school__"), enrollments__group_id=group_id
        )
        return self.filter(pk__in=enrolled.values("pk"))

    def named_for(self, user: User) -> Self:
        """With ``audience``: FAMILY for a guardian of the student, who may not know the name used at school."""
        guardians = _model_across(self, "guardianships")._base_manager
        guarded = Exists(guardians.filter(student=OuterRef("pk"), guardian=user))
        return self.annotate(audience=Case(When(guarded, then=Value(Audience.FAMILY)), default=Value(Audience.CLASS)))

    def with_relation(self, user: User, action: Action, day: date) -> Self:
        """With ``relation``: the name of the first relation of the rules by which ``user`` may do ``action``, or ""."""
        found = [(relation, access.permitted(self.rules, user, action, day, [relation])) for relation in self.rules]
        cases = [When(self._any_of(by), then=Value(relation.name)) for relation, by in found if by]
        return self.annotate(relation=Case(*cases, default=Value(""), output_field=models.CharField()))

    def records_of(self, student_ids: Collection[int]) -> Self:
        """The students, and the records that were merged into theirs."""
        return self.filter(Q(pk__in=student_ids) | Q(merged_into__in=student_ids))

    def by_name(self) -> Self:
        return self.order_by("sort_key", "pk")


class AboutStudentQuerySet(models.QuerySet[M_co]):
    """Rows about a student (``student`` is their field): visible where the student is."""

    def visible_to(self, user: User, action: Action, day: date) -> Self:
        students = _model_across(self, "student").objects
        return self.filter(student__in=students.visible_to(user, action, day))

    def with_student_for(self, user: User) -> Self:
        """With the student, by the name that this reader knows; in 1 query more."""
        students = _model_across(self, "student").objects
        return self.prefetch_related(models.Prefetch("student", students.named_for(user)))


class HouseholdQuerySet(models.QuerySet[M_co]):
    """Homes of students: visible where one of the students is."""

    def visible_to(self, user: User, action: Action, day: date) -> Self:
        students = _model_across(self, "students").objects
        return self.filter(pk__in=students.visible_to(user, action, day).values("households"))


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


class RoleGrantQuerySet(VisibleQuerySet[M_co]):
    rules = access.GRANT_RULES


class DatedSettingsQuerySet(models.QuerySet[M_co]):
    def in_force(self, organization_id: int, day: date, *fields: str) -> dict[str, Any]:
        """Each of ``fields`` from the nearest organization at or above that sets it, as of ``day``.

        Of each organization its newest row by then speaks. Nothing but an empty text and None is empty. Fields that
        nobody sets are left out. One query.
        """
        rows = (
            self.filter(organization__below__descendant=organization_id, valid_from__lte=day)
            .order_by("organization__below__depth", "-valid_from")
            .distinct("organization__below__depth")
            .values(*fields)
        )
        found: dict[str, Any] = {}
        for row in rows:
            for field, value in row.items():
                if value not in (None, ""):
                    found.setdefault(field, value)
        return found


class ImportRunQuerySet(VisibleQuerySet[M_co]):
    rules = access.IMPORT_RULES


class UserQuerySet(VisibleQuerySet["User"]):
    rules = access.USER_RULES

    def named(self, username: str) -> Self:
        """Everybody of that sign-in name, which ignores case, as people do; at most one in each district."""
        return self.alias(lowered=Lower(F("username"))).filter(lowered=Lower(Value(username)))

    def by_name(self) -> Self:
        return self.order_by("sort_key", "pk")


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def named(self, username: str) -> UserQuerySet:
        return self.get_queryset().named(username)

    def visible_to(self, user: User, action: Action, day: date) -> UserQuerySet:
        return self.get_queryset().visible_to(user, action, day)

    def get_by_natural_key(self, username: str | None) -> User:
        """Raises User.DoesNotExist also when several districts have somebody of that name."""
        found = list(self.get_queryset().named(username or "")[:2])
        if len(found) != 1:
            raise self.model.DoesNotExist
        return found[0]
