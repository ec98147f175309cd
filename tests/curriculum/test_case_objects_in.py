"""Every object of a package is kept as it came, and given back whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from curriculum.enums import FrameworkStatus, ObjectKind
from curriculum.imports import import_case, objects_of, value_of
from curriculum.imports.stored import object_row
from curriculum.models import CaseObject, Framework, Target
from lpm.lib.imports import ImportRefused
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization
from lpm.people.services import create_organization
from tests.curriculum.packages import DOCUMENT, REAL, as_bytes, item, link, our_own, package, tree, under

UUIDS = [f"{n}0000000-0000-4000-8000-00000000000a" for n in "abc"]


@pytest.fixture
def district(db: None) -> Organization:
    return create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)


def brought_in(owner: Organization, value: Any) -> Framework:
    import_case(data=as_bytes(value), owner=owner, actor=None)
    return Framework.objects.get()


def given_back(framework: Framework) -> Any:
    return value_of(map(object_row, framework.case_objects.filter(revision=None)))


def odd() -> dict[str, Any]:
    """All that nobody here has a use for: unknown members and types, links to elsewhere, nulls, definitions."""
    made = our_own()
    made["CFDocument"] |= {"subject": "Mathematics", "adoptionStatus": "draft", "x-ours": {"a": [1, 2.5, None, True]}}
    made["CFItems"][2] |= {"alternativeLabel": None, "conceptKeywords": ["parts"], "notes": "<i>日本</i> 𝒳\u200b"}
    made["CFAssociations"] += [
        link("exactMatchOf", "t1", "elsewhere", notes="destination node"),
        link("ext:our.own-kind", "elsewhere", "t2"),
        {"associationType": "isPartOf", "sequenceNumber": 1e22},
        "not even a link",
        None,
    ]
    made["CFDefinitions"] = {
        "CFConcepts": [{"identifier": "c1", "title": "Whole", "hierarchyCode": "1"}],
        "CFSubjects": [],
        "CFLicenses": None,
        "x-more": 1,
        "CFAssociationGroupings": [{"identifier": "g1"}, {"identifier": "g2"}],
    }
    made["CFRubrics"][0]["CFRubricCriteria"][0]["weight"] = 0.25
    made["extensions"] = {"deep": {"er": []}}
    return made


@pytest.mark.parametrize("wrapper", [None, {}, {"imsx_note": "from a server"}], ids=["bare", "wrapped", "with more"])
def test_package_is_given_back_whole(wrapper, district):
    value = odd() if wrapper is None else {**wrapper, "CFPackage": odd()}

    assert given_back(brought_in(district, value)) == value


@pytest.mark.real_files
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_file_is_given_back_whole(path, district):
    value = json.loads(path.read_bytes())

    assert given_back(brought_in(district, value)) == value


def test_objects_are_found_by_kind_and_identifier(district):
    framework = brought_in(district, odd())

    counts = {kind: framework.case_objects.filter(kind=kind).count() for kind in ObjectKind}
    assert counts == {
        ObjectKind.PACKAGE: 1,
        ObjectKind.DOCUMENT: 1,
        ObjectKind.ITEM: 5,
        ObjectKind.ASSOCIATION: 11,
        ObjectKind.RUBRIC: 1,
        ObjectKind.CONCEPT: 1,
        ObjectKind.SUBJECT: 0,
        ObjectKind.LICENSE: 0,
        ObjectKind.ITEM_TYPE: 0,
        ObjectKind.GROUPING: 2,
    }
    assert CaseObject.objects.get(identifier="t1", kind=ObjectKind.ITEM).content["humanCodingScheme"] == "FR.1"
    assert CaseObject.objects.get(kind=ObjectKind.DOCUMENT).identifier == DOCUMENT


def test_characters_that_cannot_be_stored_are_left_out(district):
    made = our_own()
    made["CFItems"][0]["notes"] = "a\x00b\ud800c"

    assert given_back(brought_in(district, made))["CFItems"][0]["notes"] == "abc"


def test_members_that_nest_too_deeply_are_refused():
    deep: Any = []
    for _n in range(2000):
        deep = [deep]
    value = {**our_own(), "extensions": deep}

    with pytest.raises(ImportRefused) as raised:
        objects_of(value, value)
    assert [problem.code for problem in raised.value.problems] == ["too_deep"]


def test_what_nobody_reads_is_written_at_once_and_only_where_it_differs(district):
    framework = brought_in(district, odd())
    before = dict(framework.case_objects.values_list("pk", "content"))
    made = odd()
    made["CFAssociations"][6]["associationType"] = "isRelatedTo"
    made["CFDefinitions"]["CFAssociationGroupings"].pop()

    report = import_case(data=as_bytes(made), owner=district, actor=None)

    counts = report.counts["objects"]
    assert (report.revision, counts.add, counts.change, counts.same, counts.end) == (None, 0, 1, len(before) - 2, 1)
    after = dict(framework.case_objects.values_list("pk", "content"))
    assert len(after.keys() & before.keys()) == len(before) - 2
    assert given_back(framework) == made


@pytest.mark.parametrize(
    ("version", "changed"),
    [
        ("1.0", {}),
        ("1.1", {"CFDocument": {"caseVersion": "1.1"}}),
        ("1.1", {"CFDocument": {"frameworkType": "CourseCodes"}}),
        ("1.1", {"CFDocument": {"extensions": {}}}),
        ("1.1", {"item": {"subject": ["Maths"]}}),
        ("1.1", {"link": {"associationType": "isTranslationOf"}}),
        ("1.1", {"link": {"associationType": "ext:own"}}),
        ("1.1", {"link": {"notes": "why"}}),
        ("1.1", {"link": {"originNodeURI": {"identifier": "a", "targetType": "CASE"}}}),
        ("1.1", {"extensions": {}}),
    ],
)
def test_version_of_case_is_seen(version, changed, district):
    made = package([item("a", **changed.pop("item", {}))], [under("a"), link("isPeerOf", "a", "a")])
    made["CFAssociations"][1] |= changed.pop("link", {})
    made["CFDocument"] |= changed.pop("CFDocument", {})

    assert brought_in(district, {**made, **changed}).case_version == version


def test_address_that_ends_in_a_uuid_is_that_uuid(district):
    one, two, three = UUIDS
    made = package(
        [
            item(f"https://x.org/CFItems/{one.upper()}"),
            item(f"http://x.org/uri?id={two}"),
            item("https://x.org/items/3"),
            item(three),
        ],
        [
            under(f"https://x.org/CFItems/{one}"),
            under(two, one),
            under("https://x.org/items/3", one),
            under(three, two),
        ],
    )

    report = import_case(data=as_bytes(made), owner=district, actor=None)

    assert set(Target.objects.values_list("case_identifier", flat=True)) == {three, "https://x.org/items/3"}
    assert [problem.code for problem in report.problems] == ["addresses_as_identifiers"]
    assert "3 items" in report.problems[0].sentence
    assert given_back(Framework.objects.get()) == made


def test_two_addresses_of_one_uuid_are_refused(district):
    made = package([item(f"https://x.org/{UUIDS[0]}"), item(f"https://y.org/{UUIDS[0]}")], [])

    with pytest.raises(ImportRefused) as raised:
        brought_in(district, made)
    assert [problem.code for problem in raised.value.problems] == ["duplicate_identifier"]


def test_draft_keeps_what_was_written_here_where_the_new_file_says_the_same(district):
    brought_in(district, our_own())
    Framework.objects.update(status=FrameworkStatus.DRAFT)
    Target.objects.filter(case_identifier="t1").update(statement="Our own words")
    made = our_own()
    made["CFItems"][2]["humanCodingScheme"] = "FR.1x"

    import_case(data=as_bytes(made), owner=district, actor=None)

    target = Target.objects.get(case_identifier="t1")
    assert (target.statement, target.code) == ("Our own words", "FR.1x")


def test_deepest_tree_comes_in(district):
    rows = [(f"n{depth}", None, f"n{depth - 1}" if depth else None) for depth in range(300)]

    brought_in(district, tree(*rows))

    assert list(Target.objects.values_list("case_identifier", flat=True)) == ["n299"]
