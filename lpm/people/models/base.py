from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from lpm.lib.ids import uuid7
from lpm.lib.text import SORT_KEY_LENGTH, sort_key
from lpm.people.querysets import DatedSettingsQuerySet


class Identified(models.Model):
    """A row with an identity that may leave the server."""

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)

    class Meta:
        abstract = True


class Sorted(models.Model):
    """A row that lists order by ``sort_key``, made from ``sort_text()`` at every save.

    Bulk writers call ``fill_sort_key()`` themselves.
    """

    sort_key = models.CharField(max_length=SORT_KEY_LENGTH, editable=False)

    class Meta:
        abstract = True

    def sort_text(self) -> str:
        raise NotImplementedError

    def fill_sort_key(self) -> None:
        self.sort_key = sort_key(self.sort_text())

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fill_sort_key()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "sort_key"}
        super().save(*args, **kwargs)


class Rostered(models.Model):
    """A row that may have come from a roster; ``sourced_id`` is unique per source and type of row."""

    source = models.ForeignKey("people.RosterSource", models.PROTECT, null=True, blank=True, related_name="+")
    sourced_id = models.CharField(max_length=255, blank=True)

    class Meta:
        abstract = True


def once_per_source(model_name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=["source", "sourced_id"],
        condition=Q(source__isnull=False),
        name=f"{model_name}_once_per_source",
    )


class Dated(models.Model):
    """In force from ``starts_on`` to ``ends_on``, both inclusive; an empty date is open."""

    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


class DatedSettings(models.Model):
    """What an organization has decided, from a day on. An empty field leaves it to the organization above.

    One row per organization and day on which something changed; each app has a model of its own.
    """

    organization = models.ForeignKey("people.Organization", models.PROTECT, related_name="%(app_label)s_settings")
    valid_from = models.DateField()

    objects = DatedSettingsQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.organization_id} from {self.valid_from}"
