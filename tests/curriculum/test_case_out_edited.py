"""What was written here since a file came in goes out in its place, and nothing else changes."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from curriculum.enums import ChangeKind, Domain, FrameworkStatus, Subject
from curriculum.exports import export_package
from curriculum.imports import import_case
from curriculum.models import ContentArea, Crosswalk, Framework, GuideLevel, Prerequisite, Scale, Target, Topic
from curriculum.services import Edit, make_edits, open_revision, publish_revision
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization
from lpm.people.services import create_organization
from tests.curriculum.case_files import MOMENT, identifier, newer
from tests.curriculum.packages import as_bytes, our_own

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)
Named = dict[str, dict[str, Any]]


@pytest.fixture
def district() -> Organization:
    return create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)


@pytest.fixture
def draft(district) -> Framework:
    import_case(data=as_bytes(newer()), owner=district, actor=None)
    Framework.objects.update(status=FrameworkStatus.DRAFT)
    return Framework.objects.select_related("owner").get()


def out(framework: Framework) -> dict[str, Any]:
    return export_package(Framework.objects.select_related("owner").get(pk=framework.pk)).package


def edit(framework: Framework, *edits: Edit) -> None:
    make_edits(framework=framework, edits=edits, actor=None, day=DAY)


def target(name: str) -> Target:
    return Target.objects.get(case_identifier=identifier(name))


def reworded(name: str, **values: Any) -> Edit:
    return Edit(Subject.TARGET, target(name).uuid, values)


def differences(package: dict[str, Any], key: str) -> Named:
    """The members that are not as in the file, by identifier of the object; None where it is not there any more."""
    before = {raw["identifier"]: raw for raw in newer()[key]}
    after = {raw["identifier"]: raw for raw in package[key]}
    return {
        known: {
            name: after.get(known, {}).get(name)
            for name in {**before.get(known, {}), **after.get(known, {})}
            if name != "lastChangeDateTime" and before.get(known, {}).get(name) != after.get(known, {}).get(name)
        }
        for known in {**before, **after}
        if before.get(known) != after.get(known)
    }


def test_words_of_a_target_take_the_place_of_the_files(draft):
    words = {"statement": "New", "short_title": "", "code": "FR.1b", "grades": ["04"], "i_can": "", "language": "en"}
    edit(draft, reworded("t1", **words))

    package = out(draft)

    assert differences(package, "CFItems") == {
        identifier("t1"): {
            "fullStatement": "New",
            "abbreviatedStatement": None,
            "humanCodingScheme": "FR.1b",
            "educationLevel": ["04"],
            "language": "en",
            "extensions": {"theirs": {"deep": [1, 2.5]}},
        }
    }
    assert {key for key in ("CFAssociations", "CFRubrics") if differences(package, key)} == set()
    moments = {raw["identifier"]: raw["lastChangeDateTime"] for raw in package["CFItems"]}
    assert {known for known, moment in moments.items() if moment != MOMENT} == {identifier("t1")}


def test_words_of_area_topic_and_framework(draft):
    Framework.objects.update(title="Our maths", notes="Ours", status=FrameworkStatus.RETIRED)
    ContentArea.objects.update(title="Numbers", domain=Domain.REASONING)
    Topic.objects.update(title="Parts", code="P", description="Now in parts", retired_on=DAY)

    package = out(draft)

    assert differences(package, "CFItems") == {
        identifier("area"): {"fullStatement": "Numbers", "extensions": {"lpm": {"domain": "reasoning"}}},
        identifier("topic"): {
            "fullStatement": "Parts",
            "humanCodingScheme": "P",
            "notes": "Now in parts",
            "statusEndDate": "2026-11-19",
        },
    }
    document = {key: value for key, value in package["CFDocument"].items() if newer()["CFDocument"].get(key) != value}
    del document["lastChangeDateTime"]
    assert document == {"title": "Our maths", "notes": "Ours", "adoptionStatus": "Deprecated"}


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ("What", {"description": "What"}),
        ("What\n\nBecause", {"description": "What", "notes": "Because"}),
        ("All new", {"notes": "All new"}),
    ],
)
def test_description_stays_where_the_notes_begin_with_it(notes, expected, district):
    made = newer()
    made["CFDocument"] |= {"description": "What", "notes": "Why"}
    import_case(data=as_bytes(made), owner=district, actor=None)
    Framework.objects.update(notes=notes)

    document = out(Framework.objects.get())["CFDocument"]

    assert {key: document[key] for key in ("description", "notes") if key in document} == expected


def test_new_target_hangs_behind_its_siblings(draft):
    topic, before = Topic.objects.get(), target("t3")
    values = {"topic": str(topic.uuid), "statement": "Added", "position": 9, "requires": [str(before.uuid)]}
    new = Edit(Subject.TARGET, uuid4(), values, ChangeKind.ADDED)
    edit(draft, new)
    added = Target.objects.get(statement="Added").case_identifier

    package = out(draft)

    assert differences(package, "CFItems")[added]["CFItemType"] == "Learning Target"
    links = list(differences(package, "CFAssociations").values())
    assert [(link["associationType"], link.get("sequenceNumber")) for link in links] == [
        ("isChildOf", 4),
        ("precedes", None),
    ]
    assert links[0]["destinationNodeURI"] == {
        "title": "FR",
        "identifier": identifier("topic"),
        "uri": newer()["CFItems"][1]["uri"],
    }
    assert links[1]["originNodeURI"]["identifier"] == identifier("t3")


def test_step_taken_away_goes(draft):
    Prerequisite.objects.all().delete()

    gone = {raw["identifier"] for raw in newer()["CFAssociations"] if raw["associationType"] == "precedes"}
    assert set(differences(out(draft), "CFAssociations")) == gone


def test_other_order_and_other_place(draft):
    edit(draft, reworded("t1", position=8), reworded("t3", position=1), reworded("t2", position=2))
    edit(draft, reworded("t2a", part_of=str(target("t3").uuid)))

    links = differences(out(draft), "CFAssociations")

    numbers = {raw["identifier"]: raw["originNodeURI"]["title"] for raw in newer()["CFAssociations"]}
    told = {numbers[known]: change for known, change in links.items()}
    assert {name: change.get("sequenceNumber") for name, change in told.items()} == {"t1": 3, "t3": 1, "t2a": None}
    assert told["t2a"]["destinationNodeURI"]["identifier"] == identifier("t3")


def test_lines_of_guides_change_come_and_go(draft):
    edit(draft, reworded("t1", guide={"0.00": "", "2.50": "Almost.", "4.00": "More."}))
    edit(draft, reworded("t2", guide={"3.00": "All."}))
    GuideLevel.objects.create(topic=Topic.objects.get(), value=Decimal(3), description="The whole topic.")

    rubrics = {raw["title"]: raw["CFRubricCriteria"][0] for raw in out(draft)["CFRubrics"]}

    told = {
        title: (criterion["CFItemURI"]["identifier"], [(level["score"], level["description"]) for level in levels])
        for title, criterion in rubrics.items()
        if (levels := criterion["CFRubricCriterionLevels"])
    }
    assert told == {
        "Guide": (identifier("t1"), [(2.5, "Almost."), (3, "All of it."), (4, "More.")]),
        "FR.2": (identifier("t2"), [(3, "All.")]),
        "FR": (identifier("topic"), [(3, "The whole topic.")]),
    }


def test_published_revision_moves_the_moment_of_what_it_changed(draft):
    Framework.objects.update(status=FrameworkStatus.PUBLISHED)
    revision = open_revision(framework=draft, title="New words", actor=None, day=DAY)
    edit(draft, reworded("t2", statement="Said anew"))
    publish_revision(revision=revision, actor=None, day=DAY)
    revision.refresh_from_db()

    package = out(draft)

    published = revision.published_at.isoformat(timespec="seconds") if revision.published_at else ""
    moments = {raw["identifier"]: raw["lastChangeDateTime"] for raw in [package["CFDocument"], *package["CFItems"]]}
    assert {known: moment for known, moment in moments.items() if moment != MOMENT} == {
        identifier("document"): published,
        identifier("t2"): published,
    }


def test_target_that_ended_with_an_earlier_file_is_not_in_a_later_one(draft):
    made = newer()
    made["CFItems"] = [raw for raw in made["CFItems"] if raw["identifier"] != identifier("t3")]
    made["CFAssociations"] = [raw for raw in made["CFAssociations"] if raw["originNodeURI"]["title"] != "t3"]
    import_case(data=as_bytes(made), owner=draft.owner, actor=None)
    assert identifier("t3") in {raw["identifier"] for raw in out(draft)["CFItems"]}  # a draft keeps it

    Target.objects.filter(case_identifier=identifier("t3")).update(retired_on=DAY)

    assert out(draft) == made


def test_what_goes_out_comes_in_elsewhere_and_goes_out_the_same(draft):
    edit(draft, reworded("t1", statement="New", guide={"4.00": "More."}, requires=[]), reworded("t3", position=1))
    package = out(draft)
    far = create_organization(kind=OrganizationKind.DISTRICT, name="South", parent=None)

    import_case(data=as_bytes(copy.deepcopy(package)), owner=far, actor=None)

    assert export_package(Framework.objects.select_related("owner").get(owner=far)).package == package


def test_framework_written_here_comes_in_elsewhere(world):
    framework = Framework.objects.select_related("owner").get(pk=world.places["own"].framework.pk)
    package = export_package(framework).package
    far = create_organization(kind=OrganizationKind.DISTRICT, name="Far", parent=None)

    import_case(data=as_bytes(package), owner=far, actor=None)

    def told(owner: Organization) -> list[tuple[Any, ...]]:
        rows = Target.objects.filter(topic__area__framework__owner=owner).order_by("position")
        names = ("topic__area__title", "topic__title", "code", "statement", "short_title", "i_can", "grades")
        return list(rows.values_list("case_identifier", *names))

    assert told(far) == told(framework.owner) != []
    assert Scale.objects.filter(owner=far).exists()


def test_members_that_a_file_lacks_are_added_and_nothing_else(district):
    import_case(data=as_bytes(our_own()), owner=district, actor=None)

    package = out(Framework.objects.get())

    added = {"identifier", "uri", "lastChangeDateTime", "title"}
    assert package != our_own()
    assert without(package, our_own(), added) == our_own()


def without(value: Any, like: Any, names: set[str]) -> Any:
    """``value`` without the members of these names that ``like`` does not have, at every depth."""
    if isinstance(value, dict):
        return {
            key: without(part, like.get(key), names) for key, part in value.items() if key in like or key not in names
        }
    if isinstance(value, list):
        return [without(*pair, names) for pair in zip(value, like, strict=True)]
    return value


def test_older_version_leaves_out_what_it_cannot_say_and_counts_it(draft):
    export = export_package(draft, "1.0")

    assert export.left_out == {
        "CFDocument.caseVersion": 1,
        "CFDocument.frameworkType": 1,
        "CFItems.extensions": 1,
        "CFItems.subject": 1,
        "CFAssociations.notes": 1,
        "CFAssociations.extensions": 1,
        "CFAssociations.associationType": 2,
        "CFAssociations.originNodeURI.targetType": 1,
        "CFPackage.extensions": 1,
    }
    assert export.package["CFRubrics"] == newer()["CFRubrics"]
    assert export.package["CFDocument"]["x_ours"] == [1, None]


def test_newer_version_says_that_it_is(district):
    made = our_own()
    del made["CFItems"][2]["extensions"]
    import_case(data=as_bytes(made), owner=district, actor=None)
    framework = Framework.objects.select_related("owner").get()

    assert framework.case_version == "1.0"
    assert export_package(framework, "1.1").package["CFDocument"]["caseVersion"] == "1.1"


def test_what_took_the_place_of_a_target_is_told(draft):
    Framework.objects.update(status=FrameworkStatus.PUBLISHED)
    revision = open_revision(framework=draft, title="Fewer", actor=None, day=DAY)
    end = Edit(Subject.TARGET, target("t3").uuid, {}, ChangeKind.MERGED)
    edit(draft, end)
    Crosswalk.objects.create(revision=revision, source=target("t3"), destination_uuid=target("t1").uuid)
    publish_revision(revision=revision, actor=None, day=DAY)

    package = out(draft)

    assert differences(package, "CFItems") == {identifier("t3"): {"statusEndDate": "2026-11-19"}}
    [link] = differences(package, "CFAssociations").values()
    ends = [link[end]["identifier"] for end in ("originNodeURI", "destinationNodeURI")]
    assert (link["associationType"], ends) == ("replacedBy", [identifier("t3"), identifier("t1")])


def test_guide_of_a_topic_takes_the_place_of_the_one_that_went_out_before(draft):
    topic = Topic.objects.get()
    GuideLevel.objects.create(topic=topic, value=Decimal(3), description="The whole topic.")
    far = create_organization(kind=OrganizationKind.DISTRICT, name="South", parent=None)
    import_case(data=as_bytes(out(draft)), owner=far, actor=None)
    taken = Framework.objects.select_related("owner").get(owner=far)
    GuideLevel.objects.create(topic=Topic.objects.get(area__framework=taken), value=Decimal(3), description="Anew.")

    rubrics = out(taken)["CFRubrics"]

    levels = [raw["CFRubricCriteria"][0]["CFRubricCriterionLevels"] for raw in rubrics]
    assert [[level["description"] for level in part] for part in levels][1:] == [["Anew."]]


def test_several_lines_for_one_level_become_one(district):
    made = newer()
    criterion = made["CFRubrics"][0]["CFRubricCriteria"][0]
    criterion["CFRubricCriterionLevels"] += [{**criterion["CFRubricCriterionLevels"][2], "description": "And this."}]
    import_case(data=as_bytes(made), owner=district, actor=None)
    framework = Framework.objects.get()
    assert out(framework) == made
    GuideLevel.objects.filter(value=3).update(description="All.")

    levels = out(framework)["CFRubrics"][0]["CFRubricCriteria"][0]["CFRubricCriterionLevels"]

    assert [level["description"] for level in levels] == ["Not yet.", "Nearly.", "All."]
