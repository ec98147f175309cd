"""A cache that is away answers as an empty one, and comes back without what was ended meanwhile."""

from __future__ import annotations

import pytest
from django.conf import settings
from redis.exceptions import RedisError

from lpm.lib.cache import ForgivingRedisCache

AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture
def cache(_cache_of_this_test):
    return ForgivingRedisCache(settings.REDIS_URL, {"KEY_PREFIX": "test-cache"})


@pytest.fixture
def away(_cache_of_this_test):
    return ForgivingRedisCache(AWAY, {"KEY_PREFIX": "test-cache"})


@pytest.fixture
def _cache_of_this_test():
    yield
    ForgivingRedisCache.outage.end()
    ForgivingRedisCache.unwritten.clear()


def test_a_cache_that_is_away_is_empty(away):
    away.set("a", 1)

    assert away.get("a") is None
    assert away.get("a", "nothing") == "nothing"
    assert "a" not in away
    assert away.add("a", 1) is False
    assert away.delete("a") is False


def test_a_limit_that_cannot_count_raises(away):
    with pytest.raises(RedisError):
        away.incr("a")


def test_a_cache_that_is_away_is_left_alone_for_a_moment(away, cache):
    cache.set("a", 1)
    away.get("a")

    assert cache.get("a") is None

    ForgivingRedisCache.outage.end()
    assert cache.get("a") == 1


def test_what_was_not_written_is_gone_when_the_cache_is_back(away, cache):
    cache.set_many({"ended": 1, "changed": 1, "other": 1})
    away.delete("ended")
    away.set("changed", 2)
    ForgivingRedisCache.outage.end()

    assert cache.get("other") == 1
    assert cache.get("ended") is None
    assert cache.get("changed") is None
    assert ForgivingRedisCache.unwritten == set()
