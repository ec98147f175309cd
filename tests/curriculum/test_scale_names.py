"""What a level is called, by the scale that it is on."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from curriculum.models import Scale, ScaleLevel, Target
from curriculum.templatetags.curriculum import named_on
from students.mastery.models import Assessment
from students.mastery.services import record_mark
from tests.world import DAY, World

OWN = {1: "Emerging", 2: "Developing", 3: "Meeting it", 4: "Advanced"}


@pytest.fixture
def scale(world: World) -> Scale:
    """The northern district's own words, from 1 to 4."""
    scale: Scale = world.own.framework.scale
    scale.levels.all().delete()
    ScaleLevel.objects.bulk_create(ScaleLevel(scale=scale, value=value, name=name) for value, name in OWN.items())
    return scale


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "no evidence yet"),
        (Decimal("0.5"), ""),
        (Decimal(1), "Emerging"),
        (Decimal("2.5"), "Developing"),
        (Decimal("3.00"), "Meeting it"),
        (Decimal(7), "Advanced"),
    ],
)
def test_a_level_is_called_as_its_scale_says_and_a_half_point_like_the_one_below(value, name, scale):
    assert named_on(value, scale) == name


@pytest.mark.parametrize("route", ["student:path", "student:topic", "student:family"])
def test_pages_of_students_and_families_use_the_words_of_the_scale(route, scale, world, as_person):
    mark(world, world.targets[0], "3")
    mark(world, world.targets[1], "2.5")
    kwargs = {"student": world.own.student.uuid} | ({"topic": world.topic.uuid} if route == "student:topic" else {})

    with time_machine.travel("2026-11-20T15:00:00+00:00", tick=True):  # families read it the next school morning
        page = as_person(world.guardian).get(reverse(route, kwargs=kwargs)).content.decode()

    assert "getting started" not in page
    assert "developing" not in page
    assert "Developing" in page


def test_the_grid_explains_the_levels_in_the_words_of_the_scale(scale, world, as_person):
    page = as_person(world.teacher).get(reverse("mastery:group-grid", args=[world.own.group.uuid])).content.decode()

    assert [name for name in OWN.values() if page.count(name) < 2] == []  # in the legend, and for the script
    assert "looking for a way in" not in page


def mark(world: World, target: Target, level: str) -> Assessment:
    recorded = record_mark(
        uuid=uuid4(),
        recorder=world.teacher,
        student=world.own.student,
        target=target,
        level=Decimal(level),
        performed_on=DAY,
        day=DAY,
        group=world.own.group,
    )
    return recorded.assessment
