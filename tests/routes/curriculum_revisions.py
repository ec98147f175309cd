"""Revisions: everybody reads what changed; those who write it and those who publish it do the rest."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from curriculum.enums import RevisionStatus
from curriculum.models import Revision
from tests.routes.common import CURRICULUM, Expected, publishing, writing
from tests.world import DAY, Place, World

EXPECTED: dict[str, Expected] = {
    "curriculum:revision-list": Expected(CURRICULUM),
    "curriculum:revision-show": Expected(CURRICULUM),
    "curriculum:target-past": Expected(CURRICULUM),
    "curriculum:revision-begin": Expected(writing(200)),
    "curriculum:revision-preview": Expected(writing(200)),
    "curriculum:revision-change": Expected(writing(200)),
    "curriculum:revision-end": Expected(writing(200)),
    "curriculum:revision-publish": Expected(publishing(200)),
    "curriculum:revision-undo": Expected(writing(302), method="post"),
    "curriculum:revision-try": Expected(writing(422), method="post"),
    "curriculum:revision-reopen": Expected(publishing(302), method="post"),
    "curriculum:revision-withdraw": Expected(publishing(302), method="post"),
}
MORE: list[tuple[str, Expected]] = [
    ("curriculum:revision-begin", Expected(writing(422), method="post")),
    ("curriculum:revision-change", Expected(writing(422), method="post")),
    ("curriculum:revision-end", Expected(writing(422), method="post")),
    ("curriculum:revision-publish", Expected(publishing(422), method="post")),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    """One that waits for its day: readers see it, and it is open. Places of one district share it."""
    revision, _is_new = Revision.objects.get_or_create(
        framework=place.framework,
        status=RevisionStatus.SCHEDULED,
        defaults={"title": "Clearer words", "publish_on": DAY + timedelta(days=30)},
    )
    return {"revision": revision}
