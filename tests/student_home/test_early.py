"""Pages for early readers: what they say, what one tap does, and who has them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from curriculum.models import Scale
from lpm.audit.models import Entry, RecordView
from lpm.people.models import Student
from lpm.people.queries.audit import SENTENCES
from students.home.queries.things import picture_of, stones_of
from students.home.services import PagesRefused, choose_pages
from students.mastery.models import ReadyRequest, ShowingSession
from students.mastery.services import record_remark
from tests.student_home.pages import LONG_AGO, add_area, add_topic, mark, path_of, text, topic_of
from tests.world import DAY, World


def set_early(world: World) -> Student:
    Student.objects.filter(pk=world.own.student.pk).update(is_early_reader=True)
    return Student.objects.get(pk=world.own.student.pk)


def early_of(student: Student) -> str:
    return reverse("student:early", args=[student.uuid])


def want(world: World, step: int) -> str:
    return reverse("student:early-want", args=[world.own.student.uuid, world.targets[step].uuid])


def test_an_early_reader_has_one_thing_without_figures_or_codes(world, as_person):
    mark(world, world.targets[0], "2.5")
    response = as_person(world.student).get(path_of(set_early(world)))
    said = text(response)
    assert said == (
        "Hello, Amara I can take step 1 Hear it : I can take step 1 You are getting there. "
        "Hear it : You are getting there. Show this next: Step 1 at 3 Hear it : Step 1 at 3 I want to show this"
    )
    html = response.content.decode()
    assert ("#blocks" in html, "#pile-2" in html, "FR.1" in html) == (True, True, False)


def test_an_early_reader_goes_from_one_thing_to_another(world, as_person):
    words = add_topic(world, "Words")
    mark(world, world.targets[0], "2", at=LONG_AGO)
    mark(world, words.targets.get(), "1")
    client, student = as_person(world.student), set_early(world)
    assert "I can do Words 1" in text(client.get(path_of(student)))
    other = text(client.get(path_of(student), {"topic": str(world.topic.uuid)}))
    assert "I can take step 1" in other
    assert "Show me another one" in other
    assert client.get(topic_of(student, words)).url == f"{path_of(student)}?topic={words.uuid}"


def test_an_early_reader_hears_of_what_is_done_and_what_a_teacher_said(world, as_person):
    mark(world, world.targets[0], "3")
    with time_machine.travel(timezone.now() - timedelta(hours=1), tick=True):
        record_remark(
            uuid=uuid4(), student=world.own.student, target=world.targets[0], author=world.teacher, day=DAY, reason="",
            text="You drew it so well.", language="en", is_for_family=True,
        )  # fmt: skip
    said = text(as_person(world.student).get(path_of(set_early(world))))
    assert "I can take step 2 Hear it : I can take step 2 This is new." in said
    assert "Teacher Person says You drew it so well." in said
    assert said.endswith("You can do this now I can take step 1 Hear it : I can take step 1")


@pytest.mark.parametrize(
    ("levels", "sentence"),
    [
        ([], "Your path starts here. Your teacher will look at your work soon."),
        (["3", "3", "3", "3"], "You did it all. Ask your teacher what comes next."),
    ],
)
def test_an_early_reader_with_nothing_to_work_on(levels, sentence, world, as_person):
    for target, level in zip(world.targets, levels, strict=False):
        mark(world, target, level)
    said = text(as_person(world.student).get(path_of(set_early(world))))
    assert sentence in said
    assert "I want to show this" not in said


def test_an_early_reader_without_a_curriculum(world, as_person):
    world.own.framework.adoptions.update(ended_on=DAY)
    said = text(as_person(world.student).get(path_of(set_early(world))))
    assert "Your path is not here yet. It comes soon." in said


def test_one_tap_asks_to_show_and_a_second_one_does_no_harm(world, as_person):
    mark(world, world.targets[0], "2")
    client, student, uuid = as_person(world.student), set_early(world), uuid4()
    for _tap in range(2):
        response = client.post(want(world, 0), {"uuid": uuid})
        assert response.url == f"{path_of(student)}?topic={world.topic.uuid}"
    kept = list(ReadyRequest.objects.values_list("uuid", "target", "done_since"))
    assert kept == [(uuid, world.targets[0].pk, "I want to show this.")]
    said = text(client.get(path_of(student)))
    assert "Your teacher knows now." in said
    assert "You asked to show this. Your teacher knows. Hear it" in said
    client.post(want(world, 0), {"uuid": uuid4()})
    assert "Tell your teacher. They will help you." in text(client.get(path_of(student)))
    assert ReadyRequest.objects.count() == 1


def test_one_tap_says_when_the_child_shows_it(world, as_person):
    mark(world, world.targets[0], "2")
    starts_at = timezone.now() + timedelta(days=1)
    session = ShowingSession.objects.create(
        district=world.own.district, group=world.own.group, host=world.teacher, starts_at=starts_at, places=2
    )
    ReadyRequest.objects.create(
        district=world.own.district, student=world.own.student, target=world.targets[0], done_since="x", session=session
    )
    assert "It is on Friday at 10 a.m." in text(as_person(world.student).get(path_of(set_early(world))))


@pytest.mark.parametrize("broken", ["the form", "the target"])
def test_a_tap_on_nothing(broken, world, as_person):
    address = want(world, 0)
    if broken == "the target":
        address = reverse("student:early-want", args=[world.own.student.uuid, world.other_district.targets[0].uuid])
    response = as_person(world.student).post(address, {"uuid": "x" if broken == "the form" else uuid4()})
    assert response.status_code == 404
    assert not ReadyRequest.objects.exists()


def test_others_see_all_pages_and_can_look_at_the_childs_own(world, as_person):
    mark(world, world.targets[0], "2")
    student = set_early(world)
    client = as_person(world.guardian)
    for address in (path_of(student), reverse("student:family", args=[student.uuid])):
        assert "See the page that Amara has" in text(client.get(address))
    said = text(client.get(early_of(student)))
    assert said.startswith("All pages of Amara of Birch Hello, Amara I can take step 1")
    assert "I want to show this" not in said
    assert set(RecordView.objects.values_list("viewer", "page")) == {
        (world.guardian.pk, "path"),
        (world.guardian.pk, "family"),
    }


def test_the_choice_of_pages_is_written_down_once(world, as_person):
    client, student = as_person(world.teacher), world.own.student
    address = reverse("student:pages-choose", args=[student.uuid])
    profile = reverse("people:student-show", args=[student.uuid])
    assert "Off. With these pages a student sees one thing at a time" in text(client.get(profile))
    for _time in range(2):
        assert client.post(address, {"is_early_reader": "on"}).url == profile
    assert "On. The student sees one thing at a time" in text(client.get(profile))
    client.post(address)
    assert Student.objects.get(pk=student.pk).is_early_reader is False
    written = Entry.objects.filter(action="people.choose_pages").order_by("pk")
    assert [(one.actor_id, one.subject_uuid, one.details) for one in written] == [
        (world.teacher.pk, student.uuid, {"is_early_reader": True}),
        (world.teacher.pk, student.uuid, {"is_early_reader": False}),
    ]
    assert "people.choose_pages" in SENTENCES


def test_the_choice_is_refused_to_whoever_may_not_make_it(world):
    with pytest.raises(PagesRefused) as refused:
        choose_pages(student=world.own.student, is_early_reader=True, actor=world.guardian, day=DAY)
    assert refused.value.code == "not_allowed"
    assert not Entry.objects.filter(action="people.choose_pages").exists()


def test_the_page_of_a_student_offers_the_choice_to_those_who_may(world, as_person):
    address = reverse("people:student-show", args=[world.own.student.uuid])
    shown = {
        name: "Pages for early readers" in text(as_person(world.people[name]).get(address))
        for name in ("teacher", "office", "guardian", "student", "counselor")
    }
    assert shown == {"teacher": True, "office": True, "guardian": False, "student": False, "counselor": False}


@pytest.mark.parametrize(
    ("level", "count"), [(None, 0), ("0", 0), ("0.5", 0), ("1", 1), ("2.5", 2), ("3", 3), ("3.5", 3), ("4", 4)]
)
def test_stones_of_the_usual_scale(level, count):
    assert stones_of(None if level is None else Decimal(level), Scale()).count == count


def test_stones_of_a_scale_that_ends_at_proficient():
    scale = Scale(low=Decimal(1), high=Decimal(4), proficient=Decimal(4))
    assert [stones_of(Decimal(level), scale).count for level in (1, 2, 3, 4)] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("title", "picture"),
    [
        ("Mathematics", "blocks"),
        ("English language arts", "book"),
        ("Science and technology", "sprout"),
        ("Visual and performing arts", "paint"),
        ("Health and physical education", "ball"),
        ("Social studies", "globe"),
        ("Lengua y literatura", "book"),
        ("Career and education", "trail"),
    ],
)
def test_the_picture_of_an_area(title, picture):
    assert picture_of(title) == picture


@pytest.mark.parametrize("rows", [1, 30])
def test_an_early_reader_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        mark(world, add_area(world, f"Area {n}").targets.get(), "2")
        mark(world, add_topic(world, f"Topic {n}").targets.get(), "3")
    student, client = set_early(world), as_person(world.student)
    client.get(path_of(student))
    with django_assert_num_queries(16):
        client.get(path_of(student))


def test_the_page_of_an_early_reader_is_always_of_today(world, as_person):
    mark(world, world.targets[0], "2", at=LONG_AGO)
    mark(world, world.targets[0], "3")
    student = set_early(world)
    for who, page in ((world.student, path_of(student)), (world.guardian, early_of(student))):
        for asked in ("2026-11-01", "yesterday"):
            response = as_person(who).get(page, {"as_of": asked})
            assert (response.status_code, "I can take step 2" in text(response)) == (200, True)


def test_a_family_reads_of_what_a_child_asked_on_the_next_morning(world, as_person):
    mark(world, world.targets[0], "2")
    ReadyRequest.objects.create(
        district=world.own.district, student=world.own.student, target=world.targets[0], done_since="x"
    )
    page = early_of(set_early(world))
    people = (world.student, world.guardian)
    asked = ["Your teacher knows." in text(as_person(person).get(page)) for person in people]
    with time_machine.travel("2026-11-20T15:00:00+00:00", tick=True):
        later = "Your teacher knows." in text(as_person(world.guardian).get(page))
    assert (asked, later) == ([True, False], True)


@pytest.mark.parametrize("days", [-3, 7])
def test_a_day_of_the_week_is_said_of_the_next_days_alone(days, world, as_person):
    mark(world, world.targets[0], "2")
    session = ShowingSession.objects.create(
        district=world.own.district, group=world.own.group, host=world.teacher, places=2,
        starts_at=timezone.now() + timedelta(days=days),
    )  # fmt: skip
    ReadyRequest.objects.create(
        district=world.own.district, student=world.own.student, target=world.targets[0], done_since="x", session=session
    )
    said = text(as_person(world.student).get(path_of(set_early(world))))
    assert ("Your teacher knows." in said, "It is on" in said) == (True, False)


def test_stones_below_the_scale():
    assert stones_of(Decimal(0), Scale(low=Decimal(1), high=Decimal(4), proficient=Decimal(3))).count == 0
