"""How people want to be told, and where and when they can be reached."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.db.models import Exists, OuterRef

from lpm.notices.calculations.channels import (
    OF_FAMILIES,
    OF_OFFICES,
    OF_STUDENTS,
    OF_TEACHERS,
    default_channel,
)
from lpm.notices.calculations.quiet import after_quiet, digest_at
from lpm.notices.enums import Channel, NoticeKind
from lpm.notices.models import Notice, NoticeChoice, NoticePerson
from lpm.people.models import Guardianship, RoleGrant, Staffing, Student, User


@dataclass(frozen=True)
class Reach:
    """When a person may be written to: their quiet hours, where their school is, and whether e-mail was stopped."""

    quiet_from: time
    quiet_until: time
    zone: ZoneInfo
    is_stopped: bool

    def after_quiet(self, moment: datetime) -> datetime:
        return after_quiet(moment, self.quiet_from, self.quiet_until, self.zone)

    def digest_at(self, moment: datetime) -> datetime:
        return digest_at(moment, self.quiet_until, self.zone)


def reach_of(person: User) -> Reach:
    """Without a query, where ``notice_person`` and ``organization`` were read with the person."""
    own = getattr(person, "notice_person", None) or NoticePerson(person=person)
    zone = person.organization.time_zone if person.organization else "UTC"
    return Reach(own.quiet_from, own.quiet_until, ZoneInfo(zone), own.stopped_at is not None)


def offered_channels(person: User) -> list[Channel]:
    """Those by which the person can be reached: e-mail where they have an address, text messages where any go."""
    offered = [Channel.PAGE]
    if person.email and settings.HAS_EMAIL:
        offered += [Channel.EMAIL, Channel.DIGEST]
    if settings.SMS_URL:
        offered.append(Channel.SMS)
    return offered


def can_reach(person: User, channel: str) -> bool:
    if channel == Channel.SMS:
        own = getattr(person, "notice_person", None)
        return bool(settings.SMS_URL and own and own.phone)
    return channel in offered_channels(person)


def number_key(person: User) -> str:
    """Where the cache has the number that is not theirs to use yet."""
    return f"number:{person.uuid}"


def asked_for(person: User) -> dict[str, str]:
    """The ``number`` to which a code was sent that may still be written back, and the ``seal`` of the code, if any."""
    return cache.get(number_key(person)) or {}


def channels_of(notices: Collection[Notice]) -> list[tuple[Notice, Channel]]:
    """Each with how its person is told of it; in 1 query."""
    rows = NoticeChoice.objects.filter(person__in={notice.person_id for notice in notices})
    chosen = {(person, kind): channel for person, kind, channel in rows.values_list("person_id", "kind", "channel")}
    return [(notice, _channel_of(notice, chosen.get((notice.person_id, notice.kind)))) for notice in notices]


def _channel_of(notice: Notice, chosen: str | None) -> Channel:
    is_own = notice.student is not None and notice.student.user_id == notice.person_id
    return _channel(chosen, NoticeKind(notice.kind), is_student=is_own)


def _channel(chosen: str | None, kind: NoticeKind, *, is_student: bool) -> Channel:
    return Channel(chosen) if chosen else default_channel(kind, is_student=is_student)


@dataclass(frozen=True)
class Standing:
    """What somebody is told of. ``kinds`` in the order in which they are shown; ``is_student``: of nobody else but
    themselves."""

    kinds: list[NoticeKind]
    is_student: bool
    is_guardian: bool


def standing_of(person: User) -> Standing:
    """In 1 query. Somebody of whom nobody knows what they do is told of messages."""
    me = OuterRef("pk")
    asked = {
        "is_student": Exists(Student.objects.filter(user=me)),
        "is_guardian": Exists(Guardianship.objects.filter(guardian=me)),
        "is_teacher": Exists(Staffing.objects.filter(user=me)),
        "is_office": Exists(RoleGrant.objects.filter(user=me)),
    }
    row = User.objects.filter(pk=person.pk).annotate(**asked).values(*asked).get()
    told = {
        "is_student": OF_STUDENTS,
        "is_guardian": OF_FAMILIES,
        "is_teacher": OF_TEACHERS,
        "is_office": OF_OFFICES,
    }
    known = {kind for name, kinds in told.items() if row[name] for kind in kinds} | {NoticeKind.MESSAGE}
    others = row["is_guardian"] or row["is_teacher"] or row["is_office"]
    is_student = row["is_student"] and not others
    return Standing([kind for kind in NoticeKind if kind in known], is_student, row["is_guardian"])


def choices_of(person: User, standing: Standing) -> Mapping[NoticeKind, Channel]:
    """How the person is told of each kind; in 1 query."""
    chosen = dict(NoticeChoice.objects.filter(person=person).values_list("kind", "channel"))
    return {kind: _channel(chosen.get(kind), kind, is_student=standing.is_student) for kind in standing.kinds}
