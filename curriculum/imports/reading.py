"""Bytes into plain JSON values, and JSON values into tidy text, numbers and lists. No database, no files."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from curriculum.imports.plain import plain
from lpm.lib.files import ZIP_MARKS, looks_binary
from lpm.lib.imports import Findings, refusal

MOST_DIGITS = 30
ANYWHERE = {ord(mark): None for mark in "\u200b\u2060\ufeff\u00ad"}  # never part of a word
AT_ENDS = " \t\n\u00a0\u200c\u200d\u200e\u200f"  # joiners have a meaning between letters, none at the ends
KEPT_TOGETHER = r"(?<=[0-9+−×÷])\u00a0(?=[0-9+−×÷])"  # a mixed number, a short sum: not to be broken over lines
SPACES = re.compile(rf"(?:(?!{KEPT_TOGETHER})[ \t\u00a0])+")
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
ADDRESS = re.compile(r"https?://(?:\S*?[/#?=])??([^/#?=\s]*)/?", re.IGNORECASE)  # and its last part
WORDS_BEGUN = {word[:length] for word in ("true", "false", "null") for length in range(len(word))}
NUMBERS_BEGUN = {"-", ".", "e", "e+", "e-", "E", "E+", "E-"}


def read_json(data: bytes) -> Any:
    """The JSON value in ``data`` (UTF-8, with or without a byte order mark).

    Raises ImportRefused: empty, not_utf_8, truncated, not_json (with line and column), too_deep, bad_number
    (NaN, Infinity, or more than 30 digits). Source: RFC 8259, which knows no NaN.
    """
    content = _decoded(data)
    try:
        return json.loads(content, parse_constant=_refuse_number, parse_int=_whole_number, parse_float=_real_number)
    except json.JSONDecodeError as error:
        raise _broken(error) from None
    except RecursionError:
        raise refusal(
            "too_deep",
            _("This file nests too deeply to be a curriculum. Nothing was brought in."),
        ) from None


def _decoded(data: bytes) -> str:
    _refuse_other_kinds(data)
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise _truncated(*_place(data)) from None
        raise refusal(
            "not_utf_8",
            _("This file is not text in UTF-8, as CASE files are. Nothing was brought in."),
        ) from None
    if not content.strip():
        raise refusal("empty", _("This file is empty. Nothing was brought in."))
    return content


def _refuse_other_kinds(data: bytes) -> None:
    """What the first bytes say is an archive, a picture, a PDF or a sheet is told as that."""
    is_archive = data.startswith(ZIP_MARKS)
    if is_archive and b"[Content_Types].xml" not in data[:512]:
        raise refusal(
            "is_an_archive",
            _(
                "This looks like a .zip archive. If it holds people and classes, choose that when you send it. "
                "Nothing was brought in."
            ),
        )
    if what := _("an Excel or Word file") if is_archive else looks_binary(data):
        sentence = _("This looks like %(what)s, not like a CASE package (.json). Nothing was brought in.")
        raise refusal("other_kind", sentence % {"what": what})


def _broken(error: json.JSONDecodeError) -> Exception:
    if _ends_too_early(error):
        return _truncated(error.lineno, error.colno)
    sentence = _("This file is not JSON: line %(line)d, column %(column)d cannot be read. Nothing was brought in.")
    return refusal("not_json", sentence % {"line": error.lineno, "column": error.colno}, error.lineno)


def _truncated(line_number: int, column: int) -> Exception:
    sentence = _(
        "This file ends too early (line %(line)d, column %(column)d): it may not have been downloaded "
        "completely. Nothing was brought in."
    )
    return refusal("truncated", sentence % {"line": line_number, "column": column}, line_number)


def _place(data: bytes) -> tuple[int, int]:
    """Where ``data`` ends: line and column (in bytes), from 1."""
    return data.count(b"\n") + 1, len(data) - data.rfind(b"\n")


def _ends_too_early(error: json.JSONDecodeError) -> bool:
    rest = error.doc[error.pos :].strip()
    half_an_escape = "escape" in error.msg and len(rest) < len("\\u0000")
    is_begun = rest in WORDS_BEGUN or rest in NUMBERS_BEGUN
    return is_begun or half_an_escape or error.msg.startswith("Unterminated string")


def _refuse_number(digits: str) -> NoReturn:
    raise refusal(
        "bad_number",
        _("This file holds a number that cannot be used: %(number)s. Nothing was brought in.")
        % {"number": digits[:MOST_DIGITS]},
    )


def _whole_number(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        _refuse_number(digits)
    return int(digits)


def _real_number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _refuse_number(digits)
    return number


def text(value: object) -> str:
    """``value`` as text over one or more lines: no stray spaces, no invisible or unstorable characters."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    clean = UNSTORABLE.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n").translate(ANYWHERE))
    lines = [SPACES.sub(" ", line).strip(AT_ENDS) for line in clean.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(AT_ENDS)


def words(value: object) -> str:
    """What a person wrote, as text: see ``text``, and ``plain`` for the HTML in it."""
    return text(plain(value) if isinstance(value, str) else value)


def line(value: object, longest: int | None = None) -> str:
    """``value`` as one line of at most ``longest`` characters."""
    return re.sub(r"[^\S\u00a0]+", " ", text(value))[:longest].strip()


def texts(value: object) -> list[str]:
    """A list of texts, where files also write one text with commas."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [part for part in map(line, parts) if part]


def whole(value: object) -> int | None:
    """A whole number, where files also write it as text or with a decimal point."""
    try:
        return None if isinstance(value, bool) else int(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None


def identifier_of(raw: Any) -> str:
    """An identifier, as written; a UUID in lower case, as CASE has it. Of an address that ends in a UUID, the UUID."""
    given = line(raw.get("identifier") if isinstance(raw, dict) else raw)
    last = address[1] if (address := ADDRESS.fullmatch(given)) else given
    return last.lower() if UUID.fullmatch(last) else given


def is_address(value: object) -> bool:
    return isinstance(value, str) and bool(ADDRESS.fullmatch(line(value)))


def listed(value: dict[str, Any], key: str, findings: Findings) -> list[Any]:
    part = value.get(key)
    if part is not None and not isinstance(part, list):
        findings.refuse("not_a_list", _("%(part)s in this package is not a list.") % {"part": key})
    return part if isinstance(part, list) else []
