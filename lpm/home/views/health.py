"""What a load balancer and a container engine ask. Both pages are public, read no cookie and set none."""

from __future__ import annotations

from functools import cache

import structlog
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
OK, AWAY, MISSING, UNKNOWN = "ok", "away", "missing", "unknown"
BROKER_SECONDS = 1.0


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Silent about the servers it needs, so that their absence restarts nothing."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether to send people here: 503 without the database or with migrations to apply.

    Without the broker the answer stays 200, since recording works without it.
    """
    migrations = check_migrations()
    database = AWAY if migrations == UNKNOWN else OK
    checks = {"database": database, "migrations": migrations, "broker": check_broker()}
    return JsonResponse(checks, status=200 if migrations == OK else 503)


def check_migrations() -> str:
    """Reads the table of applied migrations; ``unknown`` when the database does not answer."""
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except Error as error:
        log.warning("database_away", exc_info=error)
        return UNKNOWN
    return OK if known_migrations() <= applied.keys() else MISSING


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """The app and name of each migration that this version of the code brings."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.nodes)


def check_broker() -> str:
    server = Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_connect_timeout=BROKER_SECONDS,
        socket_timeout=BROKER_SECONDS,
    )
    try:
        with server:
            server.ping()
    except RedisError:
        return AWAY
    return OK
