"""Marks of every kind, many at once: what is written, what each makes of the state, an answer for each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from curriculum.models import Prerequisite, Scale
from lpm.people.models import Student
from students.mastery.enums import AssessmentKind, ChangeState, MasteryStatus
from students.mastery.models import (
    AreaMastery,
    Assessment,
    Judgement,
    MasterySettings,
    MasteryState,
    ScaleChange,
    TopicMastery,
)
from students.mastery.queries import find_differences
from students.mastery.services import (
    IdentifierReused,
    MarkRefused,
    NewMark,
    NotAllowed,
    Recorded,
    record_marks,
    undo_mark,
)
from tests.mastery.ways import choose_method
from tests.world import World, enroll

D = Decimal
New = Callable[..., NewMark]


@pytest.fixture
def new(world: World, school_day: date) -> New:
    """A mark of the own class; keyword arguments replace what is usual."""

    def make(level: str | None = "3.0", target: int = 0, **changed: Any) -> NewMark:
        usual = {
            "uuid": uuid4(),
            "student": world.own.student,
            "target": world.targets[target],
            "level": None if level is None else D(level),
            "performed_on": school_day,
        }
        return NewMark(**{**usual, **changed})

    return make


def send(world: World, day: date, *marks: NewMark, who: str = "teacher") -> list[Recorded | MarkRefused]:
    return record_marks(marks=marks, recorder=world.people[who], day=day)


def said(answers: list[Recorded | MarkRefused]) -> list[str]:
    return [answer.code if isinstance(answer, MarkRefused) else f"{answer.state.level:.1f}" for answer in answers]


def state_of(world: World, target: int = 0) -> MasteryState:
    return MasteryState.objects.get(student=world.own.student, target=world.targets[target])


def check_derived(day: date) -> None:
    """Everything derived is what the logs say."""
    assert find_differences(list(Student.objects.select_related("school")), day) == []


def test_each_kind_is_kept_and_only_evidence_is_computed_with(world: World, new: New, school_day: date) -> None:
    answers = send(
        world,
        school_day,
        new("2.0", judges=False),
        new("4.0", kind=AssessmentKind.PRACTICE),
        new(None, kind=AssessmentKind.PRACTICE, comment="Look at the number line."),
    )
    own = record_marks(marks=[new("4.0", kind=AssessmentKind.SELF)], recorder=world.student, day=school_day)
    offered = record_marks(marks=[new("4.0", kind=AssessmentKind.OFFERED)], recorder=world.substitute, day=school_day)

    assert said(answers + own + offered) == ["2.0"] * 5
    kinds = list(Assessment.objects.order_by("pk").values_list("kind", "level", "recorder__username"))
    assert kinds == [
        ("score", D(2), "teacher"),
        ("practice", D(4), "teacher"),
        ("practice", None, "teacher"),
        ("self", D(4), "student"),
        ("offered", D(4), "substitute"),
    ]
    state = state_of(world)
    assert (state.level, state.judged, state.score_count, state.newest) == (D(2), None, 1, D(2))
    assert not Judgement.objects.exists()
    check_derived(school_day)


@pytest.mark.parametrize("kind", [AssessmentKind.PRACTICE, AssessmentKind.SELF])
def test_without_evidence_there_is_no_level(kind: AssessmentKind, world: World, new: New, school_day: date) -> None:
    who = "student" if kind == AssessmentKind.SELF else "teacher"
    [answer] = send(world, school_day, new("3.0", kind=kind), who=who)

    assert isinstance(answer, Recorded)
    assert (answer.state.status, answer.state.level) == (MasteryStatus.NO_EVIDENCE, None)


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        ("teacher", AssessmentKind.SELF),
        ("teacher", AssessmentKind.OFFERED),
        ("teacher", AssessmentKind.VOID),
        ("teacher", AssessmentKind.IMPORTED),
        ("student", AssessmentKind.SCORE),
        ("classmate", AssessmentKind.SELF),
        ("guardian", AssessmentKind.SELF),
        ("substitute", AssessmentKind.SCORE),
        ("past_substitute", AssessmentKind.OFFERED),
        ("far_teacher", AssessmentKind.PRACTICE),
        ("leader", AssessmentKind.PRACTICE),
    ],
)
def test_a_kind_is_for_those_who_may(who: str, kind: AssessmentKind, world: World, new: New, school_day: date) -> None:
    [answer] = send(world, school_day, new("3.0", kind=kind), who=who)

    assert isinstance(answer, NotAllowed)
    assert answer.code == "not_allowed"
    assert not Assessment.objects.exists()


def test_what_is_refused_leaves_the_others_be(world: World, new: New, school_day: date) -> None:
    known, twice = new("1.0"), new("2.0", 1)
    send(world, school_day, known)
    answers = send(
        world,
        school_day,
        new("4.5"),
        new(None),
        new("3.0", student=world.places["other_class"].student),
        new("3.0", target=1, performed_on=school_day + timedelta(days=1)),
        NewMark(uuid4(), world.own.student, world.places["other_district"].targets[0], D(3), school_day),
        new("3.0", uuid=known.uuid),
        known,
        twice,
        twice,
        new("2.5", 1, uuid=twice.uuid),
        new("3.0", 2, goal=D(7)),
        new("3.0", 2),
    )

    assert said(answers) == [
        "level_off_scale",
        "no_level",
        "not_allowed",
        "future_date",
        "target_not_in_use",
        "uuid_reused",
        "1.0",
        "2.0",
        "2.0",
        "uuid_reused",
        "level_off_scale",
        "3.0",
    ]
    taken = [answer for answer in answers if isinstance(answer, Recorded)]
    assert [answer.is_new for answer in taken] == [False, True, False, True]
    assert taken[1].assessment.pk == taken[2].assessment.pk
    assert isinstance(answers[5], IdentifierReused)
    rows = Assessment.objects.order_by("pk").values_list("uuid", "level")
    assert list(rows) == [(known.uuid, D(1)), (twice.uuid, D(2)), (taken[3].assessment.uuid, D(3))]
    assert Judgement.objects.count() == 3
    check_derived(school_day)


def test_several_marks_on_one_cell_count_in_the_order_given(world: World, new: New, school_day: date) -> None:
    answers = send(world, school_day, new("1.0"), new("3.0"), new("2.0"))

    assert said(answers) == ["2.0"] * 3
    rows = list(Assessment.objects.order_by("recorded_at"))
    assert [row.level for row in rows] == [D(1), D(3), D(2)]
    assert [row.pk for row in rows] == sorted(row.pk for row in rows)
    state = state_of(world)
    assert (state.judged, state.newest, state.suggested_value) == (D(2), D(2), D("2.11"))  # 0.35 * 2.3 + 0.65 * 2
    assert state.judgement == Judgement.objects.latest("recorded_at")


def test_nothing_at_all_is_an_answer_too(world: World, school_day: date) -> None:
    assert send(world, school_day) == []


def test_more_than_a_thousand_are_refused_whole(world: World, new: New, school_day: date) -> None:
    with pytest.raises(ValueError, match="at most 1000"):
        send(world, school_day, *[new()] * 1001)


@pytest.mark.parametrize("count", [1, 30])
def test_one_or_many_in_four_queries(
    count: int, world: World, new: New, school_day: date, django_assert_num_queries: Any
) -> None:
    group = world.own.group
    others = [enroll(group, given_name=f"Child {n}", family_name="of Birch") for n in range(count - 1)]
    marks = [new(str(n % 9 / 2), n % 4, student=student) for n, student in enumerate([world.own.student, *others])]

    with django_assert_num_queries(4):  # lock whom one may mark; rules and curriculum; the record; all that is written
        send(world, school_day, *marks)

    assert Assessment.objects.count() == MasteryState.objects.count() == AreaMastery.objects.count() == count
    check_derived(school_day)


def test_a_colleagues_unseen_level_is_told_and_kept(world: World, new: New, school_day: date) -> None:
    before = timezone.now()
    [first] = send(world, school_day, new("2.0"), who="co_teacher")
    after = timezone.now()

    seen, unseen, same, evidence = send(
        world,
        school_day,
        new("3.0", seen_at=after),
        new("3.0", 1, seen_at=before),
        new("2.0", seen_at=before),
        new("1.0", seen_at=before, judges=False),
    )
    assert [answer.conflict for answer in (seen, unseen, same, evidence) if isinstance(answer, Recorded)] == [None] * 4

    send(world, school_day, new("1.0"), who="co_teacher")
    [answer] = send(world, school_day, new("4.0", seen_at=before))

    assert isinstance(answer, Recorded)
    assert isinstance(first, Recorded)
    assert answer.conflict is not None
    assert (answer.conflict.level, answer.conflict.judge) == (D(1), world.co_teacher)
    assert Judgement.objects.latest("recorded_at").unseen == answer.conflict
    assert answer.state.is_contested
    assert state_of(world).is_contested


def switch_on(world: World, day: date, **options: Any) -> None:
    MasterySettings.objects.create(organization=world.own.district, valid_from=day, **options)


def test_two_agreeing_scores_become_the_level_by_themselves(world: World, new: New, school_day: date) -> None:
    switch_on(world, school_day, accepts_automatically=True)

    [first] = send(world, school_day, new("3.0", judges=False))
    [second] = send(world, school_day, new("3.0", judges=False))
    assert isinstance(first, Recorded)
    assert isinstance(second, Recorded)
    assert (first.state.judged, first.state.is_automatic) == (None, False)
    assert (second.state.judged, second.state.is_automatic) == (D(3), True)
    automatic = Judgement.objects.get()
    assert (automatic.kind, automatic.level, automatic.judge) == ("automatic", D(3), None)

    send(world, school_day, new("2.0", judges=False), new("2.0", judges=False))
    assert (state_of(world).judged, state_of(world).suggested) == (D(2), D(2))  # gives way to a new agreement
    check_derived(school_day)


@pytest.mark.parametrize("which", [0, 1])
def test_what_became_the_level_by_itself_goes_with_the_evidence(
    which: int, world: World, new: New, school_day: date
) -> None:
    switch_on(world, school_day, accepts_automatically=True)
    marks = [new("3.0", judges=False), new("3.0", judges=False)]
    send(world, school_day, *marks)
    assert state_of(world).is_automatic

    undone = undo_mark(uuid=uuid4(), recorder=world.teacher, mark_uuid=marks[which].uuid, day=school_day)

    assert (undone.state.level, undone.state.judged, undone.state.is_automatic) == (D(3), None, False)
    assert Judgement.objects.filter(voided_by=None).exclude(kind="void").count() == 0
    check_derived(school_day)


def test_a_teachers_level_is_never_replaced_by_itself(world: World, new: New, school_day: date) -> None:
    switch_on(world, school_day, accepts_automatically=True)

    send(world, school_day, new("1.0"), *[new("4.0", judges=False) for _ in range(4)])

    state = state_of(world)
    assert (state.judged, state.suggested, state.is_automatic, state.is_flagged) == (D(1), D(4), False, True)


def test_going_back_for_foundations_is_no_step_back(world: World, new: New, school_day: date) -> None:
    send(world, school_day, new("3.0", judges=False), new("1.0", judges=False, goal=D(2)))
    assert state_of(world).suggested_value == D("1.70")  # 0.35 * 3 + 0.65 * 1

    switch_on(world, school_day, foundations_first=True)
    send(world, school_day, new("3.0", judges=False, goal=D(3)))

    assert state_of(world).suggested_value == D("2.76")  # 1, 3, 3: 0.35 * 2.3 + 0.65 * 3 = 2.755
    check_derived(school_day)


def test_help_is_told_and_changes_no_level(world: World, new: New, school_day: date) -> None:
    send(world, school_day, new("3.0", accommodations=("read_aloud", "extra_time"), comment="By the window, aloud."))

    row = Assessment.objects.get()
    assert (row.accommodations, row.comment) == (["read_aloud", "extra_time"], "By the window, aloud.")
    assert state_of(world).level == D(3)


def test_levels_of_an_earlier_scale_count_as_the_change_says(world: World, new: New, school_day: date) -> None:
    send(world, school_day, new("3.0", judges=False))
    old = world.own.framework.scale
    new_scale = Scale.objects.create(owner=old.owner, name="1 to 7", low=D(1), high=D(7), step=D(1), proficient=D(5))
    change = ScaleChange.objects.create(
        framework=world.own.framework,
        before=old,
        after=new_scale,
        valid_from=school_day,
        state=ChangeState.DONE,
        applied_at=timezone.now(),
    )
    for before, after in ((0, 1), (1, 2), (2, 3), (3, 5), (4, 7)):
        change.steps.create(before=D(before), after=D(after))
    world.own.framework.scale = new_scale
    world.own.framework.save()

    answers = send(world, school_day, new("2.5"), new("7.0", judges=False))

    assert said(answers) == ["level_off_scale", "6.0"]  # 0.35 * 5 + 0.65 * 7 = 6.30
    assert (state_of(world).suggested_value, state_of(world).is_proficient) == (D("6.30"), True)
    check_derived(school_day)


def test_the_method_of_the_nearest_organization_is_used(world: World, new: New, school_day: date) -> None:
    choose_method(world.own.district, world.own.framework, school_day, method="mean")
    choose_method(world.own.school, world.own.framework, school_day, method="weighted_latest", weight="0.50")
    choose_method(world.own.school, world.own.framework, school_day, method="highest", topic=world.topic)

    send(world, school_day, *[new(level, judges=False) for level in ("1.0", "4.0", "2.0")])
    assert (state_of(world).method, state_of(world).suggested) == ("highest", D(4))

    choose_method(world.own.school, world.own.framework, school_day, method="", topic=world.topic)
    send(world, school_day, new("3.0", judges=False))
    state = state_of(world)
    assert (state.method, state.suggested_value) == ("weighted_latest", D("2.67"))  # 0.5 * 3 + 0.5 * 7 / 3
    check_derived(school_day)


def test_students_of_two_schools_are_each_judged_as_their_school_does(world: World, new: New, school_day: date) -> None:
    there = world.places["other_school"]
    choose_method(there.school, there.framework, school_day, method="highest")
    Student.objects.filter(pk=there.student.pk).update(school=there.school)
    world.own.group.enrollments.create(district=there.district, student=there.student)
    marks = [
        new(level, judges=False, student=student)
        for student in (world.own.student, there.student)
        for level in ("4.0", "1.0")
    ]

    assert said(send(world, school_day, *marks)) == ["2.0", "2.0", "4.0", "4.0"]
    check_derived(school_day)


def test_an_area_in_which_something_opens_is_counted_again(world: World, new: New, school_day: date) -> None:
    Prerequisite.objects.filter(target=world.targets[1]).delete()
    Prerequisite.objects.create(target=world.targets[0], required=world.targets[2])
    send(world, school_day, new("1.0"))
    assert TopicMastery.objects.get().here == world.targets[1]

    send(world, school_day, new("4.0", 2))

    assert TopicMastery.objects.get().here == world.targets[0]
    check_derived(school_day)
