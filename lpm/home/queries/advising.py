"""The students of somebody's advisory and caseload, a line each, and with whom a conversation would be worth while."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, Subquery
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.enums import Domain
from curriculum.models import Target
from lpm.lib.dates import school_day
from lpm.people.access import TEACHING_ROLES, in_window
from lpm.people.enums import GroupKind
from lpm.people.models import Enrollment, Group, Organization, Staffing, Student, User
from lpm.people.policy import Action, Relation
from lpm.people.queries.calendar import calendar_of
from students.mastery.enums import RequestState
from students.mastery.models import MasteryState, ReadyRequest, TopicMastery

QUIET_DAYS = 10  # with school
TOO_LONG = timedelta(days=7)
FURTHEST = timedelta(days=150)
LATELY = timedelta(days=28)
OPENING = [Relation.TEACHER, Relation.CASE_MANAGER, Relation.COUNSELOR]


@dataclass(frozen=True)
class Line:
    """A student: where they are (``here``), what was seen last, since when they wait for an answer.

    ``is_open`` False: one knows who they are and nothing of their learning. ``reason``: in words, why a conversation
    would be worth while; empty where there is none.
    """

    student: Student
    groups: Sequence[str]
    is_open: bool
    newest: MasteryState | None = None
    here: Target | None = None
    waits_since: datetime | None = None
    reason: str = ""

    @property
    def is_newest_here(self) -> bool:
        """What was seen last is what they are working on: it need not be said twice."""
        return bool(self.newest and self.here and self.newest.target_id == self.here.pk)


@dataclass(frozen=True)
class Advising:
    """By name; ``learned_count`` met a target in the last four weeks."""

    lines: Sequence[Line]
    learned_count: int = 0

    def __bool__(self) -> bool:
        return bool(self.lines)

    @property
    def names_groups(self) -> bool:
        """Whether the lines are of several groups."""
        return len({tuple(line.groups) for line in self.lines}) > 1

    @property
    def worth(self) -> list[Line]:
        return [line for line in self.lines if line.reason]

    @property
    def others(self) -> list[Line]:
        return [line for line in self.lines if not line.reason]

    @property
    def waiting_count(self) -> int:
        return sum(line.waits_since is not None for line in self.lines)

    @property
    def sentence(self) -> str:
        if not self.worth:
            return _("Something was seen of everybody lately, and nobody waits for long.")
        return ngettext(
            "%(n)s of your students is worth a conversation.",
            "%(n)s of your students are worth a conversation.",
            len(self.worth),
        ) % {"n": len(self.worth)}

    @property
    def seen(self) -> list[Student]:
        """Those of whom the lines say how they learn."""
        return [line.student for line in self.lines if line.is_open]


def read_advising(user: User, day: date, now: datetime) -> Advising:
    """In 7 queries and 3 more for each school; in 1 where there is nobody."""
    students = list(_students(user, day))
    if not students:
        return Advising([])
    opened = [student.pk for student in students if student.is_open]
    newest = _read_newest(opened)
    here = _read_here(newest.values())
    waits = _read_waits(opened)
    groups = _read_groups([student.pk for student in students], user, day)
    schools = Organization.objects.in_bulk({student.school_id for student in students})
    quiet = {pk: _Quiet.of(school, day) for pk, school in schools.items()}
    lines = []
    for student in students:
        line = Line(student, groups[student.pk], student.is_open)
        if student.is_open:
            last = newest.get(student.pk)
            line = replace(line, newest=last, here=here.get(student.pk), waits_since=waits.get(student.pk))
            line = replace(line, reason=_reason(line, quiet[student.school_id], now))
        lines.append(line)
    return Advising(lines, _count_learned(opened, now))


def _students(user: User, day: date) -> Any:
    """Those on the person's caseload, and those of the advisories that they lead; with ``is_open``."""
    opened = Student.objects.visible_to(user, Action.VIEW_STUDENT, day, through=OPENING)
    carried = Student.objects.visible_to(user, Action.VIEW_PROFILE, day, through=[Relation.CASELOAD])
    advised = Enrollment.objects.filter(in_window(day, school="group__school__"), group__in=_advisories(user, day))
    here = Q(left_on__isnull=True) | Q(left_on__gte=day)
    mine = Q(pk__in=carried.values("pk")) | Q(pk__in=opened.filter(pk__in=advised.values("student")).values("pk"))
    rows = Student.objects.filter(mine, here).annotate(is_open=Exists(opened.filter(pk=OuterRef("pk"))))
    return rows.named_for(user).by_name()


