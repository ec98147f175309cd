"""Writing revisions: begun, described, undone, withdrawn, tried."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from curriculum.enums import Carries, ChangeKind, FrameworkStatus, ObjectKind, RevisionStatus, Subject, TrialState
from curriculum.models import CaseObject, Revision, Target
from curriculum.services import (
    Edit,
    EditRefused,
    NewTarget,
    RevisionOpen,
    RevisionRefused,
    describe_revision,
    end_targets,
    make_edits,
    open_revision,
    propose_revision,
    schedule_revision,
    try_revision,
    undo_changes,
    withdraw_revision,
)
from lpm.audit.models import Entry
from lpm.people.models import User
from tests.world import DAY, World


def begin(world: World, actor: User | None = None) -> Revision:
    return open_revision(framework=world.own.framework, title="Clearer", actor=actor, day=DAY)


def reword(world: World, target: Target, **values: Any) -> None:
    edit = Edit(Subject.TARGET, target.uuid, values)
    make_edits(framework=world.own.framework, edits=[edit], actor=None, day=DAY)


def split(revision: Revision, target: Target, *names: str, **options: Any) -> list[Any]:
    new = [NewTarget(statement=name, code=name) for name in names]
    options = {"actor": None, **options}
    return end_targets(revision=revision, kind=ChangeKind.SPLIT, sources=[target], new=new, day=DAY, **options)


def code_of(refused: Any) -> str:
    return str(refused.value.code)


def changes_of(revision: Revision) -> set[tuple[Any, str]]:
    return set(revision.changes.values_list("subject_uuid", "kind"))


def test_a_revision_is_begun_once(world: World) -> None:
    lead = world.people["curriculum_lead"]
    revision = begin(world, lead)

    assert (revision.status, revision.made_by, revision.is_imported) == (RevisionStatus.DRAFT, lead, False)
    assert Entry.objects.get(action="curriculum.open_revision").subject_uuid == revision.uuid
    with pytest.raises(RevisionOpen) as refused:
        begin(world)
    assert code_of(refused) == "open_already"
    withdraw_revision(revision=revision, actor=lead, day=DAY)
    assert begin(world).pk != revision.pk


def test_a_draft_of_a_framework_is_not_revised(world: World) -> None:
    world.own.framework.status = FrameworkStatus.DRAFT
    world.own.framework.save()
    with pytest.raises(RevisionRefused) as refused:
        begin(world)
    assert code_of(refused) == "not_published"


@pytest.mark.parametrize("name", ["teacher", "leader", "far_administrator"])
def test_others_write_and_withdraw_nothing(name: str, world: World) -> None:
    revision, who = begin(world), world.people[name]
    with pytest.raises(PermissionDenied):
        describe_revision(revision=revision, title="Mine", note="", actor=who, day=DAY)
    with pytest.raises(PermissionDenied):
        split(revision, world.targets[0], "a", "b", actor=who)
    with pytest.raises(PermissionDenied):
        withdraw_revision(revision=revision, actor=who, day=DAY)
    revision.refresh_from_db()
    assert (revision.title, revision.status, revision.changes.count()) == ("Clearer", RevisionStatus.DRAFT, 0)


def test_a_split_ends_one_target_and_begins_others(world: World) -> None:
    revision, target = begin(world), world.targets[1]
    part = Target.objects.create(
        topic=target.topic, case_identifier="part", statement="A part", position=9, part_of=target
    )
    first, second = split(revision, target, "FR.2a", "FR.2b")

    assert changes_of(revision) == {
        (target.uuid, ChangeKind.SPLIT),
        (part.uuid, ChangeKind.RETIRED),
        (first.destination_uuid, ChangeKind.ADDED),
        (second.destination_uuid, ChangeKind.ADDED),
    }
    assert [row.carries for row in (first, second)] == [Carries.LEVELS, Carries.LEVELS]
    assert revision.changes.get(subject_uuid=first.destination_uuid).after == {
        "topic": str(target.topic.uuid),
        "position": 2,
        "grades": ["05"],
        "language": "",
        "code": "FR.2a",
        "short_title": "",
        "statement": "FR.2a",
        "i_can": "",
    }
    target.refresh_from_db()
    assert target.retired_on is None


def test_a_merge_into_one_of_them_lets_it_go_on(world: World) -> None:
    revision, (one, two, three, _four) = begin(world), world.targets
    rows = end_targets(
        revision=revision,
        kind=ChangeKind.MERGED,
        sources=[one, two, three],
        existing=[one.uuid],
        actor=None,
        day=DAY,
    )
    assert {(row.source, row.destination_uuid, row.carries) for row in rows} == {
        (two, one.uuid, Carries.EVIDENCE),
        (three, one.uuid, Carries.EVIDENCE),
    }
    assert changes_of(revision) == {(two.uuid, ChangeKind.MERGED), (three.uuid, ChangeKind.MERGED)}


def test_said_again_it_takes_the_place_of_what_was_said(world: World) -> None:
    revision, (one, two, *_rest) = begin(world), world.targets
    common: dict[str, Any] = {"revision": revision, "sources": [one], "actor": None, "day": DAY}
    end_targets(kind=ChangeKind.RETIRED, **common)
    assert revision.crosswalk.count() == 0
    end_targets(kind=ChangeKind.RETIRED, existing=[two.uuid], carries=Carries.NOTHING, **common)

    assert set(revision.crosswalk.values_list("source", "destination_uuid", "carries")) == {
        (one.pk, two.uuid, Carries.NOTHING)
    }
    assert changes_of(revision) == {(one.uuid, ChangeKind.RETIRED)}
    first, _second = split(revision, one, "FR.1a", "FR.1b")
    split(revision, one, "FR.1c", existing=[first.destination_uuid])
    assert set(revision.changes.values_list("kind", "after__code")) == {
        (ChangeKind.SPLIT, None),
        (ChangeKind.ADDED, "FR.1a"),
        (ChangeKind.ADDED, "FR.1c"),
    }


@pytest.mark.parametrize(
    ("kind", "sources", "existing"),
    [
        (ChangeKind.SPLIT, [0, 1], [2, 3]),
        (ChangeKind.SPLIT, [0], [1]),
        (ChangeKind.MERGED, [0], [1]),
        (ChangeKind.MERGED, [0, 1], [2, 3]),
        (ChangeKind.RETIRED, [], []),
        (ChangeKind.RETIRED, [0], [1, 2]),
    ],
)
def test_the_numbers_must_fit(kind: ChangeKind, sources: list[int], existing: list[int], world: World) -> None:
    revision = begin(world)
    with pytest.raises(RevisionRefused) as refused:
        end_targets(
            revision=revision,
            kind=kind,
            sources=[world.targets[n] for n in sources],
            existing=[world.targets[n].uuid for n in existing],
            actor=None,
            day=DAY,
        )
    assert code_of(refused) == "wrong_number"
    assert revision.changes.count() == 0


def test_what_takes_the_place_goes_on(world: World) -> None:
    revision, (one, two, three, four) = begin(world), world.targets
    common: dict[str, Any] = {"revision": revision, "kind": ChangeKind.RETIRED, "actor": None, "day": DAY}
    end_targets(sources=[one], existing=[two.uuid], **common)
    end_targets(sources=[four], **common)

    for sources, existing, code in [
        ([two], three.uuid, "leads_here"),
        ([three], four.uuid, "no_successor"),
        ([three], uuid4(), "no_successor"),
        ([three], world.other_district.targets[0].uuid, "no_successor"),
        ([world.other_district.targets[0]], three.uuid, "ended"),
    ]:
        with pytest.raises(RevisionRefused) as refused:
            end_targets(sources=sources, existing=[existing], **common)
        assert code_of(refused) == code
    assert changes_of(revision) == {(one.uuid, ChangeKind.RETIRED), (four.uuid, ChangeKind.RETIRED)}


def test_undoing_a_split_takes_away_what_it_added(world: World) -> None:
    revision, (one, two, *_rest) = begin(world), world.targets
    reword(world, two, statement="In other words")
    Target.objects.create(topic=one.topic, case_identifier="part", statement="A part", position=9, part_of=one)
    split(revision, one, "FR.1a", "FR.1b")
    assert revision.changes.count() == 5

    assert undo_changes(revision=revision, subjects=[one.uuid], actor=None, day=DAY) == 4
    assert changes_of(revision) == {(two.uuid, ChangeKind.REWORDED)}
    assert revision.crosswalk.count() == 0


def test_what_others_need_is_not_undone(world: World) -> None:
    revision, (one, two, *_rest) = begin(world), world.targets
    row, _other = split(revision, one, "FR.1a", "FR.1b")
    with pytest.raises(RevisionRefused) as refused:
        undo_changes(revision=revision, subjects=[row.destination_uuid], actor=None, day=DAY)
    assert code_of(refused) == "needed"

    reword(world, two, requires=[str(row.destination_uuid)])
    with pytest.raises(RevisionRefused) as refused:
        undo_changes(revision=revision, subjects=[one.uuid], actor=None, day=DAY)
    assert code_of(refused) == "needed"
    with pytest.raises(RevisionRefused) as refused:
        undo_changes(revision=revision, subjects=[uuid4()], actor=None, day=DAY)
    assert code_of(refused) == "no_change"
    assert revision.changes.count() == 4


def test_what_waits_for_its_day_is_not_changed(world: World) -> None:
    revision, (one, two, *_rest) = begin(world), world.targets
    reword(world, one, statement="In other words")
    schedule_revision(revision=revision, publish_on=DAY + timedelta(days=1), actor=None, day=DAY)

    for act in (
        lambda: describe_revision(revision=revision, title="Other", note="", actor=None, day=DAY),
        lambda: split(revision, two, "a", "b"),
        lambda: undo_changes(revision=revision, subjects=[one.uuid], actor=None, day=DAY),
        lambda: reword(world, two, statement="Slipped in"),
    ):
        with pytest.raises(EditRefused) as refused:
            act()
        assert code_of(refused) == "scheduled"
    assert changes_of(revision) == {(one.uuid, ChangeKind.REWORDED)}


def test_a_withdrawn_revision_stays_as_it_is(world: World) -> None:
    revision = begin(world)
    reword(world, world.targets[0], statement="In other words")
    assert withdraw_revision(revision=revision, actor=None, day=DAY).status == RevisionStatus.WITHDRAWN
    with pytest.raises(RevisionRefused) as refused:
        withdraw_revision(revision=revision, actor=None, day=DAY)
    assert code_of(refused) == "not_open"
    assert revision.changes.count() == 1


def test_a_newer_package_proposes_a_revision(world: World) -> None:
    framework, (one, two, *_rest) = world.own.framework, world.targets
    proposal: dict[str, Any] = {
        "framework": framework,
        "title": "Version 2",
        "edits": [
            Edit(Subject.TARGET, one.uuid, {}, ChangeKind.RETIRED),
            Edit(Subject.TARGET, two.uuid, {"statement": "In other words"}),
        ],
        "objects": [CaseObject(kind=ObjectKind.ITEM, identifier="a", position=0, content={"fullStatement": "A"})],
        "actor": world.people["curriculum_lead"],
        "day": DAY,
    }
    with pytest.raises(RevisionRefused) as refused:
        propose_revision(**proposal, crosswalk=[(uuid4(), two.uuid, Carries.LEVELS)])
    assert code_of(refused) == "not_there"
    assert not Revision.objects.exists()

    revision = propose_revision(**proposal, crosswalk=[(one.uuid, two.uuid, Carries.LEVELS)])
    assert revision.is_imported
    assert changes_of(revision) == {(one.uuid, ChangeKind.RETIRED), (two.uuid, ChangeKind.REWORDED)}
    assert set(revision.crosswalk.values_list("source", "destination_uuid")) == {(one.pk, two.uuid)}
    assert set(revision.case_objects.values_list("framework", "identifier")) == {(framework.pk, "a")}
    with pytest.raises(RevisionOpen):
        propose_revision(**proposal, crosswalk=[])


def test_a_revision_is_tried_on_a_past_year_once_at_a_time(world: World) -> None:
    revision, lead = begin(world), world.people["curriculum_lead"]
    year: dict[str, Any] = {"starts_on": DAY - timedelta(days=300), "ends_on": DAY - timedelta(days=30)}
    trial = try_revision(revision=revision, **year, actor=lead, day=DAY)

    assert (trial.state, trial.asked_by) == (TrialState.WAITING, lead)
    with pytest.raises(RevisionRefused) as refused:
        try_revision(revision=revision, **year, actor=lead, day=DAY)
    assert code_of(refused) == "trying"
    with pytest.raises(RevisionRefused) as refused:
        try_revision(revision=revision, starts_on=DAY, ends_on=DAY - timedelta(days=1), actor=lead, day=DAY)
    assert code_of(refused) == "no_days"
