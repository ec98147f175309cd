"""A principal's week: what to look at on a Monday. Nobody is compared with anybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Prefetch, Q
from django.utils.translation import gettext as _

from lpm.home.queries.teaching import Meeting, meeting_of
from lpm.lib.dates import end_of_day
from lpm.people.access import TEACHING_ROLES, in_force, in_window
from lpm.people.enums import GroupKind
from lpm.people.models import Enrollment, Group, Organization, Staffing, User
from lpm.people.policy import Action
from students.mastery.enums import RequestState
from students.mastery.models import ReadyRequest, Seminar, ShowingSession
from students.mastery.queries.seminars import coming, is_cancelled

TOO_LONG = timedelta(days=7)
SHOWN = 10
SHOWN_FREE = 6
FIRST = 3  # requests that are seen at once; the rest is a step away
HELPERS = 2


@dataclass(frozen=True)
class Helper:
    """A group in which a request may be answered, and who teaches it; ``is_open``: one may look into it."""

    group: Group
    teachers: Sequence[str]
    is_open: bool


@dataclass(frozen=True)
class LongWait:
    """A request that waits for more than a week, and where it may be answered: in the first HELPERS of those
    groups."""

    request: ReadyRequest
    groups: Sequence[Helper]

    @property
    def helpers(self) -> Sequence[Helper]:
        return self.groups[:HELPERS]

    @property
    def more_helpers(self) -> int:
        return len(self.groups) - len(self.helpers)


@dataclass(frozen=True)
class Week:
    """``long_waits`` are the first SHOWN of ``long_wait_count``, who waits longest first; ``free`` are the next times
    with places left, the first SHOWN_FREE of ``free_count``."""

    schools: Sequence[Organization]
    long_waits: Sequence[LongWait]
    long_wait_count: int
    free: Sequence[Meeting]
    free_count: int

    @property
    def first_waits(self) -> Sequence[LongWait]:
        return self.long_waits[:FIRST]

    @property
    def later_waits(self) -> Sequence[LongWait]:
        return self.long_waits[FIRST:]

    @property
    def later_count(self) -> int:
        return self.long_wait_count - len(self.first_waits)

    @property
    def more_waits(self) -> int:
        return self.long_wait_count - len(self.long_waits)

    @property
    def more_free(self) -> int:
        return self.free_count - len(self.free)

    @property
    def sentence(self) -> str:
        if self.long_wait_count:
            return _("Some students have waited for an answer for more than a week. Ask what would help.")
        if self.free:
            return _("Nobody has waited for an answer for more than a week. There are places in sessions this week.")
        return _("Nobody has waited for an answer for more than a week.")


def read_week(user: User, schools: Sequence[Organization], day: date, now: datetime) -> Week:
    """Of the schools that somebody leads; in 8 queries."""
    requests = ReadyRequest.objects.visible_to(user, Action.VIEW_STUDENT, day).filter(
        Q(student__left_on__isnull=True) | Q(student__left_on__gte=day),
        state=RequestState.WAITING,
        asked_at__lt=now - TOO_LONG,
        student__school__in=schools,
    )
    named = requests.select_related("target__topic__area__framework").with_student_for(user)
    shown = list(named.order_by("asked_at", "pk")[:SHOWN])
    helpers = _read_helpers(user, [request.student_id for request in shown], day)
    free = _read_free(user, schools, day, now)
    return Week(
        schools=schools,
        long_waits=[LongWait(request, helpers[request.student_id]) for request in shown],
        long_wait_count=requests.count(),
        free=free[:SHOWN_FREE],
        free_count=len(free),
    )


def _read_helpers(user: User, students: Sequence[int], day: date) -> dict[int, list[Helper]]:
    """The groups of each student that have a teacher, without those that meet once; advisories last."""
    teaching = Staffing.objects.filter(in_window(day, school="group__school__"), role__in=TEACHING_ROLES)
    ordered = teaching.select_related("user").order_by("user__sort_key", "pk")
    seats = Enrollment.objects.filter(in_window(day, school="group__school__"), student__in=students)
    # Seminars are left out here, since the database would go through all groups to find those that are none.
    rows: Any = seats.select_related("group__seminar").prefetch_related(
        Prefetch("group__staffing", ordered, "teachers")
    )
    found = sorted(rows.order_by("group__sort_key", "pk"), key=lambda row: row.group.kind == GroupKind.ADVISORY)
    groups = Group.objects.filter(pk__in={row.group_id for row in found})
    opened = set(groups.visible_to(user, Action.VIEW_GROUP, day).values_list("pk", flat=True))
    helpers: dict[int, dict[int, Helper]] = defaultdict(dict)
    for row in found:
        names = list(dict.fromkeys(staffing.user.name for staffing in row.group.teachers))
        if names and not hasattr(row.group, "seminar"):
            helpers[row.student_id][row.group_id] = Helper(row.group, names, row.group_id in opened)
    return defaultdict(list, {student: list(groups.values()) for student, groups in helpers.items()})


def _read_free(user: User, schools: Sequence[Organization], day: date, now: datetime) -> list[Meeting]:
    """Showing sessions, and seminars that students may join, of the next seven days with places left; soonest
    first."""
    groups = Group.objects.visible_to(user, Action.VIEW_GROUP, day).filter(school__in=schools)
    until = end_of_day(day + timedelta(days=6), schools[0].time_zone) if schools else now
    taken = Count("group__enrollments__student", filter=coming(day, "group__enrollments__"), distinct=True)
    sessions: Any = ShowingSession.objects.filter(starts_at__gte=now, starts_at__lt=until, cancelled_at__isnull=True)
    sessions = sessions.annotate(taken=Count("requests")).filter(taken__lt=F("places"))
    seminars: Any = Seminar.objects.filter(
        in_force(day, "group__"), is_open=True, meets_at__gte=now, meets_at__lt=until
    )
    seminars = seminars.annotate(taken=taken).filter(Q(places__isnull=True) | Q(taken__lt=F("places")))
    rows = [*_within(sessions, groups), *(row for row in _within(seminars, groups) if not is_cancelled(row))]
    return sorted(map(meeting_of, rows), key=lambda meeting: (meeting.at, str(meeting.uuid)))


def _within(rows: Any, groups: Any) -> Any:
    return rows.filter(group__in=groups).select_related("group__school")
