"""Routes of curricula that go out as CASE: pages, and the REST binding, where a closed curriculum is not there.

What is open to the world is shown in tests/curriculum/test_case_api.py.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from curriculum.models import Framework
from tests.routes.common import CURRICULUM, PLACES, Answers, Expected
from tests.world import Place, World

PUBLISHING: Answers = {place: {302: {"administrator", "curriculum_lead"}} for place in PLACES}
PUBLISHING["other_district"] = {302: {"far_administrator"}}

EXPECTED: dict[str, Expected] = {
    "curriculum:framework-share": Expected(CURRICULUM),
    "curriculum:framework-download": Expected(CURRICULUM),
    "curriculum:framework-open": Expected(PUBLISHING, method="post"),
    "curriculum:case-document-list": Expected(rest=200, is_public=True, anonymous=200),
    "curriculum:case-object-show": Expected(CURRICULUM, is_public=True, anonymous=404),
}


def objects(world: World, place: Place) -> dict[str, Any]:
    """What an address of CASE names is no row of ours, but reads like one."""
    identifier = str(uuid5(NAMESPACE_URL, place.framework.title))
    Framework.objects.filter(pk=place.framework.pk).update(case_identifier=identifier)
    told = {"version": "v1p1", "kind": "CFPackages", "identifier": identifier, "edition": "1.1"}
    return {name: SimpleNamespace(uuid=value) for name, value in told.items()}
