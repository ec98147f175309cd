"""Finding targets by code and by words, typos forgiven."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from curriculum.enums import FrameworkStatus
from curriculum.models import Framework, Target
from curriculum.queries.search import MOST, Piece, find_targets, marked, read_hits, with_words, words_of
from tests.curriculum.test_pages import text
from tests.world import World

PAGE = reverse("curriculum:search")
HTMX = {"HX-Request": "true"}
ROWS = {
    "3.NF.A.1": "Understand a fraction as the quantity formed by one part",
    "3.NF.A.10": "Explain équivalence of fractions in special cases",
    "4.NF.A.1": "Explain why fractions are equivalent by using visual models",
    "CCSS.Math.5.MD.C": "Measure volumes by counting unit cubes",
    "JA.1": "分数を使って計算する",
}


def add(world: World, **more: object) -> dict[str, Target]:
    return {
        code: Target.objects.create(
            topic=world.topic, case_identifier=code, code=code, statement=statement, position=n + 10, **more
        )
        for n, (code, statement) in enumerate(ROWS.items())
    }


def codes(world: World, asked: str) -> list[str]:
    found = find_targets([world.own.framework.pk], asked).pks
    known = {target.pk: target.code for target in Target.objects.filter(pk__in=found)}
    return [known[pk] for pk in found]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("3.NF.A.1", ["3.NF.A.1", "3.NF.A.10"]),
        ("3nfa1", ["3.NF.A.1", "3.NF.A.10"]),
        ("3 nf a 1", ["3.NF.A.1", "3.NF.A.10"]),
        ("3.nf", ["3.NF.A.1", "3.NF.A.10"]),
        ("5mdc", ["CCSS.Math.5.MD.C"]),  # the end of a code
        ("md.5", []),
        ("nfa", ["3.NF.A.1", "4.NF.A.1", "3.NF.A.10"]),  # within a code
        ("3", ["3.NF.A.1", "3.NF.A.10"]),
        ("volume", ["CCSS.Math.5.MD.C"]),
        ("EXPLAIN equivalence", ["3.NF.A.10"]),
        ("equivale", ["3.NF.A.10", "4.NF.A.1"]),
        ("visual, why?", ["4.NF.A.1"]),
        ("cubse", ["CCSS.Math.5.MD.C"]),
        ("mesure volumes", ["CCSS.Math.5.MD.C"]),
        ("équivalance", ["3.NF.A.10"]),
        ("分数", ["JA.1"]),
        ("計算 分数", ["JA.1"]),
        ("zzyzx", []),
        ("volumes zzyzx", []),
        ("q", []),
        ("'&|!:*", []),
        ("  ", []),
    ],
)
def test_targets_are_found(asked, found, world):
    Target.objects.filter(topic=world.topic).update(code="", search_text="")
    add(world)
    assert codes(world, asked) == found


def test_a_mistyped_word_finds_the_likest(world):
    add(world)
    assert set(codes(world, "fracton")) == {
        *("3.NF.A.1", "3.NF.A.10", "4.NF.A.1"),
        *(f"FR.{n}" for n in range(1, 5)),
    }


def test_retired_targets_come_last_and_the_best_code_first(world):
    add(world)
    Target.objects.filter(code="3.NF.A.1").update(retired_on="2026-01-01")
    assert codes(world, "3nfa1") == ["3.NF.A.10", "3.NF.A.1"]


def test_no_more_than_two_hundred_are_found(world):
    Target.objects.bulk_create(
        Target(topic=world.topic, case_identifier=f"{n}", search_text="many alike", position=n) for n in range(MOST + 9)
    )
    assert len(codes(world, "alike")) == MOST


def test_words_are_read_once_and_remembered(world, django_assert_num_queries):
    cache.clear()
    add(world)
    with django_assert_num_queries(5):
        codes(world, "volumse")
    with django_assert_num_queries(3):
        assert find_targets([world.own.framework.pk], "volumse").words == ["volumes"]
        assert find_targets([], "volumes").pks == []


def test_words_of_what_was_typed():
    assert words_of("  Élan, l'été_2 été ") == ["elan", "l", "ete", "2"]
    assert len(words_of(" ".join(map(str, range(20))))) == 8


def test_words_are_marked_whole_in_the_text_as_it_is_written():
    assert marked("Équivalent, or equal.", ["equiv"]) == [Piece("Équivalent", True), Piece(", or equal.")]
    assert marked("分数を使って", ["分数"]) == [Piece("分数", True), Piece("を使って")]
    assert marked("Plain", ["a"]) == [Piece("Plain")]
    assert marked("", ["a"]) == []


def test_a_long_statement_is_cut_around_what_was_found(world):
    statement = f"{'much before it ' * 20}the needle {'and after it ' * 20}"
    target = Target.objects.create(
        topic=world.topic, case_identifier="long", short_title="Long", statement=statement, position=9
    )
    shown = "".join(piece.text for piece in read_hits([target.pk], ["needle"])[0].statement)
    assert "the needle and" in shown
    assert (shown[:2], shown[-2:]) == ("… ", " …")
    assert len(shown) < 170
    begin = "".join(piece.text for piece in read_hits([target.pk], ["nothing"])[0].statement)
    assert begin.startswith("much before it much")


def test_the_page_shows_what_was_found_with_the_words_marked(world, as_person):
    add(world)
    response = as_person(world.student).get(PAGE, {"q": "unit cubes"})
    assert "1 target found CCSS.Math.5.MD.C Fractions Northern mathematics Measure volumes by" in text(response)
    assert re.findall("<mark>([^<]*)</mark>", response.content.decode()) == ["unit", "cubes"]


def test_what_somebody_may_not_read_is_not_found(world, as_person):
    ours = add(world)["4.NF.A.1"]
    assert text(as_person(world.teacher).get(PAGE, {"q": "visual models"})).count(ours.code) == 1
    assert "Nothing found" in text(as_person(world.far_teacher).get(PAGE, {"q": "visual models"}))
    assert "Nothing found" in text(as_person(world.stranger).get(PAGE, {"q": "visual models"}))
    Framework.objects.filter(pk=world.own.framework.pk).update(status=FrameworkStatus.DRAFT)
    assert "Nothing found" in text(as_person(world.teacher).get(PAGE, {"q": "visual models"}))


def test_without_a_question_the_page_says_what_to_type(world, as_person):
    assert "Type a code such as 5.NF.A.1" in text(as_person(world.student).get(PAGE))
    assert "Type a code" in text(as_person(world.student).get(PAGE, {"q": "\0 "}))


def test_while_somebody_types_only_what_was_found_is_sent(world, as_person):
    add(world)
    response = as_person(world.student).get(PAGE, {"q": "cubes"}, headers=HTMX)
    assert response.content.decode().strip().startswith('<div id="found"')
    assert response["HX-Trigger"] == '{"announce": "1 target found"}'
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("rows", [1, 30])
def test_the_page_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        Target.objects.create(topic=world.topic, case_identifier=f"{n}", statement="A needle", position=n + 5)
    client = as_person(world.student)
    client.get(PAGE, {"q": "needle"})
    with django_assert_num_queries(7):
        response = client.get(PAGE, {"q": "needle"})
    assert response.content.decode().count('<li class="card') == min(rows, 20)
    if rows == 30:
        assert "More than can be shown" not in text(response)
        assert client.get(PAGE, {"q": "needle", "page": 2}).content.decode().count('<li class="card') == 10


@pytest.mark.parametrize(("asked", "index"), [("fractions", "target_by_words"), ("分数を使", "target_by_letters")])
def test_words_are_found_through_an_index(asked, index, world):
    """In a table this small a scan is the best plan; where it is forbidden, the index must fit what is asked."""
    rows = with_words(Target.objects.all(), [[asked]])
    assert rows is not None
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert index in rows.explain()


def test_a_sentence_stands_between_its_marks(world, as_person):
    assert "“I can take step 3”" in text(as_person(world.student).get(reverse("curriculum:search"), {"q": "FR.3"}))
