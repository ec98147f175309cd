"""The pages of students who are ready, of their families, and the teachers' queue."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from lpm.audit.models import RecordView
from lpm.people.models import SchoolYear, Student
from students.mastery.enums import AssessmentKind, RequestState
from students.mastery.models import Assessment, MasterySettings, ReadyRequest, ShowingSession
from students.mastery.services import record_mark, void_mark
from students.mastery.services.showing import return_request
from tests.mastery.test_showing import answer, ask, classmate, plan
from tests.world import DAY, World, enroll, person

DONE = "I drew each of them on a number line."
NEW_YORK = ZoneInfo("America/New_York")


def at(student: Student, route: str, **more: Any) -> str:
    return reverse(f"mastery:{route}", kwargs={"student": student.uuid, **more})


def text(response: Any, status: int = 200) -> str:
    """What the page says, in one line."""
    assert response.status_code == status
    html = response.content.decode()
    main = re.sub(r"<svg.*?</svg>|<option.*?</option>", "", html[html.index("<main") : html.index("</main>")])
    return " ".join(strip_tags(main).split()).replace("&#x27;", "'")


def record(world: World, level: str, days_ago: int) -> Assessment:
    day = DAY - timedelta(days=days_ago)
    with time_machine.travel(f"{day}T15:00:00+00:00", tick=True):
        return record_mark(
            uuid=uuid4(),
            student=world.own.student,
            target=world.targets[0],
            level=Decimal(level),
            performed_on=day,
            recorder=world.teacher,
            day=day,
        ).assessment


# --- the student


def test_the_form_tells_of_the_last_try_and_asks_what_was_done_since(world, as_person):
    client, address = as_person(world.student), at(world.own.student, "ready-ask", target=world.targets[0].uuid)
    assert "This is your first try. What did you do to get ready?" in text(client.get(address))
    record(world, "2.0", 7)
    record(world, "3.0", 0)  # some minutes ago: the student does not see it yet

    said = text(client.get(address))
    assert "Your last try was on Nov. 12, 2026. It showed: 2.0 That try stays as it is." in said
    assert "What did you do since then?" in said
    assert "Step 1 at 3" in said
    assert "Say in a few words what you did." in text(client.post(address, {"uuid": uuid4()}), 422)
    assert not ReadyRequest.objects.exists()
    asked = client.post(address, {"uuid": uuid4(), "done_since": DONE, "level": "2.5"})
    assert asked.status_code == 302
    assert f"target={world.targets[0].uuid}" in asked["Location"]
    ready = ReadyRequest.objects.get()
    assert ready.self_assessment is not None
    assert ready.self_assessment.level == Decimal("2.5")
    assert "Your teachers know now" in text(client.get(asked["Location"]))
    assert "You have asked to show this already. Your teachers know. See what I asked" in text(client.get(address))
    again = client.post(address, {"uuid": uuid4(), "done_since": DONE, "level": "7"})
    assert "You have asked to show this already." in text(again, 422)
    MasterySettings.objects.create(organization=world.own.school, valid_from=DAY, ready_limit=1)
    other = text(client.get(at(world.own.student, "ready-ask", target=world.targets[1].uuid)))
    assert "You have asked to show as many things as you can at a time." in other
    assert "Tell my teachers" not in other
    far = at(world.own.student, "ready-ask", target=world.other_district.targets[0].uuid)
    assert client.get(far).status_code == 404


def test_the_own_view_is_kept_and_shown_beside(world, as_person):
    client, address = as_person(world.student), at(world.own.student, "self-record", target=world.targets[0].uuid)
    record(world, "2.0", 7)
    assert "Choose a level first." in text(client.post(address, {"uuid": uuid4()}), 422)
    kept = client.post(address, {"uuid": uuid4(), "level": "3.0", "words": "I taught it to Ben."})

    assert Assessment.objects.get(kind=AssessmentKind.SELF).comment == "I taught it to Ben."
    card = text(client.get(kept["Location"]))
    assert "Where do you think you are? 3.0 what I thought on Nov. 19, 2026 I taught it to Ben. I am ready" in card
    assert "On Nov. 19, 2026 you said: 3.0" in text(client.get(address))
    staff = text(as_person(world.teacher).get(kept["Location"]))
    assert "What the student says 3.0 own view" in staff
    assert "I am ready to show this" not in staff


def test_a_student_sees_when_and_where_and_can_take_it_back(world, as_person):
    mine, client = ask(world), as_person(world.student)
    ask(world, 0, classmate(), done_since="Secret of Ben.")
    listed, path = at(world.own.student, "ready-list"), reverse("student:path", args=[world.own.student.uuid])
    assert "asked on Nov. 19, 2026 I drew each of them on a number line. In the teachers’ list" in text(
        client.get(listed)
    )
    session = plan(world, mine, starts_at=datetime(2026, 11, 24, 14, 15, tzinfo=NEW_YORK), note="Bring your notes.")

    when = "Tuesday, Nov. 24, 2026, 2:15 p.m."
    for page in (listed, reverse("student:topic", args=[world.own.student.uuid, world.topic.uuid])):
        said = text(client.get(page))
        assert f"{when} Room 4 · with Teacher Person Bring your notes." in said
        assert "Ben" not in said
    assert f"Step 1 {when} · Room 4" in text(client.get(path))
    back = at(world.own.student, "ready-withdraw", ready=mine.uuid)
    client.post(back)
    assert ReadyRequest.objects.get(pk=mine.pk).state == RequestState.WITHDRAWN
    assert session.requests.count() == 0
    said = text(client.get(listed))
    assert "Nothing asked yet" in said
    assert when not in said
    late = ask(world)
    return_request(request=late, reply="Page 12.", teacher=world.teacher, day=DAY)
    too_late = client.post(at(world.own.student, "ready-withdraw", ready=late.uuid), follow=True)
    assert "Teacher Person has answered this request already." in text(too_late)
    other = ReadyRequest.objects.get(student=classmate())
    assert client.post(at(world.own.student, "ready-withdraw", ready=other.uuid)).status_code == 404


def test_the_answer_comes_when_levels_come(world, as_person):
    SchoolYear.objects.create(
        organization=world.own.district, ends_in=2027, starts_on=date(2026, 8, 24), ends_on=date(2027, 6, 18)
    )
    with time_machine.travel("2026-11-18T15:00:00+00:00", tick=True):
        ready = ask(world, level=Decimal("3.5"))
    answer(world, ready, reply="Clear and complete.")
    listed = at(world.own.student, "ready-list")
    both = "3.5 {own} 3.0 {seen} Clear and complete. Teacher Person, Nov. 19, 2026"
    mine = both.format(own="I think", seen="My teacher saw")
    theirs = both.format(own="The student thinks", seen="The teacher saw")

    def says(who: str, moment: str) -> str:
        with time_machine.travel(moment, tick=True):
            return text(as_person(world.people[who]).get(listed))

    soon = "A teacher has looked at it. The answer shows here soon."
    now, later, morning = "2026-11-19T15:05:00+00:00", "2026-11-19T15:11:00+00:00", "2026-11-20T13:00:00+00:00"
    assert theirs in says("teacher", now)
    assert theirs in says("counselor", now)
    for who, moment in [("student", now), ("guardian", now), ("guardian", later)]:
        said = says(who, moment)
        assert soon in said
        assert "Clear and complete." not in said
        assert "3.0" not in said
    assert mine in says("student", later)
    assert theirs in says("guardian", morning)
    looks = RecordView.objects.filter(page="ready").values_list("viewer__username", flat=True)
    assert set(looks) == {"teacher", "counselor", "guardian"}


def test_a_family_reads_of_a_request_the_next_morning(world, as_person):
    ask(world)
    listed = at(world.own.student, "ready-list")

    assert "Nothing asked yet" in text(as_person(world.guardian).get(listed))
    assert DONE in text(as_person(world.student).get(listed))
    assert DONE in text(as_person(world.leader).get(listed))


def test_words_come_at_once_and_an_answer_that_was_taken_back_says_so(world, as_person):
    returned = ask(world)
    return_request(request=returned, reply="Read page 12 first.", teacher=world.teacher, day=DAY)
    wrong = answer(world, ask(world, 1)).assessment
    void_mark(uuid=uuid4(), voider=world.teacher, mark_uuid=wrong.uuid, reason="Other child.", day=DAY)
    client = as_person(world.student)

    said = text(client.get(at(world.own.student, "ready-list")))
    assert "Something comes first: Read page 12 first. Teacher Person, Nov. 19, 2026" in said
    with time_machine.travel("2026-11-19T15:30:00+00:00", tick=True):
        said = text(client.get(at(world.own.student, "ready-list")))
    assert "The teacher took this answer back. Asking again is fine." in said
    assert "3.0" not in said
    again = text(client.get(at(world.own.student, "ready-ask", target=world.targets[0].uuid)))
    assert "Teacher Person wrote: Read page 12 first." in again


# --- the teachers


def test_the_queue_shows_who_waits_since_when_by_target(world, as_person):
    SchoolYear.objects.create(
        organization=world.own.district, ends_in=2027, starts_on=date(2026, 8, 24), ends_on=date(2027, 6, 18)
    )
    record(world, "2.0", 20)
    with time_machine.travel("2026-11-12T15:00:00+00:00", tick=True):  # a Thursday: five school days before
        ask(world, level=Decimal("3.5"))
    ask(world, 0, classmate(), done_since="I read it again.")
    ask(world, 1)
    client, address = as_person(world.teacher), reverse("mastery:request-list")

    said = text(client.get(address))
    assert "3 requests wait in your groups." in said
    first, second = said.index("2 students are ready for Step 1"), said.index("1 student is ready for Step 2")
    assert first < second
    assert f"Amara of Birch Birch 5 school days {DONE} 3.5 2.0 Ben Classmate Birch since today I read it again." in said
    assert said.index("Ben Classmate") < second
    assert "3 requests of students wait." in text(client.get(reverse("home:home")))
    seen = RecordView.objects.filter(viewer=world.teacher, page="showing").values_list("student_uuid", flat=True)
    assert set(seen) == {world.own.student.uuid, classmate().uuid}
    assert "Nobody is waiting" in text(as_person(world.far_teacher).get(address))
    assert as_person(world.substitute).get(address).status_code == 404
    assert as_person(world.leader).get(address).status_code == 404


@pytest.mark.parametrize("rows", [1, 30])
def test_the_queue_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        student = enroll(world.own.group, given_name="Kit", family_name=f"Number {n}")
        student.user = person(f"kit{n}", world.own.school)
        student.save()
        ready = ask(world, n % 4, student)
        plan(world, ready)
        record_mark(
            uuid=uuid4(),
            student=student,
            target=world.targets[0],
            level=Decimal("3.0"),
            kind=AssessmentKind.OFFERED,
            performed_on=DAY,
            recorder=world.substitute,
            day=DAY,
        )
    client, address = as_person(world.teacher), reverse("mastery:request-list")
    client.get(address)
    with django_assert_num_queries(21):
        client.get(address)


def test_answering_shows_both_levels_and_every_try(world, as_person):
    first = ask(world, level=Decimal("2.5"))
    answer(world, first, level=Decimal("2.0"))
    ready = ask(world, done_since="I did five more.", level=Decimal("3.5"))
    client, address = as_person(world.teacher), reverse("mastery:request-answer", args=[ready.uuid])

    said = text(client.get(address))
    assert f"2.0 Nov. 19, 2026 · own view 2.5 Done before it: {DONE}" in said
    assert "3.5 own view I did five more." in said
    assert "Choose a level first." in text(client.post(address, {"uuid": uuid4()}), 422)
    done = client.post(address, {"uuid": uuid4(), "level": "3.0", "reply": "Good."}, follow=True)
    assert "Answered 3.5 The student thinks 3.0 The teacher saw Good. Teacher Person" in text(done)
    late = as_person(world.co_teacher).post(address, {"uuid": uuid4(), "level": "4.0"})
    assert "Teacher Person has answered this request already." in text(late, 422)
    assert Assessment.objects.filter(kind=AssessmentKind.SCORE).count() == 2


def test_something_first_goes_back_with_words(world, as_person):
    ready, client = ask(world), as_person(world.teacher)
    address = reverse("mastery:request-return", args=[ready.uuid])
    assert "Say in a few words what comes first." in text(client.post(address), 422)
    assert "Nobody is waiting" in text(client.post(address, {"reply": "Page 12."}, follow=True))
    ready.refresh_from_db()
    assert (ready.state, ready.reply) == (RequestState.RETURNED, "Page 12.")
    said = text(client.post(address, {"reply": "Page 13."}), 422)
    assert "Something comes first Teacher Person has answered this request already. Page 12." in said


def test_a_session_is_planned_changed_and_cancelled(world, as_person):
    mine, other, gone = ask(world), ask(world, 0, classmate()), ask(world, 1)
    client, new = as_person(world.teacher), reverse("mastery:session-create")
    assert "Who comes" in text(client.get(new, {"requests": [str(mine.uuid)]}))
    values = {
        "uuid": uuid4(),
        "group": world.own.group.uuid,
        "starts_at": f"{timezone.localtime(timezone.now(), NEW_YORK) + timedelta(days=5):%Y-%m-%dT%H:%M}",
        "place": "Room 4",
        "places": 2,
        "requests": [str(mine.uuid)],
    }
    assert "Say where it is." in text(client.post(new, {**values, "place": ""}), 422)
    past = text(client.post(new, {**values, "starts_at": "2026-11-19T08:00"}), 422)
    assert "Choose a time that is still to come." in past
    for _ in range(2):  # a double click
        assert "Planned." in text(client.post(new, values, follow=True))
    session = ShowingSession.objects.get()
    assert (session.place, list(session.requests.all())) == ("Room 4", [mine])

    shown, seats = (reverse(f"mastery:session-{name}", args=[session.uuid]) for name in ("show", "seat"))
    assert "1 place free" in text(client.get(shown))
    client.post(seats, {"requests": [str(other.uuid)]})
    full = text(client.post(seats, {"requests": [str(gone.uuid)]}, follow=True))
    assert "All places are taken." in full
    assert "Who else waits" not in full
    client.post(seats, {"requests": [str(other.uuid)], "step": "out"})
    assert list(session.requests.all()) == [mine]
    assert "Choose at least one student." in text(client.post(seats, follow=True))
    assert f"{session.place} Birch with Teacher Person 1 of 2 places taken" in text(
        client.get(reverse("mastery:request-list"))
    )
    answer(world, mine)
    assert "no level said" in text(client.get(shown))
    client.post(seats, {"requests": [str(other.uuid)]})
    cancelled = client.post(reverse("mastery:session-cancel", args=[session.uuid]), follow=True)
    assert "Cancelled. 1 student waits on." in text(cancelled)
    assert "This session was cancelled." in text(client.get(shown))
    assert as_person(world.far_teacher).get(shown).status_code == 404
