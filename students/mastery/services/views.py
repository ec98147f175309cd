"""Keeping views of the grid under a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.models import Target, Topic
from lpm.audit.services import record_entry
from lpm.people.models import Group, Organization, Student, User, district_id_of
from lpm.people.policy import Action
from students.mastery.models import GridView
from students.mastery.queries.views import MOST_COLUMNS, targets_of

MOST_VIEWS = 50


class ViewRefused(Exception):
    """The view was not kept. ``code`` is for programs; the text is a sentence for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class ViewContent:
    """What a view shows and how. A school's view has no groups and no students."""

    name: str
    mode: str
    filter: str = ""
    is_default: bool = False
    groups: list[Group] = field(default_factory=list)
    students: list[Student] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)


@transaction.atomic
def create_view(
    *, person: User, school: Organization, content: ViewContent, day: date, is_for_school: bool = False
) -> GridView:
    """A new view of ``person``, or of the whole school. Raises ViewRefused."""
    view = GridView(
        school=school, district_id=district_id_of(school) or school.pk, owner=None if is_for_school else person
    )
    _check_may(view, person, day)
    if GridView.objects.filter(owner=view.owner, school=school).count() >= MOST_VIEWS:
        raise ViewRefused("too_many", _("There are %(n)s views already. Remove one first.") % {"n": MOST_VIEWS})
    view.position = GridView.objects.filter(owner=view.owner, school=school).count()
    return _save(view, person, content, day, "mastery.create_view")


@transaction.atomic
def change_view(*, view: GridView, person: User, content: ViewContent, day: date) -> GridView:
    """Raises ViewRefused."""
    locked = GridView.objects.select_for_update(of=("self",)).select_related("school").get(pk=view.pk)
    _check_may(locked, person, day)
    return _save(locked, person, content, day, "mastery.change_view")


@transaction.atomic
def delete_view(*, view: GridView, person: User, day: date) -> None:
    """The view is gone; what was recorded in it is not. One's own goes also where one teaches nobody any more.

    Raises ViewRefused.
    """
    if view.owner_id != person.pk:
        _check_may(view, person, day)
    record_entry(actor_id=person.pk, action="mastery.delete_view", subject_uuid=view.uuid, district_id=view.district_id)
    view.delete()


def _check_may(view: GridView, person: User, day: date) -> None:
    """One's own, in a school where one sees a group; a school's, for whom the policy lets give it one."""
    if view.owner_id is None:
        may = Organization.objects.visible_to(person, Action.SHARE_VIEW, day).filter(pk=view.school_id).exists()
    else:
        groups = Group.objects.visible_to(person, Action.VIEW_GROUP, day).filter(school=view.school_id)
        may = view.owner_id == person.pk and groups.exists()
    if not may:
        raise ViewRefused("not_allowed", _("You cannot change this view."))


def _save(view: GridView, person: User, content: ViewContent, day: date, action: str) -> GridView:
    _check_content(view, person, content, day)
    if content.is_default:
        GridView.objects.filter(owner=view.owner, school=view.school).exclude(pk=view.pk).update(is_default=False)
    for name in ("name", "mode", "filter", "is_default"):
        setattr(view, name, getattr(content, name))
    view.save()
    view.groups.set(content.groups)
    view.students.set(content.students)
    view.topics.set(content.topics)
    view.targets.set(content.targets)
    _check_columns(view)
    record_entry(
        actor_id=person.pk,
        action=action,
        subject_uuid=view.uuid,
        district_id=view.district_id,
        groups=len(content.groups),
        students=len(content.students),
        topics=len(content.topics),
        targets=len(content.targets),
    )
    return view


def _check_content(view: GridView, person: User, content: ViewContent, day: date) -> None:
    if not content.name.strip():
        raise ViewRefused("no_name", _("Give the view a name."))
    if view.owner_id is None and (content.groups or content.students):
        raise ViewRefused("names_students", _("A school’s view names no students: each teacher sees their own in it."))
    if view.owner_id is not None and not content.groups and not content.students:
        raise ViewRefused("no_students", _("Choose at least one group or student."))
    if not content.topics and not content.targets:
        raise ViewRefused("no_targets", _("Choose at least one topic or target."))
    seen: list[tuple[Any, list[Any]]] = [
        (Group.objects.visible_to(person, Action.VIEW_GROUP, day), list(content.groups)),
        (Student.objects.visible_to(person, Action.VIEW_STAFF_NOTES, day), list(content.students)),
    ]
    if any(_is_missing(rows, chosen) for rows, chosen in seen):
        raise ViewRefused("not_allowed", _("You cannot see all of these students."))


def _is_missing(rows: Any, chosen: list[Any]) -> bool:
    ids = {row.pk for row in chosen}
    return bool(ids) and rows.filter(pk__in=ids).count() != len(ids)


def _check_columns(view: GridView) -> None:
    """The targets are in use at the school, not too many, and all on one scale: a grid has one set of levels."""
    scale = "topic__area__framework__scale__"
    rows = targets_of(view).values_list(*(f"{scale}{name}" for name in ("low", "high", "step", "proficient")))
    scales = list(rows)
    if not scales:
        raise ViewRefused("no_targets", _("Choose at least one topic or target."))
    if len(scales) > MOST_COLUMNS:
        raise ViewRefused(
            "too_wide",
            _("These are %(n)s targets. Choose at most %(most)s.") % {"n": len(scales), "most": MOST_COLUMNS},
        )
    if len(set(scales)) > 1:
        raise ViewRefused("scales", _("These targets have different levels. Choose targets with the same levels."))
