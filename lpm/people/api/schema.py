"""What the API offers: for programs as OpenAPI 3, for people as a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from lpm.people.api.door import ApiRequest, endpoint
from lpm.people.views.door import PersonRequest, permits


@cache
def read_schema() -> dict[str, Any]:
    """OpenAPI 3, the same for everybody; not to be changed."""
    generator: Any = SchemaGenerator()  # type: ignore[no-untyped-call]  # drf-spectacular has few types
    schema: dict[str, Any] = generator.get_schema(public=True)
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for methods in schema["paths"].values():
        for operation in methods.values():
            operation["responses"]["default"] = {"content": content, "description": "Refused"}
    return schema


@extend_schema(responses=OpenApiTypes.OBJECT, operation_id="schema", tags=["about"])
@endpoint("GET", None)
def schema_show(request: ApiRequest) -> Response:
    """All of this, as OpenAPI 3."""
    return Response(read_schema())


@dataclass(frozen=True)
class Offer:
    """One thing that a program can ask for: the parts of its address, and the paragraphs of what is said of it."""

    method: str
    parts: list[str]
    said: list[str]
    parameters: list[dict[str, Any]]
    body: str


@permits(None)
@require_GET
def docs_show(request: PersonRequest) -> HttpResponse:
    context = {"offers": read_offers(), "origin": request.build_absolute_uri("/").rstrip("/")}
    return render(request, "people/api.html", context)


@cache
def read_offers() -> list[Offer]:
    return [
        _offer(method.upper(), path, operation)
        for path, methods in read_schema()["paths"].items()
        for method, operation in methods.items()
    ]


def _offer(method: str, path: str, operation: dict[str, Any]) -> Offer:
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    asked = [one for one in operation.get("parameters", []) if one["in"] == "query"]
    said = [" ".join(paragraph.split()) for paragraph in operation.get("description", "").split("\n\n")]
    return Offer(method, path.strip("/").split("/"), said, asked, _fields(sent))


def _fields(sent: dict[str, Any]) -> str:
    """The fields of a body; those that may be left out in brackets."""
    shape = read_schema()["components"]["schemas"].get(sent.get("$ref", "").rpartition("/")[2], {})
    needed = shape.get("required", [])
    return ", ".join(name if name in needed else f"[{name}]" for name in shape.get("properties", {}))
