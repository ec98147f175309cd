"""The people of the demonstration, before there is any of them: sizes, names, classes, calendars, rosters."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lpm.demo.calculations.calendar import BETWEEN, school_years
from lpm.demo.calculations.families import GRADES
from lpm.demo.calculations.names import Usernames
from lpm.demo.calculations.plan import FEWEST, Plan, make_plan
from lpm.demo.calculations.roster import bulk_roster, delta_roster
from lpm.demo.calculations.schools import school_of

DAY = date(2026, 11, 19)


def plan(students: int = 600, years: int = 2, seed: str = "tide", day: date = DAY) -> Plan:
    return make_plan(students=students, years=years, seed=seed, day=day)


def rows(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode())))


def present(made: Plan) -> list[int]:
    return [child.grade for _family, child in made.children.values() if child.grade < len(GRADES)]


def test_the_district_of_600_is_as_large_as_it_says():
    made = plan()

    assert len(present(made)) == 600
    assert sum(worker.role == "teacher" for worker in made.workers) == 45
    assert 750 <= sum(len(family.adults) for family in made.families) <= 850
    assert [school.name for school in made.schools] == [
        "Harbor Elementary School",
        "Lakeside Middle School",
        "Penobscot Bay High School",
        "Heron Island School",
    ]
    assert {grade: 25 < count < 70 for grade, count in Counter(present(made)).items()} == dict.fromkeys(range(13), True)


def test_homes_are_as_different_as_homes_are():
    families = plan().families

    assert {len(family.adults) for family in families} == {1, 2, 3}
    assert {len(family.homes) for family in families} == {1, 2}
    assert {len(family.children) for family in families} == {1, 2, 3}
    adults = [adult for family in families for adult in family.adults]
    assert 0 < sum(adult.is_restricted for adult in adults) < 30
    assert 50 < sum(not adult.has_email for adult in adults) < 200
    children = [child for family in families for child in family.children]
    assert {child.language for child in children} >= {"en", "es", "fr", "so", "pt"}
    assert max(len(f"{child.given_name} {child.family_name}") for child in children) >= 40
    assert {child.arrives for child in children} == {None, (0, 0), (1, 27)}


def test_sign_in_names_are_plain_and_nobody_shares_one():
    made = plan()
    names = [
        *(worker.username for worker in made.workers),
        *(child.username for _family, child in made.children.values()),
        *(adult.username for family in made.families for adult in family.adults),
    ]

    assert len(set(names)) == len(names)
    assert all(name.isascii() and name.isalnum() and name == name.lower() for name in names)


def test_a_sign_in_name_that_is_taken_gets_a_number():
    usernames = Usernames(["mroy"])

    assert [usernames.take("Søren", "Østergaard"), usernames.take("Mia", "Roy"), usernames.take("Đức", "Đặng")] == [
        "sostergaard",
        "mroy2",
        "ddang",
    ]


def test_everybody_is_in_classes_of_their_own_school_and_grade():
    made = plan()
    for year in made.years:
        seats: Counter[str] = Counter()
        for section in made.sections[year.back]:
            assert 0 < len(section.pupils) <= 22
            for key in section.pupils:
                family, child = made.children[key]
                seats[key] += 1
                assert section.school == school_of(family, child, year.back)
                assert child.grade_in(year.back) in section.grades
        by_subject = {key for key in seats if (school_of(*made.children[key], year.back) or "")[-1] in "mu"}
        assert {seats[key] for key in by_subject} == {4}  # three subjects and an advisory
        assert {seats[key] for key in seats.keys() - by_subject} == {1}


def test_the_teacher_to_try_it_as_has_the_students_to_try_it_as():
    for students in (FEWEST, 600, 3000):
        made = plan(students)
        [first] = [one for one in made.sections[0] if one.title == "Grades 5 and 6 Math, Osprey" and one.school == "0m"]
        names = {made.children[key][1].username for key in first.pupils}
        assert (first.teachers[0], {"aokeke", "enkemelu", "mrosado"} - names) == ("t-thibodeau", set())


def test_a_large_district_has_more_towns():
    made = plan(3000, years=1)

    assert len(made.towns) == 3
    assert len({school.name for school in made.schools}) == len(made.schools) == 12
    assert 200 < sum(worker.role == "teacher" for worker in made.workers) < 240
    assert sum(worker.role == "principal" for worker in made.workers) == 12


@pytest.mark.parametrize(("students", "years"), [(FEWEST - 1, 2), (50_001, 2), (600, 0), (600, 7)])
def test_a_size_that_makes_no_district_is_refused(students, years):
    with pytest.raises(ValueError, match="students"):
        plan(students, years)


def test_the_same_seed_draws_the_same_and_another_one_does_not():
    assert plan(200) == plan(200)
    assert plan(200).families != plan(200, seed="ebb").families


# Years


@settings(max_examples=60)
@given(st.dates(date(2024, 1, 1), date(2040, 12, 31)), st.integers(1, 6))
def test_on_any_day_the_last_year_is_under_way(day, count):
    years = school_years(day, count, "tide")

    now = years[-1]
    assert now.starts_on + timedelta(days=28) <= day <= now.ends_on
    assert [year.back for year in years] == list(reversed(range(count)))
    assert [year.starts_on for year in years] == [
        now.starts_on - timedelta(days=BETWEEN * n) for n in reversed(range(count))
    ]
    assert len({year.ends_on.year for year in years}) == count
    assert (now.starts_on.weekday(), now.ends_on.weekday()) == (0, 4)
    assert all(one.ends_on < other.starts_on for one, other in pairwise(years))


@settings(max_examples=30)
@given(st.dates(date(2024, 1, 1), date(2040, 12, 31)))
def test_school_days_are_weekdays_without_holidays_before_the_day(day):
    for year in school_years(day, 2, "tide"):
        days = [one for _week, open_days in year.weeks(day) for one in open_days]
        assert days == sorted(set(days))
        assert all(one.weekday() < 5 and one < day for one in days)
        closed = {one for one in days for holiday in year.holidays if holiday.first <= one <= holiday.last}
        assert closed == set()
        assert all(year.starts_on <= holiday.first <= holiday.last <= year.ends_on for holiday in year.holidays)


# Files


def test_a_complete_roster_refers_to_nothing_that_is_not_there():
    made = plan()
    files = bulk_roster(made, made.years[-1])

    users = {row["sourcedId"] for row in rows(files, "users")}
    assert {row["userSourcedId"] for row in rows(files, "roles")} == users
    assert {row["userSourcedId"] for row in rows(files, "enrollments")} <= users
    classes = {row["sourcedId"] for row in rows(files, "classes")}
    assert {row["classSourcedId"] for row in rows(files, "enrollments")} == classes
    agents = {agent for row in rows(files, "users") for agent in row["agentSourcedIds"].split(",") if agent}
    assert agents <= users
    seats = [row["sourcedId"] for row in rows(files, "enrollments")]
    assert len(set(seats)) == len(seats)


def test_whoever_comes_in_march_is_in_the_changes_alone():
    made = plan()
    before, now = made.years
    late = {key for key, (_family, child) in made.children.items() if child.arrives == (1, 27)}
    files = delta_roster(made, before, 27)
    assert files

    sent = [row["sourcedId"] for row in rows(files, "users") if row["sourcedId"].startswith("s")]
    assert set(sent) == {key for key in late if made.children[key][1].grade_in(1)}
    assert {row["beginDate"] for row in rows(files, "enrollments")} == {str(before.day_of(27))}
    assert late.isdisjoint(row["sourcedId"] for row in rows(bulk_roster(made, before), "users"))
    assert delta_roster(made, now, 27) is None


def test_children_are_as_old_as_their_grade():
    made = plan()
    year = made.years[-1]
    sent = rows(bulk_roster(made, year), "demographics")
    born = {row["sourcedId"]: date.fromisoformat(row["birthDate"]) for row in sent}
    ages = {(year.starts_on - born[key]).days // 365 - made.children[key][1].grade for key in born}

    assert ages == {4, 5}
    again = {row["sourcedId"]: row["birthDate"] for row in rows(bulk_roster(made, made.years[0]), "demographics")}
    assert {key for key, day in again.items() if key in born and day != str(born[key])} == set()
