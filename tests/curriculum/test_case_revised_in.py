"""A newer package of a curriculum in use: a revision is proposed, and nothing changes before it is published."""

from __future__ import annotations

from typing import Any

import pytest

from curriculum.enums import ChangeKind, Domain, FrameworkStatus, ObjectKind, RevisionStatus
from curriculum.imports import CaseReport, import_case
from curriculum.models import (
    CaseObject,
    Change,
    ContentArea,
    Framework,
    GuideLevel,
    Prerequisite,
    Revision,
    Target,
    Topic,
)
from curriculum.services import open_revision, publish_revision, withdraw_revision
from lpm.lib.imports import ImportRefused
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization
from lpm.people.services import create_organization
from tests.curriculum.packages import as_bytes, item, link, our_own, rubric, under
from tests.world import DAY

ROWS = (Framework, ContentArea, Topic, Target, Prerequisite, GuideLevel)


@pytest.fixture
def district(db: None) -> Organization:
    """With the first version of the curriculum in use."""
    made = create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)
    brought_in(made, our_own())
    return made


def brought_in(owner: Organization, value: Any, **options: Any) -> CaseReport:
    return import_case(data=as_bytes(value), owner=owner, actor=None, **options)


def publish(report: CaseReport) -> None:
    publish_revision(revision=Revision.objects.get(uuid=report.revision or ""), actor=None, day=DAY)


def rows() -> list[Any]:
    return [list(model._base_manager.order_by("pk").values()) for model in ROWS]


def without(value: dict[str, Any], *identifiers: str) -> dict[str, Any]:
    value["CFItems"] = [raw for raw in value["CFItems"] if raw["identifier"] not in identifiers]
    value["CFAssociations"] = [
        raw
        for raw in value["CFAssociations"]
        if not {raw["originNodeURI"]["identifier"], raw["destinationNodeURI"]["identifier"]} & set(identifiers)
    ]
    return value


def second() -> dict[str, Any]:
    """T1 goes with its guide, t2 is reworded, its part becomes whole, t3 and its topic are new."""
    made = without(our_own(), "t1")
    made["CFItems"][2]["fullStatement"] = "New words"
    made["CFItems"] += [item("topic3", "Decimals", "Measurement Topic"), item("t3", "Ten parts", "Learning Target")]
    made["CFAssociations"] = [raw for raw in made["CFAssociations"] if raw["originNodeURI"]["identifier"] != "t2a"]
    made["CFAssociations"] += [under("topic3", "area"), under("t3", "topic3"), under("t2a", "topic3")]
    made["CFAssociations"] += [link("precedes", "t2", "t3")]
    made["CFItems"][3] |= {"CFItemType": "Learning Target", "educationLevel": ["04"]}
    made["CFRubrics"] = [rubric("t3", (3, "All ten."))]
    made["CFDocument"]["version"] = "2"
    return made


def kinds() -> dict[str, str]:
    """What the revision does to each row, by the words it has or will have."""
    names = {
        row.uuid: row.case_identifier for model in (ContentArea, Topic, Target) for row in model._base_manager.all()
    }
    names[Framework.objects.get().uuid] = "framework"
    changes = Change.objects.all()
    return {names.get(row.subject_uuid) or row.after["case_identifier"]: row.kind for row in changes}


def test_changed_package_proposes_a_revision_and_changes_nothing(district):
    before = rows()

    foreseen = brought_in(district, second(), dry_run=True)
    assert (foreseen.proposes, foreseen.revision, Revision.objects.count()) == (True, None, 0)
    report = brought_in(district, second())

    assert rows() == before
    revision = Revision.objects.get()
    assert (str(revision.uuid), revision.title, revision.status) == (report.revision, "Maths, version 2", "draft")
    assert revision.is_imported
    assert kinds() == {
        "framework": ChangeKind.REWORDED,
        "topic3": ChangeKind.ADDED,
        "t1": ChangeKind.RETIRED,
        "t2": ChangeKind.REWORDED,
        "t2a": ChangeKind.MOVED,
        "t3": ChangeKind.ADDED,
    }
    assert report.counts == foreseen.counts
    assert {kind: (c.add, c.change, c.end) for kind, c in report.counts.items() if c.add or c.change or c.end} == {
        "framework": (0, 1, 0),
        "topics": (1, 0, 0),
        "targets": (1, 2, 1),
        "prerequisites": (1, 0, 1),
        "guide_levels": (1, 0, 0),
        "objects": (2, 9, 0),
    }


