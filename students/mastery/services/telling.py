"""Telling people what happened: students and families never earlier than their pages show it, and never a level."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from lpm.lib.enqueue import enqueue
from lpm.notices.enums import NoticeKind
from lpm.notices.models import Notice
from lpm.notices.services import new_notice, settle, tell, tell_each
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization, User
from students.mastery.models import ReadyRequest, ShowingSession
from students.mastery.queries.telling import family_key, read_answers, read_family_news, read_news, teachers_of

REMEMBERED = timedelta(days=30)


def tell_asked(ready: ReadyRequest, day: date) -> None:
    """The student's teachers: somebody is ready."""
    tell(
        people=teachers_of(ready.student, day),
        kind=NoticeKind.READY,
        key=str(ready.uuid),
        path=reverse("mastery:request-list"),
        student=ready.student,
        target=ready.target.short_title or ready.target.code,
    )


def tell_closed(ready: ReadyRequest, day: date) -> None:
    """The teachers need not look any more, and a time that the student was given is over."""
    settle(people=teachers_of(ready.student, day), kind=NoticeKind.READY, begins=str(ready.uuid))
    if student := ready.student.user:
        settle(people=[student], kind=NoticeKind.SESSION, begins=str(ready.uuid))


def tell_returned(ready: ReadyRequest) -> None:
    """The student, at once: a teacher wrote what comes first."""
    if ready.student.user:
        tell_each(notices=[_about_request(ready, ready.student.user, "returned")])


def tell_seated(session: ShowingSession, requests: Collection[ReadyRequest], *, is_off: bool = False) -> None:
    """The students: when and where they can show it, or that they cannot then."""
    notices = []
    for ready in requests:
        if student := ready.student.user:
            settle(people=[student], kind=NoticeKind.SESSION, begins=str(ready.uuid))
            notices.append(_about_session(session, ready, student, is_off=is_off))
    tell_each(notices=notices)


def _about_request(ready: ReadyRequest, student: User, outcome: str) -> Notice:
    return new_notice(
        person=student,
        kind=NoticeKind.RETURNED,
        key=str(ready.uuid),
        path=reverse("mastery:ready-list", args=[ready.student.uuid]),
        student=ready.student,
        target=ready.target.short_title or ready.target.code,
        writer=ready.answered_by.name if ready.answered_by else "",
        outcome=outcome,
    )


def _about_session(session: ShowingSession, ready: ReadyRequest, student: User, *, is_off: bool) -> Notice:
    """Each time that somebody is given a place is told, since the time before is over."""
    return new_notice(
        person=student,
        kind=NoticeKind.SESSION,
        key=f"{ready.uuid}:{session.uuid}:{timezone.now().timestamp():.6f}",
        path=reverse("mastery:ready-list", args=[ready.student.uuid]),
        student=ready.student,
        target=ready.target.short_title or ready.target.code,
        at=session.starts_at.isoformat(),
        place=session.place,
        outcome="off" if is_off else "on",
    )


# --- what is released as time goes on


def sweep_news() -> int:
    """Have each school's people told of what they may know since lately. Returns how many schools."""
    schools = list(
        Organization.objects.filter(kind=OrganizationKind.SCHOOL).order_by("pk").values_list("pk", flat=True)
    )
    for school_id in schools:
        enqueue("mastery.tell_news", school_id=school_id)
    return len(schools)


def tell_news(*, school_id: int) -> int:
    """Tell the students and families of the school. Safe at any time, any number of times. Returns how many notices."""
    school, now = Organization.objects.get(pk=school_id), timezone.now()
    notices = [*_to_students(school, now), *_to_families(school, now)]
    with transaction.atomic():
        tell_each(notices=notices)
    return len(notices)


def _to_students(school: Organization, now: datetime) -> list[Notice]:
    """Of a topic once a day, however much was recorded."""
    levels = [
        new_notice(
            person=news.student.user,
            kind=NoticeKind.LEVEL,
            key=f"{news.topic.uuid}:{news.day}",
            path=reverse("student:topic", args=[news.student.uuid, news.topic.uuid]),
            student=news.student,
            topic=news.topic.title,
        )
        for news in read_news(school, now)
        if news.student.user
    ]
    answers = [
        _about_request(ready, ready.student.user, "answered")
        for ready in read_answers(school, now)
        if ready.student.user
    ]
    return _untold([*levels, *answers], now)


def _to_families(school: Organization, now: datetime) -> list[Notice]:
    """Of a child once a morning."""
    told = Notice.objects.filter(kind=NoticeKind.LEVEL, student__school=school, made_at__gte=now - REMEMBERED)
    return [
        new_notice(
            person=news.guardian,
            kind=NoticeKind.LEVEL,
            key=family_key(news.student, news.morning),
            path=reverse("student:family", args=[news.student.uuid]),
            student=news.student,
        )
        for news in read_family_news(school, now, told.values_list("person_id", "key"))
    ]


def _untold(notices: list[Notice], now: datetime) -> list[Notice]:
    people = {notice.person_id for notice in notices}
    told = Notice.objects.filter(person__in=people, made_at__gte=now - REMEMBERED)
    known = set(told.values_list("person_id", "kind", "key"))
    return [notice for notice in notices if (notice.person_id, notice.kind, notice.key) not in known]
