"""Settings that an organization decides from a day on: a row of many fields, of which a person changes a few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import takewhile
from typing import Any, TypeVar

from django.db import transaction

from lpm.people.models import DatedSettings, Organization

S = TypeVar("S", bound=DatedSettings)
Changes = dict[str, list[Any]]


@transaction.atomic
def decide_from(
    *, rows: type[S], fields: Sequence[str], organization: Organization, valid_from: date, values: Mapping[str, Any]
) -> tuple[S, Changes]:
    """The row of ``valid_from``, and what it changes: a field → what held until then, and what holds from then on.

    Of ``fields``, what is not among ``values`` stays as it was decided before. A later day for which something else is
    planned goes along. Whoever calls has checked who decides, and the day.
    """
    Organization.objects.select_for_update().get(pk=organization.pk)  # two at once: one after the other
    every: Any = rows._default_manager
    known = every.filter(organization=organization)
    before = known.filter(valid_from__lte=valid_from).order_by("-valid_from").first()
    was = {field: getattr(before, field, None) for field in fields}
    row, _made = every.update_or_create(organization=organization, valid_from=valid_from, defaults=was | dict(values))
    changes = {field: [was[field], value] for field, value in values.items() if was[field] != value}
    _take_along(list(known.filter(valid_from__gt=valid_from).order_by("valid_from")), changes)
    return row, changes


def _take_along(later: Sequence[DatedSettings], changes: Changes) -> None:
    """A row speaks for every field, also for those that it was not written for. Until a later row decides otherwise
    than held before, what is decided now holds on as well."""
    for field, (was, value) in changes.items():
        for one in _as_before(later, field, was):
            setattr(one, field, value)
    for one in later:
        one.save(update_fields=list(changes))


def _as_before(later: Sequence[DatedSettings], field: str, was: Any) -> list[DatedSettings]:
    return list(takewhile(lambda one: getattr(one, field) == was, later))
