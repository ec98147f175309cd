"""What a notice says, in the language in force. Never a level, and a student by the name that the reader knows.

``params`` are what ``tell`` was given: ``target``, ``writer``, ``outcome``, ``place``, ``file``, ``topic``, where the
kind of notice has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lpm.notices.enums import NoticeKind

ICONS = {
    NoticeKind.RETURNED: ("chat", "pine"),
    NoticeKind.LEVEL: ("map", "pine"),
    NoticeKind.MESSAGE: ("mail", "sky"),
    NoticeKind.SESSION: ("cal", "sky"),
    NoticeKind.READY: ("hand", "honey"),
    NoticeKind.IMPORT: ("upload", "honey"),
}


@dataclass(frozen=True)
class Told:
    """A notice to be put into words. ``child`` is what the reader calls the student, "" when it is they themselves.

    ``when`` is the time it speaks of, as the reader writes times.
    """

    kind: NoticeKind
    child: str = ""
    when: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def filled(self, sentence: str) -> str:
        words = {"target": "", "writer": "", "topic": "", "place": "", "file": ""} | dict(self.params)
        return sentence % {**words, "child": self.child, "when": self.when}


def sentence(told: Told) -> str:
    return told.filled(SENTENCES[told.kind](told))


def _returned(told: Told) -> str:
    if told.params.get("outcome") == "answered":
        return _("%(writer)s has answered what you showed for “%(target)s”.")
    return _("%(writer)s wrote what comes first, before you show “%(target)s”.")


def _level(told: Told) -> str:
    if told.child:
        return _("There is something new about what %(child)s can do.")
    return _("There is something new for you in “%(topic)s”.")


def _message(told: Told) -> str:
    if not told.params.get("writer"):
        return _("%(child)s wrote to you.") if told.child else _("Somebody wrote to you.")
    return _("%(writer)s wrote to you about %(child)s.") if told.child else _("%(writer)s wrote to you.")


def _session(told: Told) -> str:
    if told.params.get("outcome") == "off":
        return _("On %(when)s you cannot show “%(target)s” after all. You still wait in line.")
    if told.params.get("place"):
        return _("On %(when)s you can show “%(target)s”. Place: %(place)s.")
    return _("On %(when)s you can show “%(target)s”.")


def _ready(told: Told) -> str:
    return _("%(child)s is ready to show “%(target)s”.")


def _import(told: Told) -> str:
    if told.params.get("outcome") == "applied":
        return _("The file “%(file)s” is brought in.")
    if told.params.get("outcome") == "checked":
        return _("The file “%(file)s” was left for you. Somebody has to look at it before it is brought in.")
    return _("The file “%(file)s” could not be brought in. Nothing was changed.")


SENTENCES = {
    NoticeKind.RETURNED: _returned,
    NoticeKind.LEVEL: _level,
    NoticeKind.MESSAGE: _message,
    NoticeKind.SESSION: _session,
    NoticeKind.READY: _ready,
    NoticeKind.IMPORT: _import,
}


def subject(kind: NoticeKind) -> str:
    """What stands over an e-mail, which others may see on a screen: no name and no level."""
    return {
        NoticeKind.RETURNED: _("A teacher has answered you"),
        NoticeKind.LEVEL: _("There is something new"),
        NoticeKind.MESSAGE: _("You have a message"),
        NoticeKind.SESSION: _("About a time to show what you can do"),
        NoticeKind.READY: _("A student is ready to show something"),
        NoticeKind.IMPORT: _("An import has ended"),
    }[kind]


def digest_subject(count: int) -> str:
    said = ngettext("News from school: %(count)s thing", "News from school: %(count)s things", count)
    return said % {"count": count}


def kind_words(kind: NoticeKind) -> str:
    """The kind of news, as somebody chooses how to be told of it."""
    return {
        NoticeKind.RETURNED: _("A teacher answered what I asked to show"),
        NoticeKind.LEVEL: _("There is something new about what I, or my child, can do"),
        NoticeKind.MESSAGE: _("Somebody wrote to me"),
        NoticeKind.SESSION: _("A time to show something is set, or is off"),
        NoticeKind.READY: _("A student is ready to show something"),
        NoticeKind.IMPORT: _("A file is brought in, or could not be"),
    }[kind]


def stopped_words(what: str) -> str:
    """What no e-mail comes of any more; ``what`` is as in the link: a kind, digest, letters or all."""
    if what == "digest":
        return _("You get no more e-mails with the news of the day.")
    if what == "letters":
        return _("You get no more weekly letters.")
    if what == "all":
        return _("You get no more e-mails with news.")
    return _("You get no more e-mails of this kind: %(kind)s.") % {"kind": kind_words(NoticeKind(what))}
