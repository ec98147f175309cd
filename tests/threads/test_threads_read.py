"""Messages as others meet them: in another language, read along by the school, and however many there are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lpm.audit.models import Entry, RecordView
from lpm.notices.models import Notice
from lpm.people.models import Staffing
from lpm.people.services.merges import merge_students
from students.threads.models import Message
from students.threads.queries import count_unread
from students.threads.services import MessageRefused, translate_message
from tests.threads.test_threads import begin, choose, form, send, show
from tests.world import DAY, World, enroll, guard, person

# Other words


def test_one_of_the_staff_puts_a_message_into_another_language(world: World, as_person):
    thread = begin(world, "guardian", world.teacher, "¿Le gusta?", language="es")
    message = thread.messages.get()
    address = reverse("threads:message-translate", args=[message.uuid])
    teacher = as_person(world.teacher)
    assert address in teacher.get(show(thread)).content.decode()
    assert address not in as_person(world.guardian).get(show(thread)).content.decode()

    for words in ("Does she like it?", "Does she enjoy it?", "Does she enjoy it?"):
        assert teacher.post(address, {"language": "en", "text": words}).url == show(thread)
    same = teacher.post(address, {"language": "es", "text": "x"})
    empty = teacher.post(address, {"language": "en", "text": " "})

    assert [same.status_code, empty.status_code] == [422, 422]
    assert [row.text for row in message.translations.order_by("pk")] == ["Does she like it?", "Does she enjoy it?"]
    [line] = as_person(world.guardian).get(show(thread)).context["conversation"].lines
    assert [(one.text, one.translator) for one in line.translations] == [("Does she enjoy it?", world.teacher)]
    assert "In English, put so by Teacher Person" in as_person(world.guardian).get(show(thread)).content.decode()
    assert Entry.objects.filter(action="threads.translate", actor=world.teacher).count() == 2
    for translator, language, code in (
        (world.co_teacher, "en", "not_allowed"), (world.teacher, "es", "same_language"),
        (world.teacher, "xx", "same_language"),
    ):  # fmt: skip
        with pytest.raises(MessageRefused) as refused:
            translate_message(message=message, language=language, text="x", translator=translator, day=DAY)
        assert refused.value.code == code


# Oversight


def test_the_school_reads_along_and_that_is_noted(world: World, as_person):
    thread = begin(world, "guardian", world.teacher, "We moved.")
    begin(world, "student", world.teacher, "I am ready.")
    Staffing.objects.filter(user=world.teacher).delete()
    leader, student = as_person(world.leader), world.own.student
    of_student, at_school, read = (
        reverse(f"threads:overseen-{name}", args=[row.uuid])
        for name, row in (("of-student", student), ("at-school", world.own.school), ("show", thread))
    )
    assert of_student in leader.get(reverse("people:student-show", args=[student.uuid])).content.decode()
    assert "Nobody has written yet" in as_person(world.teacher_here_leader_there).get(
        reverse("threads:overseen-at-school", args=[world.other_school.school.uuid])
    ).content.decode()  # fmt: skip

    for address in (of_student, at_school):
        rows = leader.get(address).context["rows"]
        assert {(row.family, row.role, row.words) for row in rows} == {
            ("Guardian Person", "guardian of Amara", "We moved."), ("Amara of Birch", "student", "I am ready."),
        }  # fmt: skip
    page = leader.get(read)

    assert [(line.name, line.role) for line in page.context["conversation"].lines] == [
        ("Guardian Person", "guardian of Amara")
    ]
    assert "<textarea" not in page.content.decode()
    assert leader.post(read, form()).status_code == 405
    thread.refresh_from_db()
    assert thread.staff_read_at is None
    looks = RecordView.objects.filter(viewer=world.leader, page="messages")
    assert [(look.student_uuid, look.relation, look.count) for look in looks] == [(student.uuid, "LEADER", 3)]
    access = as_person(world.guardian).get(reverse("people:student-access", args=[student.uuid])).content.decode()
    assert "messages about the student" in access


def test_who_oversees_puts_a_message_into_another_language(world: World, as_person):
    message = begin(world, "guardian", world.teacher, "¿Le gusta?", language="es").messages.get()
    address = reverse("threads:message-translate", args=[message.uuid])
    back = reverse("threads:overseen-show", args=[message.thread.uuid])
    leader = as_person(world.leader)
    assert address in leader.get(back).content.decode()
    assert address not in as_person(world.privacy_officer).get(back).content.decode()

    assert leader.post(address, {"language": "en", "text": "Does she like it?"}).url == back

    assert as_person(world.teacher_here_leader_there).get(address).status_code == 404
    assert (
        choose(world) not in leader.get(reverse("people:student-show", args=[world.own.student.uuid])).content.decode()
    )


def test_threads_of_a_merged_record_are_read_with_the_one_that_speaks_for_it(world: World, as_person):
    double = enroll(world.own.group, given_name="Amara", family_name="Double", preferred_name="Ace")
    mother = person("mother", world.own.district)
    guard(mother, double)
    thread = begin(world, "teacher", mother, "Hello", student=double)
    merge_students(kept=world.own.student, absorbed=double, actor=world.administrator, day=DAY)

    page = as_person(mother).get(show(thread))

    assert page.context["role"] == "about Amara"
    assert page.context["conversation"].is_open
    assert "Ace" not in page.content.decode()
    send(thread, mother)
    assert Notice.objects.get(person=world.teacher).student == world.own.student
    rows = as_person(world.leader).get(reverse("threads:overseen-of-student", args=[world.own.student.uuid]))
    assert [row.thread for row in rows.context["rows"]] == [thread]
    others = as_person(world.teacher).get(choose(world)).context["others"]
    assert {one.thread for one in others if one.person == mother} == {thread}
    at_school = reverse("threads:overseen-at-school", args=[world.own.school.uuid])
    assert [row.thread for row in as_person(world.leader).get(at_school).context["rows"]] == [thread]
    read = reverse("threads:overseen-show", args=[thread.uuid])
    assert as_person(world.leader).get(read).context["student"] == world.own.student


def test_who_taught_reads_on_for_some_days(world: World, as_person):
    """As the record: ``closes_after`` says for how long."""
    thread = begin(world, "guardian", world.teacher)
    Staffing.objects.filter(user=world.teacher).update(ends_on=DAY - timedelta(days=3))

    assert as_person(world.teacher).get(show(thread)).context["conversation"].is_open


# Lists


@pytest.mark.parametrize("count", [1, 30])
def test_a_list_costs_the_same_however_long(world: World, as_person, count: int):
    for number in range(count):
        student = enroll(world.own.group, given_name=f"Child {number}", family_name="Birch")
        guardian = person(f"parent {number}", world.own.district)
        guard(guardian, student)
        begin(world, "teacher", guardian, student=student)
    teacher, leader = as_person(world.teacher), as_person(world.leader)
    pages = [
        (teacher, reverse("threads:thread-list"), 7),
        (leader, reverse("threads:overseen-at-school", args=[world.own.school.uuid]), 9),
    ]
    for client, address, queries in pages:
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page = client.get(address)
        assert len(page.context["rows"]) == count
        assert len(captured) == queries, [query["sql"][:90] for query in captured]


@pytest.mark.parametrize("count", [1, 30])
def test_a_thread_costs_the_same_however_long(world: World, as_person, count: int):
    thread = begin(world, "guardian", world.teacher)
    for _ in range(count - 1):
        translate_message(
            message=send(thread, world.guardian), language="fr", text="x", translator=world.teacher, day=DAY
        )
    client = as_person(world.teacher)
    client.get(show(thread))
    with CaptureQueriesContext(connection) as captured:
        client.get(show(thread))
    assert len(captured) == 15, [query["sql"][:90] for query in captured]


def test_earlier_messages_are_a_page_away(world: World, as_person):
    thread = begin(world, "guardian", world.teacher, "The first")
    rows = [
        Message(district=thread.district, thread=thread, author=world.teacher, text=f"No. {n}", sent_at=timezone.now())
        for n in range(50)
    ]
    Message.objects.bulk_create(rows)
    client = as_person(world.guardian)

    newest, earlier = client.get(show(thread)), client.get(f"{show(thread)}?page=2")

    assert [line.message.text for line in newest.context["conversation"].lines] == [f"No. {n}" for n in range(50)]
    assert [line.message.text for line in earlier.context["conversation"].lines] == ["The first"]
    assert "Earlier messages" in newest.content.decode()
    assert "Later messages" in earlier.content.decode()


def test_what_is_new_is_counted(world: World, as_person, django_assert_num_queries):
    threads = [begin(world, name, world.teacher) for name in ("guardian", "student")]
    with django_assert_num_queries(1):
        assert count_unread(world.teacher, DAY) == 2
    as_person(world.teacher).get(show(threads[0]))
    assert [count_unread(user, DAY) for user in (world.teacher, world.guardian)] == [1, 0]
