"""What a week's letter says of a child: what changed, what needs a look, what comes next, and nothing else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.utils import timezone

from curriculum.models import Translation, Wording
from lpm.people.models import Student
from students.letters.calculations import form_of_week, last_day, last_moment, week_of
from students.letters.queries import ChildPart, Home, Line, read_learning, write_letters
from students.letters.queries.words import QUESTIONS
from students.mastery.enums import JudgementKind
from students.mastery.models import MasterySettings, ReadyRequest, WordsTranslation
from students.mastery.services import record_decision, record_remark
from students.mastery.services.showing import answer_request, ask_to_show, return_request
from tests.mastery.test_seen import at, mark, moment
from tests.world import World

FRIDAY = moment("20", 16)  # when letters go out
NOTHING = "Nothing needs a look this week."


def child(world: World, when: str = FRIDAY, language: str = "en") -> ChildPart:
    student = Student.objects.select_related("school").get(pk=world.own.student.pk)
    with at(when) as day:
        learning = read_learning([student], day, timezone.now())
        [letter] = write_letters([Home([world.guardian], language, [student])], learning, day)
    [part] = letter.children
    return part


def lines(part: ChildPart) -> list[tuple[str, str, list[tuple[str, str]]]]:
    return [(line.title, line.text, _quotes(line)) for line in part.lines]


def _quotes(line: Line | None) -> list[tuple[str, str]]:
    return [(quote.text, quote.by) for quote in line.quotes] if line else []


def said(part: ChildPart) -> str:
    return " ".join(f"{line.title} {line.text} {_quotes(line)}" for line in part.every_line)


# When


def test_weeks_and_moments():
    zone = ZoneInfo("America/New_York")

    def last(day: int, hour: int) -> datetime:
        return last_moment(datetime(2026, 11, day, hour, tzinfo=zone), "America/New_York", 4, 16)

    assert [week_of(date(2026, 11, 16)), week_of(date(2027, 1, 1))] == ["2026-W47", "2026-W53"]
    assert [last_day("2026-W47"), last_day("2026-W53")] == [date(2026, 11, 22), date(2027, 1, 3)]
    this, before = (datetime(2026, 11, day, 16, tzinfo=zone) for day in (20, 13))
    assert [last(20, 15), last(20, 16), last(21, 3), last(19, 23)] == [before, this, this, before]
    monday = date(2026, 11, 16)
    week = {form_of_week("abc", monday + timedelta(days=n)) for n in range(7)}
    assert len(week) == 1
    assert {form_of_week("abc", monday + timedelta(days=7 * n)) for n in range(3)} == set("abc")
    assert form_of_week("abc", monday, shift=1) == form_of_week("abc", monday + timedelta(days=7))


# What


def test_a_week_in_which_something_was_met(world: World):
    mark(world, "2", moment("05", 10))
    mark(world, "3.5", moment("18", 10), comment="Only for the staff.")
    with at(moment("18", 11)) as day:
        about = {"student": world.own.student, "target": world.targets[0], "author": world.teacher, "day": day}
        record_remark(uuid=uuid4(), text="She drew it first.", is_for_family=True, **about)
        record_remark(uuid=uuid4(), text="Watch her closely.", **about)

    part = child(world)

    assert lines(part) == [
        ("What changed", "Amara can do 1 new thing.", [("I can take step 1", "")]),
        ("What needs a look", NOTHING, []),
        ("What comes next", "Amara works on this:", [("I can take step 2", "")]),
    ]
    assert part.work is not None
    assert part.work.text == "On November 18 Amara showed this:"
    assert _quotes(part.work) == [("I can take step 1", ""), ("She drew it first.", "Teacher Person")]
    assert part.question is not None
    assert part.question.text in {form() % {"name": "Amara"} for form in QUESTIONS}
    assert _quotes(part.question) == [("I can take step 2", "")]
    assert not any(word in said(part) for word in ("3.5", "FR.1", "staff", "closely"))
    again = child(world, moment("27", 16))
    assert again.question is not None
    assert again.question.text != part.question.text


def test_what_came_after_the_last_morning_is_in_the_next_letter(world: World):
    mark(world, "2", moment("20", 10))

    this, following = child(world), child(world, moment("27", 16))

    assert this.work is None
    assert this.lines[1].text == "Nothing new this week. Learning takes time."
    assert following.lines[0].text == "Amara began 1 new thing."
    assert following.work is not None
    assert following.work.text == "On November 20 Amara worked on this:"
    assert child(world, moment("30", 16)).work is None


def test_a_level_that_falls_is_told_once_a_teacher_has_decided_it(world: World):
    mark(world, "3", moment("05", 10), judges=False)
    mark(world, "1", moment("17", 10), judges=False)
    waits = child(world)
    assert waits.lines[1].text == NOTHING
    assert waits.work is None

    with at(moment("18", 12)) as day:
        record_decision(
            uuid=uuid4(), judge=world.teacher, student=world.own.student, target=world.targets[0],
            kind=JudgementKind.CONFIRMED, level=Decimal("1.5"), day=day,
        )  # fmt: skip

    assert lines(child(world))[0] == (
        "What needs a look",
        "This looked different this time. That is normal while learning.",
        [("I can take step 1", "")],
    )


def test_several_are_counted_and_one_is_named(world: World):
    for step in (0, 1):
        mark(world, "1", moment("05", 10), step=step)
        mark(world, "2.5", moment("17", 10 + step), step=step)

    changed = lines(child(world))[0]

    assert changed[:2] == ("What changed", "Amara moved up in 2 things. One of them:")
    assert len(changed[2]) == 1


def request_to_show(world: World, when: str) -> ReadyRequest:
    with at(when) as day:
        return ask_to_show(
            uuid=uuid4(), student=world.own.student, target=world.targets[0], done_since="Page 12",
            level=None, actor=world.student, day=day,
        )  # fmt: skip


def test_what_a_teacher_asks_for_first_comes_first(world: World):
    mark(world, "2", moment("16", 10))
    ready = request_to_show(world, moment("17", 9))
    with at(moment("18", 9)) as day:
        return_request(request=ready, reply="Explique la regla.", teacher=world.teacher, day=day)
    ready.refresh_from_db()
    WordsTranslation.objects.create(
        district=world.own.district, student=world.own.student, request=ready, language="en",
        text="Explain the rule.", translator=world.co_teacher, written_at=ready.answered_at or timezone.now(),
    )  # fmt: skip
    ReadyRequest.objects.filter(pk=ready.pk).update(reply_language="es")

    needs = "Teacher Person asks Amara for something first, before the next try."
    assert lines(child(world))[0] == (
        "What needs a look", needs, [("I can take step 1", ""), ("Explain the rule.", "Teacher Person")],
    )  # fmt: skip

    request_to_show(world, moment("19", 9))
    assert child(world).lines[1].text == NOTHING


def test_an_answer_is_the_teachers_words_about_the_work(world: World):
    ready = request_to_show(world, moment("17", 9))
    with at(moment("18", 9)) as day:
        answer_request(
            uuid=uuid4(), request=ready, level=Decimal(3), teacher=world.teacher, day=day, reply="Clear and calm."
        )

    work = child(world).work

    assert _quotes(work) == [("I can take step 1", ""), ("Clear and calm.", "Teacher Person")]


def test_a_long_silence_and_old_things_are_worth_a_look(world: World):
    nobody = child(world)
    assert nobody.lines[0].text == "No teacher has noted anything about Amara yet. You can ask how it is going."
    assert nobody.lines[2].text == "A teacher helps Amara to choose the first step."
    assert (nobody.work, nobody.question) == (None, None)

    for step in range(4):
        mark(world, "3", moment("02", 10), step=step)
    silent = child(world, moment("27", 16))
    assert silent.lines[0].text == (
        "Nothing new was noted about Amara for three weeks or more. You can ask a teacher how it is going."
    )
    assert silent.lines[2].text == "Amara has done everything that was begun. A teacher helps to choose the next step."

    MasterySettings.objects.create(organization=world.own.school, valid_from=date(2026, 11, 1), recency_days=10)
    due = child(world)
    assert due.lines[0].text == "4 things that Amara could do long ago are worth another look."


def test_a_family_reads_the_name_and_the_language_of_the_family(world: World):
    mark(world, "2", moment("17", 10))
    Student.objects.filter(pk=world.own.student.pk).update(preferred_name="Ace", family_preferred_name="Mara")
    Wording.objects.create(
        organization=world.own.school, target=world.targets[0], i_can="I can begin", language="en",
        written_by=world.leader,
    )  # fmt: skip
    Translation.objects.create(
        target=world.targets[0],
        language="es",
        i_can="Puedo dar el paso 1",
        text="Da el paso 1",
        written_by=world.leader,
    )

    english, spanish = child(world), child(world, language="es")

    assert "Ace" not in said(english) + said(spanish)
    assert [_quotes(part.question) for part in (english, spanish)] == [
        [("I can begin", "")],
        [("Puedo dar el paso 1", "")],
    ]


def test_habits_are_no_news_here(world: World):
    area = world.topic.area
    area.domain = "habits"
    area.save()
    mark(world, "3", moment("17", 10))

    part = child(world)

    assert (part.work, part.question) == (None, None)
    assert "new thing" not in said(part)
