"""Students say where they are and that they are ready; teachers answer: what is written, and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from lpm.audit.models import Entry
from lpm.people.models import Student
from students.mastery.enums import AssessmentKind, RequestState
from students.mastery.models import Assessment, Judgement, MasterySettings, MasteryState, ReadyRequest, ShowingSession
from students.mastery.services import IdentifierReused, MarkRefused, NotAllowed, record_mark
from students.mastery.services.sessions import cancel_session, plan_session, seat_requests, unseat_request
from students.mastery.services.showing import (
    AnsweredMeanwhile,
    answer_request,
    ask_to_show,
    assess_self,
    return_request,
    withdraw_request,
)
from tests.world import DAY, World, build_world

WAITING, ANSWERED = RequestState.WAITING, RequestState.ANSWERED


def ask(world: World, place: int = 0, student: Student | None = None, **changed: Any) -> ReadyRequest:
    shown = student or world.own.student
    usual: dict[str, Any] = {
        "uuid": uuid4(),
        "student": shown,
        "target": world.targets[place],
        "done_since": "I drew each of them on a number line.",
        "actor": shown.user,
        "day": DAY,
    }
    return ask_to_show(**{**usual, **changed})


def answer(world: World, ready: ReadyRequest, who: str = "teacher", **changed: Any) -> Any:
    usual: dict[str, Any] = {"uuid": uuid4(), "level": Decimal("3.0"), "teacher": world.people[who], "day": DAY}
    return answer_request(request=ready, **{**usual, **changed})


def plan(world: World, *requests: ReadyRequest, **changed: Any) -> ShowingSession:
    usual: dict[str, Any] = {
        "uuid": uuid4(),
        "group": world.own.group,
        "starts_at": timezone.now() + timedelta(days=1),
        "places": 2,
        "place": "Room 4",
        "host": world.teacher,
        "day": DAY,
    }
    return plan_session(**{**usual, "requests": requests, **changed})


def classmate() -> Student:
    return Student.objects.select_related("user").get(family_name="Classmate")


def refusal(code: str) -> Any:
    return pytest.raises(MarkRefused, check=lambda refused: refused.code == code)


def entries() -> list[str]:
    return list(Entry.objects.filter(action__startswith="mastery.").order_by("pk").values_list("action", flat=True))


# --- a student's own word


def test_ones_own_view_is_kept_and_never_computed_with(world):
    level = {"student": world.own.student, "target": world.targets[0], "actor": world.student, "day": DAY}
    assess_self(uuid=uuid4(), level=Decimal("4.0"), words="  I taught it to Ben.  ", **level)

    row = Assessment.objects.get()
    assert (row.kind, row.level, row.comment) == (AssessmentKind.SELF, Decimal("4.0"), "I taught it to Ben.")
    state = MasteryState.objects.get()
    assert (state.level, state.score_count) == (None, 0)
    with refusal("level_off_scale"):
        assess_self(uuid=uuid4(), level=Decimal("2.2"), **level)
    with refusal("too_long"):
        assess_self(uuid=uuid4(), level=Decimal("2.0"), words="long " * 500, **level)


@pytest.mark.parametrize("who", ["teacher", "guardian", "classmate", "administrator"])
def test_nobody_says_it_for_a_student(world, who):
    with refusal("not_allowed"):
        ask(world, actor=world.people[who])
    with refusal("not_allowed"):
        assess_self(
            uuid=uuid4(),
            student=world.own.student,
            target=world.targets[0],
            level=Decimal("3.0"),
            actor=world.people[who],
            day=DAY,
        )
    assert not Assessment.objects.exists()
    assert not ReadyRequest.objects.exists()


# --- asking


def test_asking_keeps_what_was_done_and_the_own_level_beside(world):
    uuid = uuid4()
    first, again = (ask(world, uuid=uuid, level=Decimal("2.5")) for _ in range(2))

    ready = ReadyRequest.objects.get()
    assert first == again == ready
    assert (ready.state, ready.done_since) == (WAITING, "I drew each of them on a number line.")
    assert ready.self_assessment is not None
    assert (ready.self_assessment.kind, ready.self_assessment.level) == (AssessmentKind.SELF, Decimal("2.5"))
    assert entries() == ["mastery.ask_to_show"]
    entry = Entry.objects.get(action="mastery.ask_to_show")
    assert (entry.actor, entry.subject_uuid) == (world.student, world.own.student.uuid)
    assert entry.details == {"request": str(uuid), "target": str(world.targets[0].uuid)}
    with pytest.raises(IdentifierReused):
        ask(world, 1, uuid=uuid)


def test_what_was_done_is_asked_for_and_one_request_is_open_for_a_target(world):
    for words, code in [("  ", "empty"), ("x" * 2001, "too_long")]:
        with refusal(code):
            ask(world, done_since=words)
    ask(world)
    with refusal("already_asked"):
        ask(world)
    with refusal("target_not_in_use"):
        ask(world, target=world.other_district.targets[0])
    assert ReadyRequest.objects.count() == 1


def test_the_school_says_how_many_fit(world):
    for target in range(3):
        ask(world, target)
    with refusal("too_many"):
        ask(world, 3)
    MasterySettings.objects.create(organization=world.own.district, valid_from=DAY, ready_limit=4)
    ask(world, 3)
    with refusal("already_asked"):
        ask(world, 3)


def test_taking_back_makes_room_and_is_the_students_alone(world):
    ready = ask(world)
    session = plan(world, ready)
    with refusal("not_allowed"):
        withdraw_request(request=ready, actor=world.teacher, day=DAY)
    for _ in range(2):
        withdraw_request(request=ready, actor=world.student, day=DAY)

    ready.refresh_from_db()
    assert (ready.state, ready.session) == (RequestState.WITHDRAWN, None)
    assert entries() == ["mastery.ask_to_show", "mastery.plan_session", "mastery.withdraw_request"]
    with pytest.raises(AnsweredMeanwhile, match="The student has taken this request back"):
        answer(world, ready)
    with refusal("answered"):
        seat_requests(session=session, requests=[ready], actor=world.teacher, day=DAY)
    assert ask(world).state == WAITING


# --- answering


def test_an_answer_is_evidence_and_judgement_beside_the_earlier_tries(world):
    first = record_mark(
        uuid=uuid4(),
        student=world.own.student,
        target=world.targets[0],
        level=Decimal("2.0"),
        performed_on=DAY - timedelta(days=9),
        recorder=world.co_teacher,
        day=DAY,
    ).assessment
    ready, uuid = ask(world, level=Decimal("3.5")), uuid4()
    recorded = [answer(world, ready, uuid=uuid, reply=" Clear. ") for _ in range(2)]

    ready.refresh_from_db()
    assert [one.is_new for one in recorded] == [True, False]
    assert ready.answer is not None
    assert (ready.state, ready.answer, ready.reply) == (ANSWERED, recorded[0].assessment, "Clear.")
    assert (ready.answered_by, ready.answered_at) == (world.teacher, ready.answer.recorded_at)
    assert ready.answer.group == world.own.group
    scores = Assessment.objects.filter(kind=AssessmentKind.SCORE).order_by("pk")
    assert list(scores) == [first, ready.answer]
    assert Judgement.objects.filter(based_on=ready.answer, judge=world.teacher, level=Decimal("3.0")).exists()
    assert MasteryState.objects.get().level == Decimal("3.0")
    assert entries() == ["mastery.ask_to_show", "mastery.answer_request"]
    with pytest.raises(AnsweredMeanwhile, match="Teacher Person has answered this request already"):
        answer(world, ready, "co_teacher")
    with refusal("answered"):
        withdraw_request(request=ready, actor=world.student, day=DAY)


def test_an_answer_off_the_scale_leaves_the_request_waiting(world):
    ready = ask(world)
    with refusal("level_off_scale"):
        answer(world, ready, level=Decimal("7"))
    ready.refresh_from_db()
    assert ready.state == WAITING
    for who in ("substitute", "leader", "far_teacher", "student"):
        with refusal("not_allowed"):
            answer(world, ready, who)


def test_something_first_is_said_in_words_once(world):
    ready = ask(world)
    plan(world, ready)
    with refusal("empty"):
        return_request(request=ready, reply=" ", teacher=world.teacher, day=DAY)
    for _ in range(2):
        return_request(request=ready, reply="Read page 12 first.", teacher=world.teacher, day=DAY)

    ready.refresh_from_db()
    assert (ready.state, ready.reply, ready.answer) == (RequestState.RETURNED, "Read page 12 first.", None)
    assert (ready.answered_by, ready.session) == (world.teacher, None)
    assert entries()[-1] == "mastery.return_request"
    assert len(entries()) == 3
    with refusal("answered"):
        return_request(request=ready, reply="Read page 13.", teacher=world.co_teacher, day=DAY)


def test_two_teachers_at_once_one_wins_and_the_other_is_told(transactional_db, school_day):
    world = build_world(school_day)
    ready = ask(world)

    def one(who: str) -> str:
        try:
            answer(world, ready, who)
        except AnsweredMeanwhile as refused:
            return refused.code
        finally:
            connection.close()
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(one, ["teacher", "co_teacher"]))

    assert sorted(said) == ["answered", "saved"]
    assert Assessment.objects.count() == 1
    assert ReadyRequest.objects.get().answer == Assessment.objects.get()


# --- showing sessions


def test_a_session_has_places_and_gives_back_when_it_is_cancelled(world):
    mine, other, grown = ask(world), ask(world, 0, classmate()), ask(world, 1)
    session = plan(world, mine, note=" Bring it. ")
    assert (session.note, session.host) == ("Bring it.", world.teacher)
    seat_requests(session=session, requests=[mine, other], actor=world.co_teacher, day=DAY)
    with refusal("full"):
        seat_requests(session=session, requests=[grown], actor=world.teacher, day=DAY)
    assert set(session.requests.all()) == {mine, other}
    unseat_request(session=session, request=other, actor=world.teacher, day=DAY)
    unseat_request(session=session, request=other, actor=world.teacher, day=DAY)
    second = plan(world, mine, grown)  # goes over from the first
    assert (set(session.requests.all()), set(second.requests.all())) == (set(), {mine, grown})
    answer(world, mine)

    given_back = [cancel_session(session=second, actor=world.teacher, day=DAY) for _ in range(2)]

    assert given_back == [1, 0]
    assert set(second.requests.all()) == {mine}  # what was answered there stays
    grown.refresh_from_db()
    assert (grown.state, grown.session) == (WAITING, None)
    with refusal("over"):
        seat_requests(session=second, requests=[grown], actor=world.teacher, day=DAY)
    entry = Entry.objects.get(action="mastery.cancel_session")
    assert (entry.subject_uuid, entry.details) == (second.uuid, {"group": str(world.own.group.uuid), "requests": 1})


def test_a_session_is_planned_by_a_teacher_for_later_with_students_of_theirs(world):
    ready = ask(world)
    with refusal("past"):
        plan(world, ready, starts_at=timezone.now())
    for places in (0, 201):
        with refusal("no_places"):
            plan(world, ready, places=places)
    with pytest.raises(MarkRefused, match="There are 2 places left"):
        plan(world, ready, ask(world, 1), ask(world, 2))
    for wrong in [{"host": world.leader}, {"host": world.substitute}, {"group": world.other_class.group}]:
        with pytest.raises(NotAllowed):
            plan(world, ready, **wrong)
    far = {"group": world.other_district.group, "host": world.far_teacher}
    with pytest.raises(NotAllowed):
        plan(world, ready, **far)
    assert not ShowingSession.objects.exists()
    assert not ReadyRequest.objects.filter(session__isnull=False).exists()
