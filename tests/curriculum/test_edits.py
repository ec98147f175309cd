"""The one way in which a curriculum changes by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curriculum.enums import ChangeKind, FrameworkStatus, RevisionStatus, Subject
from curriculum.models import Change, ContentArea, Framework, GuideLevel, Prerequisite, Revision, Target, Topic
from curriculum.services import CircleOfPrerequisites, Edit, EditRefused, apply_edits, make_edits
from curriculum.signals import framework_changed
from lpm.audit.models import Entry
from tests.world import DAY, World


@pytest.fixture
def draft(world: World) -> Framework:
    framework: Framework = world.own.framework
    framework.status = FrameworkStatus.DRAFT
    framework.save()
    return framework


@pytest.fixture
def revision(world: World) -> Revision:
    return Revision.objects.create(framework=world.own.framework, title="Next year")


def edit(target: Target, **values: Any) -> Edit:
    return Edit(Subject.TARGET, target.uuid, values)


def added(subject: Subject, **values: Any) -> Edit:
    return Edit(subject, uuid4(), {"position": 9, **values}, ChangeKind.ADDED)


def make(framework: Framework, *edits: Edit, actor: Any = None) -> Revision | None:
    return make_edits(framework=framework, edits=edits, actor=actor, day=DAY)


def changes_of(revision: Revision) -> dict[UUID, tuple[str, Any]]:
    return {change.subject_uuid: (change.kind, change.after) for change in revision.changes.all()}


def steps_of(targets: Iterable[Target]) -> set[tuple[str, str]]:
    rows = Prerequisite.objects.filter(target__in=list(targets))
    return set(rows.values_list("required__code", "target__code"))


def test_on_a_draft_it_is_done_at_once_and_told(world, draft):
    heard = []

    def hear(framework_id: int, **_more: Any) -> None:
        heard.append(framework_id)

    framework_changed.connect(hear)
    first, second = world.targets[:2]

    revision = make(draft, edit(first, statement="Élan", position=7), actor=world.curriculum_lead)
    framework_changed.disconnect(hear)

    first.refresh_from_db()
    draft.refresh_from_db()
    assert revision is None
    assert (first.statement, first.position, first.search_text) == ("Élan", 7, "fr.1 step 1 elan i can take step 1")
    assert Target.objects.get(pk=second.pk).statement == "Takes step 2 with fractions"
    assert draft.roll_ups_due_at is not None
    assert heard == [draft.pk]
    entry = Entry.objects.get(action="curriculum.edit")
    assert (entry.actor, entry.subject_uuid, entry.details) == (world.curriculum_lead, draft.uuid, {"edits": 1})


def test_the_words_of_the_framework_itself(draft):
    make(draft, Edit(Subject.FRAMEWORK, draft.uuid, {"title": "Ávila", "notes": "For all"}))

    draft.refresh_from_db()
    assert (draft.title, draft.sort_key, draft.notes) == ("Ávila", "avila", "For all")


def test_what_is_added_may_stand_under_what_is_added_with_it(draft):
    area = added(Subject.AREA, title="Science", domain="reasoning")
    topic = added(Subject.TOPIC, area=str(area.uuid), code="LI", title="Light", guide={"3.00": "Sees all of it"})
    whole = added(Subject.TARGET, topic=str(topic.uuid), statement="Sees", grades=["05"])
    part = added(Subject.TARGET, topic=str(topic.uuid), part_of=str(whole.uuid), statement="Sees red")

    make(draft, part, whole, topic, area)

    stored = Target.objects.get(uuid=part.uuid)
    assert stored.part_of == Target.objects.get(uuid=whole.uuid)
    assert stored.topic.uuid == topic.uuid
    assert stored.case_identifier == str(UUID(int=part.uuid.int, version=4))
    assert (stored.topic.area.uuid, stored.topic.area.framework) == (area.uuid, draft)
    assert list(stored.topic.guide.values_list("value", "description")) == [(Decimal(3), "Sees all of it")]


def test_lines_of_a_guide_are_added_reworded_and_taken_away(world, draft):
    target = world.targets[0]

    make(draft, edit(target, guide={"4.00": "", "3.00": "All of it", "2.50": "Half of it", "1.50": ""}))

    lines = dict(GuideLevel.objects.filter(target=target).values_list("value", "description"))
    assert lines == {
        Decimal(0): "Step 1 at 0",
        Decimal(1): "Step 1 at 1",
        Decimal(2): "Step 1 at 2",
        Decimal("2.5"): "Half of it",
        Decimal(3): "All of it",
    }


def test_what_comes_before_is_the_whole_list(world, draft):
    first, second, third, _fourth = world.targets

    before = apply_edits(framework=draft, edits=[edit(third, requires=[str(first.uuid)])], day=DAY)

    assert steps_of([third]) == {("FR.1", "FR.3")}
    assert before == {third.uuid: {"requires": [str(second.uuid)]}}


def test_a_circle_is_refused_by_the_way_round(world, draft):
    first, _second, third, _fourth = world.targets

    with pytest.raises(CircleOfPrerequisites) as refused:
        make(draft, edit(first, requires=[str(third.uuid)]))

    ways = {"FR.1 → FR.2 → FR.3 → FR.1", "FR.2 → FR.3 → FR.1 → FR.2", "FR.3 → FR.1 → FR.2 → FR.3"}
    assert any(way in str(refused.value) for way in ways)
    assert steps_of([first]) == set()


def test_a_target_does_not_come_before_itself(world, draft):
    with pytest.raises(CircleOfPrerequisites, match=r"FR\.1 → FR\.1"):
        make(draft, edit(world.targets[0], requires=[str(world.targets[0].uuid)]))


def test_what_was_there_before_is_told(world, draft):
    other = Topic.objects.create(area=world.topic.area, case_identifier="other", title="Other", position=2)
    target = world.targets[0]
    edits = [
        edit(target, topic=str(other.uuid), code="N", guide={"3.00": "x"}),
        Edit(Subject.TARGET, world.targets[1].uuid, {}, ChangeKind.RETIRED),
    ]

    before = apply_edits(framework=draft, edits=edits, day=DAY)

    assert before == {
        target.uuid: {"topic": str(world.topic.uuid), "code": "FR.1", "guide": {"3.00": "Step 1 at 3"}},
        world.targets[1].uuid: {"retired_on": None},
    }
    assert Target.objects.get(pk=world.targets[1].pk).retired_on == DAY


@pytest.mark.parametrize("values", [{"topic": str(uuid4())}, {"part_of": str(uuid4())}, {"requires": [str(uuid4())]}])
def test_what_refers_to_nothing_here_is_refused(values, world, draft):
    with pytest.raises(EditRefused):
        make(draft, edit(world.targets[0], **values))


def test_a_target_of_another_framework_is_not_there(world, draft):
    with pytest.raises(EditRefused) as refused:
        make(draft, edit(world.other_district.targets[0], code="Mine"))

    assert refused.value.code == "not_there"
    assert Target.objects.get(pk=world.other_district.targets[0].pk).code == "FR.1"


def test_a_part_becomes_a_target_of_its_own(world, draft):
    part = world.targets[1]
    part.part_of = world.targets[0]
    part.save()

    make(draft, edit(part, part_of=None))

    assert Target.objects.get(pk=part.pk).part_of is None


def test_a_field_that_is_none_is_a_mistake_of_the_program(world, draft, revision):
    with pytest.raises(ValueError, match="retired_on"):
        make(draft, edit(world.targets[0], retired_on="2020-01-01"))


def test_in_use_it_waits_in_the_revision(world, revision):
    target = world.targets[0]

    assert make(revision.framework, edit(target, position=3), actor=world.curriculum_lead) == revision
    make(revision.framework, edit(target, code="N", guide={"3.00": "a"}), edit(target, guide={"2.00": "b"}))

    assert Target.objects.get(pk=target.pk).position == 1
    change = Change.objects.get()
    assert (change.kind, change.made_by) == (ChangeKind.REWORDED, world.curriculum_lead)
    assert change.after == {"position": 3, "code": "N", "guide": {"3.00": "a", "2.00": "b"}}


def test_moving_is_told_from_rewording(world, revision):
    first, second = world.targets[:2]

    make(revision.framework, edit(first, position=3), edit(second, code="N"))

    assert changes_of(revision) == {
        first.uuid: (ChangeKind.MOVED, {"position": 3}),
        second.uuid: (ChangeKind.REWORDED, {"code": "N"}),
    }


def test_what_begins_or_ends_stays_so(world, revision):
    new = added(Subject.TARGET, topic=str(world.topic.uuid), statement="New")
    make(revision.framework, new, Edit(Subject.TARGET, world.targets[0].uuid, {}, ChangeKind.RETIRED))

    make(revision.framework, Edit(Subject.TARGET, new.uuid, {"code": "N"}), edit(world.targets[0], code="O"))

    assert {uuid: kind for uuid, (kind, _after) in changes_of(revision).items()} == {
        new.uuid: ChangeKind.ADDED,
        world.targets[0].uuid: ChangeKind.RETIRED,
    }


def test_what_would_be_added_and_ends_again_is_not_in_it_any_more(world, revision):
    new = added(Subject.TARGET, topic=str(world.topic.uuid), statement="New")
    both = [str(new.uuid), str(world.targets[0].uuid)]
    make(revision.framework, new, edit(world.targets[1], requires=both), edit(world.targets[2], requires=both[1:]))

    make(revision.framework, Edit(Subject.TARGET, new.uuid, {}, ChangeKind.RETIRED))

    assert changes_of(revision) == {
        world.targets[1].uuid: (ChangeKind.REWORDED, {"requires": both[1:]}),
        world.targets[2].uuid: (ChangeKind.REWORDED, {"requires": both[1:]}),
    }


def test_in_use_without_an_open_revision_it_is_refused(world):
    with pytest.raises(EditRefused) as refused:
        make(world.own.framework, edit(world.targets[0], code="N"))

    assert refused.value.code == "no_open_revision"


def test_a_revision_that_waits_for_its_day_is_not_changed(world, revision):
    Revision.objects.filter(pk=revision.pk).update(status=RevisionStatus.SCHEDULED, publish_on=date(2027, 7, 1))

    with pytest.raises(EditRefused) as refused:
        make(revision.framework, edit(world.targets[0], code="N"))

    assert refused.value.code == "scheduled"


def test_only_those_who_may_write_do(world, draft):
    with pytest.raises(PermissionDenied):
        make(draft, edit(world.targets[0], code="N"), actor=world.teacher)

    assert Target.objects.get(pk=world.targets[0].pk).code == "FR.1"


def many(framework: Framework, count: int) -> list[Edit]:
    """Targets with every kind of edit that costs statements, as many as said."""
    area = ContentArea.objects.create(framework=framework, case_identifier=f"{count}", title="Many", position=2)
    topics = [Topic.objects.create(area=area, case_identifier=f"{count} {n}", title="Many", position=n) for n in (1, 2)]
    rows = [
        Target(topic=topics[0], case_identifier=f"{count} {n}", statement=f"Does {n}", position=n) for n in range(count)
    ]
    Target.objects.bulk_create(rows)
    first = Target.objects.create(topic=topics[0], case_identifier=f"{count} first", statement="First", position=999)
    GuideLevel.objects.bulk_create([GuideLevel(target=row, value=Decimal(3), description="All") for row in rows])
    guide = {"3.00": "All of it", "2.00": "Some"}
    words = {"code": "N", "topic": str(topics[1].uuid), "guide": guide, "requires": [str(first.uuid)]}
    return [edit(row, **words) for row in rows]


def test_500_edits_take_no_more_statements_than_one(draft):
    taken = []
    for count in (1, 500):
        edits = many(draft, count)
        with CaptureQueriesContext(connection) as context:
            apply_edits(framework=draft, edits=edits, day=DAY)
        taken.append(len(context))

    assert taken == [13, 13]
