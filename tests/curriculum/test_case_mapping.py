"""Reading a package and giving it our meaning: pure functions, no database."""

import json
from contextlib import suppress
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum.calculations.circles import circle, closing
from curriculum.imports import Curriculum, map_package, read_package
from lpm.lib.imports import ImportRefused
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


def mapped(value: Any) -> Curriculum:
    return map_package(read_package(as_bytes(value)))


def refused(data: bytes) -> list[str]:
    with pytest.raises(ImportRefused) as raised:
        read_package(data)
    assert all(problem.sentence for problem in raised.value.problems)
    return [problem.code for problem in raised.value.problems if problem.refuses]


def targets_of(curriculum: Curriculum, topic: str) -> list[str]:
    rows = sorted((row for row in curriculum.targets if row.topic == topic), key=lambda row: row.position)
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    return [row.identifier for row in rows]


# Meaning


def test_ccss_shape_gives_areas_topics_and_parts():
    curriculum = mapped(in_the_shape_of_ccss())

    assert [(area.identifier, area.title) for area in curriculum.areas] == [
        ("practices", "Practice"),
        ("content", "Content"),
        ("category", "Shapes"),
    ]
    assert [(t.identifier, t.area, t.title, t.position) for t in curriculum.topics] == [
        ("practices", "practices", "Practice", 1),
        ("geometry-k", "content", "geometry", 1),
        ("geometry-h", "category", "Geometry", 1),
    ]
    assert {row.identifier: row.part_of for row in curriculum.targets if row.part_of} == {
        "1.G.1.a": "1.G.1",
        "1.G.1.b": "1.G.1",
    }


def test_merged_topic_runs_by_grade_then_enumeration_as_numbers():
    curriculum = mapped(in_the_shape_of_ccss())

    assert targets_of(curriculum, "geometry-k") == ["K.G.1", "1.G.1", "1.G.1.a", "1.G.1.b", "1.G.2", "1.G.10"]
    assert curriculum.topics[1].members == ("geometry-k", "geometry-1")
    assert curriculum.topics[1].code == ""  # two codes, and neither is the code of the whole


def test_grades_come_from_the_nearest_above_that_has_some():
    grades = {row.identifier: row.grades for row in mapped(in_the_shape_of_ccss()).targets}

    assert grades["1.G.1.a"] == ("01",)
    assert grades["HSG.1"] == ("09", "10")
    assert grades["mp1"] == ("KG", "01")


@pytest.mark.real_files
@pytest.mark.parametrize("path", CCSS, ids=lambda path: path.name)
def test_ccss_mathematics_is_whole(path):
    curriculum = map_package(read_package(path.read_bytes()))

    wholes = [row for row in curriculum.targets if not row.part_of]
    assert len(curriculum.areas) == 7
    assert len(curriculum.topics) == 34
    assert len(wholes) == 393
    assert len(curriculum.targets) - len(wholes) == 124
    assert [problem.code for problem in curriculum.problems] == ["formatting_made_plain"]
    fractions = next(topic for topic in curriculum.topics if "Fractions" in topic.title)
    codes = {row.identifier: row.code for row in wholes}
    assert [codes[i] for i in targets_of(curriculum, fractions.identifier) if i in codes] == [
        *(f"3.NF.A.{number}" for number in (1, 2, 3)),
        *("4.NF.A.1", "4.NF.A.2", "4.NF.B.3", "4.NF.B.4", "4.NF.C.5", "4.NF.C.6", "4.NF.C.7"),
        *("5.NF.A.1", "5.NF.A.2", *(f"5.NF.B.{number}" for number in (3, 4, 5, 6, 7))),
    ]


def test_our_own_types_map_one_to_one():
    curriculum = mapped(our_own())

    assert [(area.identifier, area.title) for area in curriculum.areas] == [("area", "Mathematics")]
    assert [(t.identifier, t.area, t.code, t.title) for t in curriculum.topics] == [
        ("topic", "area", "FR", "Fractions")
    ]
    first = curriculum.targets[0]
    assert (first.code, first.short_title, first.statement) == ("FR.1", "Name parts", "Statement of t1")
    assert (first.i_can, first.grades, first.position) == ("I can name parts.", ("03",), 1)
    assert curriculum.prerequisites == (("t1", "t2"),)
    assert [(row.target, row.value, row.description) for row in curriculum.guide] == [
        ("t1", Decimal(0), "Not yet."),
        ("t1", Decimal("3.0"), "All."),
        ("t1", Decimal("2.5"), "Nearly all."),
    ]
    assert curriculum.document.language == "en"


