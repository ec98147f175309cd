"""Quiet hours and the e-mail of a day: worked examples, days on which clocks change, and what holds always."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpm.notices.calculations.channels import DEFAULTS, default_channel, wait_after
from lpm.notices.calculations.quiet import CLOSED_BEFORE, MORNING, after_quiet, digest_at, is_quiet
from lpm.notices.enums import Channel, NoticeKind

NEW_YORK = ZoneInfo("America/New_York")
EVENING, SEVEN = time(20), time(7)


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "begin", "end", "sent"),
    [
        ("2026-11-19 15:00", EVENING, SEVEN, "2026-11-19 15:00"),
        ("2026-11-19 20:00", EVENING, SEVEN, "2026-11-20 07:00"),
        ("2026-11-19 23:59", EVENING, SEVEN, "2026-11-20 07:00"),
        ("2026-11-20 06:59", EVENING, SEVEN, "2026-11-20 07:00"),
        ("2026-11-20 07:00", EVENING, SEVEN, "2026-11-20 07:00"),
        ("2026-11-20 12:30", time(12), time(13), "2026-11-20 13:00"),  # within one day
        ("2026-11-20 03:00", SEVEN, SEVEN, "2026-11-20 03:00"),  # none
        ("2026-03-08 01:00", EVENING, time(2, 30), "2026-03-08 03:30"),  # there is no half past two that night
    ],
)
def test_nothing_is_sent_in_quiet_hours(moment, begin, end, sent):
    assert after_quiet(at(moment), begin, end, NEW_YORK) == at(sent)


def test_an_hour_that_comes_twice_ends_once():
    """At two in the morning of November 1 the clocks go back to one."""
    first = datetime(2026, 11, 1, 5, 10, tzinfo=UTC)  # ten past one
    assert after_quiet(first, EVENING, time(1, 30), NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    again = first + timedelta(hours=1)  # and once more
    assert after_quiet(again, EVENING, time(1, 30), NEW_YORK) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        ("2026-11-19 15:00", "2026-11-20 07:30"),
        ("2026-11-20 07:05", "2026-11-20 07:30"),  # the news of the morning
        ("2026-11-20 07:20", "2026-11-21 07:30"),
        ("2026-03-07 15:00", "2026-03-08 07:30"),
        ("2026-10-31 15:00", "2026-11-01 07:30"),
    ],
)
def test_the_news_of_a_day_goes_out_after_the_quiet_hours(moment, sent):
    assert digest_at(at(moment), SEVEN, NEW_YORK) == at(sent)


zones = st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Europe/London", "UTC", "Pacific/Apia"])
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@given(moments, st.times(), st.times(), zones.map(ZoneInfo))
def test_what_waits_goes_out_within_a_day_and_never_in_quiet_hours(moment, begin, end, zone):
    sent = after_quiet(moment, begin, end, zone)

    assert not is_quiet(sent, begin, end, zone)
    assert moment <= sent <= moment + timedelta(hours=49)
    assert sent == moment or is_quiet(moment, begin, end, zone)
    assert after_quiet(sent, begin, end, zone) == sent


@given(moments, st.times(), zones.map(ZoneInfo))
def test_the_news_of_a_day_is_never_told_to_an_email_that_is_being_written(moment, end, zone):
    sent = digest_at(moment, end, zone)

    assert moment + CLOSED_BEFORE < sent <= moment + timedelta(hours=26) + MORNING
    assert digest_at(sent, end, zone) > sent


def test_who_has_not_chosen_is_told_as_fits_them():
    assert set(DEFAULTS) == set(NoticeKind)
    assert default_channel(NoticeKind.MESSAGE, is_student=False) == Channel.EMAIL
    assert {default_channel(kind, is_student=True) for kind in NoticeKind} == {Channel.PAGE}


def test_each_try_waits_longer():
    assert [wait_after(tries) for tries in (1, 2, 3)] == [timedelta(minutes=n) for n in (1, 5, 25)]
