"""What people are told: pages of one's own, links in letters, and the letters of a demonstration."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from lpm.notices.enums import NoticeKind
from lpm.notices.models import Notice, NoticePerson
from tests.routes.common import PLACES, Expected
from tests.world import Place, World

TOLD = {"own": "guardian", "other_district": "far_teacher"}
STOPS = dict(zip(PLACES, ("guardian", "teacher", "student", "far_teacher"), strict=True))
LETTER = "a letter of the tests.eml"

EXPECTED: dict[str, Expected] = {
    "notices:list": Expected(rest=200),
    "notices:open": Expected({place: {302: {name}} for place, name in TOLD.items()}),
    "notices:read": Expected(method="post", rest=302),
    "notices:settings": Expected(rest=200),
    "notices:number-ask": Expected(method="post", rest=404),  # where no gateway is set
    "notices:number-confirm": Expected(method="post", rest=404),
    "notices:number-forget": Expected(method="post", rest=404),
    "notices:stop": Expected(is_public=True, rest=200, anonymous=200),
    "notices:caught": Expected(is_public=True, rest=200, anonymous=200),
    "notices:caught-show": Expected(is_public=True, rest=404, anonymous=404),
}
MORE: list[tuple[str, Expected]] = [
    ("notices:settings", Expected(method="post", rest=422)),
    ("notices:stop", Expected(is_public=True, method="post", rest=200, anonymous=200)),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    [here] = [name for name in PLACES if world.places[name] is place]
    person = world.people[TOLD.get(here, "stranger")]
    notice = Notice.objects.create(
        district=place.district,
        person=person,
        kind=NoticeKind.LEVEL,
        key=f"level {here}",
        path="/",
        student=place.student,
    )
    owner = NoticePerson.objects.create(person=world.people[STOPS[here]], secret=f"secret-of-{here}")
    return {
        "notice": notice,
        "secret": SimpleNamespace(uuid=owner.secret),
        "what": SimpleNamespace(uuid="digest"),
        "letter": SimpleNamespace(uuid=LETTER),
    }
