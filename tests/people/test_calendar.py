"""School years, terms and closures; and which days have school."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from lpm.audit.models import Entry
from lpm.people.enums import TermKind
from lpm.people.forms.organizations import Line, read_closures
from lpm.people.models import Closure, PeopleSettings, RosterSource, SchoolYear, Term
from lpm.people.queries.calendar import (
    SchoolCalendar,
    Weekdays,
    current_school_year,
    draw_year,
    each_day,
    instructional_days,
)
from lpm.people.services.calendar import Span, add_closures, add_school_year
from tests.world import DAY

FIRST, LAST = date(2026, 9, 1), date(2027, 6, 11)
spans = st.tuples(st.dates(FIRST, LAST), st.dates(FIRST, LAST)).map(lambda pair: (min(pair), max(pair)))
weeks = st.builds(
    Weekdays,
    height=st.integers(0, 3),
    valid_from=st.dates(FIRST, LAST),
    days=st.none() | st.frozensets(st.integers(0, 6)),
)
calendars = st.builds(
    SchoolCalendar,
    years=st.lists(spans, max_size=3),
    closures=st.lists(spans, max_size=5),
    weekdays=st.lists(weeks, max_size=5).map(
        lambda rows: sorted(rows, key=lambda row: (row.height, -row.valid_from.toordinal()))
    ),
)


@given(calendars, spans)
def test_days_lie_in_a_year_outside_closures_and_on_weekdays(calendar, span):
    days = calendar.days(*span)

    assert days == sorted(set(days))
    for day in each_day(*span):
        in_year = any(first <= day <= last for first, last in calendar.years)
        is_closed = any(first <= day <= last for first, last in calendar.closures)
        assert (day in days) == (in_year and not is_closed and day.weekday() in calendar.weekdays_on(day))


@given(calendars, spans, st.dates(FIRST, LAST))
def test_a_span_has_the_days_of_its_two_parts(calendar, span, cut):
    first, last = span
    middle = min(max(first, cut), last)

    assert calendar.days(first, last) == calendar.days(first, middle) + calendar.days(middle + timedelta(days=1), last)


@given(calendars, spans, spans)
def test_another_closure_takes_its_days_and_no_other(calendar, span, closure):
    more = SchoolCalendar(calendar.years, [*calendar.closures, closure], calendar.weekdays)

    assert more.days(*span) == [day for day in calendar.days(*span) if not closure[0] <= day <= closure[1]]


@pytest.fixture
def year(world) -> SchoolYear:
    return SchoolYear.objects.create(
        organization=world.own.district, title="2026–2027", ends_in=2027, starts_on=FIRST, ends_on=LAST
    )


def close(organization, first: date, last: date | None = None, title: str = "Closed") -> Closure:
    return Closure.objects.create(organization=organization, title=title, starts_on=first, ends_on=last or first)


def test_closures_of_a_school_and_of_those_above_count_and_no_others(world, year):
    close(world.own.district, date(2026, 11, 25), date(2026, 11, 27))
    close(world.own.school, date(2026, 11, 23))
    close(world.other_school.school, date(2026, 11, 24))

    days = instructional_days(world.own.school, date(2026, 11, 20), date(2026, 12, 1))

    assert days == [date(2026, 11, 20), date(2026, 11, 24), date(2026, 11, 30), date(2026, 12, 1)]


def test_a_school_with_a_year_of_its_own_keeps_it(world, year):
    SchoolYear.objects.create(
        organization=world.own.school, title="Hill", ends_in=2027, starts_on=date(2026, 9, 8), ends_on=LAST
    )

    assert instructional_days(world.own.school, FIRST, date(2026, 9, 8)) == [date(2026, 9, 8)]
    assert len(instructional_days(world.other_school.school, FIRST, date(2026, 9, 8))) == 6


def test_the_days_of_the_week_are_those_of_the_settings_of_their_time(world, year):
    PeopleSettings.objects.create(organization=world.own.district, valid_from=FIRST, weekdays=[0, 1, 2, 3])
    PeopleSettings.objects.create(organization=world.own.school, valid_from=date(2026, 9, 14), weekdays=[5])

    days = instructional_days(world.own.school, date(2026, 9, 7), date(2026, 9, 20))

    assert days == [*(date(2026, 9, 7 + n) for n in range(4)), date(2026, 9, 19)]


def test_the_days_cost_three_queries(world, year, django_assert_num_queries):
    for n in range(30):
        close(world.own.district, FIRST + timedelta(days=7 * n))

    with django_assert_num_queries(3):
        assert len(instructional_days(world.own.school, FIRST, LAST)) == 174


def test_the_year_of_a_day_is_the_nearest_in_which_it_lies(world, year):
    own = SchoolYear.objects.create(
        organization=world.own.school, title="Hill", ends_in=2027, starts_on=date(2026, 9, 8), ends_on=LAST
    )

    assert current_school_year(world.own.school, DAY) == own
    assert current_school_year(world.other_school.school, DAY) == year
    assert current_school_year(world.other_school.school, LAST + timedelta(days=1)) is None
    assert current_school_year(world.other_district.school, DAY) is None


def test_a_drawn_year_says_of_each_day_what_it_is(world, year):
    closure = close(world.own.district, date(2026, 11, 26), date(2026, 11, 28), "Thanksgiving")
    calendar = SchoolCalendar([(FIRST, LAST)], [(closure.starts_on, closure.ends_on)])

    months = draw_year(year, calendar, [closure], [], DAY)

    assert [month.first for month in months][::9] == [FIRST, LAST.replace(day=1)]
    november = {cell.day.day: cell for week in months[2].weeks for cell in week if cell}
    assert all(len(week) == 7 for month in months for week in month.weeks)
    assert (november[26].state, november[26].notes) == ("closed", ("Thanksgiving",))
    assert [november[n].state for n in (27, 28, 29, 30)] == ["closed", "weekend", "weekend", "school"]
    assert (november[19].is_today, months[2].count, len(november)) == (True, 19, 30)
    assert months[-1].weeks[-1][2] is not None
    assert months[-1].weeks[-1][2].state == "outside"


def send(client, route: str, uuid, **data):
    return client.post(reverse(route, args=[uuid]), data)


def test_a_year_a_term_and_closures_are_made_on_pages(world, as_person):
    client = as_person(world.administrator)
    span = {"title": "2026–2027", "starts_on": FIRST, "ends_on": LAST}

    made = send(client, "people:school-year-add", world.own.district.uuid, **span)
    year = SchoolYear.objects.get()
    send(client, "people:term-add", year.uuid, kind="semester", title="Fall", starts_on=FIRST, ends_on="2027-01-22")
    lines = "2026-12-21 – 2027-01-01 Winter break\n\n2027-2-15 Presidents’ Day\n2027-2-15 Presidents’ Day"
    send(client, "people:closure-add", world.own.district.uuid, lines=lines)
    send(client, "people:closure-add", world.own.district.uuid, lines=lines, title="Snow", starts_on="2027-01-05")

    assert made.url.endswith("?year=2027")
    assert (year.ends_in, year.organization) == (2027, world.own.district)
    assert list(Term.objects.values_list("title", "kind", "ends_on")) == [("Fall", "semester", date(2027, 1, 22))]
    assert set(Closure.objects.values_list("title", "starts_on", "ends_on")) == {
        ("Winter break", date(2026, 12, 21), date(2027, 1, 1)),
        ("Presidents’ Day", date(2027, 2, 15), date(2027, 2, 15)),
        ("Snow", date(2027, 1, 5), date(2027, 1, 5)),
    }
    counts = [len(entry.details["closures"]) for entry in Entry.objects.filter(action="people.add_closures")]
    assert sorted(counts) == [1, 2]


def test_each_line_that_cannot_be_read_is_named(world, as_person):
    lines = "2026-12-21 – 2026-12-01 Backwards\n2026-02-30 No day\nWinter break\n2027-01-04 Fine"

    response = send(as_person(world.administrator), "people:closure-add", world.own.school.uuid, lines=lines)

    assert response.status_code == 422
    assert response.context["form"].errors["lines"] == [
        "Line 1: the last day lies before the first.",
        "Line 2: there is no such day.",
        "Line 3: write the first day, the last day and a title, such as 2026-12-21 – 2027-01-01 Winter break.",
    ]
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    "data",
    [{"title": ""}, {"title": "Snow"}, {"starts_on": "2027-01-05"}, {"lines": "2027-01-05 Day\n" * 201}],
)
def test_closures_without_a_day_or_a_title_are_refused(data, world, as_person):
    response = send(as_person(world.administrator), "people:closure-add", world.own.school.uuid, **data)

    assert response.status_code == 422
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-12-21 – 2027-01-01 Winter break", Line("Winter break", date(2026, 12, 21), date(2027, 1, 1))),
        ("2026-12-21-2027-01-01: Winter", Line("Winter", date(2026, 12, 21), date(2027, 1, 1))),
        ("2026-12-21 to 2027-01-01, Winter", Line("Winter", date(2026, 12, 21), date(2027, 1, 1))),
        ("2026-9-7\tLabor Day", Line("Labor Day", date(2026, 9, 7), date(2026, 9, 7))),
        ("2026-12-21 " + "x" * 201, Line(problem="the title is too long")),
    ],
)
def test_lines_as_people_write_them(line, expected, db):
    assert list(read_closures(line)) == [(1, expected)]


@given(st.text())
def test_no_text_breaks_the_reader(text):
    for _number, line in read_closures(text):
        assert bool(line.problem) != bool(line.title)


def test_a_closure_is_changed_and_taken_out(world, as_person):
    client = as_person(world.administrator)
    closure = close(world.own.school, DAY)

    send(client, "people:closure-change", closure.uuid, title="Storm", starts_on=DAY, ends_on=DAY + timedelta(days=1))
    wrong = send(client, "people:closure-change", closure.uuid, title="Storm", starts_on=DAY, ends_on="2026-01-01")

    assert wrong.status_code == 422
    assert list(Closure.objects.values_list("title", "ends_on")) == [("Storm", DAY + timedelta(days=1))]
    send(client, "people:closure-remove", closure.uuid)
    assert not Closure.objects.exists()
    entry = Entry.objects.get(action="people.remove_closure")
    assert entry.details == {"closure": str(closure.uuid), "days": ["2026-11-19", "2026-11-20"]}


REFUSED = [
    ("people:school-year-add", {"title": "Again", "starts_on": "2027-06-01", "ends_on": "2028-06-01"}, "taken"),
    ("people:school-year-add", {"title": "Back", "starts_on": "2028-06-01", "ends_on": "2028-05-01"}, "before"),
    ("people:school-year-add", {"title": "Long", "starts_on": "2027-07-01", "ends_on": "2029-06-01"}, "400 days"),
    ("people:school-year-change", {"title": "Short", "starts_on": FIRST, "ends_on": "2026-12-01"}, "within"),
    ("people:term-add", {"kind": "semester", "title": "Two", "starts_on": "2027-01-22", "ends_on": LAST}, "taken"),
    ("people:term-add", {"kind": "term", "title": "Late", "starts_on": LAST, "ends_on": "2027-06-12"}, "within"),
    ("people:term-change", {"kind": "term", "title": "Out", "starts_on": "2026-08-01", "ends_on": LAST}, "within"),
]


@pytest.mark.parametrize(("route", "data", "word"), REFUSED)
def test_a_calendar_that_cannot_be_is_refused_with_a_sentence(route, data, word, world, year, as_person):
    term = Term.objects.create(
        school_year=year, kind=TermKind.SEMESTER, title="Fall", starts_on=FIRST, ends_on=date(2027, 1, 22)
    )
    before = [list(SchoolYear.objects.values()), list(Term.objects.values())]
    at = {"people:school-year-add": world.own.district, "people:term-change": term}.get(route, year)

    response = send(as_person(world.administrator), route, at.uuid, **data)

    assert response.status_code == 422
    assert word in " ".join(response.context["form"].non_field_errors())
    assert [list(SchoolYear.objects.values()), list(Term.objects.values())] == before


def test_years_and_terms_are_changed_and_terms_nest_by_kind(world, year, as_person):
    client = as_person(world.administrator)
    fall = {"title": "Fall", "starts_on": FIRST, "ends_on": date(2027, 1, 22)}
    send(client, "people:term-add", year.uuid, kind="semester", **fall)
    send(client, "people:term-add", year.uuid, kind="grading_period", **fall)
    term = Term.objects.get(kind="semester")

    changed = send(client, "people:term-change", term.uuid, kind="semester", **{**fall, "title": "Autumn"})
    send(client, "people:school-year-change", year.uuid, title="The year", starts_on=FIRST, ends_on=LAST)

    assert changed.status_code == 302
    assert set(Term.objects.values_list("kind", "title")) == {("semester", "Autumn"), ("grading_period", "Fall")}
    assert SchoolYear.objects.get().title == "The year"


def test_what_the_roster_sent_is_not_changed_here(world, year, as_person):
    client = as_person(world.administrator)
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    SchoolYear.objects.update(source=source, sourced_id="y")
    span = {"title": "Fall", "starts_on": FIRST, "ends_on": LAST}
    term = Term.objects.create(school_year=year, kind="semester", source=source, sourced_id="t", **span)

    for route, row in (("people:school-year-change", year), ("people:term-change", term)):
        response = send(client, route, row.uuid, kind="semester", **{**span, "title": "Mine"})
        assert response.status_code == 422
        assert "This comes from the roster" in client.get(reverse(route, args=[row.uuid])).content.decode()
    assert (SchoolYear.objects.get().title, Term.objects.get().title) == ("2026–2027", "Fall")


def test_services_of_the_calendar_ask_again(world):
    span = Span("2026–2027", FIRST, LAST)
    for person in (world.leader, world.far_administrator, world.office):
        with pytest.raises(PermissionDenied):
            add_school_year(organization=world.own.school, span=span, actor=person, day=DAY)
        with pytest.raises(PermissionDenied):
            add_closures(organization=world.own.school, spans=[span], actor=person, day=DAY)


@pytest.mark.parametrize("closure_count", [1, 30])
def test_the_calendar_page_costs_the_same(closure_count, world, year, as_person, django_assert_num_queries):
    for n in range(closure_count):
        close(world.own.district, FIRST + timedelta(days=7 * n))
    client = as_person(world.administrator)
    address = reverse("people:calendar-show", args=[world.own.school.uuid])
    client.get(address)

    with django_assert_num_queries(12):
        page = client.get(address)
    assert len(page.context["months"]) == 10


def test_a_calendar_without_a_year_says_what_it_is_for(world, as_person):
    address = reverse("people:calendar-show", args=[world.own.school.uuid])

    assert "Add the first one" in as_person(world.administrator).get(address).content.decode()
    assert "Add the first one" not in as_person(world.office).get(address).content.decode()


def test_the_next_year_is_proposed(world, year, as_person):
    page = as_person(world.administrator).get(reverse("people:school-year-add", args=[world.own.school.uuid]))

    assert page.context["form"].initial == {
        "title": "2027–2028",
        "starts_on": date(2027, 8, 31),
        "ends_on": date(2028, 6, 9),
    }
