"""A child’s week, as the family reads it."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from curriculum.enums import ChangeKind
from curriculum.models import ScaleLevel, Target
from lpm.audit.models import RecordView
from lpm.people.enums import Part
from lpm.people.models import Student
from lpm.people.services.settings import change_settings
from students.mastery.services import undo_mark
from tests.mastery.revised import revise
from tests.mastery.strands import build_habits, habits_of, rate
from tests.student_home.pages import LONG_AGO, TODAY, add_topic, family_of, mark, path_of, text
from tests.world import DAY, enroll, guard


def test_family_with_nothing_recorded_says_what_will_be_here(world, as_person):
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Amara is just starting out." in said
    assert "Soon you read here what Amara has learned, and the day." in said
    assert "What is next" not in said


def test_family_with_nothing_new_in_a_week(world, as_person):
    mark(world, world.targets[0], "2", at=LONG_AGO)
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Nothing new this week. That is normal in the middle of longer work. Next up: “I can take step 1”" in said
    assert "you read it here: what it was, and the day. The last time was October 1." in said


def test_family_reads_what_is_learned_now(world, as_person):
    mark(world, world.targets[0], "2", at=LONG_AGO)
    mark(world, world.targets[0], "3")
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Amara learned 1 new thing this week. Next up: “I can take step 2”" in said
    assert "Can do this now: Step 1 from 2.0 to 3.0 proficient Fractions, November 19" in said
    assert (
        "Fractions “I can take step 2” 1 of 4 steps are done "
        "One thing to do at home: Ask Amara to show you this, and to tell you how it works. Ten minutes are enough."
    ) in said


def test_family_reads_what_began_and_what_moved_up(world, as_person):
    mark(world, world.targets[0], "1", at=LONG_AGO)
    mark(world, world.targets[0], "2")
    mark(world, world.targets[1], "1")
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Amara moved up in 1 place this week." in said
    assert "Began with this: Step 2 1.0 getting started Fractions, November 19" in said
    assert "Moved up in this: Step 1 from 1.0 to 2.0 developing Fractions, November 19" in said


def test_family_reads_of_a_lower_level_without_blame(world, as_person):
    mark(world, world.targets[0], "3", at=LONG_AGO)
    mark(world, world.targets[0], "2.5")
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Teachers looked again at work that is still growing." in said
    assert "This looked different this time. That is normal while learning. Step 1 from 3.0 to 2.5" in said


def test_family_reads_no_codes(world, as_person):
    mark(world, world.targets[0], "3")
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "FR." not in said


def test_family_of_several_children_switches_between_them(world, as_person):
    sibling = enroll(world.own.group, given_name="Idris", family_name="of Birch")
    guard(world.guardian, sibling)
    response = as_person(world.guardian).get(family_of(world.own.student))
    assert text(response).startswith("This week Amara Idris All Amara")
    assert family_of(sibling) in response.content.decode()


def test_family_of_one_child_has_nothing_to_switch(world, as_person):
    assert text(as_person(world.guardian).get(family_of(world.own.student))).startswith("This week Amara Amara is")


def test_family_with_everything_done(world, as_person):
    for target in world.targets:
        mark(world, target, "3")
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Amara learned 4 new things this week." in said
    assert "Everything begun so far is done." in said


def test_family_folds_away_more_than_five_changes(world, as_person):
    words = add_topic(world, "Words", target_count=7)
    for target in words.targets.all():
        mark(world, target, "3")
    html = as_person(world.guardian).get(family_of(world.own.student)).content.decode()
    assert "Show 2 more" in html
    assert html.count("Can do this now:") == 7


def test_family_reads_the_words_of_the_scale_in_use(world, as_person):
    ScaleLevel.objects.filter(scale=world.own.framework.scale, value=1).update(description="")
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "What the numbers mean 4.0 going further “In general: going further” 3.0 proficient" in said
    assert "“In general: proficient” This is the goal. 2.0 developing" in said
    assert "1.0 getting started 0.0 looking for a way in" in said
    assert said.count("This is the goal.") == 1


def test_family_without_a_curriculum_has_no_numbers_to_explain(world, as_person):
    Target.objects.filter(topic=world.topic).delete()
    world.own.framework.areas.all().delete()
    assert "What the numbers mean" not in text(as_person(world.guardian).get(family_of(world.own.student)))


def test_family_page_in_spanish(world, as_person):
    world.guardian.language = "es"
    world.guardian.save()
    mark(world, world.targets[0], "2.5")
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "2,5 en desarrollo" in said
    assert "19 de noviembre" in said.lower()


@pytest.mark.parametrize("rows", [1, 30])
def test_family_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        sibling = enroll(world.own.group, given_name=f"Child {n}", family_name="of Birch")
        guard(world.guardian, sibling)
        mark(world, world.targets[0], "2", student=sibling)
    topic = add_topic(world, "Words", target_count=rows)
    for target in topic.targets.all():
        mark(world, target, "2")
    for habit in habits_of(build_habits(world.own.district)):
        rate(world, habit, "2.0")
    client = as_person(world.guardian)
    addresses = {family_of(world.own.student): 31, reverse("student:children"): 17}
    for address in addresses:
        client.get(address)
    for address, count in addresses.items():
        with django_assert_num_queries(count):
            client.get(address)


def test_student_and_family_find_who_can_see_the_record(world, as_person):
    student = world.own.student
    way = f'href="{reverse("people:student-access", args=[student.uuid])}"'
    for who, page, is_there in [
        ("student", path_of(student), True),
        ("guardian", path_of(student), True),
        ("guardian", reverse("student:family", args=[student.uuid]), True),
        ("teacher", path_of(student), False),
        ("teacher", reverse("student:family", args=[student.uuid]), False),
    ]:
        html = as_person(world.people[who]).get(page).content.decode()
        assert (who, page, way in html) == (who, page, is_there)


def test_family_reads_of_the_other_child_in_a_line(world, as_person):
    idris = enroll(world.own.group, given_name="Idris", family_name="of Birch")
    guard(world.guardian, idris)
    client = as_person(world.guardian)
    assert "Idris Idris is just starting out." in text(client.get(family_of(world.own.student)))
    mark(world, world.targets[0], "1", student=idris, at=LONG_AGO)
    assert "Idris Nothing new this week." in text(client.get(reverse("student:children")))
    mark(world, world.targets[0], "2", student=idris)
    assert "Idris moved up in 1 place this week. Open the week of Idris" in text(
        client.get(reverse("student:children"))
    )
    mark(world, world.targets[1], "3", student=idris)
    mark(world, world.targets[2], "1")
    said = text(client.get(reverse("student:children")))
    assert said == (
        "This week Amara Idris All A Amara Amara began with 1 new thing this week. Open the week of Amara "
        "I Idris Idris learned 1 new thing this week. Open the week of Idris Read this week as a letter"
    )
    looked = RecordView.objects.filter(viewer=world.guardian, page="family").values_list("student_uuid", flat=True)
    assert set(looked) == {world.own.student.uuid, idris.uuid}


def test_family_reads_of_the_other_child_no_sooner_than_of_the_first(world, as_person):
    idris = enroll(world.own.group, given_name="Idris", family_name="of Birch")
    guard(world.guardian, idris)
    mark(world, world.targets[0], "3", student=idris, at="2026-11-19T14:00:00+00:00")  # after the morning's news
    assert "Idris is just starting out." in text(as_person(world.guardian).get(family_of(world.own.student)))
    with time_machine.travel("2026-11-20T13:00:00+00:00", tick=True):
        said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Idris learned 1 new thing this week." in said


def test_family_reads_of_children_at_two_schools(world, as_person):
    guard(world.guardian, world.other_school.student)
    grown = Student.objects.get(user=world.grown_student)
    mark(world, world.targets[0], "2")
    said = text(as_person(world.guardian).get(reverse("student:children")))
    assert said.count("Open the week of Amara") == 2
    assert f"Open the week of {grown.first_name}" not in said


def test_somebody_without_children_has_none_here(world, as_person):
    assert "No children here" in text(as_person(world.stranger).get(reverse("student:children")))


def test_family_that_also_teaches_reads_of_another_child_as_a_family(world, as_person):
    guard(world.teacher, world.own.student)
    idris = enroll(world.own.group, given_name="Idris", family_name="of Birch")
    guard(world.teacher, idris)
    mark(world, world.targets[0], "3", student=idris, at="2026-11-19T14:00:00+00:00")
    assert "Idris is just starting out." in text(as_person(world.teacher).get(family_of(world.own.student)))


def test_family_reads_of_words_on_a_target_that_ended_as_of_what_goes_on(world, as_person):
    mark(world, world.targets[3], "3")
    idris = enroll(world.own.group, given_name="Idris", family_name="of Birch")
    guard(world.guardian, idris)
    mark(world, world.targets[3], "3", student=idris)
    revise(world.own.framework, DAY, kind=ChangeKind.RETIRED, ending=[world.targets[3]], existing=[world.targets[2]])
    with time_machine.travel("2026-11-20T13:00:00+00:00", tick=True):
        response = as_person(world.guardian).get(family_of(world.own.student))
    assert [change.target for change in response.context["changes"]] == [world.targets[2]]
    assert [week.summary.met_count for week in response.context["others"]] == [1]


def test_family_finds_the_way_to_a_teacher(world, as_person):
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Write to a teacher" in said
    assert "Write to a teacher" not in text(as_person(world.teacher).get(family_of(world.own.student)))


def test_family_hears_after_a_break_of_what_was_learned_before_it(world, as_person):
    """It was recorded two weeks ago, after the last news of that day; the next school morning is today."""
    world.own.school.closures.create(title="Break", starts_on=DAY - timedelta(days=12), ends_on=DAY - timedelta(days=1))
    idris = enroll(world.own.group, given_name="Idris", family_name="of Birch")
    guard(world.guardian, idris)
    for student in (world.own.student, idris):
        mark(world, world.targets[0], "3", student=student, at="2026-11-06T20:00:00+00:00")
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Amara learned 1 new thing this week." in said
    assert "Can do this now: Step 1" in said
    assert "Idris learned 1 new thing this week." in said
    with time_machine.travel("2026-11-27T15:00:00+00:00", tick=True):
        said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Amara learned" not in said
    assert "Idris learned" not in said


def test_family_page_of_a_child_one_only_teaches_is_that_of_a_teacher(world, as_person):
    """A guardian whose contact is restricted teaches the class: what is there for guardians is not there for them."""
    idris = enroll(world.own.group, given_name="Idris", family_name="of Birch")
    for child in (world.own.student, idris):
        guard(world.teacher, child, is_restricted=True)
    response = as_person(world.teacher).get(family_of(world.own.student))
    assert (response.context["children"], response.context["others"]) == ([], [])
    said = text(response)
    assert ("Idris" in said, "Write to a teacher" in said, "Who can see this" in said) == (False, False, False)
    assert "No children here" in text(as_person(world.teacher).get(reverse("student:children")))


def test_family_reads_of_the_other_child_nothing_of_what_was_taken_back(world, as_person):
    idris = enroll(world.own.group, given_name="Idris", family_name="of Birch")
    guard(world.guardian, idris)
    taken_back = mark(world, world.targets[0], "3", student=idris).assessment
    with time_machine.travel(TODAY, tick=True):
        undo_mark(uuid=uuid4(), recorder=world.teacher, mark_uuid=taken_back.uuid, day=DAY)
    with time_machine.travel("2026-11-20T15:00:00+00:00", tick=True):
        said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Idris is just starting out." in said


@pytest.mark.parametrize(
    ("who", "parts", "is_there"),
    [
        ("guardian", list(Part), True),
        ("guardian", [Part.STUDENTS, Part.FAMILIES, Part.MESSAGES], False),
        ("teacher", list(Part), False),
    ],
)
def test_family_finds_the_letter_where_there_is_one(who, parts, is_there, world, as_person):
    change_settings(
        organization=world.own.district, valid_from=DAY, values={"parts": parts}, actor=world.administrator, day=DAY
    )
    client = as_person(world.people[who])
    letter = reverse("letters:letter-mine")
    pages = [family_of(world.own.student)] + [reverse("student:children")] * (who == "guardian")
    for page in pages:
        assert (page, f'href="{letter}"' in client.get(page).content.decode()) == (page, is_there)
    assert client.get(letter).status_code == (200 if is_there else 404)
    past = client.get(pages[0], {"as_of": str(DAY - timedelta(days=1))}).content.decode()
    assert f'href="{letter}"' not in past
