"""What a package does to the database."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curriculum.enums import FrameworkStatus
from curriculum.imports import CaseReport, import_case
from curriculum.models import (
    CaseObject,
    ContentArea,
    Framework,
    GuideLevel,
    Prerequisite,
    Revision,
    Scale,
    ScaleLevel,
    Target,
    Topic,
)
from curriculum.services import publish_revision
from lpm.audit.models import Entry
from lpm.lib.imports import ImportRefused
from lpm.people.enums import OrganizationKind, Role
from lpm.people.models import Organization, RoleGrant, User
from lpm.people.services import create_organization
from tests.curriculum.packages import (
    CCSS,
    DEMO,
    DOCUMENT,
    REAL,
    as_bytes,
    in_the_shape_of_ccss,
    item,
    link,
    our_own,
    package,
    rubric,
    tree,
    under,
)

pytestmark = pytest.mark.django_db

MODELS = (Framework, ContentArea, Topic, Target, Prerequisite, GuideLevel, Scale, ScaleLevel, CaseObject, Revision)
DAY = date(2026, 11, 19)


@pytest.fixture
def district() -> Organization:
    return create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)


def brought_in(owner: Organization, value: Any, **options: Any) -> CaseReport:
    data = value if isinstance(value, bytes) else as_bytes(value)
    return import_case(data=data, owner=owner, actor=None, **options)


def taken_up(owner: Organization, value: Any) -> CaseReport:
    """A newer file, and the revision that it proposes published."""
    report = brought_in(owner, value)
    assert report.proposes
    publish_revision(revision=Revision.objects.get(uuid=report.revision or ""), actor=None, day=DAY)
    return report


def everything() -> list[Any]:
    return [list(model._base_manager.order_by("pk").values()) for model in (*MODELS, Entry)]


def counted(report: CaseReport) -> dict[str, tuple[int, int, int]]:
    return {kind: (c.add, c.change, c.same) for kind, c in report.counts.items() if c.add or c.change or c.same}


def writes(captured: CaptureQueriesContext) -> list[str]:
    reading = ("SELECT", "SAVEPOINT", "RELEASE")
    return [query["sql"] for query in captured if not query["sql"].startswith(reading)]


def test_package_becomes_rows(district):
    report = brought_in(district, our_own())

    framework = Framework.objects.get()
    assert (framework.title, framework.creator, framework.language, framework.version) == (
        "Maths",
        "Somebody",
        "en",
        "1",
    )
    assert (framework.owner, framework.sort_key) == (district, "maths")
    assert list(Topic.objects.values_list("area__title", "code", "title")) == [("Mathematics", "FR", "Fractions")]
    targets = Target.objects.in_order().values_list("code", "position", "part_of__code", "grades", "topic__code")
    assert list(targets) == [
        ("FR.1", 1, None, ["03"], "FR"),
        ("FR.2", 2, None, ["04"], "FR"),
        ("FR.2.a", 3, "FR.2", ["04"], "FR"),
    ]
    assert list(Prerequisite.objects.values_list("required__code", "target__code")) == [("FR.1", "FR.2")]
    assert list(GuideLevel.objects.order_by("value").values_list("target__code", "value", "description")) == [
        ("FR.1", Decimal("0.00"), "Not yet."),
        ("FR.1", Decimal("2.50"), "Nearly all."),
        ("FR.1", Decimal("3.00"), "All."),
    ]
    assert counted(report) == {
        "scales": (1, 0, 0),
        "framework": (1, 0, 0),
        "areas": (1, 0, 0),
        "topics": (1, 0, 0),
        "targets": (2, 0, 0),
        "parts": (1, 0, 0),
        "prerequisites": (1, 0, 0),
        "guide_levels": (3, 0, 0),
        "objects": (14, 0, 0),
    }
    assert (report.title, report.applied, report.problems) == ("Maths", True, [])
    assert (report.framework, report.identifier) == (str(framework.uuid), DOCUMENT)


def test_one_entry_in_the_audit_tells_counts_and_no_words(district):
    brought_in(district, our_own())

    entry = Entry.objects.get(action="curriculum.bring_in")
    assert (entry.subject_uuid, entry.district_id) == (Framework.objects.get().uuid, district.pk)
    assert entry.details == {
        "framework": [1, 0],
        "areas": [1, 0],
        "topics": [1, 0],
        "targets": [2, 0],
        "parts": [1, 0],
        "prerequisites": [1, 0],
        "guide": [3, 0],
    }


def test_dry_run_reports_the_same_and_writes_nothing(district):
    before = everything()
    with CaptureQueriesContext(connection) as captured:
        foreseen = brought_in(district, our_own(), dry_run=True)

    assert everything() == before
    assert writes(captured) == []
    done = brought_in(district, our_own())
    assert foreseen.counts == done.counts
    assert foreseen.problems == done.problems
    assert (foreseen.applied, foreseen.framework, done.applied) == (False, None, True)


@pytest.mark.parametrize("path", [*REAL, DEMO], ids=lambda path: path.name)
def test_file_twice_changes_nothing_the_second_time(district, path):
    first = brought_in(district, path.read_bytes())
    before = everything()

    with CaptureQueriesContext(connection) as captured:
        second = brought_in(district, path.read_bytes())

    assert first.changes_anything
    assert not second.changes_anything
    assert everything() == before
    assert writes(captured) == []
    assert {kind: c.same for kind, c in second.counts.items()} == {
        kind: c.add + c.same for kind, c in first.counts.items()
    }


@pytest.mark.real_files
@pytest.mark.parametrize("path", CCSS, ids=lambda path: path.name)
def test_ccss_mathematics(district, path):
    report = brought_in(district, path.read_bytes())

    assert counted(report) == {
        "scales": (1, 0, 0),
        "framework": (1, 0, 0),
        "areas": (7, 0, 0),
        "topics": (34, 0, 0),
        "targets": (393, 0, 0),
        "parts": (124, 0, 0),
        "objects": (1500, 0, 0),
    }
    assert [(problem.code, problem.refuses) for problem in report.problems] == [("formatting_made_plain", False)]
    assert "102 items" in report.problems[0].sentence
    assert not Target.objects.filter(statement__regex="</?[a-z]").exists()
    assert Target.objects.filter(statement__contains="3/7 < 1/2.").exists()
    assert Target.objects.current().count() == 393
    geometry = Topic.objects.get(title="Geometry", area__title="Standards for Math Content")
    grades = [target.grades[0] for target in geometry.targets.current().in_order()]
    assert grades == sorted(grades, key=["KG", *(f"0{n}" for n in range(1, 9))].index)
    assert set(grades) == {"KG", *(f"0{n}" for n in range(1, 9))}


def test_demo_curriculum_comes_in_without_warnings(district):
    report = brought_in(district, DEMO.read_bytes())

    assert report.problems == []
    assert GuideLevel.objects.exists()


def wide(count: int, marker: str) -> dict[str, Any]:
    """``count`` topics with a target, a part, a level and a prerequisite each."""
    rows: list[tuple[Any, ...]] = []
    for n in range(count):
        rows += [
            (f"topic-{n}", "Domain", None, {"fullStatement": f"Topic {n} {marker}"}),
            (f"target-{n}", "Standard", f"topic-{n}", {"fullStatement": f"Target {n} {marker}"}),
            (f"part-{n}", "Component", f"target-{n}", {"fullStatement": f"Part {n} {marker}"}),
        ]
    made = tree(*rows)
    made["CFAssociations"] += [link("precedes", f"target-{n}", f"target-{n + 1}") for n in range(count - 1)]
    made["CFRubrics"] = [rubric(f"target-{n}", (3, f"All {marker}")) for n in range(count)]
    return made


def test_number_of_queries_does_not_grow_with_the_package(district):
    queries = []
    for count in (2, 150):
        for marker in ("first", "second", "second"):
            value = {**wide(count, marker)}
            value["CFDocument"] = {"identifier": f"document-{count}", "title": "Wide"}
            for raw in value["CFAssociations"]:
                if raw["destinationNodeURI"]["identifier"] == DOCUMENT:
                    raw["destinationNodeURI"]["identifier"] = f"document-{count}"
            with CaptureQueriesContext(connection) as captured:
                report = brought_in(district, value)
            queries.append(len(captured))
            if report.revision:
                publish_revision(revision=Revision.objects.get(uuid=report.revision or ""), actor=None, day=DAY)
    few, many = queries[:3], queries[3:]

    assert few[2] == many[2]
    assert many[1] - few[1] <= 2  # a statement more for every 500 rows
    assert many[0] == few[0] - 5  # the scale was made by the first
    assert max(queries) <= 45


# A second, different file


def test_new_texts_and_order_are_taken_over_in_place(district):
    brought_in(district, our_own())
    before = dict(Target.objects.values_list("case_identifier", "uuid"))
    made = our_own()
    made["CFDocument"]["title"] = "Élan 2"
    made["CFItems"][1]["fullStatement"] = "Parts of a whole"
    made["CFItems"][3].update(fullStatement="New words", educationLevel=["02"])
    made["CFRubrics"] = [rubric("t1", (3, "All of it."))]

    report = taken_up(district, made)

    assert dict(Target.objects.values_list("case_identifier", "uuid")) == before
    assert list(Target.objects.in_order().values_list("case_identifier", "statement")) == [
        ("t2", "New words"),
        ("t2a", "Statement of t2a"),
        ("t1", "Statement of t1"),
    ]
    assert (Framework.objects.get().title, Framework.objects.get().sort_key) == ("Élan 2", "elan 00000002")
    assert Topic.objects.get().title == "Parts of a whole"
    assert set(GuideLevel.objects.values_list("value", "description")) == {(Decimal("3.00"), "All of it.")}
    assert report.counts["guide_levels"].end == 2
    assert counted(report) == {
        "scales": (0, 0, 1),
        "framework": (0, 1, 0),
        "areas": (0, 0, 1),
        "topics": (0, 1, 0),
        "targets": (0, 2, 0),
        "parts": (0, 1, 0),
        "prerequisites": (0, 0, 1),
        "guide_levels": (0, 1, 0),
        "objects": (0, 4, 10),
    }


def test_only_what_differs_is_written_in_a_draft(district):
    brought_in(district, in_the_shape_of_ccss())
    Framework.objects.update(status=FrameworkStatus.DRAFT)
    made = in_the_shape_of_ccss()
    made["CFItems"][1]["fullStatement"] = "Other words"

    with CaptureQueriesContext(connection) as captured:
        report = brought_in(district, made)

    assert {kind: c.change for kind, c in report.counts.items() if c.change} == {"targets": 1, "objects": 1}
    assert not report.proposes
    assert sorted(sql.split('"')[1] for sql in writes(captured)) == [
        "audit_entry",
        *["curriculum_caseobject"] * 2,  # the one goes, the other takes its place
        "curriculum_framework",  # when it was last brought in
        "curriculum_target",
    ]


def test_targets_that_are_gone_stay_in_a_draft_and_are_told(district):
    brought_in(district, our_own())
    Framework.objects.update(status=FrameworkStatus.DRAFT)
    made = our_own()
    made["CFItems"] = [raw for raw in made["CFItems"] if raw["identifier"] != "t1"]
    made["CFAssociations"] = [raw for raw in made["CFAssociations"] if "t1" not in str(raw)]
    made["CFRubrics"] = []

    for dry_run in (True, False):
        report = brought_in(district, made, dry_run=dry_run)
        assert [(problem.code, problem.refuses) for problem in report.problems] == [("targets_stay", False)]
        assert "1 target that" in report.problems[0].sentence
        assert "FR.1" in report.problems[0].sentence

    assert set(Target.objects.values_list("case_identifier", flat=True)) == {"t1", "t2", "t2a"}
    assert Prerequisite.objects.count() == 1
    assert GuideLevel.objects.count() == 3


def test_retired_targets_are_not_told_again(district):
    brought_in(district, tree(("a", None, None), ("b", None, None)))
    Target.objects.filter(case_identifier="b").update(retired_on=date(2026, 1, 1))

    assert brought_in(district, tree(("a", None, None))).problems == []


def test_merged_topic_keeps_its_identity_when_an_earlier_grade_is_added(district):
    later = in_the_shape_of_ccss()
    earlier = in_the_shape_of_ccss()
    gone = {"grade-k", "geometry-k", "K.G.1"}
    earlier["CFItems"] = [raw for raw in earlier["CFItems"] if raw["identifier"] not in gone]
    earlier["CFAssociations"] = [
        raw for raw in earlier["CFAssociations"] if raw["originNodeURI"]["identifier"] not in gone
    ]
    brought_in(district, earlier)
    before = Topic.objects.get(case_identifier="geometry-1")

    taken_up(district, later)

    topics = Topic.objects.filter(area__case_identifier="content")
    assert [(topic.pk, topic.case_identifier) for topic in topics] == [(before.pk, "geometry-1")]
    assert Target.objects.get(case_identifier="K.G.1").topic_id == before.pk


def test_target_moves_to_a_new_topic_and_a_part_becomes_whole(district):
    brought_in(district, our_own())
    made = tree(
        ("area2", "Content Area", None),
        ("topic", "Measurement Topic", "area2"),
        ("topic2", "Measurement Topic", "area2"),
        ("t1", "Component", "t2"),
        ("t2", "Learning Target", "topic"),
        ("t2a", "Learning Target", "topic2"),
    )

    taken_up(district, made)

    rows = Target.objects.values_list("case_identifier", "topic__case_identifier", "part_of__case_identifier")
    assert set(rows) == {("t1", "topic", "t2"), ("t2", "topic", None), ("t2a", "topic2", None)}
    assert Topic.objects.get(case_identifier="topic").area.case_identifier == "area2"
    assert set(ContentArea.objects.values_list("case_identifier", "retired_on")) == {("area", DAY), ("area2", None)}


def test_prerequisite_against_one_that_stands_is_left_out_with_a_word(district):
    brought_in(district, our_own())
    made = our_own()
    made["CFAssociations"] = [raw for raw in made["CFAssociations"] if raw["associationType"] == "isChildOf"]
    made["CFAssociations"] += [link("precedes", "t2", "t1"), link("precedes", "t1", "t2a")]
    Framework.objects.update(status=FrameworkStatus.DRAFT)

    report = brought_in(district, made)

    assert [problem.code for problem in report.problems] == ["circle_of_prerequisites"]
    assert "FR.2 → FR.1" in report.problems[0].sentence
    assert set(Prerequisite.objects.values_list("required__code", "target__code")) == {
        ("FR.1", "FR.2"),
        ("FR.1", "FR.2.a"),
    }
    assert counted(report)["prerequisites"] == (1, 0, 0)


def test_two_owners_hold_the_same_framework_apart(district):
    other = create_organization(kind=OrganizationKind.DISTRICT, name="South", parent=None)
    brought_in(district, our_own())
    brought_in(other, our_own())

    assert set(Framework.objects.values_list("owner", flat=True)) == {district.pk, other.pk}
    assert Target.objects.count() == 6


# The scale


def test_default_scale_is_made_once(district):
    brought_in(district, our_own())
    brought_in(district, package([item("x")], [under("x", "other")], identifier="other"))

    scale = Scale.objects.get()
    assert (scale.owner, scale.name) == (district, "0 to 4")
    assert (scale.low, scale.high, scale.step, scale.proficient) == tuple(map(Decimal, ("0", "4", "0.5", "3")))
    assert list(scale.levels.order_by("value").values_list("value", "name")) == [
        (Decimal(0), "looking for a way in"),
        (Decimal(1), "getting started"),
        (Decimal(2), "developing"),
        (Decimal(3), "proficient"),
        (Decimal(4), "going further"),
    ]
    assert all(scale.levels.values_list("description", flat=True))
    assert set(Framework.objects.values_list("scale", flat=True)) == {scale.pk}


def test_nearest_scale_above_is_used():
    consortium = create_organization(kind=OrganizationKind.CONSORTIUM, name="All", parent=None)
    district = create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=consortium)
    school = create_organization(kind=OrganizationKind.SCHOOL, name="Hill", parent=district)
    other = create_organization(kind=OrganizationKind.DISTRICT, name="South", parent=consortium)
    for owner in (other, consortium, district):
        Scale.objects.create(owner=owner, name=f"Scale of {owner.name}")

    report = brought_in(school, our_own())

    assert Framework.objects.get().scale.name == "Scale of North"
    assert report.counts["scales"].same == 1
    assert Scale.objects.count() == 3


@pytest.mark.parametrize("score", [-0.5, 4.5, 3.25, 1e29, "0.0000000000000000000000000001"])
def test_level_off_the_scale_is_refused(district, score):
    made = our_own()
    made["CFRubrics"] = [rubric("t1", (score, "Words."))]
    before = everything()

    for dry_run in (True, False):
        with pytest.raises(ImportRefused) as raised:
            brought_in(district, made, dry_run=dry_run)
        assert [problem.code for problem in raised.value.problems] == ["level_off_scale"]
        assert "0 to 4 in steps of 0.5" in raised.value.problems[0].sentence

    assert everything() == before


def test_levels_are_checked_against_the_scale_of_the_framework(district):
    Scale.objects.create(owner=district, name="0 to 90", high=90, step=10, proficient=80)
    made = our_own()
    made["CFRubrics"] = [rubric("t1", (90, "Words."))]

    brought_in(district, made)

    assert GuideLevel.objects.get().value == 90


# Who, and how much


def administrator(organization: Organization, role: Role) -> User:
    user = User.objects.create(
        username=f"{role}@{organization.name}", given_name="A", family_name="B", organization=organization
    )
    RoleGrant.objects.create(user=user, organization=organization, role=role)
    return user


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("role", [Role.CURRICULUM_LEAD, Role.ADMINISTRATOR])
def test_those_whom_the_policy_allows_may(district, role, dry_run):
    actor = administrator(district, role)

    import_case(data=as_bytes(our_own()), owner=district, actor=actor, dry_run=dry_run)

    entries = Entry.objects.filter(action__startswith="curriculum.")
    assert {entry.actor_id for entry in entries} == (set() if dry_run else {actor.pk})


@pytest.mark.parametrize("dry_run", [True, False])
def test_others_may_not(district, dry_run):
    other = create_organization(kind=OrganizationKind.DISTRICT, name="South", parent=None)
    for actor in (administrator(district, Role.LEADER), administrator(other, Role.ADMINISTRATOR)):
        with pytest.raises(PermissionDenied):
            import_case(data=as_bytes(our_own()), owner=district, actor=actor, dry_run=dry_run)

    assert not Framework.objects.exists()


def test_too_large_a_file_is_refused(district, settings):
    settings.IMPORT_MAX_BYTES = 100
    with pytest.raises(ImportRefused) as raised:
        brought_in(district, our_own())

    assert [problem.code for problem in raised.value.problems] == ["too_large"]


def test_refused_file_leaves_a_stored_framework_alone(district):
    brought_in(district, our_own())
    before = everything()
    made = our_own()
    made["CFItems"][3]["fullStatement"] = "Changed"
    made["CFItems"].append(made["CFItems"][3])

    with pytest.raises(ImportRefused):
        brought_in(district, made)

    assert everything() == before


def test_unusual_characters_are_stored(district):
    nasty = "\x00\ud800𝒳 é \u202e\ufffe <b>%s %(name)s {x}</b>"
    fields = {"fullStatement": nasty, "abbreviatedStatement": nasty, "humanCodingScheme": nasty}
    made = tree(
        ("a", "Content Area", None, fields), ("b", "Domain", "a", fields), ("c", "Standard", "b", fields), title=nasty
    )
    made["CFRubrics"] = [rubric("c", (3, nasty))]

    brought_in(district, made)
    report = brought_in(district, made)

    assert Target.objects.get().statement == "𝒳 é \u202e\ufffe %s %(name)s {x}"
    assert not report.changes_anything


def test_longest_texts_are_stored(district):
    long = "wörd " * 2000
    fields = dict.fromkeys(
        ("fullStatement", "abbreviatedStatement", "humanCodingScheme", "notes", "language", "listEnumeration"), long
    )
    made = tree(
        ("a" * 100, "Content Area", None, fields),
        ("b" * 100, "Domain", "a" * 100, fields),
        ("c" * 100, "Standard", "b" * 100, fields),
        **dict.fromkeys(("title", "creator", "version", "language", "notes", "description"), long),
    )

    brought_in(district, made)

    assert not brought_in(district, made).changes_anything
    assert Framework.objects.get().language == "en"
    assert len(Topic.objects.get().title) == 499


def test_progress_is_told_in_percent(district):
    heard: list[int] = []
    brought_in(district, our_own(), on_progress=heard.append)

    assert heard == sorted(heard)
    assert heard[-1] == 100


def test_report_is_plain_json(district):
    report = json.loads(json.dumps(brought_in(district, our_own()).as_json()))

    assert report["refused"] is False
    assert report["counts"]["targets"] == {"add": 2, "change": 0, "same": 0, "end": 0}
    assert report["identifier"] == DOCUMENT


@pytest.mark.parametrize(("said", "kept"), [("reasoning", "reasoning"), ("habits", "habits"), ("magic", "content")])
def test_what_an_area_is_of_is_taken_from_what_an_export_says(said, kept, district):
    made = our_own()
    made["CFItems"][0]["extensions"] = {"lpm": {"domain": said}}

    brought_in(district, made)

    assert ContentArea.objects.get().domain == kept
    package = as_bytes(made)
    assert not import_case(data=package, owner=district, actor=None).changes_anything
