"""A small district, made once for a file of tests."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.db import transaction

from lpm.demo.services import build_district
from tests.demo.district import Built, constraints, said

DAY = date(2026, 11, 19)
STUDENTS = 12


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """A small district, made once; taken back after the last test. Tests marked django_db run before those that use it:
    they begin with an empty database. What it said is with the digest of another one, made before it from the same
    seed, but as if it were so large that the database checks the rows at the end."""
    with (
        django_db_blocker.unblock(),
        time_machine.travel(f"{DAY}T15:00:00+00:00", tick=True),
        transaction.atomic(),
    ):
        made = Built(constraints())
        with pytest.MonkeyPatch.context() as patch, transaction.atomic():
            patch.setattr("lpm.demo.services.history.CHECKED", 0)
            build_district(students=STUDENTS)
            made.unchecked, made.checks_after = said(), constraints()
            transaction.set_rollback(True)
        build_district(students=STUDENTS, say=made.lines.append)
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def district(built, django_db_blocker, school_day):
    """What a test changes in it is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield school_day
        transaction.set_rollback(True)
