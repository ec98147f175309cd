"""How made-up students learn: along the progression, upwards as a rule, at their own pace."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm.demo.calculations import words
from lpm.demo.calculations.history import Chronicle, make_chronicle
from lpm.demo.calculations.learning import (
    Area,
    Place,
    Progression,
    Step,
    enter,
    has_work_left,
    look_again,
    make_learner,
    next_level,
    show_habit,
    work_on,
)
from lpm.demo.calculations.plan import make_plan

DAY = date(2026, 11, 19)
LEVELS = [Decimal(number) / 2 for number in range(1, 9)]
TOPIC = Progression("FR", tuple(f"FR.{n}" for n in range(11)), tuple(range(11)))
STRAND = Progression("HOL", ("HOL.1", "HOL.2"), (None, None))
seeds = st.integers(0, 10**9)


@given(seeds, st.sampled_from([None, *LEVELS]), st.floats(0.2, 1.7))
def test_a_level_is_one_of_the_scale_and_changes_by_a_whole_at_most(seed, level, pace):
    found = next_level(Random(seed), level, pace)

    assert found in LEVELS
    assert level is None or abs(found - level) <= 1


@given(seeds, st.floats(0.5, 1.7))
def test_a_walk_goes_to_the_end_of_the_topic_one_target_after_the_other(seed, pace):
    random, place = Random(seed), Place(3)
    steps: list[Step] = []
    while (step := work_on(random, place, TOPIC, pace)) is not None and len(steps) < 2000:
        steps.append(step)

    assert place.index == len(TOPIC.targets)
    assert [step.index for step in steps] == sorted(step.index for step in steps)
    assert {step.index for step in steps} == set(range(3, 11))
    last = {step.index: step.level for step in steps}
    assert {index for index, level in last.items() if level < words.PROFICIENT} == set()


@given(seeds)
def test_who_is_faster_needs_fewer_tries(seed):
    def tries(pace: float) -> int:
        random = Random(seed)
        places = [Place(0) for _ in range(20)]
        count = 0
        for place in places:
            while work_on(random, place, TOPIC, pace) is not None:
                count += 1
        return count

    assert tries(1.6) < tries(0.6)


@given(seeds, st.integers(0, 12))
def test_where_somebody_enters_lies_around_their_grade(seed, grade):
    random = Random(seed)
    learner = make_learner(random, "s1", grade, 2)
    place = enter(random, learner, TOPIC)

    assert 0 <= place.index <= len(TOPIC.targets)
    assert abs(place.index - learner.start) < 4
    assert enter(random, learner, STRAND).index == 0
    assert has_work_left(learner, [TOPIC, STRAND]) == ([TOPIC, STRAND] if place.index < 11 else [STRAND])
    assert 0.45 <= learner.pace <= 1.7


def test_after_the_summer_some_has_to_be_met_anew():
    seen: Counter[bool] = Counter()
    for seed in range(400):
        place = Place(5, Decimal("1.0"), met=4)
        step = look_again(Random(seed), place)
        assert step
        assert (step.index, step.is_again, place.met) == (4, True, None)
        held = step.level >= words.PROFICIENT
        assert place == (Place(5, Decimal("1.0")) if held else Place(4, step.level))
        seen[held] += 1
    assert 80 < seen[False] < 160
    assert look_again(Random(1), Place(5)) is None


@given(seeds)
def test_habits_are_told_in_whole_levels_that_seldom_go_back(seed):
    random = Random(seed)
    learner = make_learner(random, "s1", 5, 2)
    shown = [show_habit(random, learner, "HOL.1") for _ in range(30)]

    assert set(shown) <= {Decimal(1), Decimal(2), Decimal(3), Decimal(4)}
    assert all(after >= before - 1 for before, after in pairwise(shown))


# A town


def areas() -> list[Area]:
    def topic(code: str, per_grade: int) -> Progression:
        grades = [grade for grade in range(11) for _ in range(per_grade)]
        return Progression(code, tuple(f"{code}.{n}" for n in range(len(grades))), tuple(grades))

    return [
        Area("MATH", "content", (topic("FR", 1), topic("OP", 2))),
        Area("ELA", "content", (topic("RS", 1),)),
        Area("SCI", "content", (topic("LE", 1),)),
        Area("Complex reasoning", "reasoning", (Progression("R", ("R.1", "R.2"), (None, None)),)),
        Area("Habits of mind", "habits", (STRAND,)),
    ]


@pytest.fixture(scope="module")
def chronicle() -> Chronicle:
    return make_chronicle(make_plan(students=120, years=2, seed="tide", day=DAY), 0, areas())


def test_about_a_hundred_marks_for_each_student_all_on_school_days(chronicle):
    plan = make_plan(students=120, years=2, seed="tide", day=DAY)
    school = {day for year in plan.years for _week, days in year.weeks(DAY) for day in days}

    assert 70 * 120 < len(chronicle.marks) < 130 * 120
    assert {mark.seen_on for mark in chronicle.marks} <= school
    assert {mark.at.date() for mark in chronicle.marks} <= school


def test_who_is_ill_is_noted_as_missing_and_shows_nothing(chronicle):
    shown = {(mark.pupil, mark.section, mark.seen_on) for mark in chronicle.marks if mark.kind == "score"}
    missed = {(one.pupil, one.section, one.day) for one in chronicle.missed}

    assert len(missed) == len(chronicle.missed) > 10
    assert missed.isdisjoint(shown)
    assert (
        min(one.day for one in chronicle.missed)
        >= make_plan(students=120, years=2, seed="tide", day=DAY).years[-1].starts_on
    )
    assert min(mark.at.date() - mark.seen_on for mark in chronicle.marks).days == 0
    assert Counter(mark.kind for mark in chronicle.marks).keys() == {"score", "practice", "self", "imported"}


def test_no_two_rows_of_a_cell_are_of_one_moment(chronicle):
    moments = Counter((mark.pupil, mark.target, mark.at) for mark in chronicle.marks if mark.kind == "score")

    assert set(moments.values()) == {1}


def test_nobody_is_seen_before_they_came_nor_in_a_class_of_others(chronicle):
    plan = make_plan(students=120, years=2, seed="tide", day=DAY)
    sections = {one.key: (year, one) for year in plan.years for one in plan.sections[year.back]}
    for mark in chronicle.marks:
        year, section = sections[mark.section]
        arrives = plan.children[mark.pupil][1].arrives
        assert mark.pupil in section.pupils
        assert year.starts_on <= mark.seen_on <= year.ends_on
        assert mark.by in {*section.teachers, mark.pupil}
        assert arrives is None or mark.seen_on >= plan.years[1 - arrives[0]].day_of(arrives[1])


def test_what_lies_before_an_entry_point_is_taken_as_known(chronicle):
    first: dict[tuple[str, str], datetime] = {}
    for mark in chronicle.marks:
        first.setdefault((mark.pupil, mark.target), mark.at)
    taken = {(entry.pupil, entry.target) for entry in chronicle.entries}
    entered = Counter(entry.pupil for entry in chronicle.entries)

    assert taken.isdisjoint(first)
    assert len(taken) == len(chronicle.entries)
    plan = make_plan(students=120, years=2, seed="tide", day=DAY)
    older = [entered[key] for key, (_family, child) in plan.children.items() if child.grade >= 9]
    younger = [entered[key] for key, (_family, child) in plan.children.items() if child.grade <= 3]
    assert sum(older) / len(older) > 25 > 8 > sum(younger) / len(younger)


def test_students_move_on_at_different_paces_and_with_setbacks(chronicle):
    cells = defaultdict(list)
    for mark in sorted(chronicle.marks, key=lambda one: one.at):
        if mark.kind == "score" and mark.level is not None:
            cells[mark.pupil, mark.target].append(mark.level)
    tries = [len(levels) for levels in cells.values()]
    met = Counter(pupil for (pupil, _target), levels in cells.items() if levels[-1] >= words.PROFICIENT)

    assert 2.5 < sum(tries) / len(tries) < 5
    assert 0.08 < sum(any(b < a for a, b in pairwise(r)) for r in cells.values()) / len(cells) < 0.5
    assert max(met.values()) > 3 * sorted(met.values())[len(met) // 8]


def test_requests_are_answered_or_wait_some_for_long(chronicle):
    waiting = [asked for asked in chronicle.asked if asked.state == "waiting"]
    answered = [asked for asked in chronicle.asked if asked.state == "answered"]

    assert {asked.state for asked in chronicle.asked} == {"waiting", "answered", "returned"}
    assert len({(asked.pupil, asked.target) for asked in waiting}) == len(waiting) > 3
    assert any((DAY - asked.at.date()).days > 7 for asked in waiting)
    assert all(asked.mark and asked.mark.level and asked.mark.level >= 3 for asked in answered)
    assert all(asked.answered_at and asked.at < asked.answered_at for asked in chronicle.asked if asked.by)


def test_words_are_there_in_the_languages_of_the_families(chronicle):
    assert {mark.language for mark in chronicle.marks if mark.comment and mark.kind == "score"} <= {"en", "es", "fr"}
    assert {said.is_for_family for said in chronicle.said} == {True, False}
    assert {words.comment_on(Random(n), Decimal("2.0"), is_again=True) for n in range(50)} == set(words.AGAIN)
    assert {words.comment_on(Random(n), Decimal("1.0")) for n in range(90)} == set(words.BEGINNING)
    assert {words.comment_on(Random(n), Decimal("4.0")) for n in range(50)} == set(words.BEYOND)
    assert {words.comment_on(Random(n), Decimal("3.0")) for n in range(90)} == set(words.MET)
