"""A cache that may be away."""

from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = structlog.get_logger(__name__)
AWAY = (RedisConnectionError, RedisTimeoutError)


class ForgivingRedisCache(RedisCache):
    """Answers like an empty cache while the server is down, so that sign-in goes on from the database.

    What counts (``incr``) still raises: a rate limit that cannot count must not wave everybody through.
    """

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return _or(default, lambda: super(ForgivingRedisCache, self).get(key, default, version))

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return bool(_or(False, lambda: super(ForgivingRedisCache, self).has_key(key, version)))

    def add(self, key: Any, value: Any, timeout: Any = 300, version: int | None = None) -> bool:
        return bool(_or(False, lambda: super(ForgivingRedisCache, self).add(key, value, timeout, version)))

    def set(self, key: Any, value: Any, timeout: Any = 300, version: int | None = None) -> None:
        _or(None, lambda: super(ForgivingRedisCache, self).set(key, value, timeout, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(_or(False, lambda: super(ForgivingRedisCache, self).delete(key, version)))


def _or(otherwise: Any, ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except AWAY:
        log.warning("cache_away")
        return otherwise
