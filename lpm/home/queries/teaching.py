"""A teacher's first page: who waits for them, whom they meet today, whom they have not heard from, their groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from lpm.home.queries.places import groups_of, with_count
from lpm.lib.dates import school_day
from lpm.people.access import in_window
from lpm.people.models import Enrollment, Group, User
from lpm.people.policy import Action
from lpm.people.queries.groups import schools_for_groups, stood_in
from students.mastery.enums import RequestState
from students.mastery.models import ReadyRequest, Seminar, ShowingSession
from students.mastery.queries.forgotten import count_forgotten
from students.mastery.queries.seminars import read_seminars
from students.mastery.queries.showing import count_offered, read_sessions


@dataclass(frozen=True)
class Meeting:
    """A time at which students come to somebody: to show something, or to a seminar. ``places`` None: as many as
    like."""

    uuid: Any
    is_showing: bool
    group: Group
    at: datetime
    place: str
    taken: int
    places: int | None

    @property
    def day(self) -> date:
        return school_day(self.group.school.time_zone, self.at)

    @property
    def free(self) -> int | None:
        return None if self.places is None else max(0, self.places - self.taken)

    @property
    def path(self) -> str:
        name, key = ("session-show", "showing") if self.is_showing else ("seminar-change", "seminar")
        return reverse(f"mastery:{name}", kwargs={key: self.uuid})


def meeting_of(row: Any) -> Meeting:
    """``row`` with ``taken``: a showing session or a seminar, with its group and school."""
    is_showing = isinstance(row, ShowingSession)
    at = row.starts_at if is_showing else row.meets_at
    return Meeting(row.uuid, is_showing, row.group, at, row.place, row.taken, row.places)


@dataclass(frozen=True)
class Waiting:
    """How many requests nobody has answered, since when the first, and how many students wait in each group."""

    count: int = 0
    since: datetime | None = None
    in_group: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True)
class Teaching:
    """``quiet`` and what waits are of whoever records; ``is_substitute`` stands in for somebody today.

    ``meetings`` are those of ``day``; without any, the next one.
    """

    day: date
    is_substitute: bool
    records: bool
    groups: Sequence[Any]
    schools: Sequence[Any]
    waiting: Waiting
    offered: int
    quiet: int
    meetings: Sequence[Meeting]

    @property
    def names_schools(self) -> bool:
        """Whether the groups are of several schools."""
        return len({group.school_id for group in self.groups}) > 1

    @property
    def is_today(self) -> bool:
        return any(meeting.day == self.day for meeting in self.meetings)

    @property
    def sentence(self) -> str:
        """What comes next, in words; the numbers stand beside it."""
        if not self.records:
            return _("Open a group to see where everyone is, and to note what they show you.")
        if self.waiting.count:
            return _("Somebody is ready to show you what they can do. Begin there.")
        if self.offered:
            return _("A substitute noted what students showed. Look it over first.")
        if self.is_today:
            return _("You meet students at a set time today.")
        if self.quiet:
            return _("Nobody waits for you. Some students could do with a word from you.")
        return _("Nobody waits for you. Open a group to see where everyone is.")


def read_teaching(user: User, day: date) -> Teaching:
    """In as many queries for one group as for many, and 3 more for each school."""
    records = Group.objects.any_visible_to(user, Action.RECORD_MARK, day)
    waiting = _read_waiting(user, day) if records else Waiting()
    groups = list(with_count(groups_of(user, day), day))
    for group in groups:
        group.waiting = waiting.in_group[group.pk]
    return Teaching(
        day=day,
        is_substitute=stood_in(user, day).exists(),
        records=records,
        groups=groups,
        schools=list(schools_for_groups(user, day)),
        waiting=waiting,
        offered=count_offered(user, day) if records else 0,
        quiet=count_forgotten(user, day) if records else 0,
        meetings=_read_meetings(user, day) if records else [],
    )


def _read_waiting(user: User, day: date) -> Waiting:
    """The seats come first, so that the database looks at the requests of these students and of nobody else."""
    groups = Group.objects.visible_to(user, Action.RECORD_MARK, day)
    rows = Enrollment.objects.filter(in_window(day, school="group__school__"), group__in=groups)
    seats = set(rows.values_list("group_id", "student_id"))
    requests = ReadyRequest.objects.visible_to(user, Action.RECORD_MARK, day).filter(
        state=RequestState.WAITING, student__in={student for _group, student in seats}
    )
    asked = list(requests.order_by("asked_at").values_list("student_id", "asked_at"))
    waiting = {student for student, _at in asked}
    in_group = Counter(group for group, student in seats if student in waiting)
    return Waiting(len(asked), asked[0][1] if asked else None, in_group)


def _read_meetings(user: User, day: date) -> list[Meeting]:
    rows: list[ShowingSession | Seminar] = [*read_sessions(user, day), *read_seminars(user, day)]
    coming = sorted(map(meeting_of, rows), key=lambda meeting: (meeting.at, str(meeting.uuid)))
    return [meeting for meeting in coming if meeting.day == day] or coming[:1]
