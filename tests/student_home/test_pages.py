"""What students, families and teachers see of one student."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import strip_tags

from curriculum.models import ContentArea, GuideLevel, Prerequisite, ScaleLevel, Target, Topic
from lpm.people.models import Student
from students.mastery.models import Assessment, Judgement
from students.mastery.services import rebuild_students, record_mark, undo_mark
from tests.world import DAY, World, build_framework, enroll, guard

TODAY = "2026-11-19T09:00:00+00:00"  # before school: the student and the family see it by now
LONG_AGO = "2026-10-01T15:00:00+00:00"


def mark(world: World, target: Target, level: str, student: Student | None = None, at: str = TODAY):
    with time_machine.travel(at, tick=True):
        return record_mark(
            uuid=uuid4(),
            recorder=world.teacher,
            student=student or world.own.student,
            target=target,
            level=Decimal(level),
            performed_on=DAY if at == TODAY else DAY - timedelta(days=49),
            day=DAY if at == TODAY else DAY - timedelta(days=49),
        )


def text(response) -> str:
    """What the page says, in one line."""
    assert response.status_code == 200
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(strip_tags(re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL)).split()).replace("&#x27;", "'")


def path_of(student: Student) -> str:
    return reverse("student:path", kwargs={"student": student.uuid})


def topic_of(student: Student, topic: Topic) -> str:
    return reverse("student:topic", kwargs={"student": student.uuid, "topic": topic.uuid})


def family_of(student: Student) -> str:
    return reverse("student:family", kwargs={"student": student.uuid})


def add_topic(world: World, title: str, target_count: int = 1) -> Topic:
    place = Topic.objects.filter(area=world.topic.area).count() + 1
    topic = Topic.objects.create(area=world.topic.area, case_identifier=title, title=title, position=place)
    for n in range(1, target_count + 1):
        Target.objects.create(
            topic=topic,
            case_identifier=f"{title} {n}",
            short_title=f"{title} step {n}",
            statement=f"Does {title} {n}",
            i_can=f"I can do {title} {n}",
            position=n,
        )
    return topic


def add_area(world: World, title: str) -> Topic:
    """An area with a topic and a target in it."""
    place = ContentArea.objects.filter(framework=world.own.framework).count() + 1
    area = ContentArea.objects.create(framework=world.own.framework, case_identifier=title, title=title, position=place)
    topic = area.topics.create(case_identifier=title, title=f"Topic of {title}", position=1)
    topic.targets.create(case_identifier=f"target of {title}", statement=f"Does {title}", position=1)
    return topic


# --- the path


def test_path_before_anything_has_started_says_what_will_be_here(world, as_person):
    said = text(as_person(world.student).get(path_of(world.own.student)))
    assert "Hello, Amara" in said
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
    assert "You have met every target in the topics you started." in said
    assert "Fractions Every target is met. 4 of 4 met" in said


def test_path_speaks_of_the_student_to_others(world, as_person):
    said = text(as_person(world.teacher).get(path_of(world.own.student)))
    assert said.startswith("Amara of Birch Amara has not started yet.")
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
    assert "Hello, Mara" in text(as_person(world.student).get(path_of(world.own.student)))


@pytest.mark.parametrize("topics", [1, 30])
def test_path_asks_the_database_the_same_number_of_times(topics, world, as_person, django_assert_num_queries):
    for n in range(topics - 1):
        mark(world, add_topic(world, f"Topic {n}").targets.get(), "2")
    mark(world, world.targets[0], "2")
    client = as_person(world.student)
    client.get(path_of(world.own.student))
    with django_assert_num_queries(16):
        client.get(path_of(world.own.student))


# --- one topic


def test_topic_before_anything_has_started(world, as_person):
    said = text(as_person(world.student).get(topic_of(world.own.student, world.topic)))
    assert "Fractions Not started yet. 4 targets. The whole path" in said
    assert "The path begins here Step 1" in said
    assert "You are here" not in said
    assert "Left to show for 3.0: Step 1 at 3" in said
    assert "No evidence yet. That is not a zero" in said
    assert "How this target has grown" not in said


def test_topic_begins_where_nothing_else_has_to_come_first(world, as_person):
    words = add_topic(world, "Words", target_count=2)
    first, second = words.targets.order_by("position")
    Prerequisite.objects.create(target=first, required=world.targets[0])
    student = as_person(world.student)
    assert "The path begins here Words step 2" in text(student.get(topic_of(world.own.student, words)))
    mark(world, world.targets[0], "3")
    assert "The path begins here Words step 1" in text(student.get(topic_of(world.own.student, words)))
    assert second.position == 2


def test_topic_shortens_long_titles_behind_their_code(world, as_person):
    long = "Interpret the product of a fraction and a whole number as parts of a partition"
    Target.objects.filter(pk=world.targets[1].pk).update(short_title="", statement=long)
    html = as_person(world.student).get(topic_of(world.own.student, world.topic)).content.decode()
    assert f'title="FR.2 {long}">FR.2 Interpret the product of a fraction and a whole number as p…</a>' in html


def test_topic_says_where_the_student_is_and_why(world, as_person):
    mark(world, world.targets[0], "1", at=LONG_AGO)
    mark(world, world.targets[0], "2.5")
    response = as_person(world.student).get(topic_of(world.own.student, world.topic))
    said = text(response)
    assert "2.5 You are here All of 2.0, and part of 3.0" in said
    assert "Left to show for 3.0: Step 1 at 3" in said
    assert "How this target has grown From 1.0 to 2.5, in 2 pieces of evidence" in said
    assert "Show as a table Date Level Oct. 1, 2026 1.0 Nov. 19, 2026 2.5" in said
    assert "A teacher looked at the evidence and decided." in said
    assert "2.5 Nov. 19, 2026 judged by Teacher Person 1.0 Oct. 1, 2026 judged by Teacher Person" in said
    assert "What comes next on the path no evidence yet I can take step 2" in said.replace("– ", "").replace("–", "")
    assert 'aria-current="step"' in response.content.decode()


def test_topic_leaves_out_half_levels_that_nobody_is_at(world, as_person):
    mark(world, world.targets[0], "2")
    response = as_person(world.student).get(topic_of(world.own.student, world.topic))
    guide = response.content.decode().split('<dl class="rubric"')[1].split("</dl>")[0]
    assert re.findall(r'value="([\d.]+)"', guide) == ["4.0", "3.0", "2.0", "1.0", "0.0"]


def test_topic_shows_the_target_asked_for(world, as_person):
    mark(world, world.targets[0], "3")
    url = topic_of(world.own.student, world.topic)
    said = text(as_person(world.student).get(url, {"target": str(world.targets[0].uuid)}))
    assert "I can take step 1" in said
    assert "This target is met." in said
    assert "Left to show" not in said
    assert "Step 1 met shown now" in said


def test_topic_without_an_own_guide_shows_the_general_words_and_says_so(world, as_person):
    url = topic_of(world.own.student, world.topic)
    said = text(as_person(world.student).get(url, {"target": str(world.targets[1].uuid)}))
    assert "In general: proficient" in said
    assert "Left to show" not in said
    assert "This target has no scoring guide of its own yet." in said


@pytest.mark.parametrize("asked", ["", "of another topic", "nonsense"])
def test_topic_with_a_target_that_is_not_in_it(asked, world, as_person):
    url = topic_of(world.own.student, world.topic)
    other = add_topic(world, "Words").targets.get()
    target = str(other.uuid) if asked == "of another topic" else asked
    assert as_person(world.student).get(url, {"target": target}).status_code == (404 if asked else 200)


def test_topic_when_all_is_met(world, as_person):
    for target in world.targets:
        mark(world, target, "3")
    said = text(as_person(world.student).get(topic_of(world.own.student, world.topic)))
    assert "4 of 4 targets met. There is nothing left to show here." in said
    assert "What comes next on the path" not in said


def test_topic_without_targets_says_so(world, as_person):
    empty = add_topic(world, "Words", target_count=0)
    said = text(as_person(world.student).get(topic_of(world.own.student, empty)))
    assert "No targets in this topic yet" in said


def test_topic_puts_a_long_path_beside_the_target(world, as_person):
    long = add_topic(world, "Words", target_count=9)
    html = as_person(world.student).get(topic_of(world.own.student, long)).content.decode()
    assert 'class="trail column"' in html
    assert 'class="trail across"' not in html


def test_topic_with_a_long_path_shows_the_steps_around_here_first(world, as_person):
    long = add_topic(world, "Words", target_count=9)
    for target in long.targets.filter(position__lte=3):
        mark(world, target, "3")
    html = as_person(world.student).get(topic_of(world.own.student, long)).content.decode()
    near = html.split('<ol class="trail near">')[1].split("</ol>")[0]
    assert re.findall(r">Words step (\d)</a>", near) == ["3", "4", "5"]


def test_topic_with_a_long_path_that_is_all_met_has_nothing_near(world, as_person):
    long = add_topic(world, "Words", target_count=8)
    for target in long.targets.all():
        mark(world, target, "3")
    html = as_person(world.student).get(topic_of(world.own.student, long)).content.decode()
    assert 'class="trail near"' not in html


def test_topic_speaks_of_the_student_to_others(world, as_person):
    mark(world, world.targets[0], "2")
    said = text(as_person(world.guardian).get(topic_of(world.own.student, world.topic)))
    assert said.startswith("Amara of Birch Mathematics Fractions")
    assert "Here now Step 1" in said
    assert "You are here" not in said


def shown_without_judgement(world: World, level: str) -> None:
    """Evidence that no teacher has made a level of yet."""
    Assessment.objects.create(
        district=world.own.district,
        student=world.own.student,
        target=world.targets[0],
        level=Decimal(level),
        recorder=world.teacher,
        performed_on=DAY,
        recorded_at=datetime.fromisoformat(TODAY) + timedelta(minutes=1),
    )


def judged(world: World, kind: str, level: str | None = None) -> None:
    Judgement.objects.create(
        district=world.own.district,
        student=world.own.student,
        target=world.targets[0],
        kind=kind,
        level=level and Decimal(level),
        recorded_at=datetime.fromisoformat(TODAY),
    )


def test_topic_says_that_a_level_is_worked_out_when_nobody_judged(world, as_person):
    shown_without_judgement(world, "2")
    said = text(as_person(world.student).get(topic_of(world.own.student, world.topic)))
    assert "It is worked out from all the evidence. The newest counts most." in said


def test_topic_says_when_newer_evidence_points_elsewhere(world, as_person):
    judged(world, "set", "1")
    shown_without_judgement(world, "3")
    said = text(as_person(world.student).get(topic_of(world.own.student, world.topic)))
    assert "What was shown since then points to 3.0. A teacher will look at it again." in said


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("excused", "A teacher has set this target aside."),
        ("assumed", "The starting point is further on, so nobody has to show this."),
    ],
)
def test_topic_leaves_nothing_to_show_where_the_target_is_set_aside(kind, why, world, as_person):
    judged(world, kind)
    said = text(as_person(world.student).get(topic_of(world.own.student, world.topic)))
    assert why in said
    assert "Left to show" not in said


@pytest.mark.parametrize("rows", [1, 30])
def test_topic_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    topic = add_topic(world, "Words", target_count=rows)
    first = topic.targets.get(position=1)
    GuideLevel.objects.create(target=first, value=Decimal(3), description="All of it")
    for _n in range(rows):
        mark(world, first, "2")
    client = as_person(world.student)
    client.get(topic_of(world.own.student, topic))
    with django_assert_num_queries(19):
        client.get(topic_of(world.own.student, topic))


# --- the family


def test_family_with_nothing_recorded_says_what_will_be_here(world, as_person):
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Amara is just starting out." in said
    assert "Soon you read here what Amara has learned, and the day." in said
    assert "What is next" not in said


def test_family_with_nothing_new_in_two_weeks(world, as_person):
    mark(world, world.targets[0], "2", at=LONG_AGO)
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Nothing new in two weeks. That is normal in the middle of longer work. Next up: “I can take step 1”" in said
    assert "When a teacher sees something new, you read it here: what it was, and the day." in said


def test_family_reads_what_is_learned_now(world, as_person):
    mark(world, world.targets[0], "2", at=LONG_AGO)
    mark(world, world.targets[0], "3")
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Amara learned 1 new thing in these two weeks. Next up: “I can take step 2”" in said
    assert "Can do this now: Step 1 from 2.0 to 3.0 proficient Fractions, November 19" in said
    assert (
        "Fractions “I can take step 2” 1 of 4 steps are done "
        "At home, you could ask Amara to show you this and explain it."
    ) in said


def test_family_reads_what_began_and_what_moved_up(world, as_person):
    mark(world, world.targets[0], "1", at=LONG_AGO)
    mark(world, world.targets[0], "2")
    mark(world, world.targets[1], "1")
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Amara moved up in 1 place." in said
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
    assert text(response).startswith("The last two weeks Amara Idris Amara")
    assert family_of(sibling) in response.content.decode()


def test_family_of_one_child_has_nothing_to_switch(world, as_person):
    assert text(as_person(world.guardian).get(family_of(world.own.student))).startswith(
        "The last two weeks Amara Amara is"
    )


def test_family_with_everything_done(world, as_person):
    for target in world.targets:
        mark(world, target, "3")
    said = text(as_person(world.guardian).get(family_of(world.own.student)))
    assert "Amara learned 4 new things in these two weeks." in said
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
    assert "Las últimas dos semanas" in said
    assert "2,5 en desarrollo" in said
    assert "19 de noviembre" in said.lower()


@pytest.mark.parametrize("rows", [1, 30])
def test_family_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows - 1):
        guard(world.guardian, enroll(world.own.group, given_name=f"Child {n}", family_name="of Birch"))
    topic = add_topic(world, "Words", target_count=rows)
    for target in topic.targets.all():
        mark(world, target, "2")
    client = as_person(world.guardian)
    client.get(family_of(world.own.student))
    with django_assert_num_queries(28):
        client.get(family_of(world.own.student))


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
