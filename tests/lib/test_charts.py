import xml.etree.ElementTree as ElementTree
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from lpm.lib import charts

LEVELS = st.decimals(0, 4, places=1)


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 (made by us a line before)


def of_class(svg: str, name: str) -> list[ElementTree.Element]:
    return [element for element in parsed(svg).iter() if element.get("class") == name]


def test_ring_draws_shares_of_a_hundred():
    svg = charts.ring(14, 5, 22, "Math: 14 of 22")
    assert parsed(svg).get("aria-label") == "Math: 14 of 22"
    assert parsed(svg).get("role") == "img"
    assert [c.get("stroke-dasharray") for c in of_class(svg, "met")] == ["63.6 100"]
    assert [c.get("stroke-dasharray") for c in of_class(svg, "going")] == ["86.4 100"]
    assert [text.text for text in parsed(svg).iter("text")] == ["14"]


@pytest.mark.parametrize("total", [0, 22])
def test_ring_without_anything_met_draws_no_arc(total):
    svg = charts.ring(0, 0, total, "Arts")
    assert of_class(svg, "met") == of_class(svg, "going") == []
    assert len(of_class(svg, "track")) == 1


@given(
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(0, 40),
    st.text(st.characters(codec="utf-8", exclude_categories=["C"])),
)
def test_ring_is_well_formed_and_never_longer_than_the_circle(met, going, total, title):
    svg = charts.ring(met, going, total, title)
    assert parsed(svg).get("aria-label") == title
    for circle in parsed(svg).iter("circle"):
        assert float((circle.get("stroke-dasharray") or "0").split()[0]) <= 100


def test_steps_puts_discs_on_their_level():
    svg = charts.steps([("Sep 14", Decimal(1)), ("Nov 18", Decimal("2.5"))], "From 1.0 to 2.5", width=276, height=180)
    assert [group.get("value") for group in parsed(svg).iter("g")] == ["1.0", "2.5"]
    assert [text.text for text in of_class(svg, "lv") if text.tag == "text"] == ["1.0", "2.5"]
    assert [line.get("points") for line in of_class(svg, "actual")] == ["42,116 234,66"]
    assert len(of_class(svg, "goal")) == 1
    assert [t.text for t in parsed(svg).iter("text")][-2:] == ["Sep 14", "Nov 18"]


def test_steps_numerals_follow_the_language_and_values_do_not():
    with translation.override("es"):
        svg = charts.steps([("14 sep", Decimal("1.5"))], "Un nivel")
    assert [text.text for text in of_class(svg, "lv") if text.tag == "text"] == ["1,5"]
    assert [group.get("value") for group in parsed(svg).iter("g")] == ["1.5"]


def test_steps_with_one_point_stands_in_the_middle():
    svg = charts.steps([("Sep 14", Decimal(3))], "3.0 from the start")
    assert [circle.get("cx") for circle in of_class(svg, "lv") if circle.get("cx")] == ["280"]


def test_steps_without_points_draws_the_scale_alone():
    assert of_class(charts.steps([], "No evidence yet"), "lv") == []


def test_steps_escapes_dates_and_title():
    svg = charts.steps([("<b>&", Decimal(1))], '"<x>')
    assert parsed(svg).get("aria-label") == '"<x>'
    assert [text.text for text in parsed(svg).iter("text")][-1] == "<b>&"


@given(st.lists(LEVELS, max_size=40))
def test_steps_draws_the_last_twelve_inside_the_frame(levels):
    svg = charts.steps([(f"day {n}", level) for n, level in enumerate(levels)], "History")
    discs = [e for e in of_class(svg, "lv") if e.tag == "circle"]
    assert [g.get("value") for g in parsed(svg).iter("g")] == [f"{level:.1f}" for level in levels[-12:]]
    assert all(30 <= float(disc.get("cx") or 0) <= 530 for disc in discs)
    assert all(16 <= float(disc.get("cy") or 0) <= 140 for disc in discs)


def test_steps_names_every_other_day_when_there_are_many():
    svg = charts.steps([(f"day {n}", Decimal(2)) for n in range(9)], "History")
    days = [text.text for text in parsed(svg).iter("text") if (text.text or "").startswith("day")]
    assert days == ["day 0", "day 2", "day 4", "day 6", "day 8"]
