"""2,000 damaged rosters: each gives a report or a refusal with sentences, and never another exception."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from random import Random

import pytest
from django.db import transaction

from lpm.lib.files import open_bundle
from lpm.lib.imports import ImportRefused, Report
from lpm.people.imports import import_roster
from lpm.people.models import Organization, Student
from tests.people.oneroster import AT, DAY, SAMPLES, big, bundle, delta, make_district
from tests.people.test_oneroster_quirks import bundle_12

Files = dict[str, bytes]
ROUNDS, IN_A_ROUND = 40, 50
STRANGE = ["", ",", '"', "\n", "x", "s1", "u1", "d1", "true", "2026-09-01", "9999-99-99", "1/2/2026", "student", "é"]
STRANGE += ["tobedeleted", "-1", "0", "\u202e", "🙂", "a" * 300, "İX", "'; --", "=1+1", "\u0661\u0662\u0663\u0664", " "]
CHANGES = {
    "users": f"u1,active,{AT},true,s1,student,ana,,Ana,Ruiz,,,,,,u4,05,\nu2,tobedeleted,{AT},,,,,,,,,,,,,,,",
    "classes": f"k1,active,{AT},Math,05,,,scheduled,,s1,a1,,,",
    "enrollments": f"e1,tobedeleted,{AT},,,,,,,\ne7,active,{AT},k1,s1,u1,student,,,",
    "demographics": f"u1,active,{AT},2014-05-06,",
}


def whole_bundles() -> list[Files]:
    ours = [bundle(), bundle_12(), *[big(students=12)] * 5, delta(**CHANGES)]
    return ours + ([open_bundle(path) for path in sorted(SAMPLES.iterdir())] if SAMPLES.exists() else [])


def pick(files: Files, random: Random) -> str:
    """A file; seldom the manifest, since without it nothing is read at all."""
    names = sorted(files.keys() - {"manifest.csv"})
    return random.choice(names) if names and random.random() < 0.97 else random.choice(sorted(files))


def flip_bytes(files: Files, random: Random) -> None:
    name = pick(files, random)
    content = bytearray(files[name])
    for _ in range(random.randint(1, 5)):
        if content:
            content[random.randrange(len(content))] = random.randrange(256)
    files[name] = bytes(content)


def cut_lines(files: Files, random: Random) -> None:
    name = pick(files, random)
    lines = files[name].splitlines(True)
    share = random.choice([0.02, 0.05, 0.3])
    files[name] = b"".join(line for n, line in enumerate(lines) if n == 0 or random.random() > share)


def cut_off(files: Files, random: Random) -> None:
    name = pick(files, random)
    files[name] = files[name][: random.randrange(len(files[name]) + 1)]


def drop_a_file(files: Files, random: Random) -> None:
    files.pop(random.choice(sorted(files)))


def exchange_files(files: Files, random: Random) -> None:
    one, two = random.choice(sorted(files)), random.choice(sorted(files))
    files[one], files[two] = files[two], files[one]


def in_cells(change: Callable[[list[list[str]], Random], None]) -> Callable[[Files, Random], None]:
    def mutate(files: Files, random: Random) -> None:
        name = pick(files, random)
        try:
            rows = list(csv.reader(io.StringIO(files[name].decode("utf-8-sig"), newline="")))
        except (csv.Error, UnicodeDecodeError):
            return  # damaged before
        if rows and all(rows):
            change(rows, random)
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        files[name] = text.getvalue().encode()

    return mutate


def swap_cells(rows: list[list[str]], random: Random) -> None:
    one, two = random.choice(rows[1:] or rows), random.choice(rows[1:] or rows)
    at, to = random.randrange(len(one)), random.randrange(len(two))
    one[at], two[to] = two[to], one[at]


def put_something_strange(rows: list[list[str]], random: Random) -> None:
    row = random.choice(rows[1:] or rows) if random.random() < 0.95 else rows[0]
    row[random.randrange(len(row))] = random.choice(STRANGE)


def drop_a_column(rows: list[list[str]], random: Random) -> None:
    at = random.randrange(len(rows[0]))
    for row in rows:
        del row[at : at + 1]


def repeat_a_row(rows: list[list[str]], random: Random) -> None:
    rows.insert(random.randint(1, len(rows)), list(random.choice(rows)))


ROUGH = [flip_bytes, cut_off, drop_a_file, exchange_files, in_cells(drop_a_column)]
FINE = [in_cells(swap_cells), in_cells(put_something_strange), in_cells(repeat_a_row), cut_lines]


def damaged(files: Files, random: Random) -> Files:
    files = dict(files)
    kinds = ROUGH if random.random() < 0.25 else FINE
    for _ in range(random.randint(1, 5)):
        if files:
            random.choice(kinds)(files, random)
    return files


def damaged_archive(files: Files, random: Random) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in files.items():
            out.writestr(name, text)
    content = bytearray(archive.getvalue())
    for _ in range(random.randint(1, 8)):
        content[random.randrange(len(content))] = random.randrange(256)
    return bytes(content[: random.randint(len(content) // 2, len(content))] if random.random() < 0.3 else content)


def outcome(files: Callable[[], Files], district: Organization | None, random: Random) -> Report | ImportRefused:
    """Of an import, or a dry run, of which nothing stays."""
    with transaction.atomic():
        try:
            return import_roster(
                files=files(),
                organization=district,
                actor=None,
                day=DAY,
                dry_run=random.random() < 0.3,
                allow_ends=random.random() < 0.7,
            )
        except ImportRefused as refused:
            return refused
        finally:
            transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_no_damaged_roster_is_more_than_refused(seed: int) -> None:
    district = make_district()
    import_roster(files=bundle(), organization=district, actor=None, day=DAY)
    whole, before, applied = whole_bundles(), Student.objects.count(), 0
    for number in range(IN_A_ROUND):
        random = Random(f"{seed}-{number}")
        files = damaged(random.choice(whole), random)
        as_archive = bool(files) and random.random() < 0.08
        data = damaged_archive(files, random) if as_archive else b""
        told = outcome(lambda data=data, files=files: open_bundle(data) if data else files, *who(district, random))  # type: ignore[misc]
        assert all(problem.sentence for problem in told.problems)
        assert isinstance(told, Report) or told.problems
        applied += isinstance(told, Report) and not told.is_refused
        if "not_stored" in {problem.code for problem in told.problems}:
            assert any("İX".encode() in content for content in files.values())  # lowered in two ways
    assert Student.objects.count() == before
    assert applied > IN_A_ROUND // 5  # else nothing but the reading of files was tried


def who(district: Organization, random: Random) -> tuple[Organization | None, Random]:
    return (district if random.random() < 0.8 else None), random
