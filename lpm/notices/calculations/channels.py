"""How somebody is told who has not said how, and how often a sending is tried."""

from __future__ import annotations

from datetime import timedelta

from lpm.notices.enums import Channel, NoticeKind

DEFAULTS = {
    NoticeKind.RETURNED: Channel.PAGE,
    NoticeKind.LEVEL: Channel.DIGEST,
    NoticeKind.MESSAGE: Channel.EMAIL,
    NoticeKind.SESSION: Channel.DIGEST,
    NoticeKind.READY: Channel.DIGEST,
    NoticeKind.IMPORT: Channel.EMAIL,
}
OF_STUDENTS = (NoticeKind.RETURNED, NoticeKind.LEVEL, NoticeKind.SESSION, NoticeKind.MESSAGE)
OF_FAMILIES = (NoticeKind.LEVEL, NoticeKind.MESSAGE)
OF_TEACHERS = (NoticeKind.READY, NoticeKind.MESSAGE)
OF_OFFICES = (NoticeKind.IMPORT,)

MOST_TRIES = 6


def default_channel(kind: NoticeKind, *, is_student: bool) -> Channel:
    """Students look at the page; everybody else is written to, at once where somebody waits for them."""
    return Channel.PAGE if is_student else DEFAULTS[kind]


def wait_after(tries: int) -> timedelta:
    """How long to wait after that many tries that failed: a minute, then five times as long each time."""
    return timedelta(minutes=5 ** (tries - 1))
