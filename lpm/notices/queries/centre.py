"""The page of notices, and how many of them are new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format

from lpm.notices.calculations.words import ICONS, Told, sentence
from lpm.notices.enums import NoticeKind
from lpm.notices.models import Notice
from lpm.people.models import User

ON_A_PAGE = 30


@dataclass(frozen=True)
class NoticeRow:
    """A notice as its reader sees it; ``icon`` and ``tone`` are of its kind."""

    notice: Notice
    words: str
    icon: str
    tone: str

    @property
    def is_new(self) -> bool:
        return self.notice.read_at is None


@dataclass(frozen=True)
class NoticeDay:
    day: date
    rows: list[NoticeRow]


def read_page(person: User, day: date, number: str) -> tuple[Page[Notice], list[NoticeDay]]:
    """One page of what the person was told, the newest first, day by day where the person is; in 3 queries."""
    told = Notice.objects.of(person, day).with_student_for(person).order_by("-made_at", "-pk")
    page: Page[Notice] = Paginator(told, ON_A_PAGE).get_page(number)
    days = groupby(page.object_list, key=lambda notice: timezone.localdate(notice.made_at))
    return page, [NoticeDay(made, in_words(rows, person)) for made, rows in days]


def in_words(notices: Iterable[Notice], person: User) -> list[NoticeRow]:
    """The notices, whose student ``with_student_for`` has read, in the language and the time zone in force."""
    return [NoticeRow(notice, said(notice, person), *ICONS[NoticeKind(notice.kind)]) for notice in notices]


def said(notice: Notice, person: User) -> str:
    about = notice.student
    child = about.first_name if about is not None and about.user_id != person.pk else ""
    return sentence(Told(NoticeKind(notice.kind), child, _when(notice), notice.params))


def _when(notice: Notice) -> str:
    moment = parse_datetime(str(notice.params.get("at", "")))
    return _written(moment) if moment else ""


def _written(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{date_format(local, 'DATE_FORMAT')}, {date_format(local, 'TIME_FORMAT')}"


def count_unread(person: User, day: date) -> int:
    return Notice.objects.of(person, day).unread().count()
