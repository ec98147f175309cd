"""As whom, and as of which day, a page shows a student's record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from lpm.lib.dates import school_day
from lpm.people.models import Student
from lpm.people.views import PersonRequest
from students.mastery.queries import Sight, sight_of

FIRST_YEAR = 1990


@dataclass(frozen=True)
class Seeing:
    """``sight`` is what the page shows, ``now`` what the reader sees today. ``typed`` is the day asked for, and
    ``sentence`` says why it is not shown."""

    sight: Sight
    now: Sight
    latest: date
    typed: str = ""
    sentence: str = ""

    @property
    def is_past(self) -> bool:
        return self.sight.stood_on is not None

    @property
    def query(self) -> str:
        """What a link to another page of the same day ends in."""
        return f"?as_of={self.sight.stood_on}" if self.is_past else ""

    @property
    def more_query(self) -> str:
        """The same, after another question."""
        return f"&as_of={self.sight.stood_on}" if self.is_past else ""


def see(request: PersonRequest, student: Student) -> Seeing:
    """With ``?as_of=2026-10-31`` the record as it stood at the end of that day; else, and on today, as it stands now.

    ``student`` comes with the school.
    """
    zone = student.school.time_zone
    today = school_day(zone)
    now = sight_of(request.user, student, request.day, timezone.now())
    typed, day, sentence = read_past_day(request, "as_of", today)
    if day is None:
        return Seeing(now, now, today, typed, sentence)
    return Seeing(now.on(day, zone), now, today, typed)


def read_past_day(request: PersonRequest, name: str, today: date) -> tuple[str, date | None, str]:
    """What the address asks for by ``name``: as it was typed, the day where it is one before today, and why not."""
    typed = request.GET.get(name, "").strip()
    day = _parse(typed)
    if day is None:
        return typed, None, _("This is no date. Write it as 2026-10-31.") if typed else ""
    if day > today:
        return typed, None, _("This day has not come yet. Choose today or an earlier day.")
    return ("", None, "") if day == today else (typed, day, "")


def _parse(typed: str) -> date | None:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if day.year >= FIRST_YEAR else None
