"""The REST binding of CASE: every operation, valid against 1EdTech's own descriptions."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft4Validator

from curriculum.api.reading import _kept
from curriculum.enums import FrameworkStatus, Subject
from curriculum.exports import serve_package
from curriculum.imports import import_case
from curriculum.models import Framework, Revision, Target
from curriculum.services import Edit, make_edits, open_revision, publish_revision
from tests.curriculum.case_files import MOMENT, identifier, link, newer, odd, to
from tests.curriculum.packages import CCSS, ROOT, as_bytes
from tests.world import DAY

pytestmark = pytest.mark.django_db
SPECS = ROOT.parent / "shared/data/specs"
FILES = {"1.0": "case-v1p0-swagger.json", "1.1": "imscasev1p1_openapi3_v1p0.json"}
BASE = {"1.0": "/ims/case/v1p0", "1.1": "/ims/case/v1p1"}
OPERATIONS = {
    "CFDocuments": "document",
    "CFPackages": "document",
    "CFItems": "t1",
    "CFItemAssociations": "t1",
    "CFAssociations": "precedes t1 t2",
    "CFAssociationGroupings": "grouping",
    "CFConcepts": "concept",
    "CFSubjects": "subject",
    "CFItemTypes": "type",
    "CFLicenses": "license",
    "CFRubrics": "rubric t1",
}


@pytest.fixture(autouse=True)
def _nothing_at_hand():
    _kept.cache_clear()


@pytest.fixture
def opened(world) -> Framework:
    """A framework of the northern district that everybody may read."""
    owner = world.places["own"].district
    import_case(data=as_bytes(newer()), owner=owner, actor=None)
    Framework.objects.filter(case_identifier=identifier("document")).update(is_open=True)
    return Framework.objects.select_related("owner").get(case_identifier=identifier("document"))


def read(path: str, version: str = "1.1", client: Client | None = None, **headers: str) -> Any:
    return (client or Client()).get(f"{BASE[version]}{path}", headers=headers)


def codes(response: Any) -> tuple[int, str]:
    field = response.json()["imsx_codeMinor"]["imsx_codeMinorField"][0]
    return response.status_code, field["imsx_codeMinorFieldValue"]


def merged(schema: Any, definitions: dict[str, Any]) -> Any:
    """``allOf`` of two closed objects, as the description of 1.0 has it, is met by nothing: they mean one object."""
    if isinstance(schema, list):
        return [merged(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "allOf" not in schema:
        return {key: merged(value, definitions) for key, value in schema.items()}
    made: dict[str, Any] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    for part in schema["allOf"]:
        whole = definitions[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        made["properties"] |= whole["properties"]
        made["required"] += whole.get("required", [])
    return made


def problems(path: str, answer: Any, version: str, status: str = "200") -> list[str]:
    spec = json.loads((SPECS / FILES[version]).read_bytes())
    key = "definitions" if version == "1.0" else "components"
    inner = spec[key] if version == "1.0" else spec[key]["schemas"]
    clean = merged(inner, inner)
    described = spec["paths"][path]["get"]["responses"][status]
    schema = described["schema"] if version == "1.0" else described["content"]["application/json"]["schema"]
    root = {**schema, "definitions": clean, "components": {"schemas": clean}}
    return [f"{list(error.path)}: {error.message}"[:300] for error in Draft4Validator(root).iter_errors(answer)]


@pytest.mark.real_files
@pytest.mark.parametrize("version", BASE)
def test_every_answer_is_valid(version, opened):
    for kind, name in OPERATIONS.items():
        response = read(f"/{kind}/{identifier(name)}", version)
        assert response.status_code == 200, kind
        assert problems(f"/{kind}/{{sourcedId}}", response.json(), version) == [], kind
    response = read("/CFDocuments", version)
    assert problems("/CFDocuments", response.json(), version) == []
    refused = read(f"/CFItems/{identifier('nothing')}", version)
    assert problems("/CFItems/{sourcedId}", refused.json(), version, "404") == []


@pytest.mark.real_files
@pytest.mark.parametrize("version", BASE)
@pytest.mark.parametrize("path", CCSS, ids=lambda path: path.name)
def test_mathematics_is_valid(path, version, world):
    import_case(data=path.read_bytes(), owner=world.places["own"].district, actor=None)
    framework = Framework.objects.select_related("owner").get(title__startswith="Common Core")

    package = serve_package(framework, version, "https://cairn.example.org")

    assert problems("/CFPackages/{sourcedId}", package, version) == []
    assert (len(package["CFItems"]), len(package["CFAssociations"])) == (746, 746)


@pytest.mark.real_files
@pytest.mark.parametrize("version", BASE)
def test_framework_written_here_is_valid(version, world, as_person):
    framework = world.places["own"].framework
    identifiers = {target: identifier(target.case_identifier) for target in world.places["own"].targets}
    Framework.objects.filter(pk=framework.pk).update(case_identifier=identifier("ours"))
    for target, told in identifiers.items():
        target.case_identifier = told
        target.save(update_fields=["case_identifier"])
    framework.areas.update(case_identifier=identifier("our area"))
    world.topic.__class__.objects.filter(area__framework=framework).update(case_identifier=identifier("our topic"))
    client = as_person(world.people["student"])

    package = read(f"/CFPackages/{identifier('ours')}", version, client).json()

    assert problems("/CFPackages/{sourcedId}", package, version) == []
    assert {item["identifier"] for item in package["CFItems"]} == {
        identifier("our area"), identifier("our topic"), *identifiers.values(),
    }  # fmt: skip
    first = package["CFAssociations"][0]
    assert (
        problems(
            "/CFAssociations/{sourcedId}",
            read(f"/CFAssociations/{first['identifier']}", version, client).json(),
            version,
        )
        == []
    )


def test_unknown_members_are_extensions_in_the_new_version_and_not_there_in_the_old(opened):
    newer_item = read(f"/CFItems/{identifier('t2')}").json()
    older_item = read(f"/CFItems/{identifier('t2')}", "1.0").json()

    assert newer_item["extensions"] == {"x_unknown": True}
    assert not {"extensions", "x_unknown"} & older_item.keys()
    older = read(f"/CFPackages/{identifier('document')}", "1.0").json()
    assert {link["associationType"] for link in older["CFAssociations"]} == {
        "isChildOf", "precedes", "exactMatchOf", "isRelatedTo",
    }  # fmt: skip


def test_closed_framework_is_not_there_for_strangers(opened, world, as_person):
    assert read(f"/CFPackages/{identifier('document')}").status_code == 200
    Framework.objects.filter(pk=opened.pk).update(is_open=False)

    for kind, name in OPERATIONS.items():
        assert codes(read(f"/{kind}/{identifier(name)}")) == (404, "unknownobject")
    assert read("/CFDocuments").json() == {"CFDocuments": []}
    far = as_person(world.people["far_teacher"])
    assert codes(read(f"/CFPackages/{identifier('document')}", client=far)) == (404, "unknownobject")
    near = read(f"/CFPackages/{identifier('document')}", client=as_person(world.people["student"]))
    assert (near.status_code, near["Cache-Control"]) == (200, "private, no-store")


def test_draft_is_not_there_even_if_open(opened):
    Framework.objects.filter(pk=opened.pk).update(status=FrameworkStatus.DRAFT)

    assert codes(read(f"/CFDocuments/{identifier('document')}")) == (404, "unknownobject")
    assert read("/CFDocuments").json() == {"CFDocuments": []}


@pytest.mark.parametrize(
    ("path", "version", "answer"),
    [
        ("/CFItems/none", "1.1", (404, "invalid_uuid")),
        ("/CFItems/none", "1.0", (404, "invaliduuid")),
        (f"/CFThings/{identifier('t1')}", "1.1", (404, "unknownobject")),
        (f"/CFItems/{identifier('document')}", "1.1", (404, "unknownobject")),
        (f"/CFPackages/{identifier('t1')}", "1.1", (404, "unknownobject")),
        (f"/CFConcepts/{identifier('t1')}", "1.1", (404, "unknownobject")),
        (f"/CFItemAssociations/{identifier('document')}", "1.1", (404, "unknownobject")),
        ("/CFDocuments?sort=nothing", "1.1", (400, "invalid_sort_field")),
        ("/CFDocuments?sort=title&orderBy=up", "1.1", (400, "invalid_sort_field")),
        ("/CFDocuments?fields=title,nothing", "1.1", (400, "invalid_selection_field")),
        ("/CFDocuments?filter=title", "1.1", (400, "invalid_selection_field")),
        ("/CFDocuments?filter=nothing='a'", "1.1", (400, "invalid_selection_field")),
        ("/CFDocuments?limit=0", "1.1", (400, "invalid_selection_field")),
        ("/CFDocuments?offset=-1", "1.1", (400, "invalid_selection_field")),
    ],
)
def test_what_cannot_be_answered_is_said(path, version, answer, opened):
    assert codes(read(path, version)) == answer


def test_other_methods_and_versions_are_refused(opened):
    response = Client().post(f"/ims/case/v1p1/CFItems/{identifier('t1')}")

    assert (codes(response), response["Allow"]) == ((405, "forbidden"), "GET, HEAD")
    assert codes(Client().get("/ims/case/v2p0/CFDocuments")) == (404, "unknownobject")


def test_set_holds_what_is_below(opened):
    concepts = read(f"/CFConcepts/{identifier('concept')}").json()["CFConcepts"]

    assert [row["title"] for row in concepts] == ["Whole", "Part"]


def test_answer_is_not_sent_again_until_it_changes(opened, django_assert_num_queries):
    first = read(f"/CFPackages/{identifier('document')}")
    kept = {"if-none-match": first["ETag"]}

    with django_assert_num_queries(3):
        again = read(f"/CFPackages/{identifier('document')}", **kept)

    assert (again.status_code, again.content) == (304, b"")
    since = {"if-modified-since": first["Last-Modified"]}
    assert read(f"/CFPackages/{identifier('document')}", **since).status_code == 304
    changed = copy.deepcopy(newer())
    changed["CFAssociations"][7]["associationType"] = "isPeerOf"
    import_case(data=as_bytes(changed), owner=opened.owner, actor=None)
    assert read(f"/CFPackages/{identifier('document')}", **kept).status_code == 200


def strange() -> dict[str, Any]:
    """Values of other shapes than the standard's, nulls, and links that are mere addresses."""
    made = odd()
    made["CFDocument"] |= {"statusStartDate": "2024-05-06T00:00:00Z", "statusEndDate": "soon", "version": 2}
    made["CFDocument"] |= {"lastChangeDateTime": "2024-05-06T07:08:09", "subjectURI": "https://x.org/subjects/1"}
    made["CFItems"][0] |= {"notes": None, "educationLevel": "KG,01", "licenseURI": {}, "conceptKeywords": []}
    made["CFItems"][1] |= {"lastChangeDateTime": "yesterday", "uri": " ", "language": True}
    made["CFAssociations"] += [
        link("ext:our own kind", "a", "b") | {"originNodeURI": "https://x.org/" + identifier("a")},
        link("our own", "a", "b"),
    ]
    level = {"score": "2.5", "feedback": "Fine", "x": 1, "extensions": [{"y": 2}, "z"]}
    worse = {"score": "?", "identifier": identifier("worse"), "description": "Without a number"}
    criterion = {"CFItemURI": to("b"), "weight": "heavy", "CFRubricCriterionLevels": [level | worse | level, worse]}
    made["CFRubrics"] = [{"title": "Guide", "CFRubricCriteria": [criterion]}]
    return made


