"""Rows of the logs and what follows from them, to the database in one statement."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

from lpm.lib.statements import prepared_cursor
from students.mastery.calculations import Cell, State
from students.mastery.models import AreaMastery, Assessment, Judgement, MasteryState, TopicMastery
from students.mastery.queries import COUNT_FIELDS, STATE_FIELDS, RollUps

BATCH = 5000
Row = Mapping[str, Any]
LOGS: Sequence[type[Model]] = (Assessment, Judgement)
UNIQUE: Mapping[type[Model], tuple[list[str], list[str]]] = {
    MasteryState: (["student_id", "target_id"], STATE_FIELDS),
    TopicMastery: (["student_id", "topic_id"], [*COUNT_FIELDS, "here_id"]),
    AreaMastery: (["student_id", "area_id"], COUNT_FIELDS),
}


@dataclass
class Rows:
    """What is to be saved. Rows of the logs have their identities; of the others those that are there are replaced."""

    assessments: Sequence[Assessment] = ()
    judgements: Sequence[Judgement] = ()
    states: Mapping[Cell, State] = field(default_factory=dict)
    roll_ups: RollUps = field(default_factory=lambda: RollUps({}, {}))
    districts: Mapping[int, int] = field(default_factory=dict)  # of each student

    def by_model(self) -> dict[type[Model], list[Row]]:
        return {
            Assessment: [_logged(row) for row in self.assessments],
            Judgement: [_logged(row) for row in self.judgements],
            MasteryState: [self._row(*cell, "target_id", vars(state)) for cell, state in self.states.items()],
            TopicMastery: [
                self._row(*key, "topic_id", {**vars(row.counts), "here_id": row.here_id})
                for key, row in self.roll_ups.topics.items()
            ],
            AreaMastery: [self._row(*key, "area_id", vars(row)) for key, row in self.roll_ups.areas.items()],
        }

    def _row(self, student: int, other: int, name: str, values: Row) -> Row:
        return {"district_id": self.districts[student], "student_id": student, name: other, **values}


def save(rows: Rows) -> None:
    """1 query, and one more for each BATCH of what is derived."""
    parts = rows.by_model()
    while any(parts.values()):
        now = {model: values if model in LOGS else values[:BATCH] for model, values in parts.items()}
        filled = tuple(model for model, values in now.items() if values)
        with prepared_cursor() as cursor:
            cursor.execute(statement(filled), [json.dumps(now[model], default=str) for model in filled])
        parts = {model: [] if model in LOGS else values[BATCH:] for model, values in parts.items()}


@cache
def statement(models: tuple[type[Model], ...]) -> str:
    """Every part reads one parameter: a list of rows in JSON, with the columns of its table."""
    *before, last = [_insert(model) for model in models]
    named = ", ".join(f"part{number} AS ({part})" for number, part in enumerate(before))
    return f"WITH {named} {last}" if named else last


def _insert(model: type[Model]) -> str:
    table = model._meta.db_table
    names = [column.column for column in model._meta.concrete_fields if model in LOGS or not column.primary_key]
    columns = ", ".join(f'"{name}"' for name in names)
    insert = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s)"  # noqa: S608  # names of our models
    if model in LOGS:
        return insert
    unique, changing = UNIQUE[model]
    values = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in changing)
    return f"{insert} ON CONFLICT ({', '.join(unique)}) DO UPDATE SET {values}"


def _logged(row: Model) -> Row:
    return {column.attname: _said(row, column) for column in row._meta.concrete_fields}


def _said(row: Model, column: Field[Any, Any]) -> Any:
    """What nobody set is what the database would fill in."""
    value = getattr(row, column.attname)
    return column.db_default if isinstance(value, DatabaseDefault) else value
