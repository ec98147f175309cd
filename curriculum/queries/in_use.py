"""A target that somebody is about to record on: asked with every mark, as a statement that is made once."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from curriculum.models import Target, Topic
from lpm.lib.statements import SOME_UUID, SOMETHING, Stated

WITH = ("topic", "topic__area", "topic__area__framework", "topic__area__framework__scale")


def find_in_use(organization_id: int, uuid: UUID) -> Target | None:
    """The target, with everything up to its scale, if it is current and the organization uses its framework."""
    return _target().first({SOMETHING: organization_id, SOME_UUID: uuid})


@cache
def _target() -> Stated[Target]:
    rows = Target.objects.current().filter(topic__in=Topic.objects.used_by(SOMETHING), uuid=SOME_UUID)
    return Stated(rows, *WITH)
