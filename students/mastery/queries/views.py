"""Saved views of the grid: which there are for whom, and what is in them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import F, Q

from curriculum.models import Target, Topic
from lpm.people.access import in_window
from lpm.people.models import Enrollment, Group, Student, User
from lpm.people.policy import Action
from students.mastery.models import GridView

MOST_ROWS = 400
MOST_COLUMNS = 200


def views_for(person: User, day: date) -> Any:
    """One's own views, and those of the schools in which one sees a group, in the order in which they are shown."""
    schools = Group.objects.visible_to(person, Action.VIEW_GROUP, day).values("school")
    rows = GridView.objects.filter(Q(owner=person) | Q(owner=None, school__in=schools)).select_related("school")
    return rows.order_by(F("owner").asc(nulls_last=True), "position", "name", "pk")


def default_mode(views: list[GridView]) -> str | None:
    """The mode of one's own default among ``views``, else of the school's; None without either. No query."""
    defaults = [view for view in views if view.is_default]
    return defaults[0].mode if defaults else None


def students_of(view: GridView, person: User, day: date) -> Any:
    """The students of a view whom ``person`` sees as one of the staff. In a school's view they are one's own."""
    rows = Student.objects.visible_to(person, Action.VIEW_STAFF_NOTES, day)
    if view.owner_id is None:
        return rows.filter(pk__in=_enrolled(_marking(person, day).filter(school=view.school), day))
    return rows.filter(Q(pk__in=_enrolled(view.groups.all(), day)) | Q(pk__in=view.students.values("pk")))


def targets_of(view: GridView) -> Any:
    """The targets of a view that its school uses, in order."""
    chosen = Q(topic__in=view.topics.values("pk")) | Q(pk__in=view.targets.values("pk"))
    rows = Target.objects.current().filter(chosen, topic__in=Topic.objects.used_by(view.school_id).values("pk"))
    return rows.order_by("topic__area__position", "topic__area_id", "topic__position", "topic_id", "position", "pk")


def marking_groups(students: Any, person: User, day: date) -> dict[int, str]:
    """For each of the students on whom ``person`` may record or note something, the group in which; in 1 query."""
    seats = Enrollment.objects.filter(
        in_window(day, school="group__school__"),
        student__in=students.order_by().values("pk"),
        group__in=_marking(person, day),
    )
    rows = seats.order_by("-group__sort_key", "-group_id").values_list("student_id", "group__uuid")
    return {student: str(group) for student, group in rows}


def _marking(person: User, day: date) -> Any:
    recording = Group.objects.visible_to(person, Action.RECORD_MARK, day).values("pk")
    offering = Group.objects.visible_to(person, Action.OFFER_MARK, day).values("pk")
    return Group.objects.filter(Q(pk__in=recording) | Q(pk__in=offering))


def _enrolled(groups: Any, day: date) -> Any:
    return Enrollment.objects.filter(in_window(day, school="group__school__"), group__in=groups).values("student")
