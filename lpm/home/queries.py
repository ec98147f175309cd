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
    """In 2 queries, however many grants, children and groups there are."""
    led = Organization.objects.visible_to(user, Action.VIEW_SCHOOL, day)
    curriculum = Organization.objects.visible_to(user, Action.IMPORT_CURRICULUM, day)
    managed = Organization.objects.visible_to(user, Action.MANAGE_ORGANIZATION, day)
    flags = (
        User.objects.filter(pk=user.pk)
        .annotate(
            is_guardian=Exists(children_of(user, day)),
            is_teacher=Exists(groups_of(user, day)),
            is_leader=Exists(led),
            may=Exists(curriculum),
            is_administrator=Exists(managed),
        )
        .values("is_guardian", "is_teacher", "is_leader", "may", "is_administrator")
        .get()
    )
    return Places(
        student=Student.objects.filter(user=user).first(),
        is_guardian=flags["is_guardian"],
        is_teacher=flags["is_teacher"],
        is_leader=flags["is_leader"],
        may_import=flags["may"],
        is_administrator=flags["is_administrator"],
    )


def children_of(user: User, day: date) -> StudentQuerySet[Student]:
    """The students whose guardian somebody is, not those whom they see for another reason, as the family calls them."""
    children = Student.objects.visible_to(user, Action.VIEW_STUDENT, day, through=[Relation.GUARDIAN])
    return children.named_for(user)


def groups_of(user: User, day: date) -> GroupQuerySet[Group]:
    """The groups that somebody teaches, or stands in for a teacher of."""
    return Group.objects.visible_to(user, Action.VIEW_GROUP, day, through=[Relation.TEACHER, Relation.SUBSTITUTE])


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
