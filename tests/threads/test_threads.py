"""Messages: who writes to whom, what each of them reads, and when it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.notices.models import Notice
from lpm.people.enums import Part
from lpm.people.models import Guardianship, Organization, Staffing, Student, User
from students.threads.models import Message, Thread
from students.threads.services import (
    LONGEST,
    MessageRefused,
    NotAllowed,
    begin_thread,
    send_message,
)
from students.threads.services.write import MOST_IN_AN_HOUR
from tests.world import DAY, World, guard


def begin(world: World, author: str, other: User, text: str = "How is it going?", **fields: Any) -> Thread:
    given: dict[str, Any] = {"uuid": uuid4(), "student": world.own.student, "language": "en", "day": DAY} | fields
    return begin_thread(person=other, text=text, author=world.people[author], **given)


def send(thread: Thread, author: User, text: str = "It is going well.", **fields: Any) -> Message:
    given: dict[str, Any] = {"uuid": uuid4(), "language": "en", "day": DAY} | fields
    return send_message(thread=thread, author=author, text=text, **given)


def choose(world: World) -> str:
    return reverse("threads:thread-choose", args=[world.own.student.uuid])


def first(world: World, other: User) -> str:
    return reverse("threads:thread-begin", args=[world.own.student.uuid, other.uuid])


def show(thread: Thread) -> str:
    return reverse("threads:thread-show", args=[thread.uuid])


def form(text: str = "Hello there", **fields: Any) -> dict[str, Any]:
    return {"uuid": uuid4(), "text": text, "language": "en", **fields}


def listed(client: Client) -> set[tuple[str, str, bool]]:
    rows = client.get(reverse("threads:thread-list")).context["rows"]
    return {(row.name, row.about, row.is_unread) for row in rows}


def said(client: Client, thread: Thread) -> list[tuple[str, str]]:
    lines = client.get(show(thread)).context["conversation"].lines
    return [(line.name, line.message.text) for line in lines]


# Whom


def test_each_is_shown_whom_they_may_write_to(world: World, as_person):
    Guardianship.objects.filter(guardian=world.restricted_guardian).update(may_write=True)

    def others(name: str) -> set[tuple[str, str]]:
        found = as_person(world.people[name]).get(choose(world)).context["others"]
        return {(one.person.username, one.role) for one in found}

    family = {
        ("student", "student"),
        *((name, "guardian of Amara") for name in ("guardian", "guardian_from_nowhere", "restricted_guardian")),
    }
    teachers = {
        *((name, "teacher, Birch") for name in ("teacher", "co_teacher", "teacher_here_leader_there")),
        ("teacher_from_afar", "teacher, Birch"),
        ("case_manager", "support teacher"),
    }
    assert others("teacher") == others("case_manager") == family
    assert others("student") == others("guardian") == teachers
    assert others("restricted_guardian") == {(name, "teacher") for name, _role in teachers}


def test_a_restricted_guardian_writes_only_where_the_school_lets_them(world: World, as_person):
    row = Guardianship.objects.get(guardian=world.restricted_guardian)
    client, office = as_person(world.restricted_guardian), as_person(world.office)
    assert client.get(choose(world)).status_code == 404
    with pytest.raises(NotAllowed):
        begin(world, "teacher", world.restricted_guardian)

    office.post(reverse("people:guardianship-write", args=[row.uuid]), {"write": "yes"})

    thread = begin(world, "teacher", world.restricted_guardian)
    assert client.get(reverse("student:family", args=[world.own.student.uuid])).status_code == 404
    assert client.post(show(thread), form()).status_code == 302
    assert (
        "The school lets them write to teachers"
        in office.get(reverse("people:student-contacts", args=[world.own.student.uuid])).content.decode()
    )

    office.post(reverse("people:guardianship-write", args=[row.uuid]), {"write": "no"})

    assert client.get(show(thread)).status_code == 404
    actions = Entry.objects.filter(action__contains="guardian", actor=world.office).order_by("pk")
    assert [(entry.action, entry.subject_uuid, entry.details) for entry in actions] == [
        (action, world.own.student.uuid, {"guardian": str(world.restricted_guardian.uuid)})
        for action in ("people.let_guardian_write", "people.end_guardian_writing")
    ]


def test_writing_is_closed_again_with_every_restriction_and_is_nothing_for_who_is_in_contact(world: World, as_person):
    row = Guardianship.objects.get(guardian=world.guardian)
    office = as_person(world.office)
    write, restrict = (reverse(f"people:guardianship-{name}", args=[row.uuid]) for name in ("write", "restrict"))
    page = office.post(write, {"write": "yes"}, follow=True)
    assert "may write to teachers anyway" in page.content.decode()

    office.post(restrict, {"restrict": "yes"})
    office.post(write, {"write": "yes"})
    assert "End writing" in office.get(reverse("people:guardianship-change", args=[row.uuid])).content.decode()
    office.post(restrict, {"restrict": "no"})
    office.post(restrict, {"restrict": "yes"})

    row.refresh_from_db()
    assert (row.is_restricted, row.may_write) == (True, False)


def test_who_teaches_their_own_child_does_not_write_to_themselves(world: World, as_person):
    guard(world.teacher, world.own.student)

    others = as_person(world.teacher).get(choose(world)).context["others"]

    names = {one.person.username for one in others}
    assert "teacher" not in names
    assert {"co_teacher", "guardian", "student"} <= names


def test_nobody_to_write_to_is_said(world: World, as_person):
    Staffing.objects.all().delete()
    client = as_person(world.grown_student)
    grown = Student.objects.get(user=world.grown_student)

    page = client.get(reverse("threads:thread-choose", args=[grown.uuid]))

    assert "Nobody to write to yet" in page.content.decode()
    assert "Write to a teacher" in client.get(reverse("threads:thread-list")).content.decode()


# Writing


def test_a_guardian_writes_and_the_teacher_answers(world: World, as_person):
    guardian, teacher = as_person(world.guardian), as_person(world.teacher)
    page = guardian.get(first(world, world.teacher)).content.decode()
    assert "Write to Teacher Person" in page
    assert "can read these messages. Nobody else can." in page

    response = guardian.post(first(world, world.teacher), form("Does she like fractions?", language="es"))

    [thread] = Thread.objects.all()
    [message] = Message.objects.all()
    assert response.url == show(thread)
    assert (thread.district, thread.student, thread.staff, thread.guardian) == (
        world.own.district, world.own.student, world.teacher, world.guardian,
    )  # fmt: skip
    assert (message.author, message.text, message.language) == (world.guardian, "Does she like fractions?", "es")
    [notice] = Notice.objects.all()
    assert (notice.person, notice.kind, notice.key, notice.path, notice.student) == (
        world.teacher, "message", f"{thread.uuid} {message.uuid}", show(thread), world.own.student,
    )  # fmt: skip
    assert listed(teacher) == {("Guardian Person", "guardian of Amara", True)}
    assert '<p class="words"\n         lang="es"' in teacher.get(show(thread)).content.decode()
    assert listed(teacher) == {("Guardian Person", "guardian of Amara", False)}

    answer = teacher.post(show(thread), form("Very much."), headers={"HX-Request": "true"})

    assert "<!DOCTYPE" not in answer.content.decode()
    assert "Very much." in answer.content.decode()
    assert answer.headers["HX-Trigger"] == '{"announce": {"value": "Sent."}}'
    assert listed(guardian) == {("Teacher Person", "about Amara", True)}
    assert said(guardian, thread) == [
        ("Guardian Person", "Does she like fractions?"),
        ("Teacher Person", "Very much."),
    ]
    assert guardian.get(first(world, world.teacher)).url == show(thread)
    actions = Entry.objects.filter(action__startswith="threads.").order_by("pk")
    assert [(entry.action, entry.actor, entry.subject_uuid, entry.details) for entry in actions] == [
        (action, author, world.own.student.uuid, {"thread": str(thread.uuid)})
        for action, author in (
            ("threads.send", world.guardian), ("threads.begin", world.guardian), ("threads.send", world.teacher),
        )
    ]  # fmt: skip


def test_a_student_and_a_teacher_write_to_each_other(world: World, as_person):
    thread = begin(world, "teacher", world.student, "What will you show next?")
    client = as_person(world.student)

    assert listed(client) == {("Teacher Person", "teacher", True)}
    client.post(show(thread), form("Step 2."))

    assert listed(as_person(world.teacher)) == {("Amara of Birch", "student", True)}
    assert said(as_person(world.teacher), thread)[-1] == ("Amara of Birch", "Step 2.")
    told = Notice.objects.values_list("person__username", "params")
    assert dict(told) == {"student": {"writer": "Teacher Person"}, "teacher": {}}


def test_sent_twice_it_is_there_once(world: World):
    thread = begin(world, "guardian", world.teacher)
    uuid = uuid4()
    one, again = (send(thread, world.guardian, "Only once", uuid=uuid) for _ in range(2))

    assert one == again
    assert Message.objects.count() == 2
    assert Notice.objects.count() == 2
    with pytest.raises(MessageRefused) as refused:
        send(thread, world.guardian, "Something else", uuid=uuid)
    assert refused.value.code == "uuid_reused"
    assert begin(world, "guardian", world.teacher, "Once more") == thread


@pytest.mark.parametrize(("text", "sentence"), [("  ", "Write a few words first."), ("x" * (LONGEST + 1), "too long")])
def test_what_was_typed_stays_when_something_is_wrong(world: World, as_person, text: str, sentence: str):
    thread = begin(world, "guardian", world.teacher)
    client = as_person(world.guardian)

    for address in (show(thread), first(world, world.co_teacher)):
        page = client.post(address, form(text))
        assert page.status_code == 422
        assert sentence in page.content.decode()
        assert page.context["form"]["text"].value() == text
    assert Message.objects.count() == 1


def test_the_end_of_a_line_counts_as_one_letter(world: World, as_person):
    thread = begin(world, "guardian", world.teacher)
    lines = "\n".join(["x" * 99] * (LONGEST // 100))

    assert as_person(world.guardian).post(show(thread), form(lines.replace("\n", "\r\n"))).status_code == 302

    assert Message.objects.latest("pk").text == lines


def test_services_check_words_themselves(world: World):
    thread = begin(world, "guardian", world.teacher)

    for text, code in [(" ", "empty"), ("x" * (LONGEST + 1), "too_long")]:
        with pytest.raises(MessageRefused) as refused:
            send(thread, world.guardian, text)
        assert refused.value.code == code


def test_nobody_sends_without_end(world: World, as_person):
    thread = begin(world, "guardian", world.teacher)
    for _ in range(MOST_IN_AN_HOUR - 1):
        send(thread, world.guardian)

    pages = [as_person(world.guardian).post(url, form()) for url in (show(thread), first(world, world.co_teacher))]

    assert [page.status_code for page in pages] == [422, 422]
    assert all("wait a while" in page.content.decode() for page in pages)
    assert Thread.objects.count() == 1
    assert Message.objects.count() == MOST_IN_AN_HOUR
    send(thread, world.teacher)


# What does not leak


def test_separated_guardians_read_nothing_of_each_other(world: World, as_person):
    mine = begin(world, "guardian", world.teacher, "We moved.")
    theirs = begin(world, "guardian_from_nowhere", world.teacher, "Where do they live?")
    own = begin(world, "student", world.teacher, "Please do not tell my parents.")
    other = begin(world, "co_teacher", world.guardian, "From me.")

    def readable(name: str) -> set[Thread]:
        client = as_person(world.people[name])
        found = {thread for thread in (mine, theirs, own, other) if client.get(show(thread)).status_code == 200}
        rows = client.get(reverse("threads:thread-list")).context["rows"]
        assert {row.thread for row in rows} == found
        return found

    assert readable("guardian") == {mine, other}
    assert readable("guardian_from_nowhere") == {theirs}
    assert readable("student") == {own}
    assert readable("teacher") == {mine, theirs, own}
    assert readable("co_teacher") == {other}
    assert readable("leader") == readable("privacy_officer") == readable("substitute") == set()


def test_when_the_relation_ends_the_thread_ends(world: World, as_person):
    thread = begin(world, "guardian", world.teacher)
    own = begin(world, "student", world.teacher)
    long_ago = DAY - timedelta(days=60)
    Staffing.objects.filter(user=world.teacher).update(ends_on=long_ago)

    assert as_person(world.teacher).get(show(thread)).status_code == 404
    page = as_person(world.guardian).get(show(thread))
    assert page.context["conversation"].closed == "Teacher Person no longer works with the student."
    assert as_person(world.guardian).post(show(thread), form()).status_code == 422
    assert page.context["conversation"].lines[0].name == "Guardian Person"
    with pytest.raises(NotAllowed):
        send(thread, world.teacher)

    Staffing.objects.filter(user=world.teacher).update(ends_on=None)
    Guardianship.objects.filter(guardian=world.guardian).update(ends_on=DAY - timedelta(days=1))
    User.objects.filter(pk=world.student.pk).update(is_active=False)

    teacher = as_person(world.teacher)
    closed = [teacher.get(show(one)).context["conversation"].closed for one in (thread, own)]
    assert closed == [
        "Guardian Person can no longer read messages about the student.",
        "The student cannot sign in any more.",
    ]
    assert as_person(world.guardian).get(show(thread)).status_code == 404


def test_where_messages_are_off_there_are_none(world: World, as_person):
    thread = begin(world, "guardian", world.teacher)
    parts = [part for part in Part.values if part != Part.MESSAGES]
    Organization.objects.filter(pk=world.own.school.pk).update(parts=parts)
    student = world.own.student

    for name in ("guardian", "teacher"):
        client = as_person(world.people[name])
        assert [client.get(url).status_code for url in (show(thread), choose(world))] == [404, 404]
        assert listed(client) == set()
        assert "Write a" not in client.get(reverse("threads:thread-list")).content.decode()
        assert choose(world) not in client.get(reverse("people:student-show", args=[student.uuid])).content.decode()
    for author, other in ((world.guardian, world.teacher), (world.teacher, world.guardian)):
        with pytest.raises(NotAllowed):
            send(thread, author)
        with pytest.raises(NotAllowed):
            begin(world, author.username, other)
