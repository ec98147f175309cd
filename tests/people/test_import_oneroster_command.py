from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization, Student, User
from lpm.people.services import create_organization
from tests.people.oneroster import SMALL, big, bundle, everything, half

KINDS = [
    *("organizations", "school_years", "terms", "groups", "users", "students"),
    *("guardianships", "staffing", "enrollments"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fill(tmp_path / "roster")


def fill(folder: Path, **changes: tuple[str, str]) -> Path:
    folder.mkdir()
    for name, content in bundle(*((file, *change) for file, change in changes.items())).items():
        (folder / name).write_bytes(content)
    return folder


def told(capsys: pytest.CaptureFixture[str], *arguments: Any) -> tuple[int, str, str]:
    """Exit code, stdout, stderr. A folder that cannot be brought in leaves no row."""
    capsys.readouterr()
    try:
        call_command("import_oneroster", *map(str, arguments))
        code = 0
    except SystemExit as end:
        code = int(str(end.code))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.django_db
def test_import_oneroster_prints_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, folder)

    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "OneRoster 1.1 from Abacus"
    assert out.splitlines()[6].split() == ["People", "4", "0", "0", "0"]
    assert out.splitlines()[-1] == "Everything is brought in."
    assert Student.objects.count() == 2


@pytest.mark.django_db
def test_import_oneroster_prints_one_json_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, folder, "--json")

    report = json.loads(out)
    assert (code, err) == (0, "")
    assert set(report) == {"title", "counts", "problems", "left_out", "asks", "applied", "refused"}
    assert list(report["counts"]) == KINDS
    assert report["counts"]["users"] == {"add": 4, "change": 0, "same": 0, "end": 0}
    assert (report["applied"], report["refused"], report["problems"]) == (True, False, [])


@pytest.mark.django_db
def test_import_oneroster_takes_a_zip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(tmp_path / "roster.zip", "w") as archive:
        for name, text in SMALL.items():
            archive.writestr(name, text)

    assert told(capsys, tmp_path / "roster.zip")[0] == 0
    assert Student.objects.count() == 2


@pytest.mark.django_db
def test_import_oneroster_says_what_it_would_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = everything()
    code, out, _err = told(capsys, folder, "--dry-run")
    report = json.loads(told(capsys, folder, "--dry-run", "--json")[1])

    assert code == 0
    assert out.splitlines()[-1] == "Nothing was changed: a dry run."
    assert (report["applied"], report["counts"]["students"]["add"]) == (False, 2)
    assert everything() == before


@pytest.mark.django_db
def test_import_oneroster_brings_it_into_an_organization(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    district = create_organization(kind=OrganizationKind.DISTRICT, name="Ours", parent=None)

    assert told(capsys, folder, "--org", district.uuid)[0] == 0
    assert set(Student.objects.values_list("district", flat=True)) == {district.pk}


@pytest.mark.django_db
def test_import_oneroster_warns_in_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = fill(tmp_path / "roster", users=("u1,,", "u1,active,"))
    code, out, err = told(capsys, folder)

    assert (code, err) == (0, "")
    note = "“status” is filled in 1 rows, but stays empty in a complete roster."
    assert f"Note: users.csv, line 2, status: {note}" in out.splitlines()


@pytest.mark.django_db
@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_import_oneroster_refuses_with_sentences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    folder = fill(tmp_path / "roster", enrollments=("e3,,,k1", "e3,,,k9"))
    before = everything()
    code, out, err = told(capsys, folder, *options)

    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "Nothing was brought in.",
        "enrollments.csv: 1 of 4 rows would be left out. That is more than 10 %, so nothing was brought in.",
        "enrollments.csv, line 4, classSourcedId: The row refers to a sourcedId that is not in classes.csv.",
    ]
    assert everything() == before


@pytest.mark.django_db
@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_import_oneroster_refuses_in_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    folder = fill(tmp_path / "roster", users=("u2,,,true", "u2,,,maybe"))
    code, out, err = told(capsys, folder, "--json", *options)

    report = json.loads(out)
    assert (code, report["refused"], report["applied"], report["counts"]) == (1, True, False, {})
    assert [(p["code"], p["file"], p["line"]) for p in report["problems"]] == [
        ("too_much_left_out", "users.csv", None),
        ("too_much_left_out", "enrollments.csv", None),
        ("bad_boolean", "users.csv", 3),
        ("depends", "enrollments.csv", 4),
        ("depends", "enrollments.csv", 5),
    ]
    assert "users.csv, line 3, enabledUser: The value must be true or false." in err.splitlines()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_import_oneroster_refuses_what_is_no_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "roster.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "half.zip").write_bytes(b"PK\x03\x04 and so on")
    (tmp_path / "empty").mkdir()
    begin = "Nothing was brought in.\n"

    assert told(capsys, tmp_path / "none") == (
        1,
        "",
        f"{begin}There is no file or folder {tmp_path / 'none'}.\n",
    )
    assert told(capsys, tmp_path / "roster.pdf") == (
        1,
        "",
        f"{begin}This is not a .zip archive: it looks like a PDF.\n",
    )
    assert told(capsys, tmp_path / "half.zip") == (
        1,
        "",
        f"{begin}The .zip archive is incomplete or damaged. Send it again.\n",
    )
    assert told(capsys, tmp_path / "empty") == (
        1,
        "",
        f"{begin}manifest.csv: There is no manifest.csv, which says what the files are.\n",
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("org", "sentence"),
    [
        ("one", "--org must be the UUID of an organization."),
        ("0f9c2f0e-6f7b-4d0a-9a37-5a1e60d0c001", "There is no organization with the UUID given as --org."),
    ],
)
def test_import_oneroster_refuses_an_organization_it_does_not_know(
    folder: Path, capsys: pytest.CaptureFixture[str], org: str, sentence: str
) -> None:
    assert told(capsys, folder, "--org", org) == (1, "", f"Nothing was brought in.\n{sentence}\n")
    assert not Organization.objects.exists()


def write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.django_db
def test_import_oneroster_tells_what_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, write(tmp_path / "roster", big(("demographics", "x5,,,2015-01-02", "x5,,,soon"))))

    assert (code, err) == (0, "")
    assert (
        "Left out: demographics.csv, line 8, birthDate: The date must be written like 2026-08-31." in out.splitlines()
    )
    assert out.splitlines()[-1] == "Everything else is brought in."


@pytest.mark.django_db
def test_import_oneroster_asks_before_many_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole, less = write(tmp_path / "whole", big()), write(tmp_path / "less", half(big()))
    told(capsys, whole)

    code, out, _err = told(capsys, less, "--dry-run", "--json")
    assert (code, json.loads(out)["asks"]["students"]) == (1, [15, 32])
    code, out, err = told(capsys, less)
    assert (code, out, err.splitlines()[0]) == (1, "", "Nothing was brought in.")
    assert Student.objects.filter(left_on=None).count() == 32

    assert told(capsys, less, "--allow-deactivate")[0] == 0
    assert Student.objects.filter(left_on=None).count() == 17