def test_two_measurement_topics_of_one_title_stay_two():
    curriculum = mapped(
        tree(
            ("area", "Content Area", None),
            ("a", "Measurement Topic", "area", {"fullStatement": "Same"}),
            ("b", "Measurement Topic", "area", {"fullStatement": "Same"}),
            ("t", "Learning Target", "b"),
        )
    )

    assert [(topic.identifier, topic.position) for topic in curriculum.topics] == [("a", 1), ("b", 2)]


def test_without_types_leaves_are_targets_and_their_parents_topics():
    curriculum = mapped(
        tree(("top", None, None), ("middle", None, "top"), ("leaf", None, "middle"), ("leaf2", None, "top"))
    )

    assert [area.identifier for area in curriculum.areas] == ["top"]
    assert [(topic.identifier, topic.area) for topic in curriculum.topics] == [("middle", "top"), ("top", "top")]
    assert {row.identifier: row.topic for row in curriculum.targets} == {"leaf": "middle", "leaf2": "top"}


def test_targets_right_under_the_document_have_it_as_topic_and_area():
    curriculum = mapped(tree(("only", "Standard", None)))

    assert [(area.identifier, area.title) for area in curriculum.areas] == [(DOCUMENT, "Maths")]
    assert [(topic.identifier, topic.area) for topic in curriculum.topics] == [(DOCUMENT, DOCUMENT)]


def test_domains_at_the_top_are_topics_of_one_area():
    curriculum = mapped(tree(("d1", "Domain", None), ("s1", "Standard", "d1"), ("d2", "Domain", None)))

    assert [area.identifier for area in curriculum.areas] == [DOCUMENT]
    assert [topic.identifier for topic in curriculum.topics] == ["d1", "d2"]


def test_what_has_no_type_below_a_target_is_a_part_of_it():
    curriculum = mapped(tree(("s", "Standard", None), ("x", None, "s"), ("y", "Breakout", "x")))

    assert {row.identifier: row.part_of for row in curriculum.targets} == {"s": None, "x": "s", "y": "s"}


def test_a_component_without_a_standard_is_a_target():
    assert [row.part_of for row in mapped(tree(("c", "Component", None))).targets] == [None]


def test_siblings_by_sequence_then_enumeration_then_file():
    items = [item(name) for name in "abcde"]
    items[2]["listEnumeration"] = "10"
    items[3]["listEnumeration"] = "9"
    links = [under("a"), under("b"), under("c"), under("d"), under("e", sequence=1)]

    assert targets_of(mapped(package(items, links)), DOCUMENT) == ["e", "d", "c", "a", "b"]


def test_grades_in_ceds_order_and_as_files_write_them():
    rows = [("g1", "1"), ("k", "K"), ("pk", ["PK"]), ("none", None), ("hs", "10,09"), ("odd", ["X"])]
    curriculum = mapped(tree(*((name, "Standard", None, {"educationLevel": grade}) for name, grade in rows)))

    assert targets_of(curriculum, DOCUMENT) == ["pk", "k", "g1", "hs", "none", "odd"]
    assert {row.identifier: row.grades for row in curriculum.targets}["hs"] == ("09", "10")


def test_long_abbreviation_is_no_short_title():
    curriculum = mapped(tree(("s", "Standard", None, {"abbreviatedStatement": "x" * 201})))

    assert curriculum.targets[0].short_title == ""


def test_topic_with_a_short_title_keeps_its_full_words():
    fields = {"fullStatement": "All about parts", "abbreviatedStatement": "Parts"}
    topic = mapped(tree(("t", "Measurement Topic", None, fields))).topics[0]

    assert (topic.title, topic.description) == ("Parts", "All about parts")


def test_several_criteria_for_one_level_are_told_one_below_the_other():
    made = our_own()
    made["CFRubrics"] = [rubric("t1", (3, "Content.")), rubric("t1", (3.0, "Process."))]

    assert [row.description for row in mapped(made).guide] == ["Content.\nProcess."]


