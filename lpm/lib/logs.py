"""Log lines that tell what happened and nothing about whom.

Three nets, since a slip in one place must not reach a log: keys that look personal are dropped, requests are
named by their route, and in production exceptions keep frames and class but not the values in their texts.
"""

import logging
import re
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.template.exceptions import TemplateDoesNotExist, TemplateSyntaxError
from structlog.typing import EventDict, ExcInfo, WrappedLogger

PERSONAL_WORDS = frozenset(
    {
        "name",
        "names",
        "firstname",
        "lastname",
        "fullname",
        "surname",
        "username",
        "email",
        "mail",
        "birth",
        "birthday",
        "birthdate",
        "dob",
        "phone",
        "telephone",
        "sms",
        "address",
        "street",
        "postcode",
        "ip",
        "password",
        "secret",
        "token",
        "cookie",
        "cookies",
        "authorization",
        "student",
        "teacher",
        "guardian",
        "person",
        "user",
        "viewer",
        "actor",
        "comment",
        "note",
        "query",
        "body",
        "params",
    }
)
IDENTIFIERS = frozenset({"id", "ids", "pk", "uuid", "uuids", "count", "counts"})  # user_id, student_count
# Their texts speak of code, templates, settings and hosts, never of rows.
TELLING = (
    AttributeError,
    ConnectionError,
    ImportError,
    ImproperlyConfigured,
    MemoryError,
    NameError,
    NotImplementedError,
    RecursionError,
    TemplateDoesNotExist,
    TemplateSyntaxError,
)
# Celery's messages are templates over these.
CELERY_VALUES = frozenset({"exc", "traceback", "args", "kwargs", "return_value"})
QUOTED = re.compile(r'"[^"]*"' + r"|'[^']*'")
GONE = "…"


def drop_personal(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A structlog processor: without the keys that look personal, at any depth."""
    return {key: _cleaned(value) for key, value in event.items() if not is_personal(key)}


def is_personal(key: str) -> bool:
    """Whether a key's words name a person or something of theirs: given_name, birthDate, parent_email."""
    words = re.sub(r"([a-z])([A-Z])", r"\1_\2", key).lower().replace("-", "_").split("_")
    return bool(PERSONAL_WORDS & set(words)) and words[-1] not in IDENTIFIERS


def _cleaned(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _cleaned(inner) for key, inner in value.items() if not is_personal(str(key))}
    if isinstance(value, (list, set, frozenset)):
        return [_cleaned(inner) for inner in value]
    return value


def plain(value: Any) -> str:
    """For the JSON renderer: a model's or an exception's own text may hold a name, so its class has to do."""
    if type(value).__module__ in {"uuid", "datetime", "decimal", "pathlib"}:
        return str(value)
    return f"<{type(value).__name__}>"


class NameNobody(logging.Filter):
    """Takes what came from outside out of others' messages: Django's hold paths, Celery's arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            record.args = tuple(_pathless(value, request) for value in record.args)
        if isinstance(record.args, Mapping) and record.name.startswith("celery"):
            record.args = {key: GONE if key in CELERY_VALUES else value for key, value in record.args.items()}
        if record.name.startswith("django.security.") and not record.args:
            record.msg = f"Refused: {record.name.removeprefix('django.security.')}"
        return True


def _pathless(value: object, request: HttpRequest) -> object:
    return route_of(request) if value in (request.path, request.get_full_path()) else value


def route_of(request: HttpRequest) -> str:
    """The URL pattern that answers, such as ``students/<uuid:student>``; "-" when none does."""
    match = request.resolver_match
    return match.route or "/" if match else "-"


def without_values(exc_info: ExcInfo) -> str:
    """How production writes an exception: every frame and class of the chain, no value."""
    return "\n".join(_lines(exc_info[1], set()))


def _lines(error: BaseException | None, seen: set[int]) -> list[str]:
    """The chain of causes first, as Python prints it; ``seen`` breaks circles."""
    if error is None or id(error) in seen:
        return []
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = _lines(before, seen)
    lines += [*_frames(error.__traceback__), describe(error)]
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        lines += _lines(inner, seen)
    return lines


def _frames(trace: TracebackType | None) -> list[str]:
    return ["Traceback (most recent call last):", *(line.rstrip() for line in traceback.format_tb(trace))]


def describe(error: BaseException) -> str:
    """The class, and as much of the text as cannot hold somebody's data."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    text = _safe_text(error)
    return f"{name}: {text}" if text else name


def _safe_text(error: BaseException) -> str:
    if isinstance(error, TELLING):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or ""
    database_error = error if isinstance(error, psycopg.Error) else error.__cause__
    return _database_text(database_error) if isinstance(database_error, psycopg.Error) else ""


def _database_text(error: psycopg.Error) -> str:
    """The first line, without DETAIL, where the values stand; a value quoted in it goes as well."""
    first = str(error).partition("\n")[0]
    diag = error.diag
    names = {diag.constraint_name, diag.table_name, diag.column_name, diag.schema_name}
    return QUOTED.sub(lambda quoted: quoted[0] if quoted[0][1:-1] in names else f'"{GONE}"', first)
