"""Settings that hold from a day on, and what rules of access read of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.people.models import Organization, PeopleSettings, Student
from lpm.people.policy import Action
from lpm.people.queries.organizations import Setting, settings_in_force
from lpm.people.services.settings import TooLate, change_settings, settle_settings, settle_settings_everywhere
from lpm.people.tasks import settle_settings as task
from tests.world import DAY, teach

NOTHING = dict.fromkeys(
    [
        "opens_before",
        "closes_after",
        "age_of_rights",
        "weekdays",
        "leaders_need_second_factor",
        "badges_allowed",
        "shared_hours",
        "own_days",
        "family_days",
        "parts",
        "retention_years",
    ]
)


def decide(organization, valid_from: date = DAY, **values) -> PeopleSettings:
    return change_settings(
        organization=organization, valid_from=valid_from, values=NOTHING | values, actor=None, day=DAY
    )


def kept(organization: Organization) -> tuple[int, int, int]:
    organization.refresh_from_db()
    return organization.opens_before, organization.closes_after, organization.age_of_rights


def sees(user, day: date = DAY) -> set[str]:
    return {str(s.name) for s in Student.objects.visible_to(user, Action.VIEW_STUDENT, day)}


def test_a_closed_window_closes_the_record_to_a_past_teacher_and_a_wide_one_opens_it(world):
    teacher = world.past_teacher  # whose last day was 15 days ago
    assert sees(teacher) == set()

    decide(world.own.district, closes_after=15)
    opened = sees(teacher)
    decide(world.own.school, closes_after=14)

    assert opened == {"Amara of Birch", "Ben Classmate", "Gwen Grown"}
    assert sees(teacher) == set()
    assert kept(world.other_school.school) == (30, 15, 18)
    assert kept(world.other_district.school) == (30, 14, 18)


def test_the_day_on_which_a_coming_teacher_sees_the_record_is_set(world):
    coming = world.stranger
    teach(coming, world.own.group, starts_on=DAY + timedelta(days=20))
    assert len(sees(coming)) == 3

    decide(world.own.district, opens_before=19)

    assert sees(coming) == set()
    assert len(sees(coming, DAY + timedelta(days=1))) == 3


def test_the_age_of_rights_moves_what_a_guardian_sees(world):
    guardian = world.guardian_of_grown  # of somebody who is 18
    assert sees(guardian) == set()

    decide(world.own.school, age_of_rights=21)

    assert sees(guardian) == {"Gwen Grown"}


def test_what_is_decided_for_later_begins_on_its_day(world):
    decide(world.own.district, valid_from=DAY + timedelta(days=3), closes_after=60)

    assert kept(world.own.school) == (30, 14, 18)
    assert settle_settings(day=DAY + timedelta(days=2)) == 0
    assert settle_settings(day=DAY + timedelta(days=3)) == 3
    assert settle_settings(day=DAY + timedelta(days=3)) == 0
    assert kept(world.own.school) == (30, 60, 18)


def test_days_begin_where_the_schools_are(world):
    """Three in the morning in New York, and still the day before in Hawaii."""
    later = DAY + timedelta(days=1)
    Organization.objects.filter(pk=world.other_school.school.pk).update(time_zone="Pacific/Honolulu")
    decide(world.own.district, valid_from=later, opens_before=5)

    with time_machine.travel(f"{later}T08:00:00+00:00"):
        task()
        first = [kept(world.own.school)[0], kept(world.other_school.school)[0]]
    with time_machine.travel(f"{later}T18:00:00+00:00"):
        changed = settle_settings_everywhere()

    assert first == [5, 30]
    assert (changed, kept(world.other_school.school)[0]) == (1, 5)


def test_settling_costs_one_statement(world, django_assert_num_queries):
    decide(world.own.district, valid_from=DAY + timedelta(days=1), opens_before=5)

    with django_assert_num_queries(3):  # the statement, between two that hold it together
        changed = settle_settings(day=DAY + timedelta(days=1))
    assert changed == 3


def test_empty_leaves_it_to_those_above_again(world):
    decide(world.own.district, closes_after=20)
    decide(world.own.school, valid_from=DAY, closes_after=5, opens_before=3)
    assert kept(world.own.school) == (3, 5, 18)

    decide(world.own.school, valid_from=DAY)

    assert kept(world.own.school) == (30, 20, 18)
    assert PeopleSettings.objects.in_force(world.own.school.pk, DAY, "closes_after", "opens_before") == {
        "closes_after": 20
    }


def test_a_later_row_that_says_nothing_is_not_outdone_by_an_older_one(world):
    decide(world.own.school, closes_after=5)
    decide(world.own.school, valid_from=DAY + timedelta(days=9), opens_before=9)

    found = PeopleSettings.objects.in_force(
        world.own.school.pk, DAY + timedelta(days=9), "closes_after", "opens_before"
    )

    assert found == {"opens_before": 9}


def test_each_field_says_who_decided_and_since_when(world):
    PeopleSettings.objects.create(organization=world.own.district, valid_from=date(2026, 8, 1), closes_after=20)
    PeopleSettings.objects.create(
        organization=world.own.district, valid_from=date(2026, 9, 1), closes_after=20, badges_allowed=False
    )
    PeopleSettings.objects.create(organization=world.own.school, valid_from=date(2026, 10, 1), weekdays=[0, 1, 2, 3])

    found = settings_in_force(world.own.school, DAY)

    assert found["closes_after"] == Setting("closes_after", 20, world.own.district, date(2026, 8, 1))
    assert found["badges_allowed"] == Setting("badges_allowed", False, world.own.district, date(2026, 9, 1))
    assert found["weekdays"] == Setting("weekdays", [0, 1, 2, 3], world.own.school, date(2026, 10, 1))
    assert found["opens_before"] == Setting("opens_before", 30)
    assert set(found) == set(NOTHING)


def test_deciding_on_the_page_writes_a_row_and_an_entry(world, as_person):
    client = as_person(world.administrator)
    address = reverse("people:settings-change", args=[world.own.school.uuid])
    tomorrow = DAY + timedelta(days=1)

    for closes_after in ("20", "25"):  # the second one corrects the first
        data = {"valid_from": tomorrow, "closes_after": closes_after, "weekdays": ["0", "1"], "badges_allowed": "false"}
        assert client.post(address, data).status_code == 302

    [row] = PeopleSettings.objects.values()
    assert (row["organization_id"], row["valid_from"], row["closes_after"]) == (world.own.school.pk, tomorrow, 25)
    assert (row["weekdays"], row["badges_allowed"], row["opens_before"]) == ([0, 1], False, None)
    entries = Entry.objects.filter(action="people.change_settings").order_by("pk")
    assert [entry.details["changes"] for entry in entries] == [
        {"closes_after": [None, 20], "weekdays": [None, [0, 1]], "badges_allowed": [None, False]},
        {"closes_after": [20, 25]},
    ]
    assert "Set for later" in client.get(address).content.decode()
    assert kept(world.own.school) == (30, 14, 18)


@pytest.mark.parametrize(
    "data",
    [
        {"valid_from": DAY - timedelta(days=1)},
        {"valid_from": ""},
        {"valid_from": DAY, "closes_after": "121"},
        {"valid_from": DAY, "age_of_rights": "13"},
        {"valid_from": DAY, "weekdays": ["7"]},
        {"valid_from": DAY, "own_days": "0"},
    ],
)
def test_what_cannot_be_is_refused(data, world, as_person):
    address = reverse("people:settings-change", args=[world.own.school.uuid])

    assert as_person(world.administrator).post(address, data).status_code == 422
    assert not PeopleSettings.objects.exists()


def test_the_service_asks_again(world):
    with pytest.raises(PermissionDenied):
        change_settings(organization=world.own.school, valid_from=DAY, values=NOTHING, actor=world.leader, day=DAY)
    with pytest.raises(TooLate):
        decide(world.own.school, valid_from=DAY - timedelta(days=1))


def plan(organization, valid_from: date, **values) -> None:
    change_settings(organization=organization, valid_from=valid_from, values=values, actor=None, day=DAY)


def said(organization, field: str) -> list[object]:
    rows = PeopleSettings.objects.filter(organization=organization).order_by("valid_from")
    return list(rows.values_list(field, flat=True))


def test_what_was_planned_before_of_something_else_undoes_nothing_that_is_decided_later(world):
    school, (first, second, third) = world.own.school, [DAY + timedelta(days=n) for n in (10, 20, 30)]
    plan(school, first, own_days=3)
    plan(school, second, closes_after=9)
    plan(school, third, own_days=4)

    plan(school, DAY, closes_after=20, parts=["students"])

    assert said(school, "closes_after") == [20, 20, 9, 9]
    assert said(school, "parts") == [["students"]] * 4
    assert said(school, "own_days") == [None, 3, 3, 4]
    settle_settings(day=third)
    school.refresh_from_db()
    assert (school.closes_after, school.parts) == (9, ["students"])


def test_a_plan_for_the_same_stays_and_others_are_left_alone(world):
    school, later = world.own.school, DAY + timedelta(days=10)
    plan(school, DAY, parts=["students"])
    plan(world.own.district, later, parts=["letters"])
    plan(school, later, parts=["students", "families"])

    plan(school, DAY + timedelta(days=5), parts=[])
    plan(school, DAY, parts=["letters"])
    plan(school, DAY, parts=None)

    assert said(school, "parts") == [None, [], ["students", "families"]]
    assert said(world.own.district, "parts") == [["letters"]]
    assert said(world.other_school.school, "parts") == []


def test_the_form_decides_what_the_person_changed_and_leaves_the_plans_of_others(world, as_person):
    school, client, later = world.own.school, as_person(world.administrator), DAY + timedelta(days=10)
    address = reverse("people:settings-change", args=[school.uuid])
    plan(school, DAY, own_days=9, weekdays=[0, 1])
    shown = {"own_days": "9", "weekdays": ["0", "1"]}  # as the form says it today
    plan(school, DAY + timedelta(days=5), own_days=3, weekdays=[2])

    assert client.post(address, {**shown, "valid_from": later, "closes_after": "20"}).status_code == 302
    assert client.post(address, {**shown, "valid_from": DAY, "badges_allowed": "false"}).status_code == 302

    assert said(school, "own_days") == [9, 3, 3]
    assert said(school, "weekdays") == [[0, 1], [2], [2]]
    assert said(school, "closes_after") == [None, None, 20]
    assert said(school, "badges_allowed") == [False, False, False]
    entry = Entry.objects.filter(action="people.change_settings").latest("pk")
    assert entry.details == {"valid_from": str(DAY), "changes": {"badges_allowed": [None, False]}}


def test_what_is_planned_is_changed_from_its_own_day_also_back_to_what_holds_today(world, as_person):
    school, client, later = world.own.school, as_person(world.administrator), DAY + timedelta(days=5)
    address = reverse("people:settings-change", args=[school.uuid])
    plan(school, DAY, own_days=9)
    plan(school, later, own_days=3, badges_allowed=False)

    page = client.get(address)
    form = client.get(address, {"from": str(later)}).context["form"]
    back = client.post(f"{address}?from={later}", {"valid_from": later, "own_days": "9", "badges_allowed": "false"})

    assert f'href="?from={later}#decide"' in page.content.decode()
    assert (form["valid_from"].value(), form["own_days"].value(), form["badges_allowed"].value()) == (later, 3, "false")
    assert (back.status_code, said(school, "own_days"), said(school, "badges_allowed")) == (302, [9, 9], [None, False])
    assert client.get(address, {"from": "never"}).context["form"]["valid_from"].value() == DAY
