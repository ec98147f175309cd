"""How far a long job is, told outside its transaction. Losing it loses nothing but the number."""

from django.core.cache import cache

KEPT_SECONDS = 3600


def tell_progress(job: str, percent: int) -> None:
    cache.set(f"progress:{job}", percent, KEPT_SECONDS)


def read_progress(job: str) -> int:
    """Percent of the step under way, 0 when nothing is known."""
    return int(cache.get(f"progress:{job}") or 0)
