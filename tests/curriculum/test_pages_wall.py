"""What is printed for the wall: posters, cards with a scoring guide, squares that a camera opens."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
import segno
from django.urls import reverse

from curriculum.models import GuideLevel, Target, Topic, Wording
from curriculum.views.prints import CARDS
from tests.curriculum.test_pages import text


def poster_of(topic: Topic) -> str:
    return reverse("curriculum:topic-poster", kwargs={"topic": topic.uuid})


def cards_of(topic: Topic) -> str:
    return reverse("curriculum:topic-cards", kwargs={"topic": topic.uuid})


def card_of(target: Target) -> str:
    return reverse("curriculum:target-card", kwargs={"target": target.uuid})


def square_of(target: Target) -> str:
    """The path of the QR code that opens the target's page."""
    page = reverse("curriculum:target-show", kwargs={"target": target.uuid})
    svg = segno.make(f"http://testserver{page}", error="m", micro=False).svg_inline(border=4, omitsize=True)
    return str(re.findall(r' d="(M4[^"]+)"', svg)[0])


def test_the_poster_is_the_path_in_the_words_of_students(world, as_person):
    Target.objects.filter(code="FR.4").update(retired_on="2026-01-01")
    said = text(as_person(world.teacher).get(poster_of(world.topic)))
    assert said.endswith("Fractions 1 I can take step 1 FR.1 2 I can take step 2 FR.2 3 I can take step 3 FR.3")


def test_a_school_hangs_up_its_own_words(world, as_person):
    Wording.objects.create(target=world.targets[0], organization=world.own.school, i_can="Hill words")
    assert "1 Hill words FR.1 in the words of Hill 2 I can" in text(
        as_person(world.teacher).get(poster_of(world.topic))
    )
    assert "Hill words" in text(as_person(world.teacher).get(card_of(world.targets[0])))
    assert "Hill words" not in text(as_person(world.curriculum_lead).get(poster_of(world.topic)))


def test_somebody_of_no_school_gets_the_words_of_the_curriculum(world, as_person):
    assert "I can take step 1" in text(as_person(world.guardian_from_nowhere).get(poster_of(world.topic)))


def test_each_card_carries_the_address_of_its_target(world, as_person):
    html = as_person(world.teacher).get(cards_of(world.topic)).content.decode()
    assert [square_of(target) in html for target in world.targets] == [True] * 4
    assert html.count('class="qr"') == 4


def test_the_card_of_a_target_has_its_guide_and_square(world, as_person):
    response = as_person(world.teacher).get(card_of(world.targets[0]))
    assert "FR.1 Fractions I can take step 1 Takes step 1 with fractions Scoring guide 4.0 Step 1 at 4" in text(
        response
    )
    assert square_of(world.targets[0]) in response.content.decode()


def test_the_card_says_whose_guide_it_is(world, as_person):
    said = text(as_person(world.teacher).get(card_of(world.targets[1])))
    assert "The general words for each level." in said
    GuideLevel.objects.create(topic=world.topic, value=Decimal(3), description="All of the topic")
    assert "of the whole topic. 3.0 All of the topic" in text(as_person(world.teacher).get(card_of(world.targets[1])))


def test_a_topic_without_targets_says_so_on_paper_too(world, as_person):
    empty = Topic.objects.create(area=world.topic.area, case_identifier="empty", title="Empty", position=2)
    for address in (poster_of(empty), cards_of(empty)):
        assert "No targets in this topic yet" in text(as_person(world.teacher).get(address))


@pytest.mark.parametrize("rows", [1, 30])
def test_paper_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        Target.objects.create(topic=world.topic, case_identifier=f"{n}", statement=f"Does {n}", position=n + 5)
    client = as_person(world.student)
    for address, count in ((poster_of(world.topic), 7), (cards_of(world.topic), 8), (card_of(world.targets[0]), 9)):
        client.get(address)
        with django_assert_num_queries(count):
            client.get(address)


def test_cards_of_a_very_long_path_come_in_pages(world, as_person):
    Target.objects.bulk_create(
        Target(topic=world.topic, case_identifier=f"more{n}", code=f"M.{n}", statement="More", position=n + 9)
        for n in range(CARDS)
    )
    client = as_person(world.teacher)
    pages = [client.get(cards_of(world.topic), {"page": n}).content.decode() for n in (1, 2)]
    assert [page.count('class="qr"') for page in pages] == [CARDS, 4]
    assert "M.159" in pages[1]
