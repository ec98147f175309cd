"""``manage.py import_prerequisites``: what comes before what, joined by code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from curriculum.enums import FrameworkStatus
from curriculum.imports import import_case
from curriculum.imports.prerequisites_read import code_key, read_graph
from curriculum.models import Framework, Prerequisite, Revision, Target
from curriculum.services import publish_revision
from curriculum.services.prerequisites import add_prerequisites
from lpm.lib.imports import ImportRefused
from lpm.people.enums import OrganizationKind
from lpm.people.services import create_organization
from tests.curriculum.packages import CCSS, ROOT, as_bytes, in_the_shape_of_ccss
from tests.world import DAY

pytestmark = pytest.mark.django_db

PROGRESSIONS = sorted((ROOT.parent / "shared/data/progressions").glob("*.json"))
GRAPH = {
    "nodes": [],
    "links": [
        {"source": "CCSS.Math.Content.1.G.A.1", "target": "1-g.2", "type": "Dependency"},
        {"source": "1.G.1", "target": "1.G.2", "type": "Dependency"},
        {"source": {"id": "1.G.1a"}, "target": {"id": "1.G.10"}},
        {"source": "1.G.2", "target": "1.G.10", "type": "Conceptual Connection"},
        {"source": "G.1", "target": "9.X.1", "type": "Dependency"},
        {"source": "1.G.10", "target": "1.G.1.a", "type": "Dependency"},
        {"source": "", "target": "1.G.1"},
    ],
}
MAP = {
    "standards": {
        "7": {"ccmathcluster_id": "1", "ordinal": "1"},
        "8": {"ccmathcluster_id": "1", "ordinal": "3.a"},
        "9": {"ccmathcluster_id": "x", "ordinal": "1"},
        "5": {"ccmathcluster_id": "2", "ordinal": "2"},
    },
    "clusters": {"1": {"ccmathdomain_id": "1", "ordinal": "A"}, "2": {"ccmathdomain_id": "2", "ordinal": "B"}},
    "domains": {"1": {"grade": "3", "ordinal": "NF"}, "2": {"grade": "HS", "ordinal": "A-REI"}},
    "edges": [{"from": "7", "to": "8"}, {"from": "8", "to": "9"}, {"from": "8", "to": "5"}],
    "nd_edges": [{"from": "7", "to": "5"}],
}


@pytest.fixture
def framework() -> Framework:
    district = create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)
    import_case(data=as_bytes(in_the_shape_of_ccss()), owner=district, actor=None)
    for target in Target.objects.all():  # the items of this package have no codes
        target.code = target.case_identifier
        target.save()
    return Framework.objects.get()


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def called(value: Any, *options: str) -> Any:
        path = tmp_path / "graph.json"
        path.write_bytes(as_bytes(value))
        call_command("import_prerequisites", str(path), "--json", *options)
        return json.loads(capsys.readouterr().out)

    return called


def steps() -> set[tuple[str, str]]:
    return set(Prerequisite.objects.values_list("required__code", "target__code"))


def draft() -> None:
    Framework.objects.update(status=FrameworkStatus.DRAFT)


@pytest.mark.parametrize(
    ("code", "same"),
    [
        ("CCSS.Math.Content.3.NF.A.3c", "3.NF.A.3.c"),
        ("3-nf.a.3 C", "3.NF.A.3.c"),
        ("HSA.REI.D.12", "HSA-REI.D.12"),
        ("A-REI.D.12", "HSA-REI.D.12"),
        ("HS.A-REI.D.12", "HSA-REI.D.12"),
        ("K.CC.A.1", " k.cc.A.1"),
    ],
)
def test_spellings_of_a_code(code, same):
    assert code_key(code) == code_key(same)
    assert code_key(code) != code_key(f"{same}.1")


def test_coherence_map_is_read():
    read = read_graph(MAP)

    assert (read.steps, read.undirected) == (
        (("3.NF.A.1", "3.NF.A.3.a"), ("3.NF.A.3.a", "#9"), ("3.NF.A.3.a", "HS.A-REI.B.2")),
        1,
    )


@pytest.mark.parametrize("value", [[], {}, {"edges": []}, {"links": {}}])
def test_something_else_is_refused(value):
    with pytest.raises(ImportRefused):
        read_graph(value)


def test_draft_gets_the_steps_and_is_told_the_rest(framework, run):
    draft()

    report = run(GRAPH)

    assert steps() == {("1.G.1", "1.G.2"), ("1.G.1.a", "1.G.10")}
    assert report["counts"] == {"prerequisites": {"add": 2, "change": 0, "same": 0, "end": 0}}
    assert (report["unjoined"], report["unjoined_count"]) == (["CCSS.Math.Content.1.G.A.1", "9.X.1"], 2)
    assert (report["steps_unjoined"], report["undirected"]) == (2, 1)
    assert (report["circles"], report["revision"]) == (["1.G.10 → 1.G.1.a"], None)
    again = run(GRAPH)
    assert (again["counts"]["prerequisites"]["add"], again["counts"]["prerequisites"]["same"]) == (0, 2)


def test_published_framework_gets_them_by_a_revision(framework, run, school_day):
    report = run(GRAPH)

    revision = Revision.objects.get()
    assert (report["revision"], steps()) == (str(revision.uuid), set())
    assert run(GRAPH)["counts"]["prerequisites"] == {"add": 0, "change": 0, "same": 2, "end": 0}
    publish_revision(revision=revision, actor=None, day=DAY)
    assert steps() == {("1.G.1", "1.G.2"), ("1.G.1.a", "1.G.10")}


def test_what_was_there_stays_and_an_open_revision_is_gone_on_with(framework, run):
    named = {target.code: target for target in Target.objects.all()}
    Prerequisite.objects.create(required=named["K.G.1"], target=named["1.G.2"])
    first = run({"links": [{"source": "mp1", "target": "1.G.2"}]})

    second = run(GRAPH)

    assert first["revision"] == second["revision"]
    change = Revision.objects.get().changes.get(subject_uuid=named["1.G.2"].uuid)
    assert set(change.after["requires"]) == {str(named[code].uuid) for code in ("K.G.1", "mp1", "1.G.1")}


def test_dry_run_writes_nothing(framework, run):
    report = run(GRAPH, "--dry-run", "--framework", str(framework.uuid))

    assert (report["applied"], report["counts"]["prerequisites"]["add"]) == (False, 2)
    assert (steps(), Revision.objects.count()) == (set(), 0)


def test_a_code_of_two_targets_joins_neither(framework, run):
    draft()
    Target.objects.filter(code="K.G.1").update(code="1.G.1")

    assert run({"links": [{"source": "1.G.1", "target": "1.G.2"}]})["unjoined"] == ["1.G.1"]
    assert steps() == set()


def test_table_for_people(framework, tmp_path, capsys):
    path = tmp_path / "graph.json"
    path.write_bytes(as_bytes(GRAPH))

    call_command("import_prerequisites", str(path), "--dry-run")

    out = capsys.readouterr().out
    assert "Steps: 2 new, 0 there already." in out
    assert "2 codes are no target's here (2 steps left out): CCSS.Math.Content.1.G.A.1, 9.X.1" in out
    assert "would close a circle: 1.G.10 → 1.G.1.a." in out
    assert out.endswith("Nothing was written.\n")
    call_command("import_prerequisites", str(path))
    assert "They wait in the revision" in capsys.readouterr().out
    draft()
    call_command("import_prerequisites", str(path))
    assert "All of it was brought in." in capsys.readouterr().out


def test_what_cannot_be_is_refused_in_one_sentence(framework, run, tmp_path, settings):
    with pytest.raises(CommandError, match="There is no curriculum"):
        run(GRAPH, "--framework", "x")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_prerequisites", str(tmp_path))
    Revision.objects.create(framework=framework, title="Waits", status="scheduled", publish_on=DAY)
    with pytest.raises(CommandError, match="waits for its day"):
        run(GRAPH)
    settings.IMPORT_MAX_BYTES = 10
    with pytest.raises(CommandError, match="too large"):
        run(GRAPH)
    Framework.objects.all().update(status=FrameworkStatus.RETIRED)
    with pytest.raises(CommandError, match="Say which"):
        run(GRAPH)


def test_who_may_not_write_adds_nothing(world, school_day):
    first, second = world.own.targets[2], world.own.targets[0]

    with pytest.raises(PermissionDenied):
        add_prerequisites(
            framework=world.own.framework, steps=[(second.uuid, first.uuid)], actor=world.teacher, day=DAY
        )

    assert not Revision.objects.exists()


@pytest.mark.real_files
def test_real_graphs_join_the_common_core(capsys):
    assert len(PROGRESSIONS) == 2
    district = create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)
    import_case(data=CCSS[0].read_bytes(), owner=district, actor=None)
    draft()
    told = []
    for path in PROGRESSIONS:
        call_command("import_prerequisites", str(path), "--json")
        report = json.loads(capsys.readouterr().out)
        counts = report["counts"]["prerequisites"]
        told.append((counts["add"], counts["same"], report["unjoined_count"], report["circles"], report["undirected"]))

    assert told == [(757, 0, 0, [], 283), (24, 705, 0, [], 144)]
    assert Prerequisite.objects.count() == 781
