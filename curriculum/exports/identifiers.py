"""Identifiers and addresses of objects that have none of their own: the same ones at every export. No database."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.conf import settings

BASES = {"1.0": "ims/case/v1p0", "1.1": "ims/case/v1p1"}
PREFIX = 8  # digits


def made_identifier(framework: str, *parts: str) -> str:
    """A UUID for something in the framework with this identifier; its first digits are the framework's own."""
    told = hashlib.sha256("\n".join(parts).encode()).digest()
    return str(UUID(bytes=_beginning(framework) + told[:12], version=5))


def prefix_of(framework: str) -> str:
    """How every ``made_identifier`` of the framework begins."""
    return _beginning(framework).hex()


def _beginning(framework: str) -> bytes:
    return hashlib.sha256(framework.encode()).digest()[: PREFIX // 2]


def own_identifiers(uuid: UUID) -> set[str]:
    """What a row that was written here is called in CASE."""
    return {str(uuid), str(UUID(int=uuid.int, version=4))}


def server_address() -> str:
    """Where this server is, without a slash at the end, for whoever has no request to see it by."""
    host = settings.ALLOWED_HOSTS[0].lstrip(".*") or "localhost"
    return f"{'https' if settings.HTTPS else 'http'}://{host}"


def address_of(server: str, version: str, kind: str, identifier: str) -> str:
    """Where an object is read by CASE; ``kind`` is its class in the plural, as the addresses have it."""
    return f"{server}/{BASES[version]}/{kind}/{identifier}"
