"""CASE packages built for one test each, and the real ones that lie beside the checkout."""

import json
from pathlib import Path
from typing import Any

DOCUMENT = "d0000000-0000-4000-8000-000000000000"
ROOT = Path(__file__).parents[2]
REAL = sorted((ROOT.parent / "shared/data/case").glob("*.json"))
DEMO = ROOT / "tests/samples/curriculum.cfpackage.json"
CCSS = [path for path in REAL if path.name.startswith("ccss-math")]


def item(identifier: str, statement: str | None = None, item_type: str | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "identifier": identifier,
        "fullStatement": f"Statement of {identifier}" if statement is None else statement,
        **({"CFItemType": item_type} if item_type else {}),
        **fields,
    }


def link(kind: str, origin: str, destination: str, **fields: Any) -> dict[str, Any]:
    return {
        "associationType": kind,
        "originNodeURI": {"identifier": origin, "title": "", "uri": f"urn:{origin}"},
        "destinationNodeURI": {"identifier": destination, "title": "", "uri": f"urn:{destination}"},
        **fields,
    }


def under(child: str, parent: str = DOCUMENT, sequence: int | None = None) -> dict[str, Any]:
    return link("isChildOf", child, parent, **({} if sequence is None else {"sequenceNumber": sequence}))


def rubric(target: str, *levels: tuple[Any, str], **fields: Any) -> dict[str, Any]:
    return {
        "identifier": f"rubric-{target}",
        "CFRubricCriteria": [
            {
                "CFItemURI": {"identifier": target},
                "CFRubricCriterionLevels": [{"score": score, "description": text} for score, text in levels],
                **fields,
            }
        ],
    }


def package(
    items: list[dict[str, Any]],
    links: list[dict[str, Any]],
    rubrics: list[dict[str, Any]] | None = None,
    **document: Any,
) -> dict[str, Any]:
    return {
        "CFDocument": {"identifier": DOCUMENT, "title": "Maths", "creator": "Somebody", **document},
        "CFItems": items,
        "CFAssociations": links,
        **({"CFRubrics": rubrics} if rubrics is not None else {}),
    }


def as_bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


def tree(*rows: tuple[Any, ...], **document: Any) -> dict[str, Any]:
    """Rows of (identifier, type, parent, further fields)."""
    items, links = [], []
    for identifier, item_type, parent, *fields in rows:
        items.append(item(identifier, item_type=item_type, **(fields[0] if fields else {})))
        links.append(under(identifier, parent or DOCUMENT))
    return package(items, links, **document)


def our_own() -> dict[str, Any]:
    """Our types: two targets and a part, a prerequisite, a scoring guide."""
    made = tree(
        ("area", "Content Area", None, {"fullStatement": "Mathematics"}),
        ("topic", "Measurement Topic", "area", {"fullStatement": "Fractions", "humanCodingScheme": "FR"}),
        (
            "t1",
            "Learning Target",
            "topic",
            {
                "humanCodingScheme": "FR.1",
                "abbreviatedStatement": "Name parts",
                "educationLevel": ["03"],
                "extensions": {"lpm": {"iCan": "I can name parts."}},
            },
        ),
        ("t2", "Learning Target", "topic", {"humanCodingScheme": "FR.2", "educationLevel": ["04"]}),
        ("t2a", "Component", "t2", {"humanCodingScheme": "FR.2.a"}),
        language="eng",
        version="1",
    )
    made["CFAssociations"].append(link("precedes", "t1", "t2"))
    made["CFRubrics"] = [rubric("t1", (0, "Not yet."), (3.0, "All."), ("2.5", "Nearly all."))]
    return made


def in_the_shape_of_ccss() -> dict[str, Any]:
    """Practices without a type; grade levels, domains, clusters, standards, components; a category above."""
    return tree(
        ("practices", None, None, {"fullStatement": "Practice", "listEnumeration": "1"}),
        ("mp1", "Standard", "practices", {"educationLevel": ["KG", "01"]}),
        ("content", None, None, {"fullStatement": "Content", "listEnumeration": "2"}),
        ("grade-1", "Grade Level", "content", {"listEnumeration": "10", "educationLevel": ["01"]}),
        ("geometry-1", "Domain", "grade-1", {"fullStatement": "Geometry", "humanCodingScheme": "1.G"}),
        ("cluster-1", "Cluster", "geometry-1", {}),
        ("1.G.2", "Standard", "cluster-1", {"listEnumeration": "2."}),
        ("1.G.10", "Standard", "cluster-1", {"listEnumeration": "10."}),
        ("1.G.1", "Standard", "cluster-1", {"listEnumeration": "1."}),
        ("1.G.1.b", "Component", "1.G.1", {"listEnumeration": "b."}),
        ("1.G.1.a", "Component", "1.G.1", {"listEnumeration": "a."}),
        ("grade-k", "Grade Level", "content", {"listEnumeration": "9", "educationLevel": ["KG"]}),
        ("geometry-k", "Domain", "grade-k", {"fullStatement": "geometry ", "humanCodingScheme": "K.G"}),
        ("K.G.1", "Standard", "geometry-k", {}),
        ("high", None, None, {"fullStatement": "High School", "listEnumeration": "3"}),
        ("category", "Conceptual Category", "high", {"fullStatement": "Shapes", "educationLevel": ["09", "10"]}),
        ("geometry-h", "Domain", "category", {"fullStatement": "Geometry"}),
        ("HSG.1", "Standard", "geometry-h", {}),
    )