def _advisories(user: User, day: date) -> Any:
    mine = Group.objects.visible_to(user, Action.VIEW_GROUP, day, through=[Relation.TEACHER])
    leading = Staffing.objects.filter(in_window(day, school="group__school__"), user=user, role__in=TEACHING_ROLES)
    return mine.filter(kind=GroupKind.ADVISORY, pk__in=leading.values("group"))


def _read_groups(students: Collection[int], user: User, day: date) -> Mapping[int, list[str]]:
    """The names of the person's advisories in which each is; none for whoever is on the caseload alone."""
    seats = Enrollment.objects.filter(
        in_window(day, school="group__school__"), student__in=students, group__in=_advisories(user, day)
    )
    names: dict[int, list[str]] = defaultdict(list)
    for student, name in seats.order_by("group__sort_key").values_list("student_id", "group__name").distinct():
        names[student].append(name)
    return names


def _read_newest(students: Collection[int]) -> dict[int, MasteryState]:
    """Of each student the target of content on which something was recorded last."""
    of_each = MasteryState.objects.filter(
        student=OuterRef("pk"), changed_at__isnull=False, target__topic__area__domain=Domain.CONTENT
    ).order_by("-changed_at", "-pk")
    newest = Student.objects.filter(pk__in=students).values(newest=Subquery(of_each.values("pk")[:1]))
    rows = MasteryState.objects.filter(pk__in=newest).select_related("target__topic__area__framework")
    return {row.student_id: row for row in rows}


def _read_here(newest: Collection[MasteryState]) -> dict[int, Target]:
    """Where each student is in the topic of what was seen last; nowhere in one that is behind them."""
    topics = {state.student_id: state.target.topic_id for state in newest}
    rows = TopicMastery.objects.filter(student__in=topics, topic__in=set(topics.values()), here__isnull=False)
    rows = rows.select_related("here__topic__area__framework")
    return {row.student_id: row.here for row in rows if row.here and row.topic_id == topics[row.student_id]}


def _read_waits(students: Collection[int]) -> dict[int, datetime]:
    rows = ReadyRequest.objects.filter(student__in=students, state=RequestState.WAITING)
    return dict(rows.order_by().values_list("student").annotate(Min("asked_at")))


def _count_learned(students: Collection[int], now: datetime) -> int:
    """On how many of them a target that is met had something recorded in the last four weeks."""
    rows = MasteryState.objects.filter(student__in=students, is_proficient=True, changed_at__gte=now - LATELY)
    return rows.order_by().values("student").distinct().count()


@dataclass(frozen=True)
class _Quiet:
    """The days with school in a school up to now."""

    zone: str
    days: Sequence[date]

    @classmethod
    def of(cls, school: Organization, day: date) -> _Quiet:
        calendar = calendar_of(school)
        if not calendar.years:
            calendar = replace(calendar, years=[(day - FURTHEST, day)])
        return cls(school.time_zone, calendar.days(day - FURTHEST, day))

    def since(self, moment: datetime) -> int:
        last = school_day(self.zone, moment)
        return sum(day > last for day in self.days)


def _reason(line: Line, quiet: _Quiet, now: datetime) -> str:
    if line.waits_since and line.waits_since < now - TOO_LONG:
        asked = {"day": date_format(localtime(line.waits_since), "MONTH_DAY_FORMAT")}
        return _("Asked on %(day)s to show something, and still waits for an answer.") % asked
    if line.newest is None or line.newest.changed_at is None:
        return _("Nothing is recorded yet: a talk about where to begin.")
    if (days := quiet.since(line.newest.changed_at)) >= QUIET_DAYS:
        return _("Nothing new was recorded for %(n)s school days.") % {"n": days}
    return ""
