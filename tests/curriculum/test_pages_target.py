"""The page of a target: all that belongs to it, and nothing that does not."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from curriculum.enums import Domain
from curriculum.models import (
    ContentArea,
    Crosswalk,
    GuideLevel,
    Prerequisite,
    Revision,
    Target,
    Topic,
    Translation,
    Wording,
)
from tests.curriculum.test_pages import text
from tests.world import build_framework


def page_of(target: Target) -> str:
    return reverse("curriculum:target-show", kwargs={"target": target.uuid})


def area_of(area: ContentArea) -> str:
    return reverse("curriculum:area-show", kwargs={"area": area.uuid})


def links(html: str, heading: str) -> list[str]:
    """The addresses of the links under a heading, up to the next one."""
    return re.findall(
        r'href="([^"]+)"', html.split(f">{heading}</h2>")[1].split("<h2")[0].split("</nav")[0].split("</section")[0]
    )


def test_target_shows_its_sentence_statement_grades_place_and_guide(world, as_person):
    said = text(as_person(world.student).get(page_of(world.targets[0])))
    assert said.startswith(
        "Curriculum Northern mathematics Mathematics Fractions FR.1 Grade 5 Step 1 of 4 in its topic Step 1 "
        "“I can take step 1” Takes step 1 with fractions Scoring guide 4.0 Step 1 at 4 3.0 Step 1 at 3"
    )


def test_target_of_another_district_is_not_there(world, as_person):
    assert as_person(world.far_teacher).get(page_of(world.targets[0])).status_code == 404


def test_target_links_to_what_comes_before_and_after_and_to_its_neighbours(world, as_person):
    one, two, three, four = world.targets
    Prerequisite.objects.create(target=four, required=two)
    html = as_person(world.teacher).get(page_of(two)).content.decode()
    assert links(html, "Comes before it") == [page_of(one)]
    assert links(html, "Builds on it") == [page_of(three), page_of(four)]
    assert links(html, "Along the topic") == [page_of(one), page_of(three)]
    assert html.count('class="here"') == 3  # in the picture, for each width


def test_what_is_retired_or_of_another_curriculum_stands_neither_before_nor_after(world, as_person):
    one, two, three, _four = world.targets
    Target.objects.filter(pk=one.pk).update(retired_on=date(2026, 1, 1))
    far = world.other_district.targets[0]
    Prerequisite.objects.create(target=three, required=far)
    html = as_person(world.teacher).get(page_of(two)).content.decode()
    assert "Comes before it" not in html
    assert page_of(one) not in html
    html = as_person(world.teacher).get(page_of(three)).content.decode()
    assert links(html, "Comes before it") == [page_of(two)]


def test_target_with_nothing_else_says_nothing_else(world, as_person):
    Prerequisite.objects.all().delete()
    world.own.framework.scale.levels.all().delete()
    alone = Topic.objects.create(area=world.topic.area, case_identifier="alone", title="Alone", position=9)
    target = Target.objects.create(topic=alone, case_identifier="alone", statement="Stands alone", position=1)
    assert text(as_person(world.student).get(page_of(target))) == (
        "Curriculum Northern mathematics Mathematics Alone Step 1 of 1 in its topic Stands alone Card for the wall"
    )


def test_without_a_guide_the_general_words_of_the_scale_are_shown_and_called_so(world, as_person):
    said = text(as_person(world.student).get(page_of(world.targets[1])))
    assert "no scoring guide of its own yet. These are the general words for each level. 4.0 In general: going" in said


def test_the_guide_of_the_topic_comes_before_the_words_of_the_scale(world, as_person):
    GuideLevel.objects.create(topic=world.topic, value=Decimal(3), description="All of the topic")
    said = text(as_person(world.student).get(page_of(world.targets[1])))
    assert "This is the scoring guide of the whole topic. 3.0 All of the topic What comes" in said
    assert "All of the topic" not in text(as_person(world.student).get(page_of(world.targets[0])))
    topic = reverse("curriculum:topic-show", kwargs={"topic": world.topic.uuid})
    assert "Scoring guide of this topic 3.0 All of the topic" in text(as_person(world.student).get(topic))


def test_parts_and_the_whole_lead_to_each_other(world, as_person):
    whole = world.targets[0]
    part = Target.objects.create(
        topic=world.topic, case_identifier="part", code="FR.1.a", statement="A part of it", position=1, part_of=whole
    )
    gone = {"statement": "Gone", "position": 2, "retired_on": date(2026, 1, 1)}
    Target.objects.create(topic=world.topic, case_identifier="gone", part_of=whole, **gone)
    assert "Its parts FR.1.a A part of it Scoring guide" in text(as_person(world.student).get(page_of(whole)))
    html = as_person(world.student).get(page_of(part)).content.decode()
    assert links(html, "Part of") == [page_of(whole)]
    assert "Along the topic" not in html


def test_translations_are_shown_to_those_who_read_the_language(world, as_person):
    target = world.targets[0]
    Translation.objects.create(target=target, language="es", i_can="Puedo dar el paso", text="Da el paso")
    Translation.objects.create(target=target, language="fr", i_can="Je peux")
    Translation.objects.create(guide_level=target.guide.get(value=3), language="es", text="Todo")
    Translation.objects.create(topic=world.topic, language="es", title="Fracciones", text="De la mitad")
    assert "Puedo" not in text(as_person(world.student).get(page_of(target)))
    world.student.language = "es"
    world.student.save()
    said = text(as_person(world.student).get(page_of(target)))
    assert "“Puedo dar el paso” Da el paso" in said
    assert "Todo" in said
    assert "Je peux" not in said
    topic = reverse("curriculum:topic-show", kwargs={"topic": world.topic.uuid})
    said = text(as_person(world.student).get(topic))
    assert "Fractions Fracciones De la mitad" in said
    assert "Puedo dar el paso" in said


def test_words_of_the_readers_school_and_classes_stand_beside_those_of_the_district(world, as_person):
    target, own = world.targets[0], world.own
    other = world.other_school
    Wording.objects.create(target=target, organization=own.school, i_can="Hill words")
    Wording.objects.create(target=target, organization=own.school, group=own.group, i_can="Birch words")
    Wording.objects.create(target=target, organization=other.school, i_can="Lake words")
    Wording.objects.create(target=target, organization=own.school, i_can="Old words", ended_at=timezone.now())
    said = text(as_person(world.student).get(page_of(target)))
    assert "In the words of Hill “Hill words” In the words of 1 class Birch, Hill “Birch words”" in said
    assert "“I can take step 1”" in said
    assert "Old words" not in said
    assert "Lake words" not in said


def test_a_target_no_longer_in_use_says_what_took_its_place(world, as_person):
    old, new, waiting, _four = world.targets
    Target.objects.filter(pk=old.pk).update(retired_on=date(2026, 9, 1))
    Target.objects.filter(pk=new.pk).update(has_forerunners=True)
    revision = Revision.objects.create(framework=world.own.framework, title="Fall")
    applied = {"applied_at": timezone.now(), "destination": new, "destination_uuid": new.uuid}
    Crosswalk.objects.create(revision=revision, source=old, **applied)
    Crosswalk.objects.create(revision=revision, source=old, destination=waiting, destination_uuid=waiting.uuid)
    said = text(as_person(world.student).get(page_of(old)))
    assert (
        "No longer in use since Sept. 1, 2026. What was shown on it stays on record. In its place: FR.2 Step 2 “I"
        in said
    )
    html = as_person(world.student).get(page_of(new)).content.decode()
    assert links(html, "Took the place of") == [page_of(old)]


def test_area_shows_its_topics_and_what_it_holds(world, as_person):
    area = world.topic.area
    said = text(as_person(world.student).get(area_of(area)))
    assert said.endswith("What comes before what Fractions 4 targets")
    Topic.objects.update(retired_on=date(2026, 1, 1))
    ContentArea.objects.filter(pk=area.pk).update(domain=Domain.HABITS, retired_on=date(2026, 1, 1))
    said = text(as_person(world.student).get(area_of(area)))
    assert "Mathematics habits of mind No longer in use since Jan. 1, 2026. No topics yet" in said


def test_a_retired_topic_says_so(world, as_person):
    Topic.objects.update(retired_on=date(2026, 1, 1))
    topic = reverse("curriculum:topic-show", kwargs={"topic": world.topic.uuid})
    assert "No longer in use since Jan. 1, 2026." in text(as_person(world.student).get(topic))


@pytest.mark.parametrize("rows", [1, 30])
def test_target_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    target = world.targets[1]
    for n in range(rows):
        other = Target.objects.create(topic=world.topic, case_identifier=f"{n}", statement=f"Does {n}", position=n + 5)
        Prerequisite.objects.create(target=target, required=other)
        Target.objects.create(
            topic=world.topic, case_identifier=f"part {n}", statement="Part", position=1, part_of=target
        )
    client = as_person(world.student)
    client.get(page_of(target))
    with django_assert_num_queries(11):
        client.get(page_of(target))


@pytest.mark.parametrize("rows", [1, 30])
def test_area_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        Topic.objects.create(area=world.topic.area, case_identifier=f"{n}", title=f"Topic {n}", position=n + 2)
    client = as_person(world.student)
    client.get(area_of(world.topic.area))
    with django_assert_num_queries(5):
        client.get(area_of(world.topic.area))


def test_a_framework_with_five_hundred_targets_takes_no_more_queries(world, as_person, django_assert_num_queries):
    build_framework(world.own.district, "Large", target_count=1)
    area = ContentArea.objects.get(framework__title="Large")
    topics = [Topic(area=area, case_identifier=f"{n}", title=f"Topic {n}", position=n) for n in range(25)]
    Topic.objects.bulk_create(topics)
    Target.objects.bulk_create(
        Target(topic=topic, case_identifier=f"{topic.title} {n}", statement=f"Does {n}", position=n)
        for topic in topics
        for n in range(20)
    )
    client = as_person(world.student)
    address = reverse("curriculum:framework-show", kwargs={"framework": area.framework.uuid})
    client.get(address)
    with django_assert_num_queries(6):
        assert text(client.get(address)).count("20 targets") == 25
