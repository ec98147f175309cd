"""CASE packages of our own that have every member CASE requires, for what goes out again."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

SERVER = "https://case.example.org/ims/case/v1p1"
MOMENT = "2024-05-06T07:08:09+00:00"


def identifier(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


def made(kind: str, name: str, **members: Any) -> dict[str, Any]:
    known = identifier(name)
    return {"identifier": known, "uri": f"{SERVER}/{kind}/{known}", "lastChangeDateTime": MOMENT, **members}


def item(name: str, statement: str = "", item_type: str = "", **members: Any) -> dict[str, Any]:
    typed = {"CFItemType": item_type} if item_type else {}
    return made("CFItems", name, fullStatement=statement or f"Statement of {name}", **typed, **members)


def to(name: str, **members: Any) -> dict[str, Any]:
    known = identifier(name)
    return {"title": name, "identifier": known, "uri": f"{SERVER}/CFItems/{known}", **members}


def link(kind: str, origin: str, destination: str, **members: Any) -> dict[str, Any]:
    ends = {"originNodeURI": to(origin), "destinationNodeURI": to(destination)}
    return made("CFAssociations", f"{kind} {origin} {destination}", associationType=kind, **ends, **members)


def rubric(target: str, *levels: tuple[float, str]) -> dict[str, Any]:
    told = [
        made("CFRubricCriterionLevels", f"level {target} {score}", score=score, description=words, position=place)
        for place, (score, words) in enumerate(levels, start=1)
    ]
    criterion = made("CFRubricCriteria", f"criterion {target}", CFItemURI=to(target), CFRubricCriterionLevels=told)
    return made("CFRubrics", f"rubric {target}", title="Guide", CFRubricCriteria=[criterion])


def document(**members: Any) -> dict[str, Any]:
    return made("CFDocuments", "document", creator="Somebody", title="Mathematics", **members)


def newer() -> dict[str, Any]:
    """All that 1.1 knows, and links to elsewhere."""
    return {
        "CFDocument": document(
            caseVersion="1.1", frameworkType="CourseCodes", language="en", subject=["Mathematics"], x_ours=[1, None]
        ),
        "CFItems": [
            item("area", "Mathematics", "Content Area", subject=["Mathematics"]),
            item("topic", "Fractions", "Measurement Topic", humanCodingScheme="FR", notes="Parts of a whole"),
            item(
                "t1",
                "Names <b>parts</b> of a whole: x<sup>2</sup>",
                "Learning Target",
                humanCodingScheme="FR.1",
                abbreviatedStatement="Name parts",
                educationLevel=["03"],
                extensions={"lpm": {"iCan": "I can name parts."}, "theirs": {"deep": [1, 2.5]}},
            ),
            item("t2", item_type="Learning Target", humanCodingScheme="FR.2", educationLevel=["04"], x_unknown=True),
            item("t2a", item_type="Component", humanCodingScheme="FR.2.a"),
            item("t3", item_type="Learning Target", humanCodingScheme="FR.3"),
        ],
        "CFAssociations": [
            link("isChildOf", "area", "document", sequenceNumber=1),
            link("isChildOf", "topic", "area", sequenceNumber=1),
            link("isChildOf", "t1", "topic", sequenceNumber=1),
            link("isChildOf", "t2", "topic", sequenceNumber=2),
            link("isChildOf", "t2a", "t2", sequenceNumber=1),
            link("isChildOf", "t3", "topic", sequenceNumber=3),
            link("precedes", "t1", "t2", notes="Why", CFAssociationGroupingURI=to("grouping")),
            link("exactMatchOf", "t1", "elsewhere", extensions={"sure": 0.5}),
            link("ext:our.own-kind", "elsewhere", "t2"),
            link("isTranslationOf", "t1", "t2") | {"originNodeURI": to("t1", targetType="ext:other")},
        ],
        "CFDefinitions": {
            "CFConcepts": [
                made("CFConcepts", "concept", title="Whole", hierarchyCode="1"),
                made("CFConcepts", "narrower", title="Part", hierarchyCode="1.1"),
                made("CFConcepts", "other", title="Other", hierarchyCode="10"),
            ],
            "CFSubjects": [made("CFSubjects", "subject", title="Mathematics", hierarchyCode="1")],
            "CFLicenses": [made("CFLicenses", "license", title="Free", licenseText="Do as you like.")],
            "CFItemTypes": [
                made("CFItemTypes", "type", title="Learning Target", description="A target", hierarchyCode="1")
            ],
            "CFAssociationGroupings": [made("CFAssociationGroupings", "grouping", title="Ways through")],
        },
        "CFRubrics": [rubric("t1", (0, "Not yet."), (2.5, "Nearly."), (3, "All of it."))],
        "extensions": {"made": "by hand"},
    }


def japanese() -> dict[str, Any]:
    return {
        "CFDocument": document(language="ja", notes="学習指導要領\u200b"),
        "CFItems": [
            item("area", "算数", language="ja"),
            item("topic", "数と計算　", "領域"),
            item(
                "t1", "𠮷野家で2×3を<i>計算</i>する", language="ja", conceptKeywords=["かけ算"], alternativeLabel=None
            ),
        ],
        "CFAssociations": [
            link("isChildOf", "area", "document"),
            link("isChildOf", "topic", "area"),
            link("isChildOf", "t1", "topic"),
        ],
    }


def odd() -> dict[str, Any]:
    """What real packages do."""
    return {
        "CFDocument": document(subject="Mathematics", adoptionStatus="draft", description="What", notes="Why"),
        "CFItems": [item("a"), item("b", humanCodingScheme="X"), item("c", humanCodingScheme="X"), item("orphan")],
        "CFAssociations": [
            link("is Child Of", "b", "a"),
            link("isChildOf", "a", "elsewhere"),
            link("isChildOf", "c", "a", sequenceNumber="2"),
            link("precedes", "b", "c"),
            link("precedes", "c", "b"),
            link("isPeerOf", "there", "and-there"),
        ],
        "CFDefinitions": {"CFConcepts": None, "more": 1},
        "CFRubrics": None,
    }


def two_thousand() -> dict[str, Any]:
    names = [f"n{number}" for number in range(2000)]
    return {
        "CFDocument": document(),
        "CFItems": [item(name, educationLevel=["0" + name[1]]) for name in names],
        "CFAssociations": [
            link("isChildOf", name, "document" if place < 20 else names[place // 20], sequenceNumber=place)
            for place, name in enumerate(names)
        ],
    }
