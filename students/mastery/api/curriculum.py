"""What is learned: curricula and their targets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from curriculum.models import Framework, Target
from lpm.lib.levels import level_value
from lpm.people.api import PAGING, ApiRequest, endpoint, page_of, parameter, uuid_of
from lpm.people.policy import Action
from lpm.people.views import visible
from students.mastery.serializers import answered


@extend_schema(
    responses=answered.part_of(answered.Framework), parameters=PAGING, operation_id="frameworks", tags=["curriculum"]
)
@endpoint("GET", Action.VIEW_CURRICULUM)
def framework_list(request: ApiRequest) -> Response:
    """The curricula that you may read, each with its scale."""
    rows, after = page_of(request, visible(request, Framework.objects.select_related("scale")))
    return Response({"results": [_framework_as_dict(row) for row in rows], "next": after})


@extend_schema(
    responses=answered.part_of(answered.Target),
    parameters=[
        parameter("framework", UUID, "Those of one curriculum."),
        parameter("topic", UUID, "Those of one topic."),
        *PAGING,
    ],
    operation_id="targets",
    tags=["curriculum"],
)
@endpoint("GET", Action.VIEW_CURRICULUM)
def target_list(request: ApiRequest) -> Response:
    """The learning targets in use, of the curricula that you may read."""
    targets = visible(request, Target.objects.current().select_related("topic__area__framework"))
    if framework := uuid_of(request, "framework"):
        targets = targets.filter(topic__area__framework__uuid=framework)
    if topic := uuid_of(request, "topic"):
        targets = targets.filter(topic__uuid=topic)
    rows, after = page_of(request, targets)
    return Response({"results": [_target_as_dict(row) for row in rows], "next": after})


def _framework_as_dict(row: Framework) -> dict[str, Any]:
    scale = {name: level_value(getattr(row.scale, name)) for name in ("low", "high", "step", "proficient")}
    return {"uuid": row.uuid, "title": row.title, "scale": scale}


def _target_as_dict(row: Target) -> dict[str, Any]:
    return {
        "uuid": row.uuid,
        "code": row.code,
        "title": row.title,
        "statement": row.statement,
        "i_can": row.i_can,
        "grades": row.grades,
        "position": row.position,
        "topic": row.topic.uuid,
        "framework": row.topic.area.framework.uuid,
        "domain": row.topic.area.domain,
    }
