"""Seminars: one click from a column, neutral for students, joined while there are places, moved and cancelled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from lpm.audit.models import Entry
from lpm.people.enums import GroupKind
from lpm.people.models import Enrollment, Student
from lpm.people.policy import Action
from students.mastery.models import Seminar
from students.mastery.queries.seminars import read_offers
from students.mastery.services import MarkRefused
from students.mastery.services.seminars import (
    SeminarPlan,
    cancel_seminar,
    change_seminar,
    join_seminar,
    leave_seminar,
    make_seminar,
)
from tests.mastery.test_needs import mark, named, text
from tests.world import DAY, World, enroll

NEW, NEEDS = reverse("mastery:seminar-create"), reverse("mastery:needs-show")
WHEN = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # Tuesday, 10 in the morning where the schools are


def plan(**changed: Any) -> SeminarPlan:
    return SeminarPlan(**{"name": "Fractions workshop, Tuesday", "meets_at": WHEN, "place": "Room 4", **changed})


def make(world: World, *students: Student, who: str = "teacher", **changed: Any) -> Seminar:
    usual: dict[str, Any] = {"uuid": uuid4(), "school": world.own.school, "maker": world.people[who], "day": DAY}
    for key in set(usual) & set(changed):
        usual[key] = changed.pop(key)
    return make_seminar(**usual, plan=plan(**changed), students=students)


def join(seminar: Seminar, student: Student) -> None:
    assert student.user is not None
    join_seminar(seminar=seminar, student=student, actor=student.user, day=DAY)


def leave(seminar: Seminar, student: Student) -> None:
    assert student.user is not None
    leave_seminar(seminar=seminar, student=student, actor=student.user, day=DAY)


def comers(seminar: Seminar) -> set[str]:
    seats = Enrollment.objects.filter(group=seminar.group_id, ends_on=None)
    return set(seats.values_list("student__given_name", flat=True))


def offers(student: Student) -> list[tuple[str, bool, bool, int | None]]:
    found = read_offers(student, DAY, timezone.now())
    return [(one.seminar.group.name, one.is_mine, one.is_cancelled, one.free) for one in found]


def refusal(code: str) -> Any:
    return pytest.raises(MarkRefused, check=lambda refused: refused.code == code)


def form(world: World, **changed: Any) -> dict[str, Any]:
    usual = {
        "uuid": uuid4(),
        "name": "Fractions workshop, Friday",
        "meets_at": "2026-11-24T10:00",
        "place": "Room 4",
        "list": "assigned",
        "school": world.own.school.uuid,
        "topic": world.topic.uuid,
        "target": world.targets[0].uuid,
    }
    return {**usual, **changed}


# --- making


def test_a_seminar_is_a_group_that_meets_once(world):
    own, ben = world.own.student, named("Classmate")
    seminar = make(world, own, ben, places=5)
    group = seminar.group
    assert (group.kind, group.name, group.school) == (
        GroupKind.SEMINAR,
        "Fractions workshop, Tuesday",
        world.own.school,
    )
    assert (group.starts_on, group.ends_on) == (DAY, WHEN.date())
    assert (seminar.meets_at, seminar.place, seminar.is_open, seminar.places) == (WHEN, "Room 4", False, 5)
    assert comers(seminar) == {"Amara", "Ben"}
    assert Student.objects.visible_to(world.co_teacher, Action.RECORD_MARK, DAY).filter(pk=own.pk).exists()
    assert make(world, own, ben, uuid=seminar.uuid, places=5) == seminar
    assert Seminar.objects.count() == 1
    entry = Entry.objects.get(action="mastery.make_seminar")
    assert entry.details == {"group": str(group.uuid), "students": 2}


def test_what_cannot_be_made_is_refused_and_leaves_nothing(world):
    own = world.own.student
    with refusal("past"):
        make(world, own, meets_at=timezone.now() - timedelta(minutes=1))
    with refusal("far"):
        make(world, own, meets_at=timezone.now() + timedelta(days=401))
    with refusal("nobody"):
        make(world)
    with refusal("too_few"):
        make(world, own, named("Classmate"), places=1)
    with refusal("not_theirs"):
        make(world, world.other_class.student)
    with refusal("not_allowed"):
        make(world, own, school=world.other_school.school)
    for who in ("substitute", "leader", "student", "guardian"):
        with refusal("not_allowed"):
            make(world, own, who=who)
    assert not Seminar.objects.exists()
    assert not Entry.objects.filter(action__in=["mastery.make_seminar", "people.create_group"]).exists()


def test_an_identity_makes_one_seminar_and_the_very_same_one(world):
    own, ben = world.own.student, named("Classmate")
    seminar = make(world, own)
    others: list[dict[str, Any]] = [
        {"who": "co_teacher"},
        {"meets_at": WHEN + timedelta(days=1)},
        {"name": "Parts"},
        {"place": "Hall"},
        {"places": 9},
        {"is_open": True},
    ]
    for other in others:
        with refusal("uuid_reused"):
            make(world, own, uuid=seminar.uuid, **other)
    with refusal("uuid_reused"):
        make(world, ben, uuid=seminar.uuid)
    assert make(world, own, uuid=seminar.uuid) == seminar
    assert Seminar.objects.count() == 1


def test_one_click_on_a_column_proposes_a_neutral_name(world, as_person):
    mark(world, named("Classmate"), "1.0")
    client = as_person(world.teacher)
    asked = {"step": "choose", "target": world.targets[0].uuid, "column": "1.00"}
    page = client.post(NEW, asked)
    said = text(page)
    html = page.content.decode()
    assert 'value="Fractions workshop, Friday"' in html
    assert 'value="2026-11-20T09:00"' in html
    assert "Ben Classmate" in said
    assert "Amara" not in said
    assert "1.0" not in said
    ticked = text(client.post(NEW, {"step": "choose", "topic": world.topic.uuid, "students": [named("Grown").uuid]}))
    assert "Gwen Grown" in ticked
    assert "Ben" not in ticked
    with time_machine.travel("2026-11-20T15:00:00+00:00", tick=True):  # a Friday
        friday = client.get(NEW).content.decode()
    assert 'value="Fractions workshop, Monday"' in friday


def test_the_form_makes_it_and_keeps_the_weekday_right(world, as_person):
    client, ben = as_person(world.teacher), named("Classmate")
    empty = text(client.post(NEW, form(world, name="", place="", listed=[ben.uuid])), 422)
    assert "Give it a name." in empty
    assert "Ben Classmate" in empty
    assert "Choose at least one student, or let students join." in text(client.post(NEW, form(world)), 422)
    strange = client.post(NEW, form(world, students=[world.other_class.student.uuid]))
    assert "One of these students is not in your groups any more." in text(strange, 422)
    for year in ("9999", "0001"):
        far = client.post(NEW, form(world, students=[ben.uuid], meets_at=f"{year}-12-31T23:59"))
        assert "Choose a " in text(far, 422)
    done = client.post(NEW, form(world, students=[ben.uuid]), follow=True)
    assert "Seminars to come Fractions workshop, Tuesday" in text(done)
    seminar = Seminar.objects.get()
    assert (seminar.group.name, seminar.target, seminar.meets_at) == (
        "Fractions workshop, Tuesday", world.targets[0], WHEN,
    )  # fmt: skip
    assert comers(seminar) == {"Ben"}
    client.post(NEW, form(world, name="Pizza and parts", list="open"))
    assert Seminar.objects.filter(group__name="Pizza and parts", is_open=True).exists()


# --- students


def test_students_see_name_place_and_time_and_no_level(world, as_person):
    own, ben = world.own.student, named("Classmate")
    mark(world, own, "1.5")
    mark(world, ben, "1.5")
    make(world, own, ben)
    make(world, named("Grown"), name="Not for all")
    page = as_person(world.student).get(reverse("student:path", args=[own.uuid]))
    card = text(page).split("Seminars", 1)[1].split("Mathematics", 1)[0]
    assert card.startswith(
        " Fractions workshop, Tuesday Tuesday, Nov. 24, 2026, 10 a.m. · Room 4 · with Teacher Person"
    )
    assert "Ben" not in card
    assert "1.5" not in card
    assert "Not for all" not in text(page)
    assert "Fractions workshop, Tuesday" in text(as_person(world.guardian).get(page.request["PATH_INFO"]))
    assert offers(own) == [("Fractions workshop, Tuesday", True, False, None)]


def test_an_open_one_is_joined_while_there_are_places_and_left(world):
    own, ben = world.own.student, named("Classmate")
    seminar = make(world, is_open=True, places=1)
    assert offers(own) == [("Fractions workshop, Tuesday", False, False, 1)]
    join(seminar, own)
    join(seminar, own)
    assert comers(seminar) == {"Amara"}
    assert offers(ben) == [("Fractions workshop, Tuesday", False, False, 0)]
    with refusal("full"):
        join(seminar, ben)
    leave(seminar, own)
    leave(seminar, own)
    assert comers(seminar) == set()
    join(seminar, ben)
    leave(seminar, ben)
    join(seminar, own)
    assert comers(seminar) == {"Amara"}
    assert Enrollment.objects.filter(group=seminar.group, student=own).count() == 1
    steps = Entry.objects.filter(action__in=["mastery.join_seminar", "mastery.leave_seminar"], actor=own.user)
    assert [entry.action.split(".")[1] for entry in steps.order_by("pk")] == [
        "join_seminar", "leave_seminar", "join_seminar",
    ]  # fmt: skip


def test_only_the_students_of_its_teachers_join_and_only_themselves(world):
    own, seminar = world.own.student, make(world, is_open=True)
    other = world.other_class.student
    assert offers(own) != []
    assert offers(other) == []
    with refusal("not_allowed"):
        join_seminar(seminar=seminar, student=own, actor=world.teacher, day=DAY)
    with refusal("not_allowed"):
        leave_seminar(seminar=seminar, student=own, actor=world.guardian, day=DAY)
    other.user = world.stranger
    other.save()
    with refusal("over"):
        join(seminar, other)
    given = make(world, own)
    with refusal("over"):
        join(given, named("Classmate"))
    with refusal("given"):
        leave(given, own)
    Seminar.objects.filter(pk=seminar.pk).update(meets_at=timezone.now() - timedelta(hours=1))
    with refusal("over"):
        leave(seminar, own)
    with refusal("over"):
        join(seminar, own)


def test_a_student_joins_from_the_first_page(world, as_person):
    own, client = world.own.student, as_person(world.student)
    seminar = make(world, is_open=True, places=3)
    path = reverse("student:path", args=[own.uuid])
    address = reverse("mastery:seminar-join", args=[own.uuid, seminar.uuid])
    assert "3 places left Join" in text(client.get(path))
    assert "You are on the list." in text(client.post(address, follow=True))
    assert "Leave" in text(client.get(path))
    assert "Join" not in text(as_person(world.guardian).get(path))
    assert "You are off the list." in text(client.post(address, {"step": "out"}, follow=True))
    cancel_seminar(seminar=seminar, actor=world.teacher, day=DAY)
    assert "This seminar is not open any more." in text(client.post(address, follow=True))
    assert client.post(reverse("mastery:seminar-join", args=[own.uuid, uuid4()])).status_code == 404


# --- changing and cancelling


def test_a_seminar_is_moved(world):
    seminar = make(world, world.own.student, named("Classmate"))
    later = WHEN + timedelta(days=2)
    changes = {"seminar": seminar, "actor": world.teacher, "day": DAY}
    with refusal("too_few"):
        change_seminar(plan=plan(places=1), **changes)
    with refusal("past"):
        change_seminar(plan=plan(meets_at=timezone.now() - timedelta(days=1)), **changes)
    with refusal("not_allowed"):
        change_seminar(plan=plan(), **{**changes, "actor": world.co_teacher})
    changed = change_seminar(plan=plan(name="Parts", meets_at=later, is_open=True, places=9), **changes)
    found = Seminar.objects.select_related("group").get()
    assert changed == found
    assert (found.group.name, found.group.ends_on, found.meets_at, found.is_open, found.places) == (
        "Parts", later.date(), later, True, 9,
    )  # fmt: skip


def test_a_cancelled_seminar_says_so_to_those_who_were_to_come(world):
    own, ben = world.own.student, named("Classmate")
    seminar = make(world, own, is_open=True)
    assert len(offers(ben)) == 1
    for _time in range(2):
        cancel_seminar(seminar=seminar, actor=world.teacher, day=DAY)
    assert offers(own) == [("Fractions workshop, Tuesday", True, True, None)]
    assert offers(ben) == []
    assert Entry.objects.filter(action="mastery.cancel_seminar").count() == 1
    with refusal("over"):
        change_seminar(seminar=seminar, plan=plan(), actor=world.teacher, day=DAY)
    past = make(world, own)
    Seminar.objects.filter(pk=past.pk).update(meets_at=WHEN - timedelta(days=9))
    past.group.ends_on = None
    past.group.save()
    with refusal("over"):
        cancel_seminar(seminar=past, actor=world.teacher, day=DAY)


def test_the_page_of_a_seminar_changes_and_cancels_it(world, as_person):
    seminar, client = make(world, named("Classmate")), as_person(world.teacher)
    address = reverse("mastery:seminar-change", args=[seminar.uuid])
    assert "Who comes Ben Classmate" in text(client.get(address))
    sent = {"name": "Parts", "meets_at": "2026-11-25T10:00", "place": "Hall", "list": "assigned"}
    assert "Changed." in text(client.post(address, sent, follow=True))
    assert Seminar.objects.get().place == "Hall"
    assert "Give at least as many" not in text(client.post(address, {**sent, "meets_at": ""}), 422)
    cancel = reverse("mastery:seminar-cancel", args=[seminar.uuid])
    assert "Cancelled." in text(client.post(cancel, follow=True))
    assert "This seminar was cancelled." in text(client.get(address))
    assert "Parts" not in text(client.get(NEEDS))
    Seminar.objects.update(meets_at=WHEN - timedelta(days=9))
    seminar.group.refresh_from_db()
    seminar.group.ends_on = None
    seminar.group.save()
    assert "This seminar is over." in text(client.post(cancel, follow=True))


@pytest.mark.parametrize("rows", [1, 30])
def test_the_card_asks_the_database_the_same_number_of_times(rows, world, django_assert_num_queries):
    for n in range(rows):
        make(world, name=f"Open {n}", is_open=True)
    own = world.own.student
    enroll(world.own.group, given_name="More", family_name="One")
    with django_assert_num_queries(2):
        assert len(read_offers(own, DAY, timezone.now())) == rows
