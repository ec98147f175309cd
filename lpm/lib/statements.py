"""Statements that are asked again and again: made of a query set once, and planned once for each connection.

To make a statement of a query set takes us longer than it takes the database to answer, and most of the database's
time goes into planning it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

# What stands in the query set of a statement where a value belongs.
SOMEBODY, SOMETHING = -77_077_077, -78_077_077
SOME_DAY = date.min
SOME_UUID = UUID(int=77_077_077)
SOME_KEYS = "some keys"
AMONG_KEYS = RawSQL("SELECT unnest(%s::bigint[])", [SOME_KEYS])

M = TypeVar("M", bound=Model)
Values = Mapping[Hashable, Any]


@contextmanager
def prepared_cursor() -> Iterator[CursorWrapper]:
    """A cursor whose statements the database plans once for the connection (unless LPM_DATABASE_PREPARE is false)."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    make = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with connection.wrap_database_errors:
        cursor: Any = psycopg.Cursor(connection.connection)  # Django's own fill in values before they are sent
    with make(cursor) as wrapped:
        yield wrapped


@dataclass(frozen=True)
class Statement:
    """``parameters`` are stand-ins where a value belongs. Without ``sql`` no row can be found."""

    sql: str
    parameters: tuple[Any, ...] = ()

    @classmethod
    def of(cls, rows: QuerySet[Any, Any]) -> Statement:
        try:
            return cls(*rows.query.sql_with_params())
        except EmptyResultSet:
            return cls("")

    def fetch(self, values: Values) -> list[tuple[Any, ...]]:
        if not self.sql:
            return []
        with prepared_cursor() as cursor:
            cursor.execute(self.sql, [values.get(parameter, parameter) for parameter in self.parameters])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


class Stated(Generic[M]):
    """The rows of a query set with what is at ``paths`` from them, as ``select_related`` would bring it.

    Fields that make something of what the database says, such as JSON, are left to be read when they are wanted.
    """

    def __init__(self, rows: QuerySet[M], *paths: str) -> None:
        self.annotated = tuple(rows.query.annotations)
        self.parts = [_Part.at(rows.model, path) for path in ("", *paths)]
        names = [f"{part.prefix}{name}" for part in self.parts for name in part.names]
        self.statement = Statement.of(rows.values_list(*names, *self.annotated))

    def first(self, values: Values) -> M | None:
        found = self.statement.fetch(values)
        return self._row(found[0]) if found else None

    def _row(self, values: Sequence[Any]) -> M:
        made: dict[str, Any] = {}
        start = 0
        for part in self.parts:
            end = start + len(part.names)
            made[part.path] = part.make(values[start:end])
            start = end
            if part.path:
                above, _, name = part.path.rpartition("__")
                setattr(made[above], name, made[part.path])
        row: M = made[""]
        for name, value in zip(self.annotated, values[start:], strict=True):
            setattr(row, name, value)
        return row


@dataclass(frozen=True)
class _Part:
    path: str
    model: type[Model]
    names: tuple[str, ...]

    @classmethod
    def at(cls, model: type[Model], path: str) -> _Part:
        for name in path.split("__") if path else ():
            model = model._meta.get_field(name).related_model  # type: ignore[assignment]  # a relation leads to a model
        plain = [field for field in model._meta.concrete_fields if not hasattr(field, "from_db_value")]
        return cls(path, model, tuple(field.attname for field in plain))

    @property
    def prefix(self) -> str:
        return f"{self.path}__" if self.path else ""

    def make(self, values: Sequence[Any]) -> Model | None:
        """None where the relation leads nowhere: no row has an empty key."""
        return None if values[0] is None else self.model.from_db(connection.alias, self.names, values)
