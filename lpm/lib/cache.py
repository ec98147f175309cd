"""A cache that may be away, or hang."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

WAIT_SECONDS = 0.5  # for an answer, and for a connection
PAUSE_SECONDS = 2.0
PATIENCE = {"socket_connect_timeout": WAIT_SECONDS, "socket_timeout": WAIT_SECONDS}


class Outage:
    """After a failure a server is left alone for PAUSE_SECONDS: its absence costs a page one wait, not one a call."""

    def __init__(self, event: str) -> None:
        self._event = event
        self._ends_at = 0.0

    @property
    def is_on(self) -> bool:
        return time.monotonic() < self._ends_at

    def begin(self, **details: object) -> None:
        self._ends_at = time.monotonic() + PAUSE_SECONDS
        log.warning(self._event, **details)

    def end(self) -> None:
        self._ends_at = 0.0


class ForgivingRedisCache(RedisCache):
    """Answers like an empty cache while the server is away, so that sign-in goes on from the database.

    What could not be written is deleted before anything is read again: the server may come back with a session
    that was ended meanwhile. What counts (``incr``) still raises: a rate limit that cannot count must not wave
    everybody through.
    """

    outage = Outage("cache_away")  # of the process: every thread has a cache object of its own
    unwritten: set[str] = set()  # noqa: RUF012 (shared like the outage)

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "OPTIONS": params.get("OPTIONS", {}) | PATIENCE})

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._ask(default, lambda: super(ForgivingRedisCache, self).get(key, default, version))

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return bool(self._ask(False, lambda: super(ForgivingRedisCache, self).has_key(key, version)))

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask(False, lambda: super(ForgivingRedisCache, self).add(key, value, timeout, version)))

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._ask(None, lambda: super(ForgivingRedisCache, self).set(key, value, timeout, version), (key, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._ask(False, lambda: super(ForgivingRedisCache, self).delete(key, version), (key, version)))

    def _ask(self, otherwise: Any, ask: Callable[[], Any], written: tuple[Any, int | None] | None = None) -> Any:
        if not self.outage.is_on:
            try:
                self._delete_unwritten()
                return ask()
            except RedisError as error:
                self.outage.begin(reason=type(error).__name__)
        if written:
            self.unwritten.add(self.make_and_validate_key(*written))
        return otherwise

    def _delete_unwritten(self) -> None:
        if keys := list(self.unwritten):
            self._cache.delete_many(keys)
            self.unwritten.difference_update(keys)
