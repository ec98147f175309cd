"""Quick checks that find where a student starts: nothing is written until the start is confirmed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from students.mastery.calculations.start import MOST_CHECKS, Start, propose_start
from students.mastery.models import Assessment, Judgement, MasteryState
from tests.world import World

D = Decimal


@pytest.mark.parametrize(
    ("usual", "checks", "start"),
    [
        (None, {}, Start(0, 0)),
        (2, {}, Start(2, 2)),
        (2, {2: True}, Start(3, 3)),
        (2, {2: False}, Start(2, 1)),
        (2, {2: False, 1: True}, Start(2, None)),
        (2, {2: False, 1: False}, Start(1, 0)),
        (2, {2: False, 1: False, 0: True}, Start(1, None)),
        (0, {0: False}, Start(0, None)),
        (3, {3: True}, Start(3, 2)),
        (1, {1: True, 2: True, 3: True}, Start(3, None)),
    ],
)
def test_the_proposal_moves_as_the_checks_say(usual: int | None, checks: dict[int, bool], start: Start) -> None:
    assert propose_start(4, usual, checks) == start


@given(st.integers(1, 12), st.data())
def test_the_start_lies_on_the_progression_and_at_most_three_are_asked(count: int, data: Any) -> None:
    usual = data.draw(st.none() | st.integers(0, count - 1))
    checks: dict[int, bool] = {}
    while (found := propose_start(count, usual, checks)).ask is not None:
        assert 0 <= found.at < count
        assert found.ask not in checks
        checks[found.ask] = data.draw(st.booleans())
    assert len(checks) <= MOST_CHECKS
    assert all(not is_met for place, is_met in checks.items() if place == found.at) or found.at == count - 1


def test_a_progression_without_targets_has_no_start() -> None:
    with pytest.raises(ValueError, match="no start"):
        propose_start(0, None, {})


def address(world: World) -> str:
    return reverse("mastery:entry-points", args=[world.own.student.uuid])


def check(world: World, step: int) -> str:
    return f"check-{world.targets[step - 1].uuid}"


def test_checks_move_the_proposal_and_are_recorded_with_the_start(world: World, as_person: Any) -> None:
    client = as_person(world.teacher)
    sent: dict[str, str] = {"topic": str(world.topic.uuid)}
    entry = client.get(address(world), sent).context["entry"]
    assert (entry.ask, [step.is_proposed for step in entry.steps].index(True)) == (world.targets[0], 0)
    assert [(value, name) for value, name in entry.levels][:2] == [(4, "going further"), (3, "proficient")]

    sent |= {"session": str(uuid4()), "look": "1", check(world, 1): "4.00"}
    looked = client.post(address(world), sent)
    entry = looked.context["entry"]
    assert (looked.status_code, entry.ask, entry.steps[0].checked) == (200, world.targets[1], 4)
    sent[check(world, 2)] = "2.00"
    assert client.post(address(world), sent).context["entry"].ask is None
    assert not Assessment.objects.exists()
    assert not Judgement.objects.exists()

    del sent["look"]
    sent |= {"target": str(world.targets[1].uuid), "check-x": "3", check(world, 4): "much", f"check-{uuid4()}": "1"}
    for _ in range(2):
        assert client.post(address(world), sent).status_code == 302

    marks = Assessment.objects.values_list("target__code", "level", "recorder", "kind")
    assert set(marks) == {("FR.1", D(4), world.teacher.pk, "score"), ("FR.2", D(2), world.teacher.pk, "score")}
    states = MasteryState.objects.values_list("target__code", "judged", "status")
    assert set(states) == {("FR.1", D(4), "level"), ("FR.2", D(2), "level")}


def test_a_check_that_is_refused_leaves_nothing_behind(world: World, as_person: Any) -> None:
    client = as_person(world.teacher)
    sent = {"topic": str(world.topic.uuid), "session": str(uuid4()), "target": str(world.targets[2].uuid)}

    answer = client.post(address(world), {**sent, check(world, 1): "2.75", check(world, 2): "2"})

    assert (answer.status_code, "is not a level here" in answer.text) == (422, True)
    assert not Assessment.objects.exists()
    assert not Judgement.objects.exists()
    assert client.post(address(world), {**sent, check(world, 1): "2", "session": "x"}).status_code == 404
