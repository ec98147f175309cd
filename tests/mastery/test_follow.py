"""What was shown on a target that ended counts where the crosswalk leads: as far as it carries, and once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import time_machine
from celery import current_app
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from curriculum.enums import Carries, ChangeKind, RevisionStatus
from curriculum.models import Crosswalk, Framework, Revision, Scale, Target
from curriculum.services import open_revision, publish_revision
from curriculum.services.endings import end_targets
from curriculum.signals import revision_previewing
from lpm.people.models import Student
from students.mastery.calculations import Route, Routes, follow
from students.mastery.enums import JudgementKind, MasteryStatus
from students.mastery.models import Assessment, Judgement, MasteryState, TopicMastery
from students.mastery.queries import find_differences, read_logs, read_target_record
from students.mastery.services import rebuild_students, record_mark, undo_mark
from tests.mastery.revised import edit, revise
from tests.world import DAY, World, enroll

NEXT_MORNING = "2026-11-20T15:00:00+00:00"
LEVELS, EVIDENCE, NOTHING = Carries.LEVELS, Carries.EVIDENCE, Carries.NOTHING


# --- routes


def test_a_chain_carries_the_least_of_its_steps():
    routes = Routes([Route(1, 2, LEVELS), Route(2, 3, EVIDENCE), Route(3, 4, LEVELS), Route(4, 5, NOTHING)])

    assert routes.onward(1) == {2: LEVELS, 3: EVIDENCE, 4: EVIDENCE}
    assert routes.with_sources([4]) == {1, 2, 3, 4}
    assert routes.with_sources([5, 9]) == {5, 9}


def test_of_two_ways_the_one_counts_that_carries_more():
    routes = Routes([Route(1, 2, EVIDENCE), Route(2, 4, LEVELS), Route(1, 3, LEVELS), Route(3, 4, LEVELS)])

    assert routes.onward(1) == {2: EVIDENCE, 3: LEVELS, 4: LEVELS}


def test_a_circle_ends():
    routes = Routes([Route(1, 2, LEVELS), Route(2, 1, LEVELS)])

    assert (routes.onward(1), routes.onward(2)) == ({2: LEVELS}, {1: LEVELS})


steps = st.lists(
    st.builds(Route, st.integers(1, 6), st.integers(1, 6), st.sampled_from([LEVELS, EVIDENCE, NOTHING])), max_size=15
)


@given(steps)
def test_rows_count_once_wherever_they_lead_and_stay_where_they_are(routes):
    rows: Any = {(7, target): ([f"score {target}"], [f"judgement {target}"]) for target in range(1, 7)}
    counting = follow(rows, Routes(routes))

    for (_student, target), logs in counting.items():
        scores: list[Any] = list(logs[0])
        judgements: list[Any] = list(logs[1])
        assert len(set(scores)) == len(scores)
        assert set(judgements) <= {f"judgement {str(score)[-1]}" for score in scores}
        assert {f"score {pk}" for pk in Routes(routes).with_sources([target])} == set(scores)
    assert rows == {(7, target): ([f"score {target}"], [f"judgement {target}"]) for target in range(1, 7)}


# --- one student


def mark(world: World, target: Target, level: str, student: Student | None = None) -> Assessment:
    recorded = record_mark(
        uuid=uuid4(),
        recorder=world.teacher,
        student=student or world.own.student,
        target=target,
        level=Decimal(level),
        performed_on=DAY,
        day=DAY,
    )
    return recorded.assessment


def state(world: World, target: Target) -> tuple[Any, ...]:
    row = MasteryState.objects.get(student=world.own.student, target=target)
    return (row.level, row.judged, row.score_count)


def differences() -> list[str]:
    return find_differences(list(Student.objects.select_related("school")), DAY)


def test_a_split_carries_levels_to_each_part(world: World):
    mark(world, world.targets[3], "2.5")

    _revision, added = revise(
        world.own.framework, DAY, kind=ChangeKind.SPLIT, ending=[world.targets[3]], new=["A", "B"]
    )

    assert [state(world, target) for target in added] == [(Decimal("2.5"), Decimal("2.5"), 1)] * 2
    assert state(world, world.targets[3]) == (Decimal("2.5"), Decimal("2.5"), 1)  # as it was
    topic = TopicMastery.objects.get(student=world.own.student, topic=world.topic)
    assert (topic.target_count, topic.under_way_count) == (5, 2)
    assert differences() == []


def test_a_merge_carries_evidence_and_suggests_anew(world: World):
    mark(world, world.targets[2], "2")
    mark(world, world.targets[3], "4")

    _revision, (both,) = revise(
        world.own.framework, DAY, kind=ChangeKind.MERGED, ending=world.targets[2:], new=["Both"]
    )

    assert state(world, both) == (Decimal("3.5"), None, 2)  # 0.35 of 2 and 0.65 of 4 is 3.3
    assert MasteryState.objects.get(target=both).is_proficient
    assert differences() == []


def test_nothing_follows_where_nothing_is_carried(world: World):
    mark(world, world.targets[3], "3")

    _revision, (new,) = revise(
        world.own.framework, DAY, kind=ChangeKind.RETIRED, ending=[world.targets[3]], new=["New"], carries=NOTHING
    )

    assert not MasteryState.objects.filter(target=new).exists()
    assert read_logs([world.own.student.pk], [new.pk]) == {}
    assert differences() == []


def test_the_newest_judgement_of_all_that_counts_is_in_force(world: World):
    mark(world, world.targets[2], "4")
    mark(world, world.targets[3], "2")
    revise(
        world.own.framework,
        DAY,
        kind=ChangeKind.MERGED,
        ending=world.targets[2:],
        existing=[world.targets[2]],
        carries=LEVELS,
    )
    assert state(world, world.targets[2]) == (Decimal(2), Decimal(2), 2)

    mark(world, Target.objects.get(pk=world.targets[2].pk), "3")

    assert state(world, world.targets[2]) == (Decimal(3), Decimal(3), 3)
    assert differences() == []


def test_taking_back_a_mark_on_an_ended_target_is_followed(world: World):
    first = mark(world, world.targets[3], "3")
    mark(world, world.targets[2], "1")
    revise(world.own.framework, DAY, kind=ChangeKind.RETIRED, ending=[world.targets[3]], existing=[world.targets[2]])
    assert state(world, world.targets[2]) == (Decimal(1), Decimal(1), 2)

    undo_mark(uuid=uuid4(), recorder=world.teacher, mark_uuid=first.uuid, day=DAY)

    assert state(world, world.targets[2]) == (Decimal(1), Decimal(1), 1)
    assert MasteryState.objects.get(target=world.targets[3]).status == MasteryStatus.NOT_STARTED
    assert differences() == []


def test_a_mark_is_later_than_a_judgement_that_counts_here_from_a_clock_ahead(world: World):
    given = mark(world, world.targets[3], "4")
    Judgement.objects.create(
        district=world.own.district,
        student=world.own.student,
        target=world.targets[3],
        kind=JudgementKind.SET,
        level=Decimal(4),
        recorded_at=given.recorded_at + timedelta(minutes=5),
    )
    revise(world.own.framework, DAY, kind=ChangeKind.RETIRED, ending=[world.targets[3]], existing=[world.targets[2]])

    mark(world, Target.objects.get(pk=world.targets[2].pk), "1")

    assert state(world, world.targets[2])[:2] == (Decimal(1), Decimal(1))


def test_on_another_scale_nothing_is_carried(world: World):
    mark(world, world.targets[3], "3")
    far = world.other_district.targets[0]
    revision = Revision.objects.create(
        framework=far.topic.area.framework, title="Taken over", status=RevisionStatus.PUBLISHED
    )
    row = Crosswalk.objects.create(
        revision=revision,
        source=world.targets[3],
        destination=far,
        destination_uuid=far.uuid,
        applied_at=revision.made_at,
    )
    assert read_logs([world.own.student.pk], [far.pk]) == {}
    scale = Scale.objects.get(frameworks=world.own.framework)
    Framework.objects.filter(pk=row.revision.framework_id).update(scale=scale)

    assert read_logs([world.own.student.pk], [far.pk]).keys() == {(world.own.student.pk, far.pk)}


def test_a_crosswalk_that_nobody_applied_says_nothing(world: World):
    mark(world, world.targets[3], "3")
    revision = open_revision(framework=world.own.framework, title="Written", actor=None, day=DAY)
    end_targets(
        revision=revision,
        kind=ChangeKind.RETIRED,
        sources=[world.targets[3]],
        existing=[world.targets[2].uuid],
        actor=None,
        day=DAY,
    )

    assert read_logs([world.own.student.pk], [world.targets[2].pk]) == {}


# --- the worker


def test_the_worker_follows_a_published_revision_and_can_begin_again(
    world: World, monkeypatch, django_capture_on_commit_callbacks
):
    sent: list[tuple[str, Any]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, kwargs, **_: sent.append((name, kwargs)))
    current_app.loader.import_default_modules()
    other = enroll(world.other_school.group, given_name="Far", family_name="Off")
    mark(world, world.targets[3], "3")
    revision = open_revision(framework=world.own.framework, title="Better", actor=None, day=DAY)
    end_targets(
        revision=revision,
        kind=ChangeKind.RETIRED,
        sources=[world.targets[3]],
        existing=[world.targets[2].uuid],
        actor=None,
        day=DAY,
    )
    with django_capture_on_commit_callbacks(execute=True):
        publish_revision(revision=revision, actor=None, day=DAY)
    assert sent == [("mastery.rebuild_framework", {"framework_id": world.own.framework.pk})]
    assert not MasteryState.objects.filter(target=world.targets[2]).exists()
    assert Framework.objects.get(pk=world.own.framework.pk).roll_ups_due_at is not None

    for _ in range(2):
        current_app.tasks["mastery.rebuild_framework"](framework_id=world.own.framework.pk)
        assert state(world, world.targets[2]) == (Decimal(3), Decimal(3), 1)
        assert Framework.objects.get(pk=world.own.framework.pk).roll_ups_due_at is None
    assert not MasteryState.objects.filter(student=other).exists()
    before = set(MasteryState.objects.values_list("student", "target", "level", "judgement", "score_count"))
    rebuild_students(students=[world.own.student], day=DAY)
    assert set(MasteryState.objects.values_list("student", "target", "level", "judgement", "score_count")) == before


def test_what_a_revision_would_touch_is_counted(world: World, django_assert_num_queries):
    mark(world, world.targets[2], "2")
    mark(world, world.targets[3], "3")
    undone = mark(world, world.targets[2], "4")
    undo_mark(uuid=uuid4(), recorder=world.teacher, mark_uuid=undone.uuid, day=DAY)
    revise(world.own.framework, DAY, kind=ChangeKind.RETIRED, ending=[world.targets[3]], existing=[world.targets[2]])

    with django_assert_num_queries(3):
        told = revision_previewing.send(Revision, target_ids=[world.targets[2].pk])

    answers: list[Any] = [answer for _receiver, answer in told]
    assert [answer for answer in answers if "evidence" in answer] == [{"students": 1, "levels": 1, "evidence": 2}]


# --- pages


def test_one_mark_costs_no_query_more_where_nothing_leads(world: World, django_assert_num_queries):
    mark(world, world.targets[0], "2")
    with django_assert_num_queries(4):
        mark(world, world.targets[0], "3")


def test_what_was_shown_before_is_told_with_where_it_was_shown(world: World, as_person):
    mark(world, world.targets[3], "3")
    revise(
        world.own.framework,
        DAY,
        edit(world.targets[3], short_title="Old step"),
        kind=ChangeKind.RETIRED,
        ending=[world.targets[3]],
        existing=[world.targets[2]],
    )
    target = Target.objects.select_related("topic__area__framework__scale").get(pk=world.targets[2].pk)

    record = read_target_record(world.own.student, target, world.teacher, DAY)

    assert [(seen.level, seen.shown_on) for seen in record.evidence] == [(Decimal(3), world.targets[3])]
    assert (record.state.level, record.my_mark) == (Decimal(3), None)
    query = {"student": world.own.student.uuid, "target": target.uuid}
    page = as_person(world.teacher).get(reverse("mastery:mark-form", args=[world.own.group.uuid]), query)
    assert "shown on “Old step”, before the curriculum changed" in page.content.decode()


def test_the_family_reads_of_the_target_on_which_it_counts_now(world: World, as_person):
    mark(world, world.targets[3], "3")
    revise(world.own.framework, DAY, kind=ChangeKind.RETIRED, ending=[world.targets[3]], existing=[world.targets[2]])

    with time_machine.travel(NEXT_MORNING, tick=True):
        page = as_person(world.guardian).get(reverse("student:family", args=[world.own.student.uuid]))

    changes = page.context["changes"]
    assert [(change.target, change.before, change.now) for change in changes] == [(world.targets[2], None, 3)]


def test_what_was_shown_on_an_ended_target_stays_on_the_students_page(world: World, as_person):
    mark(world, world.targets[3], "3")
    client = as_person(world.teacher)
    address = reverse("student:topic", args=[world.own.student.uuid, world.topic.uuid])
    assert client.get(address).context["trail"].ended == []
    revise(world.own.framework, DAY, kind=ChangeKind.RETIRED, ending=[world.targets[3]])

    page = client.get(address)

    trail = page.context["trail"]
    assert [(step.target, step.value) for step in trail.ended] == [(world.targets[3], 3)]
    assert [step.target for step in trail.steps] == world.targets[:3]
    assert "Shown before the curriculum changed" in page.content.decode()
    shown = client.get(f"{address}?target={world.targets[3].uuid}").context["record"]
    assert (shown.target, shown.state.level) == (world.targets[3], 3)


def test_a_topic_without_targets_any_more_still_tells_what_was_shown(world: World, as_person):
    mark(world, world.targets[3], "3")
    revise(world.own.framework, DAY, kind=ChangeKind.RETIRED, ending=world.targets)

    page = as_person(world.teacher).get(reverse("student:topic", args=[world.own.student.uuid, world.topic.uuid]))

    said = page.content.decode()
    assert "No targets in this topic yet" in said
    assert "Shown before the curriculum changed" in said