def test_level_without_description_is_told_by_its_quality():
    made = our_own()
    levels = [{"score": 1, "quality": "getting started"}, {"score": 2}]
    made["CFRubrics"] = [{"CFRubricCriteria": [{"CFItemURI": "t1", "CFRubricCriterionLevels": levels}]}]

    assert [row.description for row in mapped(made).guide] == ["getting started"]


def test_guide_of_a_topic_is_left_out_with_a_word():
    made = our_own()
    made["CFRubrics"] = [rubric("topic", (3, "All.")), {"CFRubricCriteria": [{"category": "Loose"}]}]
    curriculum = mapped(made)

    assert curriculum.guide == ()
    assert [problem.code for problem in curriculum.problems] == ["criterion_without_item", "guide_without_target"]


def test_precedes_between_topics_is_no_prerequisite():
    made = in_the_shape_of_ccss()
    made["CFAssociations"].append(link("precedes", "geometry-k", "geometry-1"))
    curriculum = mapped(made)

    assert (curriculum.prerequisites, curriculum.problems) == ((), ())


# Leniency


def test_wrapped_package_reads_the_same():
    assert mapped({"CFPackage": our_own()}) == mapped(our_own())


def test_byte_order_mark_reads_the_same():
    assert read_package(b"\xef\xbb\xbf" + as_bytes(our_own())) == read_package(as_bytes(our_own()))


def test_nulls_stand_for_what_is_missing():
    made = our_own()
    for raw in [made["CFDocument"], *made["CFItems"]]:
        raw.update(notes=None, language=None, subject="Maths", adoptionStatus="draft")
    made["CFItems"][2].update(humanCodingScheme=None, educationLevel=None, extensions=None)
    made["CFRubrics"] = None

    curriculum = mapped(made)

    codes = {row.identifier: row.code for row in curriculum.targets}
    assert (codes, curriculum.problems) == ({"t1": "", "t2": "FR.2", "t2a": "FR.2.a"}, ())


def test_codes_may_come_twice():
    curriculum = mapped(tree(*((name, None, None, {"humanCodingScheme": "A.1"}) for name in "ab")))

    assert [row.code for row in curriculum.targets] == ["A.1", "A.1"]


def test_text_is_tidied_and_its_lines_kept():
    statement = "\ufeff One\u200b  line \r\n\r\n\r\n\r\n| a\t| b |\r\n\x00\ud800𝒳 <i>x</i> $x^2$ \u200d"
    target = mapped(tree(("s", None, None, {"fullStatement": statement}))).targets[0]

    assert target.statement == "One line\n\n| a | b |\n𝒳 x $x^2$"


def test_uuids_are_one_in_either_case():
    upper = "AAAAAAAA-0000-4000-8000-00000000000A"
    made = package([item(upper)], [under(upper.lower())])

    assert read_package(as_bytes(made)).items[0].identifier == upper.lower()
    made["CFItems"].append(item(upper.lower()))
    assert refused(as_bytes(made)) == ["duplicate_identifier"]


def test_references_may_name_the_uri():
    made = package([item("a", uri="https://x/a"), item("b", uri="https://x/b")], [])
    made["CFAssociations"] = [
        {"associationType": "isChildOf", "originNodeURI": {"uri": "https://x/a"}, "destinationNodeURI": "https://x/b"}
    ]

    assert [read.parent for read in read_package(as_bytes(made)).items] == ["b", None]


def test_links_to_elsewhere_are_counted():
    made = our_own()
    made["CFAssociations"] += [
        link("exactMatchOf", "t1", "elsewhere"),
        link("isRelatedTo", "elsewhere", "t1"),
        link("isChildOf", "nobody", "topic"),
        link("isChildOf", "t1", "elsewhere"),  # it has a parent here
        link("precedes", "t1", "elsewhere"),
        {"associationType": "isPartOf"},
        "not even a link",
    ]
    read = read_package(as_bytes(made))

    assert [(problem.code, problem.refuses) for problem in read.problems] == [("outside_links", False)]
    assert "7 links" in read.problems[0].sentence
    assert read.precedes == (("t1", "t2"),)


def test_items_without_a_place_stand_at_the_top():
    read = read_package(as_bytes(package([item("a"), item("b")], [under("a")])))

    assert [problem.code for problem in read.problems] == ["no_parent"]
    assert [row.parent for row in read.items] == [None, None]


