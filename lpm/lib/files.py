"""Files that strangers send: archives and folders, opened without trusting what they say about themselves."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from django.utils.translation import gettext as _

from lpm.lib.imports import ImportRefused, Problem

MAX_ENTRIES = 100
MAX_FILE = 256 * 1024 * 1024  # bytes, uncompressed, of one file
MAX_TOTAL = 512 * 1024 * 1024  # bytes, uncompressed, of all files
MAX_RATIO = 200  # uncompressed to compressed bytes …
RATIO_FROM = 8 * 1024 * 1024  # … of a file larger than this
CHUNK = 1024 * 1024
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
PLAIN_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the others unpack without a bound on memory
LEFT_BY_COMPUTERS = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
BAD_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,  # an entry without a name
    struct.error,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


def open_bundle(source: Path | str | bytes) -> dict[str, bytes]:
    """The files of a .zip (a path, or its bytes) or of a folder, by name.

    Files that all lie in one sub-folder are taken as if they lay at the top. Hidden files and those that computers
    leave behind are passed over. Raises ImportRefused with a code that begins with ``bundle_``; never more than
    MAX_TOTAL bytes are unpacked, whatever the archive says.
    """
    if isinstance(source, bytes):
        return _open_zip(io.BytesIO(source))
    path = Path(source)
    try:
        return _open_folder(path) if path.is_dir() else _open_file(path)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise refused("unreadable", _("{path} cannot be read: {reason}."), path=path, reason=reason) from error


def refused(code: str, sentence: str, file: str = "", **names: object) -> ImportRefused:
    shown = {key: _shown(name) for key, name in names.items()}
    return ImportRefused(Problem(f"bundle_{code}", sentence.format(**shown), file=_shown(file)))


def _shown(name: object) -> str:
    """A name that a stranger chose, fit for a terminal and a line of text."""
    return "".join(c if c.isprintable() else "?" for c in str(name))[:200]


def _open_file(path: Path) -> dict[str, bytes]:
    if not path.exists():
        raise refused("not_found", _("There is no file or folder {path}."), path=path)
    if not path.is_file():
        raise refused("not_a_file", _("{path} is neither a file nor a folder."), path=path)
    with path.open("rb") as file:
        return _open_zip(file)


def _open_folder(folder: Path) -> dict[str, bytes]:
    entries = _count(path for path in folder.iterdir() if not LEFT_BY_COMPUTERS.search(path.name))
    if len(entries) == 1 and entries[0].is_dir() and not entries[0].is_symlink():
        folder = entries[0]
        entries = _count(path for path in folder.iterdir() if not LEFT_BY_COMPUTERS.search(path.name))
    for path in entries:
        if path.is_symlink() or not path.is_file():
            raise refused("nested", _("The folder holds something other than files: {name}."), name=path.name)
    return _read_all((path.name, _opener(path), None) for path in sorted(entries))


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _count(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        found.append(path)
        if len(found) > MAX_ENTRIES:
            raise _too_many()
    return found


def _not_a_zip(what: str) -> ImportRefused:
    return refused("not_a_zip", _("This is not a .zip archive: it looks like {what}."), what=what)


def _too_many() -> ImportRefused:
    return refused("too_many", _("There are more than {limit} files in it."), limit=MAX_ENTRIES)


def _open_zip(file: IO[bytes]) -> dict[str, bytes]:
    beginning = file.read(512)
    if not beginning.startswith(ZIP_MARKS):
        raise _not_a_zip(looks_like(beginning))
    try:
        with zipfile.ZipFile(file) as archive:
            return _read_archive(archive)
    except BAD_ARCHIVE as error:
        raise refused("broken", _("The .zip archive is incomplete or damaged. Send it again.")) from error


def _read_archive(archive: zipfile.ZipFile) -> dict[str, bytes]:
    if len(archive.infolist()) > MAX_ENTRIES:
        raise _too_many()
    if "[Content_Types].xml" in archive.namelist():
        raise _not_a_zip(_("an Excel or Word file"))
    for info in archive.infolist():
        _check_member(info)
    ours = [info for info in archive.infolist() if not LEFT_BY_COMPUTERS.search(_plain(info.filename))]
    files = [info for info in ours if not info.is_dir()]
    names = _flat([_plain(info.filename) for info in files])
    return _read_all((name, _member(archive, info), info) for name, info in zip(names, files, strict=True))


def _plain(name: str) -> str:
    """Windows archivers write backslashes; a leading ``./`` says nothing."""
    return name.replace("\\", "/").removeprefix("./")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(info)


def _check_member(info: zipfile.ZipInfo) -> None:
    name = _plain(info.filename)
    if ".." in PurePosixPath(name).parts or name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise refused("path", _("A file in the archive wants to lie outside it: {name}."), name=name)
    if stat.S_ISLNK(info.external_attr >> 16):
        raise refused("link", _("A file in the archive is a link to another: {name}."), name=name)
    if info.flag_bits & 0x1:
        raise refused("encrypted", _("The archive is locked with a password. Send it without one."))
    if info.compress_type not in PLAIN_METHODS:
        sentence = _("The archive is packed in an unusual way. Make an ordinary .zip of the files.")
        raise refused("method", sentence, file=name)


def _flat(names: list[str]) -> list[str]:
    """The names without the one folder that they may all share."""
    folders = {str(PurePosixPath(name).parent) for name in names}
    if len(folders) > 1 or any("/" in folder for folder in folders):
        raise refused("nested", _("The files must lie at the top of the archive, not in folders."))
    flat = [PurePosixPath(name).name for name in names]
    for name in flat:
        if flat.count(name) > 1:
            raise refused("twice", _("The file {name} is in the archive twice."), name=name)
    return flat


def _read_all(
    members: Iterable[tuple[str, Callable[[], IO[bytes]], zipfile.ZipInfo | None]],
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = MAX_TOTAL
    for name, opener, info in members:
        with opener() as stream:
            files[name] = b"".join(_chunks(stream, name, min(left, MAX_FILE), info))
        left -= len(files[name])
    return files


def _chunks(stream: IO[bytes], name: str, limit: int, info: zipfile.ZipInfo | None) -> Iterator[bytes]:
    """The bytes as they come out, counted: what the archive says about sizes is not believed."""
    size = 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise refused("too_large", _("The files are too large. Unpacked, {name} goes beyond the limit."), name=name)
        if info and size > RATIO_FROM and size > MAX_RATIO * max(info.compress_size, 1):
            raise refused("bomb", _("{name} unpacks to more than {ratio} times its size."), name=name, ratio=MAX_RATIO)
        yield chunk


def looks_like(beginning: bytes) -> str:
    """What the first bytes of a file say it is, in words."""
    marks = {
        b"": _("an empty file"),
        b"{": _("a JSON file"),
        b"[": _("a JSON file"),
        b"<": _("a web page or an XML file"),
    }
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    if what := looks_binary(text):
        return what
    for mark, what in marks.items():
        if text == mark or (mark and text.startswith(mark)):
            return what
    return _("a text file") if _is_text(beginning) else _("something else")


def looks_binary(beginning: bytes) -> str:
    """Which archive, picture or document the first bytes say it is, in words; "" for text and whatever else."""
    marks = {
        b"%PDF": _("a PDF"),
        b"\x1f\x8b": _("a gzip archive"),
        b"7z\xbc\xaf\x27\x1c": _("a 7-Zip archive"),
        b"Rar!": _("a RAR archive"),
        b"\xd0\xcf\x11\xe0": _("an old Excel or Word file"),
        b"\x89PNG": _("a picture"),
        b"\xff\xd8\xff": _("a picture"),
        b"GIF8": _("a picture"),
    }
    return next((what for mark, what in marks.items() if beginning.startswith(mark)), "")


def _is_text(beginning: bytes) -> bool:
    text = beginning.decode("utf-8", "ignore")  # the last character may be cut
    return len(text) * 4 > len(beginning) and all(c.isprintable() or c in "\r\n\t\ufeff" for c in text)
