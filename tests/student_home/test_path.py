"""A student’s first page: where they are, what is next, what came back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from curriculum.models import Target
from lpm.people.models import Student
from students.mastery.enums import RemarkReason
from students.mastery.models import ReadyRequest, Remark, ShowingSession
from students.mastery.services import rebuild_students, record_remark, take_back_remark, undo_mark
from students.mastery.services.showing import answer_request, ask_to_show, return_request
from tests.student_home.pages import (
    LONG_AGO,
    TODAY,
    add_area,
    add_topic,
    family_of,
    judged,
    mark,
    path_of,
    text,
    topic_of,
)
from tests.world import DAY, World, build_framework


def test_path_before_anything_has_started_says_what_will_be_here(world, as_person):
    said = text(as_person(world.student).get(path_of(world.own.student)))
    assert "Good morning, Amara" in said
    assert "Your path starts here." in said
    assert "What there is to learn (1 topic) Mathematics Fractions" in said
    assert "Keep going" not in said


def test_path_without_a_curriculum_says_so(world, as_person):
    far = world.other_district.student
    far.user = world.stranger
    far.save()
    Target.objects.filter(topic__area__framework=world.other_district.framework).delete()
    world.other_district.framework.areas.all().delete()
    said = text(as_person(world.stranger).get(path_of(far)))
    assert "The school has not brought in its curriculum yet." in said


def test_path_leads_to_what_comes_next(world, as_person):
    mark(world, world.targets[0], "3")
    mark(world, world.targets[1], "2.5")
    response = as_person(world.student).get(path_of(world.own.student))
    said = text(response)
    assert "You are working on Fractions. This comes next:" in said
    assert "“I can take step 2” Keep going Now: 2.5 developing" in said
    assert "Left to show" not in said  # the target has no guide of its own
    assert "Fractions Now: Step 2 1 of 4 met, 1 under way" in said
    assert topic_of(world.own.student, world.topic) in response.content.decode()


def test_path_says_what_is_left_for_the_next_level(world, as_person):
    mark(world, world.targets[0], "2.5")
    said = text(as_person(world.student).get(path_of(world.own.student)))
    assert "“I can take step 1” Left to show for 3.0: Step 1 at 3 Keep going Now: 2.5 Then: 3.0" in said


def test_path_forgets_a_mark_that_was_taken_back(world, as_person):
    taken_back = mark(world, world.targets[0], "2").assessment
    with time_machine.travel(TODAY, tick=True):
        undo_mark(uuid=uuid4(), recorder=world.teacher, mark_uuid=taken_back.uuid, day=DAY)
    said = text(as_person(world.student).get(path_of(world.own.student)))
    assert "Your path starts here." in said
    assert "Not started yet. 4 targets." in text(as_person(world.student).get(topic_of(world.own.student, world.topic)))


def test_path_counts_a_topic_as_begun_when_a_target_is_set_aside(world, as_person):
    judged(world, "excused")
    rebuild_students(students=[world.own.student], day=DAY)
    said = text(as_person(world.student).get(path_of(world.own.student)))
    assert "You are working on Fractions." in said


def test_path_folds_away_what_has_not_begun(world, as_person):
    add_topic(world, "Words")
    add_area(world, "Visual arts")
    mark(world, world.targets[0], "2")
    response = as_person(world.student).get(path_of(world.own.student))
    assert text(response).endswith(
        "Mathematics Fractions Now: Step 1 0 of 4 met, 1 under way "
        "More there is to learn (2 topics) Mathematics Words Visual arts Topic of Visual arts "
        "See an earlier day The record at the end of Show Who can see this, and who has seen it"
    )
    assert '<details class="card" >' in response.content.decode()


def test_path_goes_on_where_the_newest_evidence_is(world, as_person):
    words = add_topic(world, "Words", target_count=2)
    mark(world, world.targets[0], "2", at=LONG_AGO)
    mark(world, words.targets.get(position=1), "1")
    assert "You are working on Words." in text(as_person(world.student).get(path_of(world.own.student)))


def test_path_when_all_is_met_asks_for_a_new_topic(world, as_person):
    for target in world.targets:
        mark(world, target, "3")
    said = text(as_person(world.student).get(path_of(world.own.student)))
    assert "Everything you started is behind you." in said
    assert "Fractions All of this is behind you. 4 of 4 met" in said


def test_path_speaks_of_the_student_to_others(world, as_person):
    said = text(as_person(world.teacher).get(path_of(world.own.student)))
    assert said.startswith("Thursday, November 19 Amara of Birch Amara has not started yet.")
    mark(world, world.targets[0], "2")
    assert "Amara is working on Fractions." in text(as_person(world.teacher).get(path_of(world.own.student)))


def test_path_shows_two_or_more_begun_areas_in_rings(world, as_person):
    arts = add_area(world, "Visual arts")
    add_area(world, "Music")
    mark(world, world.targets[0], "3")
    assert "How far along" not in text(as_person(world.student).get(path_of(world.own.student)))
    mark(world, arts.targets.get(), "2")
    said = text(as_person(world.student).get(path_of(world.own.student)))
    assert (
        "How far along I am Targets met. The paler part is under way. "
        "Mathematics 1 of 4 Visual arts 0 of 1 Mathematics Fractions"
    ) in said


def test_path_tells_areas_of_the_same_name_apart(world, as_person):
    build_framework(world.own.district, "Algebra for all")
    said = text(as_person(world.student).get(path_of(world.own.student)))
    assert "Mathematics (Northern mathematics) Fractions" in said
    assert "Mathematics (Algebra for all) Fractions" in said


def test_path_uses_the_name_the_student_goes_by(world, as_person):
    Student.objects.filter(pk=world.own.student.pk).update(preferred_name="Mara")
    assert "Good morning, Mara" in text(as_person(world.student).get(path_of(world.own.student)))


@pytest.mark.parametrize("topics", [1, 30])
def test_path_asks_the_database_the_same_number_of_times(topics, world, as_person, django_assert_num_queries):
    for n in range(topics - 1):
        mark(world, add_topic(world, f"Topic {n}").targets.get(), "2")
    mark(world, world.targets[0], "2")
    client = as_person(world.student)
    client.get(path_of(world.own.student))
    with django_assert_num_queries(21):
        client.get(path_of(world.own.student))


def say(world: World, target: Target, words: str, **more: Any) -> Remark:
    values = {"text": words, "is_for_family": True, "reason": "", "language": "en", **more}
    with time_machine.travel("2026-11-19T14:00:00+00:00", tick=True):
        return record_remark(
            uuid=uuid4(), student=world.own.student, target=target, author=world.teacher, day=DAY, **values
        )


def test_path_says_what_came_back_from_teachers(world, as_person):
    mark(world, world.targets[0], "1", at=LONG_AGO)
    mark(world, world.targets[0], "3")
    mark(world, world.targets[1], "2")
    say(world, world.targets[1], "Now try a whole number.")
    say(world, world.targets[2], "", reason=RemarkReason.OBSERVED)
    say(world, world.targets[1], "For the staff alone.", is_for_family=False)
    taken_back = say(world, world.targets[3], "On the wrong child.")
    take_back_remark(uuid=uuid4(), remark_uuid=taken_back.uuid, author=world.teacher, day=DAY)
    said = text(as_person(world.student).get(path_of(world.own.student)))
    assert (
        "What came back to me Step 3 saw it in class Teacher Person, November 19 "
        "Step 2 2.0 developing Now try a whole number. Teacher Person, November 19 "
        "Step 1 from 1.0 to 3.0 proficient November 19"
    ) in said
    assert "For the staff alone." not in said
    assert "On the wrong child." not in said
    assert "What came back" in text(as_person(world.teacher).get(path_of(world.own.student)))


def test_path_says_what_was_answered_and_what_is_coming(world, as_person):
    asked = {"actor": world.student, "student": world.own.student, "day": DAY, "done_since": "I read it again."}
    first, second, _third = (ask_to_show(uuid=uuid4(), target=target, **asked) for target in world.targets[:3])
    with time_machine.travel("2026-11-19T14:00:00+00:00", tick=True):
        return_request(request=first, reply="Draw it first.", teacher=world.teacher, day=DAY)
        answer_request(uuid=uuid4(), request=second, level=Decimal(3), teacher=world.teacher, day=DAY)
    session = ShowingSession.objects.create(
        district=world.own.district, group=world.own.group, host=world.teacher, places=4, place="Room 12",
        starts_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    later = ask_to_show(uuid=uuid4(), target=world.targets[3], **asked)
    ReadyRequest.objects.filter(pk=later.pk).update(session=session)
    said = text(as_person(world.student).get(path_of(world.own.student)))
    assert "Step 2 3.0 proficient A teacher looked at what you asked to show. Teacher Person, November 19" in said
    assert "Step 1 Something comes first: Draw it first. Teacher Person, November 19" in said
    assert "Ready to show Step 4 Friday, Nov. 20, 2026, 10 a.m. · Room 12 Step 3 In the teachers’ list" in said
    assert "Room 12" not in text(as_person(world.guardian).get(path_of(world.own.student)))


def test_path_folds_away_more_than_three_that_came_back(world, as_person):
    for target in add_topic(world, "Words", target_count=5).targets.all():
        mark(world, target, "3")
    assert "Show 2 more" in text(as_person(world.student).get(path_of(world.own.student)))


def test_path_says_what_comes_after_the_next(world, as_person):
    mark(world, world.targets[0], "2")
    client = as_person(world.student)
    assert "After that: “I can take step 2”" in text(client.get(path_of(world.own.student)))
    for target in world.targets[:3]:
        mark(world, target, "3")
    assert "After that" not in text(client.get(path_of(world.own.student)))


@pytest.mark.parametrize(("hour", "greeting"), [(15, "Good morning"), (19, "Good afternoon"), (23, "Good evening")])
def test_path_greets_by_the_hour_at_school(hour, greeting, world, as_person):
    with time_machine.travel(f"2026-11-19T{hour}:30:00+00:00", tick=True):
        said = text(as_person(world.student).get(path_of(world.own.student)))
    assert f"Thursday, November 19 {greeting}, Amara" in said


@pytest.mark.parametrize("who", ["student", "guardian"])
def test_pages_say_nothing_new_of_a_curriculum_that_is_out_of_use(who, world, as_person):
    mark(world, world.targets[0], "1", at=LONG_AGO)
    mark(world, world.targets[0], "3")
    say(world, world.targets[1], "Now try a whole number.")
    client = as_person(world.people[who])
    pages = [(path_of(world.own.student), {}), (path_of(world.own.student), {"as_of": "2026-10-05"})]
    pages += [(family_of(world.own.student), {})] if who == "guardian" else []
    assert all("Step 1" in text(client.get(page, asked)) for page, asked in pages)
    world.own.framework.adoptions.update(ended_on=DAY)
    for page, asked in pages:
        said = text(client.get(page, asked))
        assert ("Step 1" in said, "Now try" in said) == (False, False)