def test_published_it_is_what_a_first_import_would_give(district):
    publish(brought_in(district, second()))

    other = create_organization(kind=OrganizationKind.DISTRICT, name="South", parent=None)
    brought_in(other, second())

    def told(owner: Organization) -> list[Any]:
        targets = Target.objects.filter(topic__area__framework__owner=owner, retired_on=None)
        fields = (
            "case_identifier",
            "topic__case_identifier",
            "part_of__case_identifier",
            "code",
            "statement",
            "position",
        )
        guide = GuideLevel.objects.filter(target__in=targets)
        steps = Prerequisite.objects.filter(target__in=targets)
        objects = CaseObject.objects.filter(framework__owner=owner, revision=None).order_by("kind", "position")
        return [
            set(targets.values_list(*fields)),
            set(guide.values_list("target__case_identifier", "value", "description")),
            {
                (step.required.case_identifier, step.target.case_identifier)
                for step in steps
                if not step.required.retired_on
            },
            list(objects.values_list("kind", "identifier", "content")),
            set(Framework.objects.filter(owner=owner).values_list("title", "version")),
        ]

    assert told(district) == told(other)
    assert Target.objects.get(case_identifier="t1", topic__area__framework__owner=district).retired_on == DAY
    assert not brought_in(district, second()).changes_anything


def test_same_file_while_its_revision_is_open_names_that(district):
    first = brought_in(district, second())
    for dry_run in (True, False):
        again = brought_in(district, second(), dry_run=dry_run)
        assert (again.revision, again.counts) == (first.revision, {})
        assert [(problem.code, problem.refuses) for problem in again.problems] == [("proposed_before", False)]
    assert Revision.objects.count() == 1


def test_another_open_revision_has_to_end_first(district):
    revision = open_revision(framework=Framework.objects.get(), title="By hand", actor=None, day=DAY)
    for dry_run in (True, False):
        with pytest.raises(ImportRefused) as raised:
            brought_in(district, second(), dry_run=dry_run)
        assert [problem.code for problem in raised.value.problems] == ["revision_open"]
        assert "“By hand”" in raised.value.problems[0].sentence

    withdraw_revision(revision=revision, actor=None, day=DAY)
    assert brought_in(district, second()).revision


def test_file_with_other_objects_only_waits_for_the_open_revision_too(district):
    brought_in(district, second())
    other = our_own()
    other["CFDocument"]["officialSourceURL"] = "https://example.org/mathematics"
    before = list(CaseObject.objects.order_by("pk").values())

    with pytest.raises(ImportRefused) as refused:
        brought_in(district, other)

    assert [problem.code for problem in refused.value.problems] == ["revision_open"]
    assert list(CaseObject.objects.order_by("pk").values()) == before


def test_withdrawn_proposal_is_made_again(district):
    first = brought_in(district, second())
    withdraw_revision(revision=Revision.objects.get(uuid=first.revision or ""), actor=None, day=DAY)

    again = brought_in(district, second())

    assert again.revision not in {None, first.revision}
    assert kinds()["t1"] == ChangeKind.RETIRED
    assert set(Revision.objects.values_list("status", flat=True)) == {RevisionStatus.WITHDRAWN, RevisionStatus.DRAFT}


def test_what_was_written_here_stays_where_the_new_file_says_the_same(district):
    topic = Topic.objects.get()
    Target.objects.filter(case_identifier="t2").update(i_can="I can, we say.")
    Target.objects.create(topic=topic, case_identifier="ours", statement="Ours alone", position=9)
    GuideLevel.objects.filter(value="2.50").delete()
    GuideLevel.objects.filter(value="3.00").update(description="All, we say.")
    Prerequisite.objects.all().delete()
    made = our_own()
    made["CFItems"][3]["humanCodingScheme"] = "FR.2x"
    made["CFRubrics"] = [rubric("t1", (3.0, "All."), ("2.5", "Nearly all."))]

    publish(brought_in(district, made))

    target = Target.objects.get(case_identifier="t2")
    assert (target.code, target.i_can) == ("FR.2x", "I can, we say.")
    assert Target.objects.get(case_identifier="ours").retired_on is None
    assert list(GuideLevel.objects.values_list("description", flat=True)) == ["All, we say."]
    assert not Prerequisite.objects.exists()


