"""What is off by plan: who decides it, on which days, and what the page says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curriculum.models import ContentArea
from lpm.audit.models import Entry
from students.mastery.models import StrandPause
from students.mastery.queries.pauses import read_pauses
from students.mastery.services.strands import PauseRefused, pause_strand, resume_strand
from tests.mastery.strands import build_habits, pause
from tests.world import DAY, World

TOMORROW = DAY + timedelta(days=1)
YESTERDAY = DAY - timedelta(days=1)


@pytest.fixture
def habits(world: World) -> ContentArea:
    return build_habits(world.own.district)


def have_off(world: World, area: ContentArea, **more: Any) -> StrandPause:
    values: dict[str, Any] = {
        "student": world.own.student,
        "area": area,
        "starts_on": DAY,
        "ends_on": None,
        "reason": "",
        "actor": world.people["teacher"],
        "day": DAY,
    }
    return pause_strand(**{**values, **more})


def spans() -> list[tuple[date | None, date | None]]:
    return list(StrandPause.objects.order_by("starts_on").values_list("starts_on", "ends_on"))


def test_it_holds_on_its_days_for_that_student_and_strand(world, habits):
    have_off(world, habits, starts_on=DAY, ends_on=TOMORROW)
    student, area = world.own.student.pk, habits.pk

    pauses = read_pauses([student])

    days = [DAY + timedelta(days=n) for n in range(-1, 3)]
    assert [pauses.holds(student, area, day) for day in days] == [False, True, True, False]
    assert not pauses.holds(student, world.topic.area_id, DAY)
    assert not pauses.holds(world.people["classmate"].student.pk, area, DAY)
    [entry] = Entry.objects.filter(action="mastery.pause_strand")
    assert entry.subject_uuid == world.own.student.uuid
    assert entry.details == {"area": str(habits.uuid), "starts_on": "2026-11-19", "ends_on": "2026-11-20"}


def test_it_comes_with_a_record_that_was_merged(world, habits):
    pause(world, habits)
    student, classmate = world.own.student, world.people["classmate"].student
    student.merged_into = classmate
    student.save()

    assert read_pauses([classmate.pk]).holds(classmate.pk, habits.pk, DAY)
    with pytest.raises(PauseRefused) as refused:
        have_off(world, habits, student=classmate)
    assert refused.value.code == "overlaps"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"ends_on": YESTERDAY}, "ends_before"),
        ({"starts_on": TOMORROW + timedelta(days=1)}, "overlaps"),
        ({"ends_on": TOMORROW}, "overlaps"),
        ({"starts_on": DAY - timedelta(days=9)}, "overlaps"),
    ],
)
def test_days_that_cannot_be(fields, code, world, habits):
    have_off(world, habits, starts_on=TOMORROW)
    before = spans()

    with pytest.raises(PauseRefused) as refused:
        have_off(world, habits, **fields)

    assert (refused.value.code, spans()) == (code, before)


def test_days_beside_one_another_are_two(world, habits):
    have_off(world, habits, ends_on=DAY)
    have_off(world, habits, starts_on=TOMORROW)

    assert spans() == [(DAY, DAY), (TOMORROW, None)]


def test_content_and_the_strands_of_others_are_never_off(world):
    far = build_habits(world.other_district.district)
    for area in (world.topic.area, far):
        with pytest.raises(PauseRefused) as refused:
            have_off(world, area)
        assert refused.value.code == "no_strand"


def test_only_who_may_decides(world, habits):
    row = pause(world, habits)
    for name in ("student", "guardian", "substitute", "counselor", "far_teacher", "privacy_officer"):
        with pytest.raises(PauseRefused) as refused:
            have_off(world, habits, actor=world.people[name])
        assert refused.value.code == "not_allowed"
        with pytest.raises(PauseRefused) as refused:
            resume_strand(pause=row, actor=world.people[name], day=DAY)
        assert refused.value.code == "not_allowed"
    assert spans() == [(DAY, None)]
    for name in ("case_manager", "leader"):
        resume_strand(pause=row, actor=world.people[name], day=DAY)
        row = have_off(world, habits, actor=world.people[name])


def test_recorded_again_from_today_on(world, habits):
    held = pause(world, habits, DAY - timedelta(days=5))

    resume_strand(pause=held, actor=world.people["teacher"], day=DAY)

    assert spans() == [(DAY - timedelta(days=5), YESTERDAY)]
    with pytest.raises(PauseRefused) as refused:
        resume_strand(pause=held, actor=world.people["teacher"], day=DAY)
    assert refused.value.code == "is_over"
    assert Entry.objects.filter(action="mastery.resume_strand").count() == 1


def test_what_never_was_in_force_goes(world, habits):
    coming = pause(world, habits, TOMORROW)

    resume_strand(pause=coming, actor=world.people["teacher"], day=DAY)

    assert spans() == []
    with pytest.raises(PauseRefused):
        resume_strand(pause=coming, actor=world.people["teacher"], day=DAY)


def test_the_page_has_it_off_and_on_again(world, habits, as_person):
    client = as_person(world.people["case_manager"])
    address = reverse("mastery:strand-pauses", args=[world.own.student.uuid])
    sent = {"area": habits.uuid, "starts_on": YESTERDAY, "ends_on": "", "reason": "Agreed with the family."}

    done = client.post(address, sent)
    again = client.post(address, sent)
    page = client.get(address)
    [row] = page.context["pauses"]

    assert (done.status_code, again.status_code, page.status_code) == (302, 422, 200)
    assert (row.area, row.starts_on, row.ends_on, row.decided_by) == (
        habits, YESTERDAY, None, world.people["case_manager"],
    )  # fmt: skip
    assert "Agreed with the family." in page.content.decode()
    assert "It is off on some of these days already." in again.content.decode()
    resume = reverse("mastery:strand-resume", args=[world.own.student.uuid, row.uuid])
    assert [client.post(resume).status_code, client.post(resume).status_code] == [302, 302]
    assert spans() == [(YESTERDAY, YESTERDAY)]
    assert client.get(address).context["pauses"] == []


def test_a_pause_of_somebody_else_is_not_resumed_here(world, habits, as_person):
    row = pause(world, habits)
    other = world.people["classmate"].student

    answer = as_person(world.people["teacher"]).post(reverse("mastery:strand-resume", args=[other.uuid, row.uuid]))

    assert (answer.status_code, spans()) == (404, [(DAY, None)])


def test_the_page_of_a_school_without_strands(world, as_person):
    page = as_person(world.people["teacher"]).get(reverse("mastery:strand-pauses", args=[world.own.student.uuid]))

    assert page.context["areas"] == []
    assert "No habits or reasoning here" in page.content.decode()


def test_the_page_asks_the_same_number_of_times(world, habits, as_person):
    client = as_person(world.people["teacher"])
    address = reverse("mastery:strand-pauses", args=[world.own.student.uuid])
    client.get(address)
    counts = set()
    for n in range(1, 4):
        pause(world, habits, DAY + timedelta(days=n), DAY + timedelta(days=n))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(address)
        counts.add(len(asked))

    assert counts == {10}
