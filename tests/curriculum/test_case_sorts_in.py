"""What the items of a package become: proposed, said otherwise, remembered."""

from __future__ import annotations

from typing import Any

import pytest

from curriculum.enums import ItemKind
from curriculum.imports import CaseReport, import_case, map_package, propose_mapping, read_package, read_rules
from curriculum.models import Framework, MappingRule, Revision, Target, Topic
from curriculum.services import publish_revision
from lpm.lib.imports import ImportRefused
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization
from lpm.people.services import create_organization
from tests.curriculum.packages import as_bytes, in_the_shape_of_ccss, tree
from tests.world import DAY

Rule = dict[tuple[str, int], ItemKind]


@pytest.fixture
def district(db: None) -> Organization:
    return create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)


def brought_in(owner: Organization, value: Any, rules: Rule | None = None, **options: Any) -> CaseReport:
    return import_case(data=as_bytes(value), owner=owner, actor=None, rules=rules, **options)


def strands() -> dict[str, Any]:
    """Types of a state that nobody else has: a strand of standards of benchmarks, and one standard without any."""
    return tree(
        ("strand", "Strand", None),
        ("s1", "Big Idea", "strand"),
        ("b1", "Benchmark", "s1"),
        ("b2", "Benchmark", "s1"),
        ("s2", "Big Idea", "strand"),
    )


def test_each_sort_is_told_with_examples_and_what_it_becomes():
    sorts = propose_mapping(read_package(as_bytes(in_the_shape_of_ccss())))

    assert [(sort.type, sort.depth, sort.count, sort.proposed) for sort in sorts] == [
        ("", 1, 3, ItemKind.GROUP),
        ("Standard", 2, 1, ItemKind.TARGET),
        ("Grade Level", 2, 2, ItemKind.GROUP),
        ("Domain", 3, 3, ItemKind.TOPIC_ACROSS),
        ("Standard", 4, 2, ItemKind.TARGET),
        ("Cluster", 4, 1, ItemKind.GROUP),
        ("Standard", 5, 3, ItemKind.TARGET),
        ("Component", 6, 2, ItemKind.PART),
        ("Conceptual Category", 2, 1, ItemKind.AREA),
    ]
    assert sorts[0].examples == ("Practice", "Content", "High School")
    assert all(sort.kind == sort.proposed for sort in sorts)


def test_sort_whose_items_become_several_things_is_told_so():
    proposed = {sort.type: sort.proposed for sort in propose_mapping(read_package(as_bytes(strands())))}

    assert proposed == {"Strand": ItemKind.GROUP, "Big Idea": None, "Benchmark": ItemKind.TARGET}


def test_rules_say_it_otherwise():
    rules: Rule = {("big idea", 2): ItemKind.TARGET, ("strand", 1): ItemKind.TOPIC, ("benchmark", 3): ItemKind.PART}
    package = read_package(as_bytes(strands()))
    curriculum = map_package(package, rules)

    assert [row.identifier for row in curriculum.topics] == ["strand"]
    assert {(row.identifier, row.part_of) for row in curriculum.targets} == {
        ("s1", None),
        ("s2", None),
        ("b1", "s1"),
        ("b2", "s1"),
    }
    assert {sort.type: sort.kind for sort in propose_mapping(package, rules)} == {
        "Strand": ItemKind.TOPIC,
        "Big Idea": ItemKind.TARGET,
        "Benchmark": ItemKind.PART,
    }


def test_any_type_can_be_one_topic_across_grades():
    value = tree(
        ("g1", "Grade", None),
        ("a1", "Field", "g1", {"fullStatement": "Geometry"}),
        ("t1", None, "a1"),
        ("a2", "Field", "g1", {"fullStatement": "geometry"}),
        ("t2", None, "a2"),
    )
    package = read_package(as_bytes(value))

    assert len(map_package(package).topics) == 2
    assert len(map_package(package, {("field", 2): ItemKind.TOPIC_ACROSS}).topics) == 1


def test_without_a_target_it_is_told():
    rules: Rule = {("benchmark", 3): ItemKind.GROUP, ("big idea", 2): ItemKind.GROUP}
    curriculum = map_package(read_package(as_bytes(strands())), rules)

    assert [(problem.code, problem.refuses) for problem in curriculum.problems] == [("no_targets", False)]


def test_report_tells_sorts_and_what_they_give(district):
    report = brought_in(district, strands(), dry_run=True).as_json()

    assert report["results"] == {"areas": 1, "topics": 2, "targets": 3, "parts": 0}
    assert report["sorts"][1] == {
        "type": "Big Idea",
        "depth": 2,
        "count": 2,
        "examples": ["Statement of s1", "Statement of s2"],
        "proposed": None,
        "kind": None,
    }


def test_what_was_said_is_remembered_for_the_next_version(district):
    brought_in(district, strands(), {("big idea", 2): ItemKind.TARGET})
    assert list(MappingRule.objects.values_list("item_type", "depth", "kind")) == [("big idea", 2, "target")]
    assert set(Target.objects.current().values_list("case_identifier", flat=True)) == {"s1", "s2"}

    again = brought_in(district, strands())

    assert not again.changes_anything
    assert again.sorts[1]["kind"] == ItemKind.TARGET


def test_said_otherwise_later_it_is_proposed_as_a_revision(district):
    brought_in(district, strands())
    report = brought_in(district, strands(), {("big idea", 2): ItemKind.TARGET, ("benchmark", 3): ItemKind.PART})
    publish_revision(revision=Revision.objects.get(uuid=report.revision or ""), actor=None, day=DAY)

    rows = Target.objects.filter(retired_on=None).values_list("case_identifier", "part_of__case_identifier")
    assert set(rows) == {("s1", None), ("s2", None), ("b1", "s1"), ("b2", "s1")}
    assert set(Topic.objects.filter(retired_on=None).values_list("case_identifier", flat=True)) == {"strand"}
    report = brought_in(district, strands(), {("benchmark", 3): ItemKind.TARGET})
    assert {rule.kind for rule in MappingRule.objects.filter(item_type="benchmark")} == {ItemKind.TARGET}
    assert report.proposes


@pytest.mark.parametrize(
    "value",
    [{}, [1], [{"type": "a", "kind": "target"}], [{"depth": 0, "kind": "target"}], [{"depth": 1, "kind": "x"}]],
)
def test_rules_that_cannot_be_read_are_refused(value):
    with pytest.raises(ImportRefused) as raised:
        read_rules(value)
    assert [problem.code for problem in raised.value.problems] == ["bad_mapping"]


def test_rules_are_read():
    assert read_rules([{"type": " Big  Idea", "depth": "2", "kind": "TARGET"}, {"depth": 1, "kind": "group"}]) == {
        ("big idea", 2): ItemKind.TARGET,
        ("", 1): ItemKind.GROUP,
    }


def test_framework_of_another_owner_has_its_own_rules(district):
    other = create_organization(kind=OrganizationKind.DISTRICT, name="South", parent=None)
    brought_in(district, strands(), {("big idea", 2): ItemKind.TARGET})
    brought_in(other, strands())

    assert Framework.objects.get(owner=other).mapping_rules.count() == 0
    assert Target.objects.current().filter(topic__area__framework__owner=other).count() == 3
