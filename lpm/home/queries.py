"""What a person's home, navigation and school page need to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch

from lpm.people.access import in_window
from lpm.people.enums import OrganizationKind, StaffRole
from lpm.people.models import Group, Organization, Staffing, Student, User
from lpm.people.policy import Action, Relation
from lpm.people.querysets import GroupQuerySet, StudentQuerySet

IN_CLASS = [Relation.TEACHER, Relation.SUBSTITUTE]


@dataclass(frozen=True)
class Places:
    """Which parts of the application are somebody's own."""

    student: Student | None
    is_guardian: bool
    is_teacher: bool
    is_leader: bool
    may_import: bool
    is_administrator: bool


def find_places(user: User, day: date) -> Places:
    """In 1 query, of a guardian in 2, beside the one in which a request reads how somebody stands."""
    organizations = Organization.objects
    return Places(
        student=Student.objects.filter(user=user).first(),
        is_guardian=children_of(user, day).exists(),
        is_teacher=Group.objects.any_visible_to(user, Action.VIEW_GROUP, day, through=IN_CLASS),
        is_leader=organizations.any_visible_to(user, Action.VIEW_SCHOOL, day),
        may_import=organizations.any_visible_to(user, Action.IMPORT_CURRICULUM, day),
        is_administrator=organizations.any_visible_to(user, Action.MANAGE_ORGANIZATION, day),
    )


def children_of(user: User, day: date) -> StudentQuerySet[Student]:
    """The students whose guardian somebody is, not those whom they see for another reason, as the family calls them."""
    children = Student.objects.visible_to(user, Action.VIEW_STUDENT, day, through=[Relation.GUARDIAN])
    return children.named_for(user)


def groups_of(user: User, day: date) -> GroupQuerySet[Group]:
    """The groups that somebody teaches, or stands in for a teacher of."""
    return Group.objects.visible_to(user, Action.VIEW_GROUP, day, through=IN_CLASS)


def with_card(groups: Any, day: date) -> Any:
    """Groups with their teachers, each once, and the number of their students, for a list."""
    teaching = Staffing.objects.exclude(role=StaffRole.SUBSTITUTE).filter(in_window(day, school="group__school__"))
    before = teaching.filter(group=OuterRef("group"), user=OuterRef("user"), pk__lt=OuterRef("pk"))
    teachers = teaching.filter(~Exists(before)).select_related("user")
    enrolled = Count("enrollments", filter=in_window(day, "enrollments__", "group__school__"), distinct=True)
    return (
        groups.select_related("school")
        .prefetch_related(Prefetch("staffing", teachers.order_by("role", "user__sort_key", "pk"), "teachers"))
        .annotate(student_count=enrolled)
        .by_name()
    )


def schools_of(organizations: Any) -> Any:
    """The schools among ``organizations``."""
    return organizations.filter(kind=OrganizationKind.SCHOOL).by_name()
