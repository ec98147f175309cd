"""One topic of a student: the trail, the scoring guide, what it rests on."""

import re
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine

from curriculum.models import GuideLevel, Prerequisite, Target
from students.mastery.services import record_remark
from tests.student_home.pages import LONG_AGO, add_topic, judged, mark, shown_without_judgement, text, topic_of
from tests.world import DAY


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
    assert "Step 1 met, November 19 shown now" in said


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


def test_topic_says_what_teachers_wrote(world, as_person):
    mark(world, world.targets[0], "2")
    with time_machine.travel("2026-11-19T14:00:00+00:00", tick=True):
        for number in range(4):
            record_remark(
                uuid=uuid4(), student=world.own.student, target=world.targets[0], author=world.teacher, day=DAY,
                text=f"Word {number}." if number else "", language="en", is_for_family=True,
                reason="" if number else "observed",
            )  # fmt: skip
    said = text(as_person(world.student).get(topic_of(world.own.student, world.topic)))
    assert (
        "What teachers wrote Word 3. Teacher Person, November 19 Word 2. Teacher Person, November 19 "
        "Word 1. Teacher Person, November 19 Show 1 more saw it in class Teacher Person, November 19"
    ) in said


def test_topic_tells_the_day_on_which_a_step_was_met(world, as_person):
    mark(world, world.targets[0], "3")
    said = text(as_person(world.student).get(topic_of(world.own.student, world.topic)))
    assert "Step 1 met, November 19" in said
