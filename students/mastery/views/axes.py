"""Which students by which targets a grid has, of a group or of a saved view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404

from curriculum.models import Scale, Target, Topic
from lpm.lib.dates import school_day
from lpm.lib.grades import GRADES
from lpm.people.models import Group, Organization, Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, parse_uuid, visible
from students.mastery.enums import GridFilter, GridMode
from students.mastery.models import GridView
from students.mastery.queries import find_topic
from students.mastery.queries.grid import NOW, Grid, Standing, keeper, read_grid, recency_of
from students.mastery.queries.views import MOST_ROWS, default_mode, marking_groups, students_of, targets_of
from students.mastery.views.seeing import read_past_day

LAST_MODE = "grid_mode"  # of the session


@dataclass(frozen=True)
class Axes:
    """``students`` and ``targets`` are querysets in their order; ``groups`` is where marks belong, in a view."""

    title: str
    school: Organization
    students: Any
    targets: Any
    group: Group | None = None
    view: GridView | None = None
    topics: Any = None
    topic: Topic | None = None
    groups: Mapping[int, str] | None = None


def axes_of_group(request: PersonRequest, group: UUID) -> Axes:
    """The students of the group by the targets of one topic, as far as they are for the grade asked for."""
    shown = get_permitted(request, Group.objects.select_related("school"), uuid=group)
    topics = Topic.objects.used_by(shown.school_id)
    on_scales = topics.select_related("area__framework__scale").prefetch_related("area__framework__scale__levels")
    topic = _chosen_topic(request, shown, on_scales)
    return Axes(
        title=shown.name,
        school=shown.school,
        students=visible(request, Student.objects).enrolled_in(shown.pk, request.day).by_name(),
        targets=_of_grade(request, Target.objects.filter(topic=topic).current().in_order()),
        group=shown,
        topics=topics.select_related("area").in_order(),
        topic=topic,
    )


def axes_of_view(request: PersonRequest, view: GridView) -> Axes:
    students = students_of(view, request.user, request.day).named_for(request.user).by_name()
    return Axes(
        title=view.name,
        school=view.school,
        students=students,
        targets=_of_grade(request, targets_of(view)),
        view=view,
        groups=marking_groups(students, request.user, request.day),
    )


def _chosen_topic(request: PersonRequest, group: Group, topics: Any) -> Topic | None:
    wanted = request.GET.get("topic")
    if not wanted:
        return find_topic(group, topics)
    topic: Topic | None = topics.filter(uuid=parse_uuid(wanted)).first()
    if topic is None:
        raise Http404
    return topic


def _of_grade(request: PersonRequest, targets: Any) -> Any:
    grade = request.GET.get("grade", "")
    return targets.filter(grades__contains=[grade]) if grade in GRADES else targets


def scale_of(axes: Axes) -> Scale | None:
    """The scale of the grid, with its levels; no query in a group's, 3 in a view's."""
    if axes.topic is not None:
        return axes.topic.area.framework.scale
    if axes.view is None:
        return None
    scales = Scale.objects.filter(frameworks__areas__topics__targets__in=targets_of(axes.view).order_by().values("pk"))
    return scales.prefetch_related("levels").first()


def grades_of(axes: Axes) -> list[str]:
    """The grades that the columns are for, in order; to choose from where there are several. 1 query."""
    rows = targets_of(axes.view) if axes.view else Target.objects.filter(topic=axes.topic).current()
    found = {grade for grades in rows.values_list("grades", flat=True) for grade in grades}
    return [grade for grade in GRADES if grade in found]


def chosen_filter(request: PersonRequest, axes: Axes) -> str:
    """As the address says, else as the view was kept."""
    wanted = request.GET.get("filter")
    if wanted is None:
        return axes.view.filter if axes.view else ""
    return wanted if wanted in GridFilter.values else ""


def chosen_mode(request: PersonRequest, axes: Axes, views: list[GridView]) -> str:
    """As the address says, else as the view was kept; of a group as it was chosen last since signing in, else as one's
    own default view, else as the school's. Practice is for the moment: nobody finds it on without having asked."""
    wanted = request.GET.get("mode")
    is_known = wanted in GridMode.values
    if axes.view is not None:
        return str(wanted) if is_known else axes.view.mode
    usual = default_mode([view for view in views if view.school_id == axes.school.pk]) or GridMode.LEVELS
    if is_known and wanted != GridMode.PRACTICE:
        _remember_mode(request, str(wanted), usual)
    return str(wanted) if is_known else request.session.get(LAST_MODE, usual)


def _remember_mode(request: PersonRequest, mode: str, usual: str) -> None:
    """What is as usual anyhow is not kept: it changes with the default."""
    if mode == usual:
        request.session.pop(LAST_MODE, None)
    elif request.session.get(LAST_MODE) != mode:
        request.session[LAST_MODE] = mode


@dataclass(frozen=True)
class Asked:
    """The day whose record a grid shows or compares with; ``sentence`` says why it does not."""

    standing: Standing
    latest: date
    sentence: str = ""


def asked_standing(request: PersonRequest, axes: Axes) -> Asked:
    """With ``?as_of=2026-10-31`` the record as it stood then, with ``?since=2026-10-31`` what changed since; the former
    where there are both. 1 query."""
    today = school_day(axes.school.time_zone)
    _typed, as_of, sentence = read_past_day(request, "as_of", today)
    _typed, since, other_sentence = read_past_day(request, "since", today)
    recency_days = recency_of(axes.school.pk, request.day)
    return Asked(Standing(as_of, None if as_of else since, recency_days), today, sentence or other_sentence)


def read_shown(request: PersonRequest, axes: Axes, standing: Standing = NOW) -> Grid:
    """The grid with the rows that the filter leaves."""
    keeps = keeper(chosen_filter(request, axes), request.user, axes.school, request.day)
    students = axes.students[:MOST_ROWS]
    return read_grid(students, axes.targets, day=request.day, standing=standing, keeps=keeps, groups=axes.groups)


def find_deed(request: PersonRequest, axes: Axes) -> str:
    """What the person may do in the grid: record, offer (a substitute), or nothing but look."""
    if axes.groups is not None:
        return "record" if axes.groups else ""
    groups = Group.objects.filter(pk__in=[axes.group.pk] if axes.group else [])
    for deed, action in (("record", Action.RECORD_MARK), ("offer", Action.OFFER_MARK)):
        if groups.visible_to(request.user, action, request.day).exists():
            return deed
    return ""
