"""Which frameworks somebody reads by CASE, and where an object is among them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Q

from curriculum.enums import FrameworkStatus
from curriculum.exports import last_revised, prefix_of, serve_package
from curriculum.models import CaseObject, ContentArea, Framework, Target, Topic
from curriculum.querysets import FrameworkQuerySet
from lpm.people.models import User
from lpm.people.policy import Action

KEPT = 8  # packages that a process keeps at hand


def readable_by(user: Any, day: date) -> FrameworkQuerySet[Framework]:
    """Those open to the world; for somebody signed in also those that they may view. No drafts."""
    allowed = Q(is_open=True)
    if isinstance(user, User):
        viewed = Framework.objects.visible_to(user, Action.VIEW_CURRICULUM, day)
        allowed |= Q(pk__in=viewed.values("pk"))
    return Framework.objects.filter(allowed).exclude(status=FrameworkStatus.DRAFT).select_related("owner")


@dataclass(frozen=True)
class Source:
    """A framework as it is served at one address and moment: ``stamp`` changes when anything in it may have."""

    framework: Framework
    version: str
    server: str
    changed_at: datetime

    @property
    def stamp(self) -> str:
        row = self.framework
        told = (row.uuid, row.imported_at, row.published_on, row.status, self.changed_at, self.version, self.server)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:32]

    def package(self) -> dict[str, Any]:
        """Not to be changed: several requests share it."""
        return _kept(self)

    def __hash__(self) -> int:
        return hash(self.stamp)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source) and self.stamp == other.stamp


@lru_cache(maxsize=KEPT)
def _kept(source: Source) -> dict[str, Any]:
    return serve_package(source.framework, source.version, source.server)


def sources(frameworks: Sequence[Framework], version: str, server: str) -> list[Source]:
    revised = last_revised(frameworks, by_hand=False)
    return [
        Source(row, version, server, max(row.imported_at, revised.get(row.pk, datetime.min.replace(tzinfo=UTC))))
        for row in frameworks
    ]


def holders_of(frameworks: FrameworkQuerySet[Framework], identifier: str) -> list[Framework]:
    """Those of ``frameworks`` in which something may have the identifier: it came in their file, is a row of theirs,
    or was made for them."""
    prefix = identifier.partition("-")[0]
    made_for = [pk for pk, known in frameworks.values_list("pk", "case_identifier") if prefix_of(known) == prefix]
    rows = {"case_identifier": identifier}
    held = (
        Q(case_identifier=identifier)
        | Q(pk__in=made_for)
        | Q(pk__in=CaseObject.objects.filter(identifier=identifier, revision=None).values("framework"))
        | Q(pk__in=ContentArea.objects.filter(**rows).values("framework"))
        | Q(pk__in=Topic.objects.filter(**rows).values("area__framework"))
        | Q(pk__in=Target.objects.filter(**rows).values("topic__area__framework"))
    )
    return list(frameworks.filter(held).order_by("pk"))
