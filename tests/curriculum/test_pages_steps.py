"""Pictures of what comes before what: of a topic, an area and a framework."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from django.urls import reverse

from curriculum.calculations.layers import Shape, lay_out
from curriculum.models import ContentArea, Framework, Prerequisite, Target, Topic
from curriculum.queries.graphs import MOST_DRAWN, MOST_WITH_OTHERS, by_topic, read_graph, read_topic_graph
from tests.curriculum.test_pages import text


def steps_of(thing: Framework | ContentArea | Topic) -> str:
    kind = {Framework: "framework", ContentArea: "area", Topic: "topic"}[type(thing)]
    return reverse(f"curriculum:{kind}-steps", kwargs={kind: thing.uuid})


def drawn(response, standing: str) -> list[str]:
    """The titles of the boxes in the widest picture."""
    svg = response.content.decode().split('<div class="only-wide">')[1].split("</svg>")[0]
    return sorted(re.findall(rf'class="{standing}"><title>([^<]*)</title>', svg))


def add_targets(topic: Topic, count: int) -> list[Target]:
    Target.objects.bulk_create(
        Target(topic=topic, case_identifier=f"{topic.pk} {n}", code=f"X.{n}", statement=f"Does {n}", position=n + 10)
        for n in range(count)
    )
    return list(topic.targets.filter(code__startswith="X.").in_order())


def chain(targets: list[Target]) -> None:
    Prerequisite.objects.bulk_create(Prerequisite(required=a, target=b) for a, b in pairwise(targets))


def test_a_topic_is_drawn_with_the_targets_of_other_topics_beside_it(world, as_person):
    other = Topic.objects.create(area=world.topic.area, case_identifier="other", title="Decimals", position=2)
    tenths, hundredths = add_targets(other, 2)
    chain([world.targets[3], tenths, hundredths])
    response = as_person(world.student).get(steps_of(world.topic))
    assert drawn(response, "plain") == ["FR.1 Step 1", "FR.2 Step 2", "FR.3 Step 3", "FR.4 Step 4"]
    assert drawn(response, "elsewhere") == ["X.0 Does 0"]
    assert (
        "of this topic of another topic Show as a list Target Comes after FR.1 Step 1 nothing FR.2 Step 2 FR.1"
        in text(response)
    )


def test_an_area_and_a_framework_are_drawn_whole(world, as_person):
    other = Topic.objects.create(area=world.topic.area, case_identifier="other", title="Decimals", position=2)
    chain([world.targets[3], *add_targets(other, 1)])
    steps = ["FR.1 Step 1", "FR.2 Step 2", "FR.3 Step 3", "FR.4 Step 4", "X.0 Does 0"]
    client = as_person(world.student)
    assert drawn(client.get(steps_of(world.topic.area)), "plain") == steps
    assert drawn(client.get(steps_of(world.own.framework)), "plain") == steps


def test_targets_without_steps_are_listed_and_retired_ones_are_not_there(world, as_person):
    Target.objects.filter(code="FR.4").update(retired_on="2026-01-01")
    add_targets(world.topic, 1)
    response = as_person(world.student).get(steps_of(world.topic))
    assert drawn(response, "plain") == ["FR.1 Step 1", "FR.2 Step 2", "FR.3 Step 3"]
    assert "1 with nothing before or after it X.0 Does 0" in text(response)


def test_a_picture_of_nothing_says_so(world, as_person):
    Prerequisite.objects.all().delete()
    said = text(as_person(world.student).get(steps_of(world.topic)))
    assert "No steps yet" in said
    assert "4 with nothing before or after them" in said


@pytest.mark.parametrize("kind", ["framework", "area", "topic"])
def test_steps_of_another_district_are_not_there(kind, world, as_person):
    thing = {"framework": world.own.framework, "area": world.topic.area, "topic": world.topic}[kind]
    assert as_person(world.far_teacher).get(steps_of(thing)).status_code == 404


def test_steps_of_parts_are_those_of_their_whole_and_make_no_circle(world):
    one, two, _three, four = world.targets
    part = {"topic": world.topic, "statement": "A part", "position": 1}
    of_one = Target.objects.create(case_identifier="of one", part_of=one, **part)
    of_two = Target.objects.create(case_identifier="of two", part_of=two, **part)
    Prerequisite.objects.create(required=of_one, target=four)
    Prerequisite.objects.create(required=of_two, target=of_one)  # against FR.1 before FR.2
    Prerequisite.objects.create(required=of_one, target=one)
    graph = read_topic_graph(world.topic)
    assert (one.pk, four.pk) in graph.edges
    assert {one.pk, two.pk} <= {target.pk for target in graph.nodes}
    assert len(set(graph.edges) & {(one.pk, two.pk), (two.pk, one.pk)}) == 1
    lay_out([target.pk for target in graph.nodes], graph.edges, Shape(4))  # no circle


def test_of_many_targets_the_topics_are_drawn(world, as_person):
    area = world.topic.area
    topics = [Topic(area=area, case_identifier=f"{n}", title=f"Topic {n}", position=n + 2) for n in range(3)]
    Topic.objects.bulk_create(topics)
    first, second, third = (add_targets(topic, MOST_DRAWN // 2) for topic in topics)
    chain([*first, *second])
    chain(third)
    Prerequisite.objects.create(required=second[0], target=first[-1])  # the other way round between the topics
    Prerequisite.objects.filter(required=first[-1], target=second[0]).delete()
    Prerequisite.objects.create(required=first[0], target=second[-1])
    response = as_person(world.student).get(steps_of(area))
    assert drawn(response, "plain") == ["Topic 0", "Topic 1"]
    said = text(response)
    assert "each box is a topic" in said
    assert "1 step back to an earlier topic is not drawn." in said
    assert "2 with nothing before or after them FR Fractions Topic 2" in said
    assert len(by_topic(read_graph(area)).edges) == 1


def test_a_large_topic_is_drawn_without_the_others(world):
    other = Topic.objects.create(area=world.topic.area, case_identifier="other", title="Decimals", position=2)
    chain([world.targets[0], *add_targets(other, MOST_WITH_OTHERS)])
    assert read_topic_graph(other).elsewhere == frozenset()
    assert read_topic_graph(world.topic).elsewhere != frozenset()


@pytest.mark.parametrize("rows", [1, 30])
def test_steps_ask_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    other = Topic.objects.create(area=world.topic.area, case_identifier="other", title="Decimals", position=2)
    chain([world.targets[0], *add_targets(other, rows)])
    client = as_person(world.student)
    client.get(steps_of(world.topic))
    with django_assert_num_queries(7):
        client.get(steps_of(world.topic))
    with django_assert_num_queries(6):
        client.get(steps_of(world.own.framework))


def test_the_picture_tells_where_it_is(world, as_person):
    student, topic = as_person(world.student), world.topic
    way = "Curriculum Northern mathematics"
    for row, below in ((topic.area.framework, ""), (topic.area, " Mathematics"), (topic, " Mathematics Fractions")):
        said = text(student.get(steps_of(row)))
        assert said.startswith(f"{way}{below} What comes before what: {row.title} Each line leads")
    Prerequisite.objects.all().delete()
    assert "Each line leads" not in text(student.get(steps_of(topic)))