def test_circle_of_prerequisites_loses_one_step_that_is_named():
    made = our_own()
    made["CFAssociations"] += [link("precedes", "t2", "t1"), link("precedes", "t1", "t1")]
    read = read_package(as_bytes(made))

    assert read.precedes == (("t1", "t2"),)
    assert [problem.code for problem in read.problems] == ["circle_of_prerequisites"] * 2
    assert "FR.2 → FR.1" in read.problems[0].sentence


# Refusals


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff\xfe{\x00}\x00", "not_utf_8"),
        (b'{"CFDocument": "\xe9"}', "not_utf_8"),
        (b"hello", "not_json"),
        (b"{'a': 1}", "not_json"),
        (b'{"a": 1,}', "not_json"),
        (b"{} {}", "not_json"),
        (b"<!doctype html>", "not_json"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":' * 100_000, "too_deep"),
        (b'{"CFDocument": NaN}', "bad_number"),
        (b'{"a": -Infinity}', "bad_number"),
        (b'{"a": 1e999}', "bad_number"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "bad_number"),
        (b"[1, 2]", "wrong_package"),
        (b'"CFPackage"', "wrong_package"),
        (b"null", "wrong_package"),
        (b"{}", "wrong_package"),
        (b'{"CFPackage": []}', "wrong_package"),
        (b'{"CFDocuments": []}', "wrong_package"),
        (b'{"CFItems": []}', "no_document"),
        (b'{"CFItems": [], "CFDocument": "x"}', "no_document"),
        (b'{"CFDocument": {"identifier": "d"}}', "no_items"),
        (b'{"CFDocument": {"identifier": "d"}, "CFItems": []}', "no_items"),
        (b'{"CFDocument": {"identifier": "d"}, "CFItems": {}}', "no_items"),
        (b'{"CFDocument": {}, "CFItems": [{}]}', "document_without_identifier"),
    ],
)
def test_refused_whole(data, code):
    assert refused(data) == [code]


def test_truncated_file_says_so_wherever_it_ends():
    data = json.dumps({**our_own(), "é": "𝒳", "n": [-1.5e-3, True]}, indent=1, ensure_ascii=False).encode()
    for end in range(1, len(data)):
        assert refused(data[:end]) == ["truncated"]


@pytest.mark.parametrize("rest", [b'{"a": "\\u12', b'{"a": tru', b'{"a": -', b'{"a": "\\'])
def test_truncated_inside_a_word_says_so(rest):
    assert refused(rest) == ["truncated"]


def test_broken_json_is_told_with_line_and_column():
    with pytest.raises(ImportRefused) as raised:
        read_package(b'{\n "CFDocument": }')

    problem = raised.value.problems[0]
    assert (problem.line, problem.refuses) == (2, True)
    assert "line 2, column 16" in problem.sentence


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "a list"),
        (3, "a single value"),
        ({"openapi": "3.0.1"}, "an OpenAPI description"),
        ({"swagger": "2.0"}, "an OpenAPI description"),
        ({"CFDocuments": []}, "a list of frameworks"),
        ({"CFItem": {}, "CFAssociations": []}, "a single item"),
        ({"imsx_codeMajor": "failure"}, "an error message"),
        ({"users": [], "orgs\ud800": []}, "an object with the keys users, orgs"),
    ],
)
def test_wrong_package_says_what_it_looks_like(value, words):
    with pytest.raises(ImportRefused) as raised:
        read_package(as_bytes(value))

    assert words in raised.value.problems[0].sentence


def test_too_many_items_are_refused(monkeypatch):
    monkeypatch.setattr("curriculum.imports.case.MOST_ITEMS", 1)

    assert refused(as_bytes(package([item("a"), item("b")], []))) == ["too_many_items"]


def test_all_that_is_wrong_with_the_items_is_told_at_once():
    items: list[Any] = [
        item("a"),
        item("a"),
        {"fullStatement": "Without identifier"},
        item("b", statement="\u200b "),
        item("x" * 101),
        item(DOCUMENT),
        "not an item",
    ]

    assert refused(as_bytes(package(items, []))) == [
        "duplicate_identifier",
        "item_without_identifier",
        "item_without_statement",
        "identifier_too_long",
        "duplicate_identifier",
        "item_without_identifier",
    ]


