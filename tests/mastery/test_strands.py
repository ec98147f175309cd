"""Habits and reasoning: recorded where content is, and apart from it everywhere."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from curriculum.models import ContentArea
from students.home.queries import read_areas, read_record, start_of_week
from students.mastery.enums import AssessmentKind, JudgementKind
from students.mastery.models import Assessment, MasteryState
from students.mastery.queries import (
    count_by_school,
    find_differences,
    read_changes_since,
    sight_of,
)
from students.mastery.queries.needs import topics_for
from students.mastery.queries.strands import Strand, read_strands, words_of
from students.mastery.services import MarkRefused, record_decision
from tests.mastery.api import Program
from tests.mastery.strands import WORDS, build_habits, habits_of, pause, rate
from tests.mastery.ways import choose_method
from tests.world import DAY, World

LATER = timedelta(days=5)


@pytest.fixture
def habits(world: World) -> ContentArea:
    return build_habits(world.own.district)


def seen_by(world: World, name: str, after: timedelta = timedelta()) -> list[Strand]:
    student = world.own.student
    return read_strands(student, sight_of(world.people[name], student, DAY, timezone.now() + after))


def words(strands: list[Strand]) -> dict[str, str]:
    return {line.target.code: line.words for strand in strands for line in strand.lines}


def test_what_was_seen_last_in_words(world, habits):
    first, _second = habits_of(habits)
    for days, level in ((3, "1.0"), (2, "4.0"), (1, "2.0")):
        rate(world, first, level, performed_on=DAY - timedelta(days=days), judges=False)

    [strand] = seen_by(world, "teacher")

    assert (strand.area, strand.is_paused) == (habits, False)
    assert words([strand]) == {"H.1": "sometimes", "H.2": ""}
    line = strand.lines[0]
    assert [rating.words for rating in line.ratings] == ["rarely yet", "consistently", "sometimes"]
    assert [(bar.x, bar.height, bar.is_newest) for bar in line.bars] == [
        (8, Decimal("4.0"), False),
        (16, Decimal("18.0"), False),
        (24, Decimal("8.7"), True),
    ]
    assert line.own is None


def test_only_the_last_four_are_drawn(world, habits):
    first = habits_of(habits)[0]
    for days in range(6, 0, -1):
        rate(world, first, "3.0", performed_on=DAY - timedelta(days=days))

    assert len(seen_by(world, "teacher")[0].lines[0].bars) == 4


def test_levels_between_words_and_without_words(world, habits):
    scale = habits.framework.scale

    assert words_of(Decimal("2.5"), scale) == "sometimes to often"
    scale.levels.filter(value__lte=2).delete()
    assert words_of(Decimal("2.0"), scale) == "2.0"


def test_no_habit_is_proficient_and_nothing_is_worked_out_of_several(world, habits):
    first = habits_of(habits)[0]
    rate(world, first, "1.0", performed_on=DAY - timedelta(days=1), judges=False)
    rate(world, first, "4.0", judges=False)

    state = MasteryState.objects.get(student=world.own.student)
    assert (state.level, state.is_proficient, state.method) == (Decimal(4), False, "most_recent")
    assert list(find_differences([world.own.student], DAY)) == []


def test_a_method_that_somebody_chose_holds_for_habits_too(world, habits):
    choose_method(world.own.district, habits.framework, DAY, method="highest")
    first = habits_of(habits)[0]
    rate(world, first, "4.0", performed_on=DAY - timedelta(days=1), judges=False)
    rate(world, first, "2.0", judges=False)

    assert words(seen_by(world, "teacher")) == {"H.1": "consistently", "H.2": ""}


def test_the_students_own_word_stands_beside_and_changes_nothing(world, habits):
    first = habits_of(habits)[0]
    rate(world, first, "2.0")
    rate(world, first, "3.0", kind=AssessmentKind.SELF)
    rate(world, first, "4.0", kind=AssessmentKind.SELF)

    line = seen_by(world, "teacher")[0].lines[0]

    assert (line.words, len(line.bars)) == ("sometimes", 1)
    assert line.own is not None
    assert line.own.words == "consistently"


def test_habits_are_in_no_count_no_news_and_no_place_of_content(world, habits):
    student = world.own.student
    for target in habits_of(habits):
        rate(world, target, "4.0")
    rate(world, world.targets[0], "4.0")
    sight = sight_of(world.people["teacher"], student, DAY, timezone.now())
    then = sight.on(DAY - timedelta(days=2), student.school.time_zone)

    areas = read_areas(student, sight)

    assert MasteryState.objects.filter(student=student).count() == 3
    assert [(area.title, area.target_count, area.proficient_count) for area in areas] == [("Mathematics", 4, 1)]
    news = read_record(student, sight, start_of_week(DAY, student.school.time_zone)).changes
    assert [change.target.code for change in news if change.target.topic_id == world.topic.pk] == ["FR.1"]
    assert len(news) == 1
    assert [change.target.code for change in read_changes_since(student, then, sight)] == ["FR.1"]
    totals = count_by_school(type(student).objects.filter(pk=student.pk))
    assert [(total.area_id, total.target_count) for total in totals] == [(world.topic.area_id, 4)]


def test_pages_show_habits_apart_and_in_words(world, habits, as_person):
    first = habits_of(habits)[0]
    rate(world, first, "4.0")
    student = world.own.student
    rate(world, first, "3.0", kind=AssessmentKind.SELF)

    staff = as_person(world.people["teacher"]).get(reverse("student:path", args=[student.uuid]))
    own = as_person(world.people["student"]).get(reverse("student:path", args=[student.uuid]))
    family = as_person(world.people["guardian"]).get(reverse("student:family", args=[student.uuid]))

    assert words(staff.context["strands"].strands) == {"H.1": "consistently", "H.2": ""}
    page = staff.content.decode()
    assert [text in page for text in ("consistently", "Amara says: often", "Off by plan", "proficient")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert reverse("mastery:strand-pauses", args=[student.uuid]) in page
    assert words(own.context["strands"].strands) == {"H.1": "", "H.2": ""}  # within the first minutes
    assert "You say: often" in own.content.decode()
    assert reverse("mastery:strand-pauses", args=[student.uuid]) not in own.content.decode()
    assert words(family.context["strands"].strands) == {"H.1": "", "H.2": ""}
    assert words(seen_by(world, "guardian", LATER)) == {"H.1": "consistently", "H.2": ""}


def test_the_page_of_a_topic_of_habits_leads_to_where_they_stand(world, habits, as_person):
    student = world.own.student
    topic = habits.topics.get()

    answer = as_person(world.people["teacher"]).get(reverse("student:topic", args=[student.uuid, topic.uuid]))

    assert answer.headers["Location"] == f"{reverse('student:path', args=[student.uuid])}#strands"


def test_a_student_says_how_they_see_it_and_asks_nothing_to_be_shown(world, habits, as_person):
    target = habits_of(habits)[0]
    client = as_person(world.people["student"])
    address = {"student": world.own.student.uuid, "target": target.uuid}

    page = client.get(reverse("mastery:self-record", kwargs=address)).content.decode()
    assert [word in page for word in WORDS] == [True] * 4
    said = client.post(reverse("mastery:self-record", kwargs=address), {"uuid": uuid4(), "level": "3.0"})
    asked = client.get(reverse("mastery:ready-ask", kwargs=address))

    assert (said.status_code, asked.status_code) == (302, 404)
    assert list(Assessment.objects.values_list("kind", "level")) == [("self", Decimal(3))]
    topics = as_person(world.people["teacher"]).get(reverse("mastery:entry-points", args=[world.own.student.uuid]))
    assert {row.topic for row in topics.context["topics"]} == {world.topic}


@pytest.mark.parametrize(("count", "queries"), [(1, 8), (30, 8)])
def test_reading_strands_asks_the_same_number_of_times(count, queries, world, django_assert_num_queries):
    for target in habits_of(build_habits(world.own.district, count)):
        rate(world, target, "2.0")
    sight = sight_of(world.people["teacher"], world.own.student, DAY, timezone.now())

    with django_assert_num_queries(queries):
        read_strands(world.own.student, sight)


def test_a_school_without_strands_asks_once(world, django_assert_num_queries):
    sight = sight_of(world.people["teacher"], world.own.student, DAY, timezone.now())

    with django_assert_num_queries(1):
        assert read_strands(world.own.student, sight) == []


def test_programs_are_told_and_nobody_lacks_a_habit(world, habits):
    rate(world, habits_of(habits)[0], "4.0")
    program = Program(world.people["teacher"])

    targets = program.get("target-list").json()["results"]
    states = program.get("student-states", world.own.student).json()

    assert {(target["code"], target["domain"]) for target in targets} >= {("H.1", "habits"), ("FR.1", "content")}
    assert [(state["level"], state["is_proficient"]) for state in states] == [("4.0", False)]
    assert set(topics_for([world.own.group])) == {world.topic}


# --- off by plan


def test_nothing_is_recorded_where_it_is_off(world, habits):
    first = habits_of(habits)[0]
    kept = rate(world, first, "2.0", performed_on=DAY)
    pause(world, habits, DAY - timedelta(days=1), DAY)

    with pytest.raises(MarkRefused) as mark:
        rate(world, first, "3.0")
    with pytest.raises(MarkRefused) as own:
        rate(world, first, "3.0", kind=AssessmentKind.SELF)
    with pytest.raises(MarkRefused) as decision:
        record_decision(
            uuid=uuid4(),
            student=world.own.student,
            target=first,
            kind=JudgementKind.SET,
            level=Decimal(3),
            judge=world.people["teacher"],
            day=DAY,
        )

    assert {mark.value.code, own.value.code, decision.value.code} == {"off_by_plan"}
    again = rate(world, first, "2.0", uuid=kept.assessment.uuid)
    assert again.is_new is False
    rate(world, first, "3.0", performed_on=DAY - timedelta(days=2))  # before it began
    rate(world, world.targets[0], "3.0")  # content goes on
    rate(world, first, "3.0", student=world.people["classmate"].student)
    assert Assessment.objects.count() == 4


def test_content_asks_no_more_for_it(world, habits, django_assert_num_queries):
    first = habits_of(habits)[0]
    rate(world, world.targets[0], "3.0")
    rate(world, first, "3.0")

    with django_assert_num_queries(4):
        rate(world, world.targets[0], "3.0")
    with django_assert_num_queries(5):
        rate(world, first, "3.0")


def test_what_is_off_is_missing_to_nobody(world, habits, as_person):
    rate(world, habits_of(habits)[0], "2.0")
    assert words(seen_by(world, "guardian", LATER)) == {"H.1": "sometimes", "H.2": ""}
    pause(world, habits)

    assert [(strand.area, strand.is_paused, strand.lines) for strand in seen_by(world, "teacher")] == [
        (habits, True, [])
    ]
    assert seen_by(world, "guardian", LATER) == []
    assert seen_by(world, "student", LATER) == []
    family = as_person(world.people["guardian"]).get(reverse("student:family", args=[world.own.student.uuid]))
    assert "plan of November" not in family.content.decode()


def test_the_grid_says_that_it_is_off_and_colours_habits_apart(world, habits, as_person):
    first = habits_of(habits)[0]
    rate(world, first, "4.0")
    classmate = world.people["classmate"].student
    rate(world, first, "3.0", student=classmate)
    pause(world, habits)
    address = reverse("mastery:group-grid", args=[world.own.group.uuid])

    page = as_person(world.people["teacher"]).get(address, {"topic": habits.topics.get().uuid})
    below = as_person(world.people["teacher"]).get(address, {"topic": habits.topics.get().uuid, "filter": "below"})

    rows = {row.uuid: row.cells for row in page.context["grid"].rows}
    assert {cell.status for cell in rows[str(world.own.student.uuid)]} == {"off"}
    cell = rows[str(classmate.uuid)][0]
    assert (cell.level, cell.is_strand, cell.is_proficient) == (3, True, False)
    html = page.content.decode()
    assert html.count('<td class="strand"><data') == 2
    assert html.count('<td class="strand"><button') == 4
    assert '<span class="sr">off by plan</span>' in html
    assert "0 of 3" not in html
    assert below.context["grid"].rows == []


def test_the_walk_takes_nothing_where_it_is_off(world, habits, as_person):
    pause(world, habits)
    target = habits_of(habits)[0]
    client = as_person(world.people["teacher"])

    page = client.get(reverse("mastery:walk-show", args=[world.own.group.uuid]), {"target": target.uuid})
    sheet = client.get(reverse("mastery:walk-sheet", args=[world.own.group.uuid]), {"target": target.uuid})

    assert page.content.decode().count("<fieldset disabled>") == 1
    assert 'class="walk strand"' in page.content.decode()
    assert "off by plan" in sheet.content.decode()
