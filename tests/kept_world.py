"""The world of ``tests.world``, built once in each process and then put back as the rows it left behind.

Building takes 180 statements, putting back one; thousands of tests begin with it. And the tables emptied again.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import pgtrigger
import time_machine
from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from tests.world import DAY, World, build_world

# What ``migrate`` writes; it is there before the world and after it.
OF_MIGRATE = {"django_content_type", "auth_permission", "django_migrations"}


@dataclass(frozen=True)
class Kept:
    rows: str  # statements that insert every row, with the keys they had
    objects: bytes  # the World, pickled


def put_world(day: date = DAY) -> World:
    """The rows of the world as of ``day`` in an empty database, and fresh objects for them."""
    kept = keep_world(day)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(kept.rows)
    world: World = pickle.loads(kept.objects)  # noqa: S301 (our own, from this process)
    return world


@cache
def keep_world(day: date) -> Kept:
    """Build it a moment ago, so that nothing in it comes after what a test does, and take it back.

    The sequences stay where they are: no later row gets a key of these.
    """
    with transaction.atomic(), time_machine.travel(timezone.now() - timedelta(seconds=2)):
        kept = Kept(objects=pickle.dumps(build_world(day)), rows=";".join(all_rows()))
        transaction.set_rollback(True)
    return kept


def all_rows() -> list[str]:
    return [statement for model in our_models() if (statement := insertion(model))]


def our_models() -> list[type[models.Model]]:
    """Every model whose rows are there because somebody put them there."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in OF_MIGRATE
    ]


def insertion(model: type[models.Model]) -> str:
    """One statement with all rows of the table; empty when there are none."""
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    fields = [field for field in model._meta.local_concrete_fields if not field.generated]
    columns = [quote(field.column or "") for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'quote_nullable({name}::text)' for name in columns)} FROM {table}")  # noqa: S608
        rows = [f"({', '.join(row)})" for row in cursor.fetchall()]
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(rows)}" if rows else ""  # noqa: S608


def empty_tables() -> None:
    """Delete all rows but those of ``migrate``; this is one of the two places that the protection of rows lets pass.

    Most tables are empty, and the others nearly so: that is faster than TRUNCATE, and waits for nobody who reads.
    """
    tables = [connection.ops.quote_name(model._meta.db_table) for model in our_models()]
    with pgtrigger.ignore(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in tables))  # noqa: S608
        full = [table for (table,) in cursor.fetchall()]
        if full:
            cursor.execute(";".join(f"DELETE FROM {table}" for table in full))  # noqa: S608
