"""Where a student starts on a topic, with the quick checks that were made to find it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from uuid import UUID, uuid5

from students.mastery.calculations.start import MOST_CHECKS

CHECK = "check-"  # before the target of a quick check, in the names of fields


def read_checks(data: Mapping[str, str]) -> dict[UUID, Decimal]:
    """The level of each quick check by target, in the order asked; what is no level of any scale is left out."""
    found: dict[UUID, Decimal] = {}
    for name, value in data.items():
        if name.startswith(CHECK) and value:
            try:
                found[UUID(name.removeprefix(CHECK))] = Decimal(value)
            except (ValueError, InvalidOperation):
                continue
    return {target: level for target, level in list(found.items())[:MOST_CHECKS] if level.is_finite()}


def check_uuid(session: UUID, target: UUID) -> UUID:
    """The identity of a check's mark, so that confirming twice records it once."""
    return uuid5(session, str(target))
