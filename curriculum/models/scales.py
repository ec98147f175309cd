from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext

from lpm.people.models import Identified, Organization


def translated(words: str) -> str:
    """Words that came with Cairn in the reader's language; a district's own words as they are."""
    return gettext(words) if words else ""


class Scale(Identified):
    """The levels a district judges by: from ``low`` to ``high`` in steps. Personal data: none."""

    owner = models.ForeignKey(Organization, models.PROTECT, related_name="scales")
    name = models.CharField(max_length=200)
    low = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal("0.00"))
    high = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal("4.00"))
    step = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal("0.50"))
    proficient = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal("3.00"))

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(low__lt=F("proficient"), proficient__lte=F("high"), step__gt=0),
                name="scale_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def name_of(self, value: Decimal) -> str:
        """What the level is called, a half point like the level below it; "" where nobody named it.

        Reads ``levels``: prefetched where many are asked for.
        """
        below = [level for level in self.levels.all() if level.value <= value]
        return max(below, key=lambda level: level.value).said_name if below else ""


class ScaleLevel(models.Model):
    """What one level of a scale is called, and its general words. Personal data: none."""

    scale = models.ForeignKey(Scale, models.CASCADE, related_name="levels")
    value = models.DecimalField(max_digits=4, decimal_places=2)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["scale", "value"], name="scale_level_once")]

    def __str__(self) -> str:
        return f"{self.value} {self.name}"

    @property
    def said_name(self) -> str:
        return translated(self.name)

    @property
    def said_description(self) -> str:
        return translated(self.description)
