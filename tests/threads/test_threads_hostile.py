"""Messages met by somebody who does what nobody should."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from lpm.notices.enums import NoticeKind
from lpm.notices.models import Notice
from lpm.notices.services import tell
from lpm.people.models import Guardianship, StudentMerge, User
from lpm.people.services.erasure import erase_person
from lpm.people.services.guardians import let_guardian_write
from lpm.people.services.merges import merge_students, unmerge_students
from students.threads.models import Message, Thread
from tests.threads.test_threads import begin, first, form, send, show
from tests.world import DAY, World, enroll, guard, person


def test_a_restricted_guardian_who_writes_is_told_of_messages_alone(world: World):
    """What they were told of the record, before it was closed to them, stays closed."""
    about = {"student": world.own.student, "path": "/"}
    Guardianship.objects.filter(guardian=world.guardian).update(is_restricted=True, may_write=True)
    tell(people=[world.guardian], kind=NoticeKind.LEVEL, key="1", **about)
    tell(people=[world.guardian], kind=NoticeKind.MESSAGE, key="2", writer="A teacher", **about)

    assert [row.kind for row in Notice.objects.of(world.guardian, DAY)] == ["message"]


def test_to_let_somebody_write_is_a_decision_that_a_merge_taken_back_does_not_undo(world: World):
    """Else an old permission would come to life with the next restriction."""
    double = enroll(world.own.group, given_name="Amara", family_name="Double")
    guard(world.guardian, double, is_restricted=True)
    merge_students(kept=world.own.student, absorbed=double, actor=world.administrator, day=DAY)
    row = Guardianship.objects.get(guardian=world.guardian, student=world.own.student)
    assert row.is_restricted

    let_guardian_write(guardianship=row, may_write=True, day=DAY, actor=world.office)
    unmerge_students(merge=StudentMerge.objects.get(), actor=world.administrator, day=DAY)

    row.refresh_from_db()
    assert (row.is_restricted, row.may_write) == (True, True)


def test_a_thread_of_a_merged_record_goes_on_where_it_was(world: World):
    double = enroll(world.own.group, given_name="Amara", family_name="Double")
    mother = person("mother", world.own.district)
    guard(mother, double)
    thread = begin(world, "teacher", mother, "Hello", student=double)
    merge_students(kept=world.own.student, absorbed=double, actor=world.administrator, day=DAY)

    assert begin(world, "teacher", mother, "Hello again") == thread
    assert Thread.objects.count() == 1


def test_an_identity_that_is_none_is_said_in_a_sentence(world: World, as_person):
    thread = begin(world, "guardian", world.teacher)
    client = as_person(world.guardian)

    for uuid in ("", "x", f"{uuid4()}x"):
        page = client.post(show(thread), {**form(), "uuid": uuid})
        assert page.status_code == 422
        assert "Open the page again" in page.content.decode()
    assert Message.objects.count() == 1


@pytest.mark.parametrize("fields", [{"language": "xx"}, {"text": "a\x00b"}, {"language": ""}])
def test_what_no_form_sends_is_refused(world: World, as_person, fields: dict[str, str]):
    page = as_person(world.guardian).post(first(world, world.teacher), form(**fields))
    assert page.status_code == 422
    assert Message.objects.count() == 0


def test_what_somebody_writes_is_text_and_its_language_is_marked_in_lists(world: World, as_person):
    begin(world, "guardian", world.teacher, "<b>¿Le gusta?</b>", language="es")
    page = as_person(world.teacher).get(reverse("threads:thread-list")).content.decode()
    assert '<span lang="es">&lt;b&gt;¿Le gusta?&lt;/b&gt;</span>' in page
    overseen = as_person(world.leader).get(reverse("threads:overseen-at-school", args=[world.own.school.uuid]))
    assert '<span lang="es">&lt;b&gt;¿Le gusta?&lt;/b&gt;</span>' in overseen.content.decode()


def test_who_writes_to_a_family_is_told_the_name_that_it_knows(world: World, as_person):
    """Else a message would tell a family what the student is called at school."""
    student = world.own.student
    student.preferred_name, student.family_preferred_name = "Ace", ""
    student.save()
    thread = begin(world, "teacher", world.guardian)
    sentence = f"At home the student is called {student.given_name}."
    teacher = as_person(world.teacher)

    told = [
        teacher.get(address).content.decode() for address in (first(world, world.guardian_from_nowhere), show(thread))
    ]
    to_student = teacher.get(first(world, world.student)).content.decode()
    read = as_person(world.guardian).get(show(thread)).content.decode()

    assert all(sentence in page for page in told)
    assert sentence not in to_student
    assert "At home" not in read
    assert "Ace" not in read


def test_a_student_who_is_erased_takes_the_messages_along(world: World):
    thread = begin(world, "guardian", world.teacher)
    send(thread, world.teacher)
    begin(world, "student", world.co_teacher)

    erase_person(person=world.own.student, actor=world.privacy_officer, reason="They asked", day=DAY)

    assert (Thread.objects.count(), Message.objects.count()) == (0, 0)
    assert User.objects.filter(pk=world.guardian.pk).exists()


def test_who_has_read_a_message_need_not_be_told_of_it(world: World, as_person):
    """By the notices, or by an e-mail that waits for the morning."""
    thread, other = begin(world, "guardian", world.teacher), begin(world, "student", world.teacher)
    send(thread, world.guardian)

    as_person(world.leader).get(reverse("threads:overseen-show", args=[thread.uuid]))
    assert Notice.objects.of(world.teacher, DAY).unread().count() == 3
    as_person(world.teacher).get(show(thread))

    assert [notice.path for notice in Notice.objects.of(world.teacher, DAY).unread()] == [show(other)]


def test_a_guardian_to_whom_the_record_is_closed_reads_nothing_of_it_beside_an_answer(world: World, as_person):
    thread = begin(world, "guardian", world.case_manager)
    send(thread, world.case_manager)

    def role() -> str:
        return str(as_person(world.guardian).get(show(thread)).context["conversation"].lines[-1].role)

    assert role() == "support teacher"
    Guardianship.objects.filter(guardian=world.guardian).update(is_restricted=True, may_write=True)
    assert role() == "teacher"
