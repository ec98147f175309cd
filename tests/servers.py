"""A pytest plugin: real PostgreSQL and Valkey for the whole run, before Django reads its settings.

Loaded by ``-p tests.servers``. The servers keep their data beside the ones of ``make run``, never in them.
"""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
_servers = ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    os.environ.setdefault("LPM_MODE", "demo")
    _give_each_worker_its_own_cache()
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return  # named by the caller, or inherited by a worker of pytest-xdist
    from lpm import embedded

    os.environ["LPM_EMBEDDED_FAST"] = "1"
    os.environ.setdefault("LPM_DATA_DIR", str(REPOSITORY / ".data" / "test"))
    try:
        os.environ.update(_servers.enter_context(embedded.servers()))
    except embedded.EmbeddedError as error:
        raise pytest.UsageError(str(error)) from error


def _give_each_worker_its_own_cache() -> None:
    """Workers of pytest-xdist inherit one Valkey; each empties its own numbered database between tests."""
    worker, url = os.environ.get("PYTEST_XDIST_WORKER", ""), os.environ.get("REDIS_URL", "")
    if worker and url:
        os.environ["REDIS_URL"] = f"{url.rpartition('/')[0]}/{int(worker.removeprefix('gw')) + 1}"


def pytest_unconfigure() -> None:
    _servers.close()