def test_of_one_kind_the_first_twenty_are_told_and_the_rest_counted():
    with pytest.raises(ImportRefused) as raised:
        read_package(as_bytes(package([item("", statement=f"No {n}") for n in range(50)], [])))

    assert len(raised.value.problems) == 21
    assert "30" in raised.value.problems[-1].sentence


def test_item_under_a_parent_that_is_not_there_goes_to_the_top():
    read = read_package(as_bytes(package([item("a")], [under("a", "elsewhere")])))

    assert [(problem.code, problem.refuses) for problem in read.problems] == [("unresolved_parent", False)]
    assert [row.parent for row in read.items] == [None]


@pytest.mark.parametrize("ring", ["a", "ab", "abcdefghij"])
def test_items_inside_each_other_in_a_circle_are_refused(ring):
    links = [under(child, parent) for child, parent in zip(ring, ring[1:] + ring[0], strict=True)]
    with pytest.raises(ImportRefused) as raised:
        read_package(as_bytes(package([item(name) for name in ring], [under(ring[0]), *links])))

    assert [problem.code for problem in raised.value.problems] == ["circle"]
    assert "Statement of a › " in raised.value.problems[0].sentence


@pytest.mark.parametrize("score", [None, "", "high", True, [3], "NaN", "1e99999999"])
def test_level_without_a_number_is_left_out_with_a_word(score):
    made = our_own()
    made["CFRubrics"] = [rubric("t1", (score, "Words."), (3, "All."))]
    curriculum = mapped(made)

    assert [(problem.code, problem.refuses) for problem in curriculum.problems] == [("level_without_number", False)]
    assert [row.description for row in curriculum.guide] == ["All."]


@pytest.mark.parametrize("reference", ["nowhere", {"identifier": "nowhere"}, {}, 7, DOCUMENT])
def test_scoring_guide_for_nothing_in_the_package_is_refused(reference):
    made = our_own()
    made["CFRubrics"] = [rubric("t1", (3, "All."), CFItemURI=reference)]

    assert refused(as_bytes(made)) == ["unresolved_criterion"]


@pytest.mark.parametrize("part", ["CFAssociations", "CFRubrics"])
def test_part_that_is_no_list_is_refused(part):
    assert refused(as_bytes({**our_own(), part: {"a": 1}})) == ["not_a_list"]


# Every file, and no file at all


@pytest.mark.real_files
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_file_is_read_or_refused_in_words(path):
    curriculum = map_package(read_package(path.read_bytes()))

    assert curriculum.targets


def test_demo_file_has_nothing_odd():
    curriculum = map_package(read_package(DEMO.read_bytes()))

    assert curriculum.problems == ()
    assert curriculum.targets
    assert curriculum.guide


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def only_refuses(data: bytes) -> None:
    with suppress(ImportRefused):
        map_package(read_package(data))


@given(ANY_JSON)
def test_any_json_is_read_or_refused(value):
    only_refuses(json.dumps(value).encode())


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    only_refuses(data)


@given(st.data())
@settings(max_examples=300)
def test_package_with_anything_anywhere_is_read_or_refused(data):
    made: Any = our_own()
    for _ in range(data.draw(st.integers(1, 3))):
        spot: Any = made
        while isinstance(spot, dict | list) and spot:
            key: Any = data.draw(st.sampled_from(sorted(spot) if isinstance(spot, dict) else range(len(spot))))
            if not isinstance(spot[key], dict | list) or data.draw(st.booleans()):
                spot[key] = data.draw(ANY_JSON | st.sampled_from([DOCUMENT, "t1", "t2", "topic"]))
                break
            spot = spot[key]
    only_refuses(json.dumps(made).encode())


@given(st.data())
@settings(max_examples=300)
def test_package_with_mutated_bytes_is_read_or_refused(data):
    content = bytearray(as_bytes(our_own()))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    only_refuses(bytes(content))


EDGES = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=20, unique=True)


@given(EDGES, EDGES)
def test_closing_leaves_no_circle_and_never_touches_what_stands(edges, candidates):
    standing = [edge for edge in candidates if edge[0] < edge[1]]
    left_out = closing(edges, standing)

    kept = [edge for edge in edges if edge not in left_out]
    assert circle([*standing, *kept]) == []
    assert bool(left_out) == bool(circle([*standing, *edges]))


@given(EDGES)
def test_circle_is_one(edges):
    around = circle(edges)

    assert set(pairwise(around)) <= set(edges)
    assert not around or around[0] == around[-1]
