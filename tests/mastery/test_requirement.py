"""Targets with several parts: each part speaks for itself."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.mastery.calculations import Missing, Part, Requirement, ScaleRange, evidence_requirement

D = Decimal
FIVE = ScaleRange(D(0), D(5), D("0.5"), D(3))
levels = st.sampled_from(FIVE.levels())


def part(target_id, *scores, needed=1):
    return Part(target_id, [D(str(score)) for score in scores], needed)


def test_met_when_each_part_has_its_number_at_the_level():
    requirement = evidence_requirement([part(1, 3), part(2, 1, 4, 3, needed=2)], scale=FIVE)

    assert requirement == Requirement(D(3), 2, ())
    assert requirement.is_met
    assert requirement.met_count == 2


def test_it_says_what_is_still_missing_in_the_order_of_the_parts():
    requirement = evidence_requirement(
        [part(7, 3, 2.5, needed=3), part(5), part(6, 5), part(4, 1, needed=2)], scale=FIVE
    )

    assert requirement.missing == (Missing(7, 2), Missing(5, 1), Missing(4, 2))
    assert not requirement.is_met
    assert requirement.met_count == 1


def test_another_level_may_be_asked_for():
    parts = [part(1, 3, 4), part(2, 3.5)]

    assert evidence_requirement(parts, scale=FIVE, level=D(4)).missing == (Missing(2, 1),)
    assert evidence_requirement(parts, scale=FIVE, level=D("4.5")).missing == (Missing(1, 1), Missing(2, 1))


@given(st.lists(st.tuples(st.lists(levels, max_size=5), st.integers(1, 4)), min_size=1, max_size=6), levels)
def test_giving_what_is_missing_meets_it_and_less_does_not(given_parts, level):
    parts = [Part(number, scores, needed) for number, (scores, needed) in enumerate(given_parts)]
    missing = evidence_requirement(parts, scale=FIVE, level=level).missing
    counts = {row.target_id: row.count for row in missing}

    def with_more(fewer=0):
        more = {target: max(0, count - fewer) for target, count in counts.items()}
        return [Part(p.target_id, [*p.scores, *[level] * more.get(p.target_id, 0)], p.needed) for p in parts]

    assert evidence_requirement(with_more(), scale=FIVE, level=level).is_met
    assert evidence_requirement(with_more(fewer=1), scale=FIVE, level=level).is_met == (not missing)


@pytest.mark.parametrize(
    ("parts", "level", "message"),
    [
        ([], None, "without parts"),
        ([part(1, 3, needed=0)], None, "at least 1 score, not 0"),
        ([part(1, 3)], D("3.2"), "must be a level of the scale, not 3.2"),
        ([part(1, 3), part(2, 5.5)], None, "score 5.5 is outside the scale"),
    ],
)
def test_what_makes_no_sense_is_refused(parts, level, message):
    with pytest.raises(ValueError, match=message):
        evidence_requirement(parts, scale=FIVE, level=level)
