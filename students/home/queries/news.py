"""What came back to a student from their teachers, and when and where they show something next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from curriculum.models import Target
from lpm.lib.dates import school_day
from lpm.people.models import Student
from students.mastery.enums import RemarkReason, RequestState
from students.mastery.models import ReadyRequest, Remark
from students.mastery.queries import Change, Reader, Sight
from students.mastery.queries.showing import is_released, known_at_once
from students.mastery.queries.words import Translations, Words, read_translations, words_of

ANSWERED = [RequestState.RETURNED, RequestState.ANSWERED]


@dataclass(frozen=True)
class Returned:
    """Words of a teacher to a student: about a target, or in answer to a request (``is_first``: something comes first).

    ``words`` may be empty, where a teacher said it in one tap (``reason``) or answered with a level alone.
    """

    target: Target
    by: str
    on: date
    words: Words
    reason: str = ""
    is_first: bool = False
    is_answer: bool = False


@dataclass
class News:
    """What came back about one target, the newest words first. ``change`` is how the level moved meanwhile."""

    target: Target
    on: date
    change: Change | None = None
    said: list[Returned] = field(default_factory=list)


@dataclass(frozen=True)
class Coming:
    """What waits for a teacher, or has a time: what has a time comes first."""

    requests: Sequence[ReadyRequest]

    def about(self, target: Target | None) -> ReadyRequest | None:
        return next((one for one in self.requests if target and one.target_id == target.pk), None)


def read_news(student: Student, changes: Iterable[Change], sight: Sight, since: datetime) -> tuple[list[News], Coming]:
    """What came back since a moment, the newest first, and what is coming; in 2 queries, 1 more where words came."""
    since = sight.known_until(since)
    requests = list(_requests(student, since))
    answered = [one for one in requests if one.state in ANSWERED and is_released(one, sight)]
    remarks = list(_remarks(student, sight).filter(recorded_at__gte=since))
    said = _returned(student, remarks, answered, sight)
    waiting = [one for one in requests if one.state == RequestState.WAITING and _is_told(one, sight)]
    return _by_target(changes, said), Coming(sorted(waiting, key=_when))


def _requests(student: Student, since: datetime) -> Any:
    lately = Q(state=RequestState.WAITING) | Q(state__in=ANSWERED, answered_at__gte=since)
    rows = ReadyRequest.objects.filter(lately, student=student)
    return rows.select_related("target__topic__area__framework__scale", "session", "answered_by").order_by("pk")


def _is_told(request: ReadyRequest, sight: Sight) -> bool:
    """A family reads of what the student asked when it reads of levels."""
    return sight.reader != Reader.FAMILY or sight.until is None or request.asked_at < sight.until


def _when(request: ReadyRequest) -> tuple[bool, datetime, int]:
    at = request.session.starts_at if request.session else request.asked_at
    return request.session is None, at, request.pk


def _remarks(student: Student, sight: Sight) -> Any:
    """What teachers wrote for the student and the family, and did not take back."""
    rows = Remark.objects.of_students([student.pk]).filter(sight.judgements(), is_for_family=True)
    rows = rows.filter(voids=None, voided_by=None)
    return rows.select_related("target__topic__area__framework__scale", "author").order_by("-recorded_at", "-pk")


def said_on(student: Student, target: Target, sight: Sight) -> list[Returned]:
    """Everything that teachers wrote for the student and the family about the target, the newest first; in 1 query, 2
    where there is something."""
    return _returned(student, list(_remarks(student, sight).filter(target=target)), [], sight)


def _returned(
    student: Student, remarks: Sequence[Remark], answered: Sequence[ReadyRequest], sight: Sight
) -> list[Returned]:
    translations = read_translations([*remarks, *answered], sight.until, known_at_once(answered, sight))
    zone = student.school.time_zone
    said = [_of_remark(row, zone, translations) for row in remarks]
    said += [_of_request(row, zone, translations) for row in answered]
    return sorted(said, key=lambda one: one.on, reverse=True)


def _of_remark(row: Remark, zone: str, translations: Translations) -> Returned:
    reason = str(RemarkReason(row.reason).label) if row.reason else ""
    return Returned(
        row.target, row.author.name, school_day(zone, row.recorded_at), words_of(row, translations), reason=reason
    )


def _of_request(row: ReadyRequest, zone: str, translations: Translations) -> Returned:
    return Returned(
        row.target,
        row.answered_by.name if row.answered_by else "",
        school_day(zone, row.answered_at),
        words_of(row, translations),
        is_first=row.state == RequestState.RETURNED,
        is_answer=row.state == RequestState.ANSWERED,
    )


def _by_target(changes: Iterable[Change], said: Iterable[Returned]) -> list[News]:
    news = {change.target.pk: News(change.target, change.on, change) for change in changes}
    words: dict[int, list[Returned]] = defaultdict(list)
    for one in said:
        words[one.target.pk].append(one)
    for pk, rows in words.items():
        item = news.setdefault(pk, News(rows[0].target, rows[0].on))
        item.said = rows
        item.on = max(item.on, rows[0].on)
    return sorted(news.values(), key=lambda one: (one.on, one.target.pk), reverse=True)
