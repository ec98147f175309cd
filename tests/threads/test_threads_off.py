"""Messages where a school has turned them off: nobody meets them, and who looks after the school still reads them."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from lpm.audit.models import RecordView
from lpm.notices.models import Notice
from lpm.people.enums import Part
from lpm.people.models import Organization, Student
from students.threads.services import NotAllowed, translate_message
from tests.threads.test_threads import begin, choose, show
from tests.world import DAY, World

LIST = reverse("threads:thread-list")


@pytest.fixture
def off(world: World) -> World:
    """Somebody has written, and then the school turned messages off."""
    begin(world, "guardian", world.teacher, "¿Le gusta?", language="es")
    begin(world, "teacher", world.student, "Are you ready?")
    parts = [part for part in Part.values if part != Part.MESSAGES]
    Organization.objects.filter(pk=world.own.school.pk).update(parts=parts)
    return world


def addresses(world: World) -> list[str]:
    thread = world.own.student.threads.get(guardian=world.guardian)
    rows = [("show", thread), ("of-student", world.own.student), ("at-school", world.own.school)]
    return [reverse(f"threads:overseen-{name}", args=[row.uuid]) for name, row in rows]


@pytest.mark.parametrize("name", ["leader", "privacy_officer"])
def test_who_looks_after_the_school_still_reads_what_was_written(off: World, as_person, name: str):
    client = as_person(off.people[name])

    pages = [client.get(address).content.decode() for address in addresses(off)]

    assert all("Messages are off at this school." in page and "¿Le gusta?" in page for page in pages)
    profile = client.get(reverse("people:student-show", args=[off.own.student.uuid])).content.decode()
    assert addresses(off)[1] in profile
    looks = RecordView.objects.filter(viewer=off.people[name], page="messages")
    assert [(look.student_uuid, look.count) for look in looks] == [(off.own.student.uuid, 3)]


def test_nothing_is_put_into_another_language_any_more(off: World, as_person):
    message = off.own.student.threads.get(guardian=off.guardian).messages.get()
    address = reverse("threads:message-translate", args=[message.uuid])
    leader = as_person(off.leader)

    assert address not in leader.get(addresses(off)[0]).content.decode()
    assert leader.get(address).status_code == 404
    with pytest.raises(NotAllowed):
        translate_message(message=message, language="en", text="x", translator=off.leader, day=DAY)


def test_nobody_else_meets_them(off: World, as_person):
    for name in ("guardian", "student", "teacher", "co_teacher", "case_manager"):
        client = as_person(off.people[name])
        page = client.get(LIST)
        assert page.context["rows"] == []
        assert f'href="{LIST}"' not in page.content.decode()
        assert all(client.get(address).status_code == 404 for address in [*addresses(off), choose(off)])


def test_a_notice_of_a_message_is_gone_while_they_are_off(off: World):
    told = Notice.objects.filter(kind="message")
    assert {notice.person for notice in told} == {off.teacher, off.student}

    assert not any(Notice.objects.of(person, DAY).exists() for person in (off.teacher, off.student))

    Organization.objects.filter(pk=off.own.school.pk).update(parts=Part.values)
    assert all(Notice.objects.of(person, DAY).count() == 1 for person in (off.teacher, off.student))


def test_turned_on_again_they_are_all_there(off: World, as_person):
    Organization.objects.filter(pk=off.own.school.pk).update(parts=Part.values)
    thread = off.own.student.threads.get(guardian=off.guardian)

    assert "¿Le gusta?" in as_person(off.guardian).get(show(thread)).content.decode()
    assert f'href="{LIST}"' in as_person(off.teacher).get(LIST).content.decode()


def test_a_school_that_never_had_them_shows_no_way_there(off: World, as_person):
    Student.objects.get(pk=off.own.student.pk).threads.all().delete()
    page = as_person(off.leader).get(reverse("people:student-show", args=[off.own.student.uuid])).content.decode()
    assert addresses_of_student(off) not in page


def addresses_of_student(world: World) -> str:
    return reverse("threads:overseen-of-student", args=[world.own.student.uuid])


def test_a_school_s_messages_are_one_click_from_those_of_a_student(world: World, as_person):
    begin(world, "guardian", world.teacher, uuid=uuid4())
    page = as_person(world.leader).get(addresses_of_student(world)).content.decode()
    assert reverse("threads:overseen-at-school", args=[world.own.school.uuid]) in page