@pytest.mark.real_files
@pytest.mark.parametrize("version", BASE)
def test_strange_values_are_reshaped(version, world):
    import_case(data=as_bytes(strange()), owner=world.places["own"].district, actor=None)
    framework = Framework.objects.select_related("owner").get(case_identifier=identifier("document"))

    package = serve_package(framework, version, "https://cairn.example.org")

    assert problems("/CFPackages/{sourcedId}", package, version) == []
    document = package["CFDocument"]
    told = [document[key] for key in ("statusStartDate", "version", "subject")]
    assert told == ["2024-05-06", "2", ["Mathematics"]]
    assert document["lastChangeDateTime"] == "2024-05-06T07:08:09Z"
    assert {row["associationType"] for row in package["CFAssociations"]} == {
        *("isChildOf", "precedes", "isPeerOf"),
        *(["isRelatedTo"] if version == "1.0" else ["ext:our-own-kind", "ext:our-own"]),
    }


def test_list_says_of_a_revised_framework_what_its_document_says(opened):
    target = Target.objects.get(case_identifier=identifier("t2"))
    for statement in ("Said anew", "Said once more"):
        revision = open_revision(framework=opened, title=statement, actor=None, day=DAY)
        edit = Edit(Subject.TARGET, target.uuid, {"statement": statement})
        make_edits(framework=opened, edits=[edit], actor=None, day=DAY)
        publish_revision(revision=revision, actor=None, day=DAY)

    listed = [raw for raw in read("/CFDocuments").json()["CFDocuments"] if raw["identifier"] == identifier("document")]

    assert listed == [read(f"/CFDocuments/{identifier('document')}").json()]
    assert listed[0]["lastChangeDateTime"] != MOMENT
    Revision.objects.update(is_imported=True)
    assert read("/CFDocuments").json()["CFDocuments"][0]["lastChangeDateTime"] == MOMENT
    assert read("/CFDocuments", "1.0").json()["CFDocuments"][0].keys() == listed[0].keys() - {
        "caseVersion", "frameworkType", "extensions",
    }  # fmt: skip
