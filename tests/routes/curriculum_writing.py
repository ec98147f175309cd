"""Writing a curriculum: drafts, areas, topics, targets, their order, and who writes."""

from __future__ import annotations

from typing import Any

from curriculum.models import ContentArea, FrameworkWriter
from tests.routes.common import LEADS, PLACES, Answers, Expected, publishing, writing
from tests.world import Place, World


def anywhere(status: int) -> Answers:
    return {place: {status: LEADS | {"far_administrator"}} for place in PLACES}


TITLE = {"title": "Something new"}

# The curricula of the world are in use and no revision is open: who may write is told so, and nothing changes.
EXPECTED: dict[str, Expected] = {
    "curriculum:draft-list": Expected(rest=200),
    "curriculum:framework-create": Expected(anywhere(200)),
    "curriculum:framework-write": Expected(writing(200)),
    "curriculum:framework-change": Expected(writing(200)),
    "curriculum:framework-publish": Expected(publishing(200)),
    "curriculum:writer-list": Expected(publishing(200)),
    "curriculum:writer-end": Expected(publishing(302), method="post"),
    "curriculum:piece-move": Expected(writing(302), method="post"),
    "curriculum:piece-retire": Expected(writing(302), method="post"),
    "curriculum:area-add": Expected(writing(422), method="post", payload={**TITLE, "domain": "content"}),
    "curriculum:area-change": Expected(writing(200)),
    "curriculum:topic-add": Expected(writing(422), method="post", payload=TITLE),
    "curriculum:topic-write": Expected(writing(200)),
    "curriculum:topic-change": Expected(writing(200)),
    "curriculum:target-add": Expected(writing(422), method="post", payload={"statement": "Adds"}),
    "curriculum:target-change": Expected(writing(200)),
}
MORE: list[tuple[str, Expected]] = [
    ("curriculum:framework-create", Expected(anywhere(422), method="post")),
    ("curriculum:framework-change", Expected(writing(422), method="post", payload={"title": ""})),
    ("curriculum:framework-publish", Expected(publishing(302), method="post")),
    ("curriculum:writer-list", Expected(publishing(422), method="post", payload={"step": "save"})),
    ("curriculum:area-change", Expected(writing(422), method="post", payload=TITLE)),
    ("curriculum:topic-change", Expected(writing(422), method="post", payload=TITLE)),
    ("curriculum:target-change", Expected(writing(422), method="post", payload={"statement": "Adds"})),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    """The writer named is somebody who may write anyway."""
    lead = world.people["far_administrator" if place is world.places["other_district"] else "curriculum_lead"]
    writer, _is_new = FrameworkWriter.objects.get_or_create(framework=place.framework, user=lead)
    return {"area": ContentArea.objects.get(framework=place.framework), "writer": writer}
