"""Which parts of the site are somebody's, and the lists of their groups and schools."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db.models import Count, Exists, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce

from lpm.notices.models import Notice
from lpm.people.access import in_window
from lpm.people.enums import OrganizationKind, StaffRole
from lpm.people.models import Group, Guardianship, Organization, Staffing, Student, User
from lpm.people.policy import Action, Relation
from lpm.people.querysets import GroupQuerySet, StudentQuerySet, VisibleQuerySet
from students.threads.queries import students_written_about
from students.threads.querysets import FAMILY, STAFF

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
    has_caseload: bool
    unread: int  # notices that are new
    has_pages: bool  # the school lets the student see their own
    has_messages: bool  # there is somebody to write to, at a school that has messages on


def find_places(user: User, day: date) -> Places:
    """In 1 query, of a guardian in 2, beside the one in which a request reads how somebody stands."""
    organizations = Organization.objects
    own = _own(user, day)
    return Places(
        student=getattr(own, "student", None),
        is_guardian=children_of(user, day).exists(),
        is_teacher=Group.objects.any_visible_to(user, Action.VIEW_GROUP, day, through=IN_CLASS),
        is_leader=organizations.any_visible_to(user, Action.VIEW_SCHOOL, day),
        may_import=organizations.any_visible_to(user, Action.IMPORT_CURRICULUM, day),
        is_administrator=organizations.any_visible_to(user, Action.MANAGE_ORGANIZATION, day),
        has_caseload=_has_caseload(user, day),
        unread=own.unread,
        has_pages=own.has_pages,
        has_messages=own.writes_for_self or own.writes_for_child or own.writes_as_staff,
    )


def _own(user: User, day: date) -> Any:
    """Somebody with their own record, how many notices are new to them, and what is open to them; in 1 query."""
    new = Notice.objects.of(user, day).unread().order_by().values("person")
    unread = Coalesce(Subquery(new.values(count=Count("pk"))), 0)
    rows = User.objects.filter(pk=user.pk).select_related("student__school")
    return rows.annotate(
        unread=unread,
        has_pages=Exists(Student.objects.visible_to(user, Action.VIEW_STUDENT, day, through=[Relation.SELF])),
        writes_for_self=Exists(_written_about(user, day, [Relation.SELF])),
        writes_for_child=Exists(_written_about(user, day, FAMILY).filter(pk__in=_linked(user))),
        writes_as_staff=Exists(_written_about(user, day, STAFF)),
    ).get()


def _written_about(user: User, day: date, through: Collection[Relation]) -> Any:
    return students_written_about(Student.objects.visible_to(user, Action.WRITE_MESSAGE, day, through=through))


def _linked(user: User) -> Any:
    """Every student whose guardian somebody ever was: few, so that the rules are asked of few."""
    return Guardianship.objects.filter(guardian=user).values("student")


def _has_caseload(user: User, day: date) -> bool:
    """A record that was merged into another one has left every caseload: students need not be asked one by one."""
    students = cast(VisibleQuerySet[Student], Student.objects.all())
    return VisibleQuerySet.any_visible_to(students, user, Action.VIEW_PROFILE, day, through=[Relation.CASELOAD])


def children_of(user: User, day: date) -> StudentQuerySet[Student]:
    """The students whose guardian somebody is, not those whom they see for another reason, as the family calls them."""
    children = Student.objects.visible_to(user, Action.VIEW_STUDENT, day, through=[Relation.GUARDIAN])
    return children.named_for(user)


def groups_of(user: User, day: date) -> GroupQuerySet[Group]:
    """The groups that somebody teaches, or stands in for a teacher of."""
    return Group.objects.visible_to(user, Action.VIEW_GROUP, day, through=IN_CLASS)


def with_count(groups: Any, day: date) -> Any:
    """Groups with their school and ``student_count``, by name."""
    enrolled = Count("enrollments", filter=in_window(day, "enrollments__", "group__school__"), distinct=True)
    return groups.select_related("school").annotate(student_count=enrolled).by_name()


def with_card(groups: Any, day: date) -> Any:
    """The same, and with their teachers, each once."""
    teaching = Staffing.objects.exclude(role=StaffRole.SUBSTITUTE).filter(in_window(day, school="group__school__"))
    before = teaching.filter(group=OuterRef("group"), user=OuterRef("user"), pk__lt=OuterRef("pk"))
    teachers = teaching.filter(~Exists(before)).select_related("user")
    ordered = teachers.order_by("role", "user__sort_key", "pk")
    return with_count(groups, day).prefetch_related(Prefetch("staffing", ordered, "teachers"))


def schools_of(organizations: Any) -> Any:
    """The schools among ``organizations``."""
    return organizations.filter(kind=OrganizationKind.SCHOOL).by_name()
