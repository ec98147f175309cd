"""Excusing students from a target, and expecting it of them again: the page, and the rows after."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lpm.people.models import Student
from students.mastery.enums import MasteryStatus
from students.mastery.models import Judgement, MasteryState
from students.mastery.queries import find_differences
from students.mastery.services import MarkRefused, record_decision, record_mark
from students.mastery.services.excuse import end_excuses, excuse_students
from tests.world import DAY, World, enroll

WHY = "Has a plan: <no> fractions this term."


@pytest.fixture
def client(world: World, as_person: Any) -> Client:
    signed_in: Client = as_person(world.teacher)
    return signed_in


def address(world: World, end: bool = False, **query: Any) -> str:
    return reverse("mastery:target-expect" if end else "mastery:target-excuse", args=[world.own.group.uuid])


def post(client: Client, world: World, *students: Student, end: bool = False, **fields: Any) -> Any:
    sent = {"uuid": uuid4(), "target": world.targets[0].uuid, "students": [one.uuid for one in students]}
    return client.post(address(world, end), {**sent, "reason": "" if end else WHY, **fields})


def show(client: Client, world: World, **query: Any) -> Any:
    return client.get(address(world), {"target": world.targets[0].uuid, **query})


def rows() -> list[tuple[str, str, str]]:
    found = Judgement.objects.order_by("pk").values_list("kind", "student__given_name", "note")
    return [(kind, name, note) for kind, name, note in found]


def statuses() -> dict[str, str]:
    return dict(MasteryState.objects.filter(target__code="1").values_list("student__given_name", "status"))


def level(world: World, number: str, student: Student | None = None, **more: Any) -> None:
    record_mark(
        uuid=uuid4(),
        student=student or world.own.student,
        target=world.targets[0],
        level=Decimal(number),
        performed_on=DAY,
        recorder=world.teacher,
        day=DAY,
        **more,
    )


def test_several_are_excused_and_expected_again(world: World, client: Client) -> None:
    own, kit = world.own.student, enroll(world.own.group, given_name="Kit", family_name="Alder")
    level(world, "2.0", judges=False)
    once = uuid4()
    for _ in range(2):
        answer = post(client, world, own, kit, uuid=once)
        assert (answer.status_code, answer["Location"]) == (302, f"{address(world)}?target={world.targets[0].uuid}")

    assert sorted(rows()) == sorted([("excused", own.given_name, WHY), ("excused", "Kit", WHY)])
    states = MasteryState.objects.filter(target=world.targets[0], status=MasteryStatus.EXCUSED)
    assert set(states.values_list("student__given_name", flat=True)) == {own.given_name, "Kit"}
    page = show(client, world)
    assert [one.student for one in page.context["excused"]] == [kit, own]
    assert WHY.replace("<no>", "&lt;no&gt;") in page.content.decode()

    post(client, world, own, end=True, reason="The plan ended.")

    assert rows()[2:] == [("lifted", own.given_name, "The plan ended.")]
    assert MasteryState.objects.get(student=own, target=world.targets[0]).level == Decimal(2)
    assert [one.student for one in show(client, world).context["excused"]] == [kit]
    assert find_differences(list(Student.objects.select_related("school")), DAY) == []


def test_ending_leaves_a_level_judged_meanwhile_alone(world: World, client: Client) -> None:
    own = world.own.student
    once = uuid4()
    post(client, world, own)
    post(client, world, own, end=True, uuid=once)
    level(world, "3.0")

    again = post(client, world, own, end=True, uuid=once)  # the same once more
    other = client.get(again["Location"])
    assert "no longer excused" in other.content.decode()
    answer = client.post(
        address(world, end=True),
        {"uuid": uuid4(), "target": world.targets[0].uuid, "students": [own.uuid], "reason": ""},
        follow=True,
    )

    assert "is not excused any more" in answer.content.decode()
    assert [kind for kind, *_rest in rows()] == ["excused", "lifted", "set"]
    assert MasteryState.objects.get(student=own, target=world.targets[0]).judged == Decimal(3)


def test_what_is_missing_is_said_and_kept(world: World, client: Client) -> None:
    own = world.own.student
    no_reason = post(client, world, own, reason="  ")
    nobody = post(client, world)
    stranger = post(client, world, world.places["other_class"].student)
    nobody_again = post(client, world, end=True)

    assert [one.status_code for one in (no_reason, nobody, stranger, nobody_again)] == [422, 422, 422, 422]
    assert "Say in a few words why." in no_reason.content.decode()
    assert no_reason.context["chosen"] == [str(own.uuid)]
    assert WHY in nobody.context["form"]["reason"].value()
    assert "not in your group" in stranger.content.decode()
    assert rows() == []


def test_the_same_identity_with_another_reason_is_refused(world: World, client: Client) -> None:
    once = uuid4()
    post(client, world, world.own.student, uuid=once)

    answer = post(client, world, world.own.student, uuid=once, reason="Another one.")

    assert "sent before with other content" in client.get(answer["Location"]).content.decode()
    assert [note for *_rest, note in rows()] == [WHY]


def test_services_ask_again_who_may(world: World) -> None:
    given: dict[str, Any] = {"students": [world.own.student], "target": world.targets[0], "day": DAY}
    with pytest.raises(MarkRefused) as refused:
        excuse_students(uuid=uuid4(), reason=" ", judge=world.teacher, **given)
    assert refused.value.code == "no_reason"
    for person in (world.substitute, world.people["leader"], world.people["far_teacher"]):
        [answer] = excuse_students(uuid=uuid4(), reason=WHY, judge=person, **given)
        assert isinstance(answer, MarkRefused)
        assert answer.code == "not_allowed"
    record_decision(
        uuid=uuid4(), student=world.own.student, target=world.targets[0], kind="excused", judge=world.teacher, day=DAY
    )
    [answer] = end_excuses(uuid=uuid4(), reason="", judge=world.substitute, **given)
    assert isinstance(answer, MarkRefused)
    assert answer.code == "not_allowed"
    assert [kind for kind, *_rest in rows()] == ["excused"]


def test_the_page_of_the_mark_leads_there_for_who_may(world: World, client: Client, as_person: Any) -> None:
    query = {"student": world.own.student.uuid, "target": world.targets[0].uuid}
    there = f"{address(world)}?student={query['student']}&amp;target={query['target']}"
    form = reverse("mastery:mark-form", args=[world.own.group.uuid])

    before = client.get(form, query).content.decode()
    post(client, world, world.own.student)
    after = client.get(form, query).content.decode()
    substitute = as_person(world.substitute).get(form, query).content.decode()

    assert "Excuse from this target" in before
    assert there in before
    assert "No longer excused" in after
    assert there not in substitute
    assert show(client, world, student=world.own.student.uuid).context["chosen"] == [str(world.own.student.uuid)]


def test_families_and_students_read_that_but_not_why(world: World, client: Client, as_person: Any) -> None:
    post(client, world, world.own.student)
    why = reverse("mastery:why-show", args=[world.own.student.uuid, world.targets[0].uuid])

    assert "Has a plan" in client.get(why).content.decode()
    for who in ("student", "guardian"):
        page = as_person(world.people[who]).get(why)
        assert page.status_code == 200
        assert "Has a plan" not in page.content.decode()


def test_an_unknown_target_is_not_there(world: World, client: Client) -> None:
    for target in ("", "none", uuid4(), world.places["other_district"].targets[0].uuid):
        assert show(client, world, target=target).status_code == 404


def test_the_same_number_of_queries_for_one_and_for_thirty(world: World, client: Client) -> None:
    def queries(call: Any) -> int:
        with CaptureQueriesContext(connection) as found:
            call()
        return len(found)

    post(client, world, world.own.student)
    one = queries(lambda: show(client, world)), queries(lambda: post(client, world, world.own.student))
    more = [enroll(world.own.group, given_name="Kit", family_name=f"{n:02}") for n in range(29)]
    post(client, world, *more)

    many = queries(lambda: show(client, world)), queries(lambda: post(client, world, *more))
    assert (one, many) == ((10, 9), (10, 9))
