"""A revision comes into force: all of it, or nothing; and what was said before can be read again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum.calculations.revisions import rolled_back
from curriculum.enums import Carries, ChangeKind, ObjectKind, RevisionStatus, Subject
from curriculum.models import CaseObject, Crosswalk, GuideLevel, Revision, Target, Topic
from curriculum.queries.revisions import words_as_of
from curriculum.services import (
    Edit,
    NewTarget,
    RevisionRefused,
    end_targets,
    make_edits,
    open_revision,
    publish_revision,
    reopen_revision,
    schedule_revision,
)
from curriculum.services.publishing import publish_if_due
from curriculum.signals import revision_published
from curriculum.tasks import publish_due
from lpm.audit.models import Entry
from lpm.people.enums import OrganizationKind
from lpm.people.models import User
from lpm.people.services import create_organization
from students.mastery.models import Assessment, Judgement
from students.mastery.services import record_mark
from tests.world import DAY, World, build_framework


def begin(world: World) -> Revision:
    return open_revision(framework=world.own.framework, title="Clearer", actor=None, day=DAY)


def edit(world: World, *edits: Edit) -> None:
    make_edits(framework=world.own.framework, edits=edits, actor=None, day=DAY)


def reword(world: World, target: Target, **values: Any) -> None:
    edit(world, Edit(Subject.TARGET, target.uuid, values))


def publish(revision: Revision, actor: User | None = None, day: date = DAY) -> Revision:
    return publish_revision(revision=revision, actor=actor, day=day)


def refusal(revision: Revision) -> str:
    with pytest.raises(RevisionRefused) as refused, transaction.atomic():
        publish(revision)
    return refused.value.code


def split(revision: Revision, target: Target) -> list[Crosswalk]:
    new = [NewTarget(statement=f"Part {name}", code=name) for name in "ab"]
    return end_targets(revision=revision, kind=ChangeKind.SPLIT, sources=[target], new=new, actor=None, day=DAY)


def test_everything_comes_into_force_at_once(world: World) -> None:
    revision, lead = begin(world), world.people["curriculum_lead"]
    one, two, three, four = world.targets
    split(revision, one)
    end_targets(
        revision=revision, kind=ChangeKind.MERGED, sources=[two, three], existing=[three.uuid], actor=None, day=DAY
    )
    reword(world, four, statement="In other words", guide={"3.00": "All of it"})
    heard: list[tuple[int, int]] = []

    def hear(framework_id: int, revision_id: int, **kwargs: Any) -> None:
        heard.append((framework_id, revision_id))

    revision_published.connect(hear)
    try:
        published = publish(revision, lead)
    finally:
        revision_published.disconnect(hear)

    assert heard == [(world.own.framework.pk, revision.pk)]
    assert (published.status, published.publish_on, published.published_by) == (RevisionStatus.PUBLISHED, DAY, lead)
    here = Target.objects.filter(topic=world.topic)
    assert set(here.values_list("statement", "retired_on", "has_forerunners")) == {
        (one.statement, DAY, False),
        ("Part a", None, True),
        ("Part b", None, True),
        (two.statement, DAY, False),
        (three.statement, None, True),
        ("In other words", None, False),
    }
    rows = set(Crosswalk.objects.values_list("source", "destination__statement", "carries", "applied_by"))
    assert rows == {
        (one.pk, "Part a", Carries.LEVELS, lead.pk),
        (one.pk, "Part b", Carries.LEVELS, lead.pk),
        (two.pk, three.statement, Carries.EVIDENCE, lead.pk),
    }
    assert {row.applied_at for row in Crosswalk.objects.all()} == {published.published_at}
    before = {change.subject_uuid: change.before for change in revision.changes.all()}
    assert before[four.uuid] == {"statement": four.statement, "guide": {"3.00": ""}}
    assert before[one.uuid] == {"retired_on": None}
    entry = Entry.objects.get(action="curriculum.publish_revision")
    assert entry.details == {"changes": 5, "crosswalk": 3}


def test_what_was_recorded_stays_as_it_is(world: World) -> None:
    own, revision = world.own, begin(world)
    for target in own.targets:
        record_mark(
            uuid=uuid4(),
            recorder=world.people["teacher"],
            student=own.student,
            target=target,
            group=own.group,
            level=Decimal("3.0"),
            performed_on=DAY,
            day=DAY,
        )
    logs = read_logs()
    split(revision, own.targets[0])
    end_targets(revision=revision, kind=ChangeKind.RETIRED, sources=own.targets[1:], carries=None, actor=None, day=DAY)
    publish(revision)

    assert len(logs[0]) == 4
    assert read_logs() == logs


def read_logs() -> list[set[Any]]:
    fields = ("pk", "student", "target", "level", "recorded_at")
    return [set(model._base_manager.values_list(*fields)) for model in (Assessment, Judgement)]


@pytest.mark.parametrize("name", ["teacher", "leader", "far_administrator"])
def test_others_publish_and_schedule_nothing(name: str, world: World) -> None:
    revision, who = begin(world), world.people[name]
    reword(world, world.targets[0], statement="In other words")
    with pytest.raises(PermissionDenied):
        publish(revision, who)
    with pytest.raises(PermissionDenied):
        schedule_revision(revision=revision, publish_on=DAY + timedelta(days=1), actor=who, day=DAY)
    revision.refresh_from_db()
    assert revision.status == RevisionStatus.DRAFT


def test_what_ended_meanwhile_is_in_the_way(world: World) -> None:
    revision, (one, two, *_rest) = begin(world), world.targets
    assert refusal(revision) == "empty"
    reword(world, one, statement="In other words")
    reword(world, two, statement="In other words")
    Target.objects.filter(pk=two.pk).update(retired_on=DAY)

    assert refusal(revision) == "ended_meanwhile"
    one.refresh_from_db()
    revision.refresh_from_db()
    assert (one.statement, revision.status) == ("Takes step 1 with fractions", RevisionStatus.DRAFT)


def test_a_successor_that_ended_meanwhile_is_in_the_way(world: World) -> None:
    revision, (one, two, *_rest) = begin(world), world.targets
    end_targets(revision=revision, kind=ChangeKind.RETIRED, sources=[one], existing=[two.uuid], actor=None, day=DAY)
    Target.objects.filter(pk=two.pk).update(retired_on=DAY)
    assert refusal(revision) == "wrong_crosswalk"
    one.refresh_from_db()
    assert one.retired_on is None


def test_nothing_is_left_in_a_topic_that_ends(world: World) -> None:
    revision, topic, area = begin(world), world.topic, world.topic.area
    edit(world, Edit(Subject.TOPIC, topic.uuid, {}, ChangeKind.RETIRED))
    assert refusal(revision) == "left_behind"
    for target in world.targets:
        edit(world, Edit(Subject.TARGET, target.uuid, {}, ChangeKind.RETIRED))
    part = Target.objects.create(
        topic=Topic.objects.create(area=area, case_identifier="other", title="Other", position=2),
        case_identifier="part",
        statement="A part",
        position=1,
        part_of=world.targets[0],
    )
    assert refusal(revision) == "left_behind"
    edit(world, Edit(Subject.TARGET, part.uuid, {}, ChangeKind.RETIRED))
    edit(world, Edit(Subject.AREA, area.uuid, {}, ChangeKind.RETIRED))
    assert refusal(revision) == "left_behind"
    edit(world, Edit(Subject.TOPIC, part.topic.uuid, {}, ChangeKind.RETIRED))
    publish(revision)
    assert not Target.objects.filter(topic__area=area, retired_on__isnull=True).exists()


def test_the_objects_of_a_newer_package_take_the_place_of_the_old(world: World) -> None:
    framework, revision = world.own.framework, begin(world)
    common: dict[str, Any] = {"framework": framework, "kind": ObjectKind.ITEM, "position": 0}
    CaseObject.objects.create(**common, identifier="old", content={})
    CaseObject.objects.create(**common, identifier="new", content={}, revision=revision)
    far = CaseObject.objects.create(
        **{**common, "framework": world.other_district.framework}, identifier="far", content={}
    )
    publish(revision)
    assert not CaseObject.objects.filter(revision__isnull=False).exists()
    assert set(CaseObject.objects.values_list("identifier", flat=True)) == {"new", far.identifier}


def test_a_revision_waits_for_its_day(world: World) -> None:
    revision, lead = begin(world), world.people["curriculum_lead"]
    reword(world, world.targets[0], statement="In other words")
    tomorrow = DAY + timedelta(days=1)
    with pytest.raises(RevisionRefused) as refused:
        schedule_revision(revision=revision, publish_on=DAY, actor=lead, day=DAY)
    assert refused.value.code == "past_day"
    with pytest.raises(RevisionRefused) as refused:
        reopen_revision(revision=revision, actor=lead, day=DAY)
    assert refused.value.code == "not_scheduled"
    schedule_revision(revision=revision, publish_on=tomorrow, actor=lead, day=DAY)
    assert reopen_revision(revision=revision, actor=lead, day=DAY).status == RevisionStatus.DRAFT
    schedule_revision(revision=revision, publish_on=tomorrow, actor=lead, day=DAY)

    with time_machine.travel(f"{tomorrow}T04:30:00+00:00"):  # still the day before in New York
        publish_due()
    revision.refresh_from_db()
    assert revision.status == RevisionStatus.SCHEDULED
    with time_machine.travel(f"{tomorrow}T05:30:00+00:00"):
        publish_due()
        publish_due()
    revision.refresh_from_db()
    assert (revision.status, revision.published_by) == (RevisionStatus.PUBLISHED, lead)
    assert Entry.objects.filter(action="curriculum.publish_revision").count() == 1


def test_one_that_cannot_be_published_keeps_no_other_waiting(world: World) -> None:
    tomorrow = DAY + timedelta(days=1)
    for place in (world.own, world.other_district):
        revision = open_revision(framework=place.framework, title="Clearer", actor=None, day=DAY)
        rows = [Edit(Subject.TARGET, place.targets[0].uuid, {"statement": "In other words"})]
        make_edits(framework=place.framework, edits=rows, actor=None, day=DAY)
        schedule_revision(revision=revision, publish_on=tomorrow, actor=None, day=DAY)
    Target.objects.filter(pk=world.targets[0].pk).update(retired_on=DAY)

    with time_machine.travel(f"{tomorrow}T15:00:00+00:00"):
        publish_due()
    assert set(Revision.objects.values_list("framework", "status")) == {
        (world.own.framework.pk, RevisionStatus.SCHEDULED),
        (world.other_district.framework.pk, RevisionStatus.PUBLISHED),
    }
    assert Entry.objects.get(action="curriculum.fail_to_publish_revision").details == {"code": "ended_meanwhile"}


def test_one_that_somebody_published_meanwhile_is_no_failure(world: World) -> None:
    tomorrow = DAY + timedelta(days=1)
    revision = open_revision(framework=world.own.framework, title="Clearer", actor=None, day=DAY)
    rows = [Edit(Subject.TARGET, world.targets[0].uuid, {"statement": "In other words"})]
    make_edits(framework=world.own.framework, edits=rows, actor=None, day=DAY)
    waiting = schedule_revision(revision=revision, publish_on=tomorrow, actor=None, day=DAY)
    publish_revision(revision=waiting, actor=None, day=DAY)

    with time_machine.travel(f"{tomorrow}T15:00:00+00:00"):
        assert publish_if_due(waiting) is False  # read before it was published, by another worker
    assert not Entry.objects.filter(action="curriculum.fail_to_publish_revision").exists()


def test_what_a_target_said_on_a_past_day(world: World) -> None:
    target = world.targets[0]
    days = [DAY + timedelta(days=n) for n in (0, 10, 20)]
    for day, statement, words in [(days[1], "Second", "Second at 3"), (days[2], "Third", "")]:
        with time_machine.travel(f"{day}T15:00:00+00:00"):
            revision = begin(world)
            reword(world, target, statement=statement, guide={"3.00": words, "3.50": "Half"})
            rows = split(revision, world.targets[1]) if statement == "Third" else []
            publish(revision, day=day)

    loaded = Target.objects.select_related("topic__area__framework__owner").get(pk=target.pk)
    said = {}
    for day in (days[0], days[1], days[2]):
        words_then = words_as_of(loaded, day)
        assert words_then is not None
        said[day] = (
            words_then.statement,
            words_then.guide.get("3.00"),
            "3.50" in words_then.guide,
            words_then.changed_on,
        )
    assert said == {
        days[0]: ("Takes step 1 with fractions", "Step 1 at 3", False, [days[2], days[1]]),
        days[1]: ("Second", "Second at 3", True, [days[2]]),
        days[2]: ("Third", None, True, []),
    }
    new = Target.objects.select_related("topic__area__framework__owner").get(uuid=rows[0].destination_uuid)
    assert words_as_of(new, days[1]) is None


text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
EDITS = st.fixed_dictionaries(
    {},
    optional={
        "code": text,
        "short_title": text,
        "statement": text,
        "i_can": text,
        "grades": st.lists(st.sampled_from(["KG", "05", "06"]), max_size=2),
        "position": st.integers(0, 99),
        "guide": st.dictionaries(st.sampled_from(["1.00", "2.50", "3.00", "4.00"]), text, max_size=3),
        "requires": st.sets(st.integers(1, 3), max_size=3),
    },
)


@settings(max_examples=12, deadline=None)
@given(values=EDITS)
def test_before_restores_every_field(values: dict[str, Any], django_db_setup: Any, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), transaction.atomic():
        owner = create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)
        framework = build_framework(owner, "Mathematics")
        one, *others = Target.objects.filter(topic__area__framework=framework).order_by("position")
        if "requires" in values:
            values = {**values, "requires": sorted(str(others[n - 1].uuid) for n in values["requires"])}
            others[0].prerequisites.all().delete()  # so that no circle arises
        was = state(one)
        revision = open_revision(framework=framework, title="Any", actor=None, day=DAY)
        make_edits(framework=framework, edits=[Edit(Subject.TARGET, one.uuid, values)], actor=None, day=DAY)
        publish(revision)
        one = Target.objects.get(pk=one.pk)
        assert rolled_back(state(one), [revision.changes.get().before]) == was
        transaction.set_rollback(True)


def state(target: Target) -> dict[str, Any]:
    names = ("code", "short_title", "statement", "i_can", "grades", "position")
    return {
        **{name: getattr(target, name) for name in names},
        "guide": {str(line.value): line.description for line in GuideLevel.objects.filter(target=target)},
        "requires": sorted(str(step.required.uuid) for step in target.prerequisites.select_related("required")),
    }
