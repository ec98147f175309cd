import io
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lpm.lib import files
from lpm.lib.files import open_bundle
from lpm.lib.imports import ImportRefused, Problem

TWO = {"a.csv": b"1", "b.csv": b"2"}


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def refusal(source: bytes | Path | str) -> Problem:
    with pytest.raises(ImportRefused) as caught:
        open_bundle(source)
    [problem] = caught.value.problems
    assert problem.refuses
    assert problem.sentence.endswith(".")
    return problem


def fill(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name, data in TWO.items():
        (folder / name).write_bytes(data)
    return folder


def test_open_bundle_takes_bytes_a_file_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(zipped(TWO))

    assert open_bundle(zipped(TWO)) == TWO
    assert open_bundle(tmp_path / "b.zip") == TWO
    assert open_bundle(str(fill(tmp_path / "folder"))) == TWO


def test_open_bundle_takes_one_folder_inside(tmp_path: Path) -> None:
    fill(tmp_path / "roster")

    assert open_bundle(tmp_path) == TWO
    assert open_bundle(zipped({"roster/": b"", "roster/a.csv": b"1", "roster/b.csv": b"2"})) == TWO
    assert open_bundle(zipped({"roster\\a.csv": b"1", "./roster/b.csv": b"2"})) == TWO


def test_open_bundle_passes_over_what_computers_leave_behind(tmp_path: Path) -> None:
    (fill(tmp_path) / ".DS_Store").write_bytes(b"?")

    assert open_bundle(tmp_path) == TWO
    assert open_bundle(zipped({**TWO, "__MACOSX/._a.csv": b"?", "Thumbs.db": b"?"})) == TWO


@pytest.mark.parametrize(
    "name", ["../a.csv", "x/../../a.csv", "..\\a.csv", "/etc/a.csv", "C:\\a.csv", "\\\\host\\a.csv"]
)
def test_open_bundle_refuses_a_name_outside(name: str) -> None:
    assert refusal(zipped({name: b"1"})).code == "bundle_path"


def test_open_bundle_refuses_links(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        link = zipfile.ZipInfo("users.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    (tmp_path / "users.csv").symlink_to("/etc/passwd")

    assert refusal(content.getvalue()).code == "bundle_link"
    assert refusal(tmp_path).code == "bundle_nested"


def test_open_bundle_refuses_a_password() -> None:
    content = bytearray(zipped(TWO))
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag in the central directory

    assert refusal(bytes(content)).code == "bundle_encrypted"


def test_open_bundle_refuses_a_bomb() -> None:
    assert refusal(zipped({"a.csv": b"0" * (files.RATIO_FROM + files.CHUNK)})).code == "bundle_bomb"


def test_open_bundle_refuses_too_much(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files, "MAX_FILE", 10)
    monkeypatch.setattr(files, "MAX_TOTAL", 15)
    (tmp_path / "a.csv").write_bytes(b"0" * 11)

    assert open_bundle(zipped({"a.csv": b"0" * 10, "b.csv": b"0" * 5})).keys() == {"a.csv", "b.csv"}
    assert refusal(zipped({"a.csv": b"0" * 11})).code == "bundle_too_large"
    assert refusal(zipped({"a.csv": b"0" * 10, "b.csv": b"0" * 6})).code == "bundle_too_large"
    assert refusal(tmp_path).code == "bundle_too_large"


def test_open_bundle_does_not_believe_the_sizes_in_the_archive() -> None:
    data = b"0123456789" * 1000
    content = zipped({"a.csv": data})
    lying = content.replace(len(data).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != content

    assert refusal(lying).code == "bundle_broken"


def test_open_bundle_refuses_too_many_files(tmp_path: Path) -> None:
    many = {f"{number}.csv": b"" for number in range(files.MAX_ENTRIES + 1)}
    for name in many:
        (tmp_path / name).touch()

    assert refusal(zipped(many)).code == "bundle_too_many"
    assert refusal(tmp_path).code == "bundle_too_many"


def test_open_bundle_refuses_folders_inside(tmp_path: Path) -> None:
    fill(tmp_path / "one")
    fill(tmp_path / "two")

    assert refusal(tmp_path).code == "bundle_nested"
    assert refusal(zipped({"one/a.csv": b"", "two/b.csv": b""})).code == "bundle_nested"
    assert refusal(zipped({"one/two/a.csv": b""})).code == "bundle_nested"
    assert refusal(zipped({"a.csv": b"", "one/b.csv": b""})).code == "bundle_nested"


def test_open_bundle_refuses_a_name_twice() -> None:
    content = zipped({"a.csv": b"1", "b.csv": b"2"}).replace(b"b.csv", b"a.csv")

    assert refusal(content).code == "bundle_twice"


def test_open_bundle_refuses_unusual_packing() -> None:
    assert refusal(zipped(TWO, zipfile.ZIP_LZMA)).code == "bundle_method"


def test_open_bundle_refuses_a_truncated_archive() -> None:
    content = zipped({"a.csv": bytes(range(256)) * 50})

    assert refusal(content[: len(content) // 2]).code == "bundle_broken"
    assert refusal(content[:-10]).code == "bundle_broken"


def test_open_bundle_refuses_a_damaged_member() -> None:
    content = bytearray(zipped({"a.csv": b"hello"}, zipfile.ZIP_STORED))
    content[content.index(b"hello")] ^= 1

    assert refusal(bytes(content)).code == "bundle_broken"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "an empty file"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"Rar!\x1a", "a RAR archive"),
        (b"\xef\xbb\xbf<html>", "a web page or an XML file"),
        (b'{"a": 1}', "a JSON file"),
        (b"sourcedId,status\n", "a text file"),
        (b"\x00\x01\x02\xff\xfe", "something else"),
        (zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "an Excel or Word file"),
    ],
)
def test_open_bundle_says_what_something_else_looks_like(content: bytes, what: str) -> None:
    problem = refusal(content)

    assert problem.code == "bundle_not_a_zip"
    assert problem.sentence == f"This is not a .zip archive: it looks like {what}."


def test_open_bundle_says_that_there_is_nothing(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none").code == "bundle_not_found"
    assert refusal("/dev/null").code == "bundle_not_a_file"
    assert refusal("a\0b").code in {"bundle_not_found", "bundle_unreadable"}


@settings(max_examples=200)
@given(st.data())
def test_open_bundle_reads_or_refuses_a_damaged_archive(data: st.DataObject) -> None:
    content = bytearray(zipped({"a.csv": b"sourcedId,name\n1,a\n", "b.csv": b"x" * 200}))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    problems = []
    try:
        open_bundle(bytes(content))
    except ImportRefused as refused:
        problems = refused.problems

    assert all(problem.code.startswith("bundle_") for problem in problems)
