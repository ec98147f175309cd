"""Telling people what happened."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from lpm.lib.enqueue import enqueue
from lpm.notices.enums import Channel, DeliveryKind, NoticeKind
from lpm.notices.models import Delivery, Notice
from lpm.notices.queries.choices import can_reach, channels_of, offered_channels, reach_of
from lpm.people.models import Student, User

AT_ONCE = 500


def tell(
    *,
    people: Iterable[User],
    kind: NoticeKind,
    key: str,
    path: str,
    student: Student | None = None,
    **params: str | int,
) -> None:
    """Tell each of ``people`` that something happened; told again with the same ``key`` it changes nothing.

    ``path`` is the page that shows it, ``params`` what its sentence needs beside the student's name, as
    ``calculations.words`` has it: of a message ``writer``, which is left out where the student wrote it. Never a level.
    To be called in the transaction of what happened: nobody is told of what did not stand.
    """
    tell_each(
        notices=[
            new_notice(person=person, kind=kind, key=key, path=path, student=student, **params) for person in people
        ]
    )


def new_notice(
    *, person: User, kind: NoticeKind, key: str, path: str, student: Student | None = None, **params: str | int
) -> Notice:
    """What ``tell_each`` tells, with the meaning that ``tell`` gives to each. Nothing is written."""
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(path)
    district_id = student.district_id if student else person.district_id
    about = {"kind": kind, "key": key, "path": path, "student": student, "params": params}
    return Notice(district_id=district_id, person=person, **about)


@transaction.atomic
def tell_each(*, notices: Collection[Notice]) -> None:
    """As ``tell``, of many things; in 2 queries, 5 where some of the people are written to."""
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=AT_ONCE)
    reached = [row.uuid for row in notices if len(offered_channels(row.person)) > 1]
    told = Notice.objects.filter(uuid__in=reached).select_related("person__organization", "person__notice_person")
    if reached:
        _have_sent(list(told.select_related("student").order_by("pk")))  # those that were new


@transaction.atomic
def settle(*, people: Iterable[User], kind: NoticeKind, begins: str) -> None:
    """What those of their notices whose key ``begins`` so ask for is done: nobody need look at them any more."""
    rows = Notice.objects.filter(person__in=people, kind=kind, key__startswith=begins)
    rows.unread().update(read_at=timezone.now())


def _have_sent(notices: Collection[Notice]) -> None:
    """Each goes out as its person wants."""
    now = timezone.now()
    rows = [_delivery(notice, channel, now) for notice, channel in channels_of(notices)]
    wanted = [row for row in rows if row.channel != Channel.PAGE and can_reach(row.person, row.channel)]
    Delivery.objects.bulk_create(wanted, ignore_conflicts=True, batch_size=AT_ONCE)
    for row in wanted:
        if row.due_at <= now:
            enqueue("notices.send", delivery=str(row.uuid))


def _delivery(notice: Notice, channel: Channel, now: datetime) -> Delivery:
    """The notice by itself, or the e-mail of a day in which it will be."""
    reach = reach_of(notice.person)
    row = Delivery(district_id=notice.person.district_id, person=notice.person, channel=channel)
    if channel == Channel.DIGEST:
        row.kind, row.due_at = DeliveryKind.DIGEST, reach.digest_at(now)
        row.key = f"digest:{notice.person.uuid}:{row.due_at:%Y-%m-%dT%H:%M}"
    else:
        row.kind, row.due_at = DeliveryKind.NOTICE, reach.after_quiet(now)
        row.notice, row.key = notice, f"notice:{notice.uuid}"
    return row
