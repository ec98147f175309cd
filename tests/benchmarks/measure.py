"""Figures of one run: what a thing costs in time, queries and bytes. Nothing here knows what is measured."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from django.db import connection

COLUMNS = ["rows", "queries", "server_ms", "database_ms", "bytes"]


@dataclass(frozen=True)
class Sample:
    """One time it was done: milliseconds in all, those of them spent in the database, queries, bytes."""

    server_ms: float
    database_ms: float
    queries: int
    bytes: int


@dataclass(frozen=True)
class Figure:
    """What ``make bench`` says about one thing. ``rows`` is the amount of data, ``bytes`` gzipped."""

    name: str
    rows: int
    queries: int
    server_ms: float
    database_ms: float
    bytes: int


class Watch:
    """Counts and times what goes to the database. A commit takes time, and is no query."""

    def __init__(self) -> None:
        self.queries = 0
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - began
            self.queries += 1

    @contextmanager
    def watching(self) -> Iterator[None]:
        commit = connection.commit

        def timed() -> None:
            began = time.perf_counter()
            commit()
            self.seconds += time.perf_counter() - began

        connection.commit = timed  # type: ignore[method-assign]
        try:
            with connection.execute_wrapper(self):
                yield
        finally:
            connection.commit = commit  # type: ignore[method-assign]


def sample(do: Callable[[], bytes]) -> Sample:
    """``do`` once; the bytes it returns are what goes over the line."""
    watch = Watch()
    with watch.watching():
        began = time.perf_counter()
        body = do()
        seconds = time.perf_counter() - began
    return Sample(seconds * 1000, watch.seconds * 1000, watch.queries, len(gzip.compress(body, 6)))


def summarize(name: str, rows: int, samples: Sequence[Sample]) -> Figure:
    """The median of each time; of queries and bytes the most, since they must not depend on chance."""
    return Figure(
        name=name,
        rows=rows,
        queries=max(one.queries for one in samples),
        server_ms=round(median(one.server_ms for one in samples), 1),
        database_ms=round(median(one.database_ms for one in samples), 1),
        bytes=max(one.bytes for one in samples),
    )


def as_json(figures: Iterable[Figure]) -> str:
    """A list of objects, each with name, rows, queries, server_ms, database_ms and bytes."""
    return json.dumps([asdict(figure) for figure in figures], indent=1) + "\n"


def table(figures: Sequence[Figure]) -> str:
    width = max(len(figure.name) for figure in figures)
    head = f"{'':{width}}" + "".join(f"{column:>13}" for column in COLUMNS)
    lines = [f"{one.name:{width}}" + "".join(_cell(getattr(one, column)) for column in COLUMNS) for one in figures]
    return "\n".join([head, *lines])


def _cell(value: float) -> str:
    return f"{value:>13,.1f}" if isinstance(value, float) else f"{value:>13,}"


def ratios(figures: Iterable[Figure], pairs: Mapping[str, str]) -> str:
    """How the cost grows with the data, within this run: each name against the smaller thing it is paired with."""
    by_name = {figure.name: figure for figure in figures}
    return "\n".join(_ratio(by_name[name], by_name[smaller]) for name, smaller in pairs.items())


def _ratio(more: Figure, less: Figure) -> str:
    parts = [
        f"{column} × {getattr(more, column) / getattr(less, column):.2f}" for column in COLUMNS if getattr(less, column)
    ]
    return f"{more.name} against {less.name}: {', '.join(parts)}"
