"""Whatever a program sends, as the schema has it or against it: never a 500, and every answer as the schema says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode

from lpm.people.api.schema import read_schema
from students.mastery.models import Assessment
from tests.mastery.api import Program, assessment
from tests.world import World

EXAMPLES = 60
FUZZING = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
FOUND: list[Any] = list(schemathesis.openapi.from_dict(read_schema()).get_all_operations())
OPERATIONS = [found.ok() for found in FOUND]
WRITING = [operation for operation in OPERATIONS if operation.method == "post"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=20,
)
FIELDS = ("uuid", "student", "target", "level", "performed_on", "kind", "judges", "group", "comment", "accommodations")
ODD = st.text(max_size=9) | st.sampled_from(
    ["\x00", "\ud800", "1e999999", "-0", "NaN", "٣", "0001-01-01", "9999-12-31", {}, []]
)


@pytest.fixture
def place(world: World) -> dict[str, Any]:
    """What is there, by the name under which addresses and bodies ask for it; and who asks."""
    program = Program(world.teacher)
    sent = assessment(world.own)
    program.post("assessment-create", sent)
    named = {"student": world.own.student, "target": world.targets[0], "group": world.own.group}
    uuids = {name: str(row.uuid) for name, row in named.items()}
    return {**uuids, "assessment": sent["uuid"], "program": program}


def send(place: dict[str, Any], operation: Any, address: str, body: Any = None, query: Any = None) -> None:
    """Each request by itself: what it does is taken back."""
    with transaction.atomic():
        client = place["program"].client
        if operation.method == "get":
            response = client.get(address, query or {})
        else:
            response = client.post(address, body, content_type="application/json", query_params=query)
        transaction.set_rollback(True)
    assert response.status_code < 500, (address, body, query)
    if response["Content-Type"] == "application/json":  # else it is no address of the API
        known = read_schema()
        responses = known["paths"][operation.path][operation.method]["responses"]
        shape = responses.get(str(response.status_code), responses["default"])["content"]["application/json"]["schema"]
        Draft202012Validator({**shape, "components": known["components"]}).validate(response.json())


def made_real(body: Any, place: dict[str, Any]) -> Any:
    """The body, about what is there."""
    if isinstance(body, list):
        return [made_real(one, place) for one in body]
    if not isinstance(body, dict):
        return body
    real = {name: made_real(value, place) for name, value in body.items()}
    return {**real, **{name: place[name] for name in ("student", "target", "group") if name in real}}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_no_request_of_the_schema_or_against_it_fails(operation, mode, place):
    @FUZZING
    @given(case=operation.as_strategy(mode), is_real=st.booleans())
    def fuzz(case: Any, is_real: bool) -> None:
        body = case.body if isinstance(case.body, dict | list | str | int | float | None) else {}
        address = case.formatted_path
        if is_real:
            address = operation.path.format(**{name: place[name] for name in case.path_parameters or {}})
            body = made_real(body, place)
        send(place, operation, address, body, {k: v for k, v in (case.query or {}).items() if v is not None})

    fuzz()
    assert Assessment.objects.count() == 1


@pytest.mark.parametrize("operation", WRITING, ids=lambda operation: operation.label)
def test_no_body_whatever_fails(operation, place):
    address = operation.path.format(assessment=place["assessment"])
    name = next((part for part in ("assessments", "judgements") if f"{part}/batch" in operation.path), "")

    @FUZZING
    @given(body=ANYTHING | st.binary(max_size=50), change=st.dictionaries(st.sampled_from(FIELDS), ODD | ANYTHING))
    def fuzz(body: Any, change: dict[str, Any]) -> None:
        if isinstance(body, bytes | str):
            send(place, operation, address, body)
            return
        usual = {"uuid": str(UUID(int=7)), "level": "2", "performed_on": "2026-11-19", **place, **change}
        item = {field: value for field, value in usual.items() if field in FIELDS}
        send(place, operation, address, {name: [item, body]} if name else item)
        send(place, operation, address, body)

    fuzz()
