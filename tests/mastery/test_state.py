"""What the two logs of one cell say, as a pure function."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.mastery.calculations import METHODS, JudgementRow, ScaleRange, ScoreRow, Ways, compute_state
from students.mastery.calculations.methods import Method
from students.mastery.enums import MasteryStatus

D = Decimal
SCALE = ScaleRange(D(0), D(4), D("0.5"), D(3))
WAYS = Ways(SCALE)
START = datetime(2026, 9, 1, 12, tzinfo=UTC)


class Log:
    """Builds rows an hour apart."""

    def __init__(self):
        self.ids = count(1)
        self.scores: list[ScoreRow] = []
        self.judgements: list[JudgementRow] = []

    def score(self, level, kind="score", on=None, voids=None):
        number = next(self.ids)
        at = START + timedelta(hours=number)
        level = None if level is None else D(str(level))
        self.scores.append(ScoreRow(number, kind, level, on or at.date(), at, voids and voids.id))
        return self.scores[-1]

    def judge(self, level, kind="set", voids=None):
        number = next(self.ids)
        level = None if level is None else D(str(level))
        at = START + timedelta(hours=number)
        self.judgements.append(JudgementRow(number, kind, level, at, voids and voids.id))
        return self.judgements[-1]

    @property
    def state(self):
        return compute_state(self.scores, self.judgements, WAYS)


@pytest.fixture
def log():
    return Log()


def test_nothing_is_not_started(log):
    assert log.state.status == MasteryStatus.NOT_STARTED
    assert log.state.level is None


def test_evidence_alone_suggests_a_level_that_nobody_confirmed(log):
    log.score(2)
    log.score(3)

    assert (log.state.level, log.state.suggested, log.state.judged) == (D("2.5"), D("2.5"), None)
    assert log.state.suggested_value == D("2.65")


def test_the_judged_level_is_the_current_one(log):
    log.score(2)
    log.judge(3)

    assert (log.state.level, log.state.suggested) == (D(3), D(2))
    assert log.state.is_proficient


def test_new_evidence_that_disagrees_flags_the_judgement(log):
    log.score(3)
    log.judge(3)
    assert not log.state.is_flagged

    log.score(1)

    assert log.state.is_flagged
    assert log.state.level == D(3)  # it stands until a teacher changes it


def test_new_evidence_that_agrees_flags_nothing(log):
    log.score(3)
    log.judge(3)
    log.score(3)

    assert not log.state.is_flagged


@pytest.mark.parametrize("kind", ["practice", "self"])
def test_practice_and_self_assessment_are_never_computed_with(kind, log):
    log.score(4, kind=kind)

    assert log.state.status == MasteryStatus.NO_EVIDENCE
    assert log.state.score_count == 0


def test_imported_scores_count(log):
    log.score(3, kind="imported")

    assert log.state.level == D(3)


def test_a_voided_score_is_out(log):
    wrong = log.score(4)
    log.score(2)
    log.score(None, kind="void", voids=wrong)

    assert (log.state.level, log.state.score_count) == (D(2), 1)


def test_a_correction_replaces_the_row_it_names(log):
    wrong = log.score(4)
    log.score(2, voids=wrong)

    assert (log.state.level, log.state.score_count) == (D(2), 1)


def test_order_is_by_day_performed_then_moment_recorded(log):
    log.score(3)
    log.score(1, on=date(2026, 8, 1))

    assert log.state.suggested_value == D("2.30")  # the 1 came first


def test_excused_is_a_state_and_not_a_number(log):
    log.score(2)
    log.judge(None, kind="excused")

    assert (log.state.status, log.state.level, log.state.suggested) == (MasteryStatus.EXCUSED, None, D(2))


def test_assumed_becomes_ordinary_at_the_first_evidence(log):
    log.judge(None, kind="assumed")
    assert log.state.status == MasteryStatus.ASSUMED

    log.score(2)

    assert (log.state.status, log.state.level) == (MasteryStatus.LEVEL, D(2))


def test_lifting_ends_what_was_in_force(log):
    log.score(2)
    log.judge(3)
    log.judge(None, kind="lifted")

    assert (log.state.level, log.state.judged) == (D(2), None)


def test_a_judgement_without_evidence_is_a_level(log):
    log.judge(3)

    assert (log.state.status, log.state.level, log.state.suggested) == (MasteryStatus.LEVEL, D(3), None)


def test_a_voided_judgement_gives_way_to_the_one_before(log):
    log.judge(2)
    log.judge(None, kind="void", voids=log.judge(4))

    assert log.state.judged == D(2)


levels = st.integers(0, 8).map(lambda n: D(n) / 2)


@given(st.lists(levels, max_size=12), st.randoms(use_true_random=False))
def test_the_order_in_which_rows_are_read_does_not_matter(scores, random):
    log = Log()
    for level in scores:
        log.score(level)
        log.judge(level)
    expected = log.state

    random.shuffle(log.scores)
    random.shuffle(log.judgements)

    assert log.state == expected


@given(st.lists(levels, min_size=1, max_size=12))
def test_undoing_the_last_mark_restores_the_state_before(scores):
    log = Log()
    for level in scores[:-1]:
        log.score(level)
        log.judge(level)
    before = log.state

    score, judgement = log.score(scores[-1]), log.judge(scores[-1])
    log.score(None, kind="void", voids=score)
    log.judge(None, kind="void", voids=judgement)

    assert replace(log.state, changed_at=before.changed_at) == before  # that something was recorded stays known


@given(st.lists(levels, min_size=1, max_size=20))
def test_the_level_is_always_on_the_scale(scores):
    log = Log()
    for level in scores:
        log.score(level)

    assert log.state.level is not None
    assert SCALE.holds(log.state.level)
    assert log.state.is_proficient == (log.state.level >= SCALE.proficient)


def test_too_few_scores_for_the_method_are_insufficient(log, monkeypatch):
    monkeypatch.setitem(METHODS, "three", Method(METHODS["decaying"].calculate, least=3))
    log.score(2)

    state = compute_state(log.scores, [], Ways(SCALE, method="three"))

    assert (state.status, state.level, state.score_count) == (MasteryStatus.INSUFFICIENT, None, 1)
