"""As whom, and as of which day, a program reads."""

from __future__ import annotations

from django.utils import timezone

from lpm.people.api import ApiRequest, as_of_day
from lpm.people.models import Student
from students.mastery.queries import Sight, sight_of


def sight_now(request: ApiRequest, student: Student) -> Sight:
    return sight_of(request.user, student, request.day, timezone.now())


def sight_asked_for(request: ApiRequest, student: Student) -> Sight:
    """As of the day that the address names, if it does."""
    zone = student.school.time_zone
    day = as_of_day(request, zone)
    sight = sight_now(request, student)
    return sight.on(day, zone) if day else sight
