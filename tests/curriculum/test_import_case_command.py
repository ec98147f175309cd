"""``manage.py import_case`` as a person or a script sees it."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from curriculum.models import Framework, Scale, Target
from lpm.audit.models import Entry
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization
from lpm.people.services import create_organization
from tests.curriculum.packages import REAL, as_bytes, item, link, our_own, package, rubric, under

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(tmp_path):
    def written(value: Any) -> str:
        path = tmp_path / "package.json"
        path.write_bytes(value if isinstance(value, bytes) else as_bytes(value))
        return str(path)

    return written


@pytest.fixture
def district() -> Organization:
    return create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)


def rows() -> list[int]:
    return [model._base_manager.count() for model in (Organization, Framework, Target, Scale, Entry)]


def changed(**changes: Any) -> dict[str, Any]:
    return {**our_own(), **changes}


def test_plain_call_brings_all_in(write, district, capsys):
    call_command("import_case", write(our_own()))

    out, err = capsys.readouterr()
    assert err == ""
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["Maths"]
    assert ["targets", "2", "0", "0"] in lines
    assert ["parts", "1", "0", "0"] in lines
    assert Framework.objects.get().owner == district


def test_empty_database_gets_a_district_and_is_told_so(write, capsys):
    call_command("import_case", write(our_own()))

    district = Organization.objects.get()
    assert (district.kind, district.name) == (OrganizationKind.DISTRICT, "My district")
    assert Framework.objects.get().owner == district
    assert "“My district”" in capsys.readouterr().err


@pytest.mark.real_files
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_file_comes_in_on_an_empty_database(path, capsys):
    call_command("import_case", str(path), "--json")

    report = json.loads(capsys.readouterr().out)
    assert (report["refused"], report["applied"]) == (False, True)
    assert Target.objects.count() == report["counts"]["targets"]["add"] + report["counts"]["parts"]["add"]


def test_json_is_one_object_that_names_the_framework(write, district, capsys):
    call_command("import_case", write(our_own()), "--json")

    report = json.loads(capsys.readouterr().out)
    framework = Framework.objects.get()
    assert (report["framework"], report["identifier"]) == (str(framework.uuid), framework.case_identifier)
    assert (report["title"], report["applied"], report["problems"]) == ("Maths", True, [])
    assert report["counts"]["guide_levels"] == {"add": 3, "change": 0, "same": 0, "end": 0}


def test_second_call_changes_nothing(write, district, capsys):
    path = write(our_own())
    call_command("import_case", path, "--json")
    before = rows()
    capsys.readouterr()

    call_command("import_case", path, "--json")

    counts = json.loads(capsys.readouterr().out)["counts"]
    assert {kind for kind, c in counts.items() if c["add"] or c["change"] or c["end"]} == set()
    assert counts["targets"]["same"] == 2
    assert rows() == before


def test_dry_run_writes_nothing_even_on_an_empty_database(write, capsys):
    before = rows()
    call_command("import_case", write(our_own()), "--dry-run", "--json")

    out, err = capsys.readouterr()
    assert json.loads(out)["counts"]["targets"]["add"] == 2
    assert json.loads(out)["framework"] is None
    assert err == ""
    assert rows() == before


def test_warnings_are_told(write, district, capsys):
    made = our_own()
    made["CFAssociations"].append(link("exactMatchOf", "t1", "elsewhere"))

    call_command("import_case", write(made))

    assert "1 link leads to something that is not in this package" in capsys.readouterr().out


def test_owner_may_be_named(write, district):
    other = create_organization(kind=OrganizationKind.DISTRICT, name="South", parent=None)

    call_command("import_case", write(our_own()), "--owner", str(other.uuid))

    assert Framework.objects.get().owner == other


def test_the_only_district_is_meant_whatever_else_there_is(write):
    consortium = create_organization(kind=OrganizationKind.CONSORTIUM, name="All", parent=None)
    district = create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=consortium)
    create_organization(kind=OrganizationKind.SCHOOL, name="Hill", parent=district)

    call_command("import_case", write(our_own()))

    assert Framework.objects.get().owner == district


def stopped(capsys, *arguments: str) -> list[str]:
    """The codes of a call that must stop with 1, sentences on standard error and nothing written."""
    before = rows()
    with pytest.raises(CommandError) as plain:
        call_command("import_case", *arguments)
    assert capsys.readouterr().out == ""
    with pytest.raises(CommandError) as raised:
        call_command("import_case", *arguments, "--json")
    report = json.loads(capsys.readouterr().out)
    assert plain.value.returncode == raised.value.returncode == 1
    assert str(plain.value) == "\n".join(problem["sentence"] for problem in report["problems"])
    assert (report["refused"], report["applied"], report["counts"]) == (True, False, {})
    assert rows() == before
    return [problem["code"] for problem in report["problems"] if problem["refuses"]]


@pytest.mark.parametrize("owner", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_unknown_owner_stops(write, district, capsys, owner):
    assert stopped(capsys, write(our_own()), "--owner", owner) == ["no_owner"]


def test_two_districts_ask_for_an_owner(write, district, capsys):
    create_organization(kind=OrganizationKind.DISTRICT, name="South", parent=None)

    assert stopped(capsys, write(our_own())) == ["no_owner"]


def test_organizations_without_a_district_ask_for_an_owner(write, capsys):
    create_organization(kind=OrganizationKind.CONSORTIUM, name="All", parent=None)

    assert stopped(capsys, write(our_own())) == ["no_owner"]


def test_missing_file_folder_and_impossible_name_stop(tmp_path, capsys):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path / "none.json", tmp_path, tmp_path / "loop", Path("a\0b"), Path("n" * 5000)):
        assert stopped(capsys, str(path)) == ["no_file"]


def test_too_large_a_file_stops(write, district, capsys, settings):
    settings.IMPORT_MAX_BYTES = 50

    assert stopped(capsys, write(our_own())) == ["too_large"]


ITEMS = [item("a"), item("b")]
REFUSED: dict[str, Any] = {
    "empty": b"",
    "not_utf_8": b"\xff\xfe",
    "not_json": b"not json",
    "truncated": as_bytes(our_own())[:-40],
    "too_deep": b"[" * 100_000,
    "bad_number": b'{"CFDocument": NaN}',
    "wrong_package": {"openapi": "3.0.1"},
    "no_document": {"CFItems": ITEMS},
    "no_items": changed(CFItems=[]),
    "not_a_list": changed(CFRubrics={}),
    "document_without_identifier": changed(CFDocument={"title": "Maths"}),
    "item_without_identifier": package([item("")], []),
    "item_without_statement": package([item("a", statement="")], []),
    "identifier_too_long": package([item("a" * 101)], []),
    "duplicate_identifier": package([item("a"), item("a")], []),
    "circle": package(ITEMS, [under("a", "b"), under("b", "a")]),
    "unresolved_criterion": changed(CFRubrics=[rubric("nowhere", (3, "All."))]),
    "level_off_scale": changed(CFRubrics=[rubric("t1", (9, "All."))]),
}


@pytest.mark.parametrize("code", REFUSED)
@pytest.mark.parametrize("is_empty", [True, False], ids=["empty database", "one district"])
def test_refused_file_stops_and_leaves_nothing(write, capsys, code, is_empty):
    if not is_empty:
        create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)

    assert stopped(capsys, write(REFUSED[code])) == [code]


def test_database_that_is_not_ready_is_told_in_words(write, monkeypatch):
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("connection refused\nsecond line")

    monkeypatch.setattr("curriculum.management.commands.import_case.import_case", away)

    with pytest.raises(CommandError, match=r"The database is not ready: connection refused\. Run manage\.py migrate"):
        call_command("import_case", write(our_own()))
