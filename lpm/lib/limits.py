"""How often something may be tried."""

from __future__ import annotations

import hashlib

from django.core.cache import BaseCache, cache
from django.core.cache.backends.locmem import LocMemCache
from redis.exceptions import RedisError

from lpm.lib.cache import ForgivingRedisCache

# Each process counts for itself while the cache is away: a looser limit, but one, and everybody else still gets in.
process = LocMemCache("limits", {"OPTIONS": {"MAX_ENTRIES": 10_000}})


def take(key: str, *, times: int, seconds: int) -> bool:
    """Count one try; False when there were ``times`` already since the first of the last ``seconds``.

    ``key`` may name a person or an address: its digest alone is kept.
    """
    return _asked("take", key, seconds) <= times


def give_back(key: str) -> None:
    """A try that succeeded is none."""
    _asked("give back", key, 0)


def _asked(what: str, key: str, seconds: int) -> int:
    hidden = f"limit:{hashlib.sha256(key.encode()).hexdigest()}"
    count = _count if what == "take" else _uncount
    if not ForgivingRedisCache.outage.is_on:
        try:
            return count(cache, hidden, seconds)
        except RedisError:
            pass  # the cache has said so in the log
    return count(process, hidden, seconds)


def _count(store: BaseCache, key: str, seconds: int) -> int:
    if store.add(key, 1, seconds):
        return 1
    try:
        return store.incr(key)
    except ValueError:  # its time was over between the two
        return 1


def _uncount(store: BaseCache, key: str, seconds: int) -> int:
    try:
        return store.decr(key)
    except ValueError:
        return 0