def test_topics_and_areas_that_hold_nothing_more_end(district):
    made = without(our_own(), "topic", "area", "t1", "t2a")
    made["CFRubrics"] = []
    made["CFItems"] += [item("area2", "Science", "Content Area"), item("topic2", "Light", "Measurement Topic")]
    made["CFAssociations"] = [under("area2"), under("topic2", "area2"), under("t2", "topic2")]

    report = brought_in(district, made)
    publish(report)

    assert set(ContentArea.objects.values_list("case_identifier", "retired_on")) == {("area", DAY), ("area2", None)}
    assert set(Topic.objects.values_list("case_identifier", "retired_on")) == {("topic", DAY), ("topic2", None)}
    retired = {("t1", DAY), ("t2a", DAY), ("t2", None)}
    assert set(Target.objects.values_list("case_identifier", "retired_on")) == retired
    assert [report.counts[kind].end for kind in ("areas", "topics", "targets", "parts")] == [1, 1, 1, 1]


def test_parts_written_here_end_with_their_whole(district):
    whole = Target.objects.get(case_identifier="t2")
    Target.objects.create(topic=whole.topic, part_of=whole, case_identifier="ours", statement="Ours", position=9)

    publish(brought_in(district, without(our_own(), "t2", "t2a")))

    assert set(Target.objects.filter(retired_on=DAY).values_list("case_identifier", flat=True)) == {"t2", "t2a", "ours"}


def test_target_that_ended_here_is_left_ended(district):
    Target.objects.filter(case_identifier="t1").update(retired_on=DAY)
    made = our_own()
    made["CFItems"][2]["fullStatement"] = "New words"
    made["CFItems"][3]["fullStatement"] = "New words too"
    made["CFRubrics"] = [rubric("t1", (3.0, "Other."))]
    made["CFAssociations"][-1] = link("precedes", "t2", "t1")

    publish(brought_in(district, made))

    assert set(Target.objects.values_list("case_identifier", "statement")) == {
        ("t1", "Statement of t1"),
        ("t2", "New words too"),
        ("t2a", "Statement of t2a"),
    }
    assert list(GuideLevel.objects.order_by("value").values_list("description", flat=True)) == [
        "Not yet.",
        "Nearly all.",
        "All.",
    ]


def test_step_that_the_new_file_turns_round_is_turned(district):
    made = our_own()
    made["CFAssociations"][-1] = link("precedes", "t2", "t1")

    publish(brought_in(district, made))

    assert list(Prerequisite.objects.values_list("required__code", "target__code")) == [("FR.2", "FR.1")]


def test_curriculum_out_of_use_is_not_revised(district):
    Framework.objects.update(status=FrameworkStatus.RETIRED)

    with pytest.raises(ImportRefused) as raised:
        brought_in(district, second())
    assert [problem.code for problem in raised.value.problems] == ["not_published"]


def test_framework_whose_file_is_not_kept_is_compared_with_its_rows(district):
    CaseObject.objects.all().delete()

    report = brought_in(district, without(our_own(), "t2a"))

    assert kinds() == {"t2a": ChangeKind.RETIRED}
    assert CaseObject.objects.filter(revision__uuid=report.revision or "", kind=ObjectKind.ITEM).count() == 4


def test_kept_file_that_cannot_be_read_any_more_is_compared_with_its_rows(district):
    CaseObject.objects.filter(kind=ObjectKind.ITEM, identifier="t2").update(content={"identifier": "t2"})

    report = brought_in(district, our_own())

    assert (report.proposes, report.counts["objects"].change, report.counts["targets"].same) == (False, 1, 2)


def test_domain_of_an_area_stays_where_a_package_cannot_say_it(district):
    ContentArea.objects.update(domain=Domain.HABITS)
    made = our_own()
    made["CFItems"][0]["fullStatement"] = "Ways of working"
    made["CFItems"] += [item("area2", "Science", "Content Area"), item("t4", "Light", "Learning Target")]
    made["CFAssociations"] += [under("area2"), under("t4", "area2")]

    publish(brought_in(district, made))

    assert set(ContentArea.objects.values_list("title", "domain")) == {
        ("Ways of working", Domain.HABITS),
        ("Science", Domain.CONTENT),
    }
