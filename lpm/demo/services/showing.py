"""What is to come: sessions at which students show what they asked for, and seminars."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from lpm.demo.services.making import Making
from lpm.lib.ids import uuid7
from lpm.people.models import Student
from students.mastery.enums import RequestState
from students.mastery.models import ReadyRequest
from students.mastery.services.seminars import SeminarPlan, make_seminar
from students.mastery.services.sessions import plan_session

PLACES, SEATED = 6, 3
ROOMS = {"m": "Library, round table", "h": "Reading corner", "u": "Room 14", "i": "Kitchen table by the window"}


def plan_showing(making: Making) -> None:
    """At each school where somebody waits one session, with places left; and two seminars."""
    waiting: dict[str, list[ReadyRequest]] = defaultdict(list)
    rows = ReadyRequest.objects.filter(district=making.district, state=RequestState.WAITING)
    for request in rows.select_related("student").order_by("asked_at", "pk"):
        waiting[request.student.sourced_id].append(request)
    planned: set[str] = set()
    for section in making.plan.sections[0]:
        requests = [request for key in section.pupils for request in waiting.get(key, ())]
        if requests and not section.is_advisory and section.school not in planned:
            planned.add(section.school)
            plan_session(
                uuid=uuid7(),
                group=making.groups[section.key],
                starts_at=_coming(making, 2),
                places=PLACES,
                requests=requests[:SEATED],
                host=making.users[section.teachers[0]],
                day=making.day,
                place=ROOMS[section.school[-1]],
            )
    _make_seminars(making)


def _make_seminars(making: Making) -> None:
    """One that students join, and one with a list."""
    teacher = making.person("mthibodeau")
    assert teacher.organization
    plan = SeminarPlan("Fractions on a number line", _coming(making, 3), "Room 12", is_open=True, places=8)
    target = making.targets["FR.5"]
    make_seminar(
        uuid=uuid7(), school=teacher.organization, plan=plan, students=[], maker=teacher, day=making.day, target=target
    )
    own = next(one for one in making.plan.sections[0] if one.teachers[0] == "t-thibodeau")
    seated = [making.students[key] for key in islice(own.pupils, 4) if key in making.students]
    plan = SeminarPlan("Second look at decimals", _coming(making, 4), "Room 12")
    make_seminar(
        uuid=uuid7(),
        school=teacher.organization,
        plan=plan,
        students=list(Student.objects.filter(pk__in=[student.pk for student in seated])),
        maker=teacher,
        day=making.day,
        target=making.targets["CP.9"],
    )


def _coming(making: Making, days: int) -> datetime:
    """In the early afternoon of a weekday so many days ahead, or of the Monday after."""
    day = making.day + timedelta(days=days)
    day += timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)
    return datetime.combine(day, time(13, 15), tzinfo=ZoneInfo("America/New_York"))
