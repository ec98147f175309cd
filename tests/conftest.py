from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

import coverage
import pytest
import time_machine
from django.core.cache import cache
from django.core.management.commands.flush import Command as Flush
from django.test import Client, override_settings
from django.utils import timezone, translation
from hypothesis import settings

from lpm.people.models import User
from tests import chromium
from tests.kept_world import empty_tables, put_world
from tests.world import DAY, World

settings.register_profile("suite", deadline=None)  # how long it took says how busy the machine is
settings.load_profile("suite")
REAL_FILES = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(autouse=True, scope="session")
def _plain_passwords():
    """From the start, since a module makes people before its first test begins."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="module")
def not_traced():
    """For tests that go the same ways some hundred times: counting lines there takes a third of the time.

    What they do has tests of its own, whose lines are counted.
    """
    tracing = coverage.Coverage.current()
    if tracing:
        tracing.stop()
    yield
    if tracing:
        tracing.start()


@pytest.fixture(autouse=True)
def _nobodys_language_and_clock():
    """A request leaves its person's language and time zone in the thread; the next test begins without them."""
    translation.activate("en")
    timezone.deactivate()


@pytest.fixture
def school_day():
    """Thursday, November 19, 2026, 10 in the morning where the schools are; time goes on from there."""
    with time_machine.travel(f"{DAY}T15:00:00+00:00", tick=True):
        yield DAY


@pytest.fixture
def world(db, school_day) -> World:
    return put_world(school_day)


@pytest.fixture
def as_person(db) -> Callable[[User], Client]:
    """A client signed in as somebody."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture(autouse=True)
def _empty_cache(request):
    if not {"db", "transactional_db", "world"}.isdisjoint(request.fixturenames):
        cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _emptied_instead_of_flushed():
    """Tests with real transactions end with a flush; ours locks no table, and is done in a third of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flush, "handle", lambda self, **options: empty_tables())
        yield


def pytest_collection_modifyitems(config, items):
    """Without the files of other makers the rest still runs, on files of our own that are as odd; CI must have them."""
    if REAL_FILES.is_dir():
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(f"{REAL_FILES} is not there.")
    left_out = [item for item in items if item.get_closest_marker("real_files")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish():
    """What was imported stays to the end: the collector need not look through it again and again, nor look so often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_terminal_summary(terminalreporter):
    if not REAL_FILES.is_dir():
        terminalreporter.write_line(f"NOT RUN: tests on real files. {REAL_FILES} is not there.", yellow=True)
    if chromium.find() is None:
        terminalreporter.write_line(f"NOT RUN: tests/browser. {chromium.HOW}", yellow=True)
