"""What a family is shown, and what is worth another look: pure calculations."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm.people.queries.calendar import SchoolCalendar, Weekdays
from students.mastery.calculations import JudgementRow, Logs, ScaleRange, ScoreRow, State, Ways, compute_state
from students.mastery.calculations.release import family_level, hold_back
from students.mastery.calculations.why import (
    is_due_another_look,
    least_scores,
    looks_at,
    next_level,
    topic_level,
    touched_on,
)
from students.mastery.enums import MasteryStatus
from students.mastery.queries.seen import LONGEST_BREAK, Mornings

SCALE = ScaleRange(Decimal(0), Decimal(4), Decimal("0.5"), Decimal(3))
LATEST = Ways(SCALE, method="most_recent")
BEGIN = datetime(2026, 11, 2, 12, tzinfo=UTC)
MORNINGS = [BEGIN + timedelta(days=n) for n in range(10)]


def at(day: float) -> datetime:
    return BEGIN + timedelta(days=day)


def score(number: int, level: str, day: float, **fields: object) -> ScoreRow:
    return ScoreRow(number, str(fields.get("kind", "score")), Decimal(level), at(day).date(), at(day))


def void(number: int, of: int, day: float) -> ScoreRow:
    return ScoreRow(number, "void", None, at(day).date(), at(day), of)


def said(number: int, kind: str, level: str | None, day: float) -> JudgementRow:
    return JudgementRow(number, kind, Decimal(level) if level else None, at(day))


def ids(logs: Logs) -> tuple[list[int], list[int]]:
    return [row.id for row in logs[0]], [row.id for row in logs[1]]


@pytest.mark.parametrize(
    ("scores", "judgements", "level"),
    [
        ([], [], None),
        ([score(1, "2", 0.1), score(2, "3", 1.1)], [], "3"),
        # a suggestion that fell waits, with what made it fall
        ([score(1, "3", 0.1), score(2, "2", 1.1)], [], "3"),
        # until a teacher confirmed it, or set it
        ([score(1, "3", 0.1), score(2, "2", 1.1)], [said(1, "confirmed", "2", 2.1)], "2"),
        ([score(1, "3", 0.1)], [said(1, "set", "1", 2.1)], "1"),
        # accepted by itself is not confirmed
        ([score(1, "3", 0.1), score(2, "2", 1.1), score(3, "2", 1.2)], [said(1, "automatic", "2", 1.3)], "3"),
        # up again: everything is shown
        ([score(1, "3", 0.1), score(2, "2", 1.1), score(3, "3.5", 2.1)], [], "3.5"),
        # what nobody read in between was never the level: both came on one morning
        ([score(1, "4", 0.1), score(2, "2", 0.2)], [], "2"),
        # a mistake that was taken back holds up nothing
        ([score(1, "4", 0.1), score(2, "2", 1.1), void(3, 1, 2.1)], [], "2"),
        # after a teacher's level is lifted, what the evidence makes is a suggestion again
        ([score(1, "2", 0.1)], [said(1, "set", "3", 1.1), said(2, "lifted", None, 2.1)], "3"),
    ],
)
def test_family_level(scores, judgements, level):
    assert family_level(scores, judgements, LATEST, MORNINGS) == (level and Decimal(level))


def test_what_made_a_level_fall_is_held_back_with_it():
    scores = [score(1, "3", 0.1), score(2, "2", 1.1), score(3, "1", 2.1)]
    assert ids(hold_back(scores, [], LATEST, MORNINGS)) == ([1], [])
    confirmed = [said(7, "confirmed", "1", 3.1)]
    assert ids(hold_back(scores, confirmed, LATEST, MORNINGS)) == ([1, 2, 3], [7])


def test_setting_aside_is_shown_and_forgets_nothing():
    scores, excused = [score(1, "3", 0.1), score(2, "1", 2.1)], said(1, "excused", None, 1.1)
    assert compute_state(*hold_back(scores, [excused], LATEST, MORNINGS), LATEST).status == MasteryStatus.EXCUSED
    lifted = [excused, said(2, "lifted", None, 3.1)]
    assert compute_state(*hold_back(scores, lifted, LATEST, MORNINGS), LATEST).status == MasteryStatus.EXCUSED


levels = st.sampled_from(SCALE.levels())


@given(st.lists(st.tuples(levels, st.integers(0, 99)), max_size=8))
def test_without_a_teacher_the_family_never_reads_less_than_before(shown):
    scores = [score(n, str(level), day / 10) for n, (level, day) in enumerate(shown, 1)]
    ways = Ways(SCALE)
    read = [
        family_level([row for row in scores if row.recorded_at < morning], [], ways, MORNINGS) for morning in MORNINGS
    ]
    known = [level for level in read if level is not None]
    assert known == sorted(known)
    assert (not known) == all(row.recorded_at >= MORNINGS[-1] for row in scores)


# --- school mornings

NEW_YORK = ZoneInfo("America/New_York")


def morning(month: int, day: int, hour: int = 7) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=NEW_YORK)


def test_mornings_leave_out_weekends_and_closures():
    calendar = SchoolCalendar(
        years=[(date(2026, 9, 1), date(2027, 6, 15))], closures=[(date(2026, 11, 26), date(2026, 11, 27))]
    )
    mornings = Mornings(calendar, 7, NEW_YORK)
    found = mornings.between(date(2026, 11, 24), morning(12, 1))
    assert found == [morning(11, 24), morning(11, 25), morning(11, 30), morning(12, 1)]
    assert mornings.last(morning(11, 29, hour=23)) == morning(11, 25)
    assert mornings.last(morning(11, 30, hour=6)) == morning(11, 25)
    assert mornings.last(morning(11, 30)) == morning(11, 30)


def test_mornings_between_years_are_weekdays_with_school():
    four = Weekdays(0, date(2026, 1, 1), frozenset({0, 1, 2, 3}))
    calendar = SchoolCalendar(years=[(date(2026, 9, 1), date(2027, 6, 15))], weekdays=[four])
    found = Mornings(calendar, 8, NEW_YORK).between(date(2026, 8, 27), morning(9, 2, hour=12))
    assert found == [morning(8, 27, 8), morning(8, 31, 8), morning(9, 1, 8), morning(9, 2, 8)]


def test_mornings_of_a_school_that_is_closed_for_good():
    now = morning(11, 19)
    calendar = SchoolCalendar(closures=[(date(2020, 1, 1), date(2030, 1, 1))])
    assert Mornings(calendar, 7, NEW_YORK).last(now) == now - LONGEST_BREAK


# --- what a method looks at


@pytest.mark.parametrize(
    ("method", "parameters", "expected"),
    [
        ("decaying", {}, "xxxx"),
        ("most_recent", {}, "...x"),
        ("highest", {}, ".x.x"),
        ("mean_last", {}, ".xxx"),
        ("median", {"last": Decimal(2)}, "..xx"),
        ("median", {}, "xxxx"),
        ("n_times", {}, ".x.x"),
        ("n_times", {"level": Decimal(2)}, ".xxx"),
    ],
)
def test_looks_at(method, parameters, expected):
    shown = [Decimal(level) for level in (1, 3, 2, 3)]
    found = looks_at(shown, Ways(SCALE, method, parameters))
    assert "".join("x" if one else "." for one in found) == expected


def test_least_scores():
    assert [least_scores(Ways(SCALE, name)) for name in ("decaying", "n_times", "power_law")] == [1, 3, 3]


# --- recency, topic levels, the next line of a guide

DAY = date(2026, 11, 19)


@pytest.mark.parametrize(
    ("days_ago", "is_proficient", "recency_days", "expected"),
    [(91, True, 90, True), (90, True, 90, False), (91, False, 90, False), (9999, True, None, False)],
)
def test_is_due_another_look(days_ago, is_proficient, recency_days, expected):
    state = State(MasteryStatus.LEVEL, is_proficient=is_proficient, last_performed_on=DAY - timedelta(days=days_ago))
    assert is_due_another_look(state, DAY, recency_days) == expected


def test_a_level_without_evidence_was_touched_when_it_was_decided():
    assert touched_on(State(MasteryStatus.LEVEL, changed_at=at(0))) == at(0).date()
    assert touched_on(State(MasteryStatus.NOT_STARTED)) is None
    assert not is_due_another_look(State(MasteryStatus.LEVEL, is_proficient=True), DAY, 30)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [("", None), ("3", "3"), ("2 3", "2.5"), ("2.5 3", "3"), ("4 0 1", "1"), ("1 1 2 2.5", "1.5")],
)
def test_topic_level(shown, expected):
    assert topic_level([Decimal(level) for level in shown.split()], SCALE) == (expected and Decimal(expected))


def test_next_level():
    described = [Decimal(level) for level in (1, 3, 4)]
    found = [next_level(described, level, Decimal(3)) for level in (None, Decimal(1), Decimal("2.5"), Decimal(4))]
    assert found == [3, 3, 3, None]
