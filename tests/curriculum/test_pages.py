"""Reading the curriculum."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.template import engines
from django.urls import reverse
from django.utils.html import strip_tags

from curriculum.models import ContentArea, GuideLevel, Target, Topic
from tests.world import World, build_framework

LIST = reverse("curriculum:framework-list")


def text(response) -> str:
    """What the page says, in one line."""
    assert response.status_code == 200
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(strip_tags(re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL)).split())


def framework_of(world: World) -> str:
    return reverse("curriculum:framework-show", kwargs={"framework": world.own.framework.uuid})


def topic_of(topic: Topic) -> str:
    return reverse("curriculum:topic-show", kwargs={"topic": topic.uuid})


def grades(*codes: str) -> str:
    template = engines["django"].from_string("{% load curriculum %}{{ codes|grades_text }}")
    return str(template.render({"codes": list(codes)}))


@pytest.mark.parametrize("who", ["student", "guardian", "teacher", "leader", "curriculum_lead"])
def test_frameworks_are_open_to_everyone_here(who, world, as_person):
    response = as_person(world.people[who]).get(LIST)
    assert "Northern mathematics North" in text(response)
    assert "Southern" not in text(response)
    assert framework_of(world) in response.content.decode()


def test_frameworks_of_somebody_without_any_say_so(world, as_person):
    assert "No curriculum yet" in text(as_person(world.stranger).get(LIST))


def test_framework_shows_areas_and_topics_with_the_number_of_targets(world, as_person):
    retired = world.targets[3]
    retired.retired_on = date(2026, 1, 1)
    retired.save()
    Target.objects.create(
        topic=world.topic, case_identifier="part", statement="A part", position=1, part_of=world.targets[0]
    )
    response = as_person(world.student).get(framework_of(world))
    assert text(response).startswith("Curriculum Northern mathematics North Find a target")
    assert text(response).endswith("What comes before what Print Mathematics Fractions 3 targets")
    assert topic_of(world.topic) in response.content.decode()


def test_framework_with_nothing_in_it_says_so(world, as_person):
    Target.objects.filter(topic=world.topic).delete()
    world.own.framework.areas.all().delete()
    assert "Nothing in it yet" in text(as_person(world.student).get(framework_of(world)))


def test_framework_of_another_district_is_not_there(world, as_person):
    assert as_person(world.far_teacher).get(framework_of(world)).status_code == 404


def test_topic_shows_targets_along_the_progression(world, as_person):
    said = text(as_person(world.student).get(topic_of(world.topic)))
    assert said.startswith("Curriculum Northern mathematics Mathematics Fractions Find a target")
    assert "Poster Cards FR.1 Grade 5 Step 1" in said
    assert "FR.2 Grade 5 Step 2 “I can take step 2” Takes step 2 with fractions FR.3" in said
    assert [*re.findall(r"Step (\d) “", said)] == ["1", "2", "3", "4"]


def test_topic_shows_each_scoring_guide_from_the_highest_level(world, as_person):
    html = as_person(world.student).get(topic_of(world.topic)).content.decode()
    assert html.count("<dl") == 1  # the other targets have none
    assert re.findall(r'value="([\d.]+)"', html.split("<dl")[1].split("</dl>")[0]) == [
        "4.0",
        "3.0",
        "2.0",
        "1.0",
        "0.0",
    ]


def test_topic_shows_the_parts_of_a_target_but_not_what_is_retired(world, as_person):
    for n, retired_on in ((1, None), (2, None), (3, date(2026, 1, 1))):
        Target.objects.create(
            topic=world.topic,
            case_identifier=f"part {n}",
            code=f"FR.1.{n}",
            statement=f"Part {n}",
            position=n,
            part_of=world.targets[0],
            retired_on=retired_on,
        )
    said = text(as_person(world.student).get(topic_of(world.topic)))
    assert "2 parts FR.1 FR.1.1 Part 1 FR.1.2 Part 2 Scoring guide" in said
    assert "Part 3" not in said


def test_topic_says_a_statement_once_when_there_is_nothing_else(world, as_person):
    Target.objects.filter(topic=world.topic).update(short_title="", i_can="", grades=[])
    said = text(as_person(world.student).get(topic_of(world.topic)))
    assert said.count("Takes step 2 with fractions") == 1
    assert "Grade" not in said


def test_topic_without_targets_says_so(world, as_person):
    empty = Topic.objects.create(area=world.topic.area, case_identifier="empty", title="Empty", position=2)
    assert "No targets in this topic yet" in text(as_person(world.student).get(topic_of(empty)))


def test_topic_of_another_district_is_not_there(world, as_person):
    assert as_person(world.far_teacher).get(topic_of(world.topic)).status_code == 404


def test_grades_in_words():
    assert grades() == ""
    assert grades("05") == "Grade 5"
    assert grades("09", "10", "11", "12") == "Grades 9 to 12"
    assert grades("03", "05") == "Grades 3, 5"
    assert grades("KG") == "Kindergarten"
    assert grades("KG", "01", "02") == "Kindergarten to Grade 2"
    assert grades("01", "KG", "PK") == "Pre-kindergarten to Grade 1"
    assert grades("PK", "03") == "Pre-kindergarten, Grade 3"
    assert grades("04", "04", "03") == "Grades 3 to 4"
    assert grades("01", "UG") == "Grade 1, UG"
    assert grades("TK") == "TK"


@pytest.mark.parametrize("rows", [1, 30])
def test_frameworks_ask_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows - 1):
        build_framework(world.own.district, f"Framework {n}", target_count=1)
    client = as_person(world.student)
    client.get(LIST)
    with django_assert_num_queries(4):
        client.get(LIST)


@pytest.mark.parametrize("rows", [1, 30])
def test_framework_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows - 1):
        area = ContentArea.objects.create(
            framework=world.own.framework, case_identifier=f"{n}", title=f"Area {n}", position=n + 2
        )
        Topic.objects.create(area=area, case_identifier=f"{n}", title=f"Topic {n}", position=1)
    client = as_person(world.student)
    client.get(framework_of(world))
    with django_assert_num_queries(6):
        client.get(framework_of(world))


@pytest.mark.parametrize("rows", [1, 30])
def test_topic_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows - 1):
        target = Target.objects.create(topic=world.topic, case_identifier=f"{n}", statement=f"Does {n}", position=n + 5)
        GuideLevel.objects.create(target=target, value=Decimal(3), description="All of it")
        Target.objects.create(
            topic=world.topic, case_identifier=f"part {n}", statement="Part", position=1, part_of=target
        )
    client = as_person(world.student)
    client.get(topic_of(world.topic))
    with django_assert_num_queries(8):
        client.get(topic_of(world.topic))
