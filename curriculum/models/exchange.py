from __future__ import annotations

from typing import ClassVar

from django.db import models

from curriculum.enums import ItemKind, ObjectKind
from curriculum.models.frameworks import Framework
from curriculum.models.revisions import Revision


class CaseObject(models.Model):
    """One object of a CASE package as it came, whether or not we have a use for it: what an export gives back.

    ``content`` is the object with every member, also those no standard knows; of PACKAGE, what stands beside the
    lists. ``position`` counts from 0 among the objects of its kind, as in the file. One that a ``revision`` brought
    waits for it to be published. Personal data: none.
    """

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="case_objects")
    revision = models.ForeignKey(Revision, models.CASCADE, null=True, blank=True, related_name="case_objects")
    kind = models.CharField(max_length=30, choices=ObjectKind.choices)
    identifier = models.CharField(max_length=100, blank=True)
    position = models.PositiveIntegerField()
    content = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["framework", "revision", "kind", "position"], nulls_distinct=False, name="case_object_in_place"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["identifier", "kind"], name="case_object_by_identifier")]

    def __str__(self) -> str:
        return f"{self.kind} {self.identifier}"


class MappingRule(models.Model):
    """What the items of one type, at one depth, become in this framework; asked once, remembered for its next version.

    ``item_type`` is in lower case, empty for items without a type; ``depth`` counts from 1 under the document.
    Personal data: none.
    """

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="mapping_rules")
    item_type = models.CharField(max_length=200, blank=True)
    depth = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=ItemKind.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["framework", "item_type", "depth"], name="mapping_rule_once")
        ]

    def __str__(self) -> str:
        return f"{self.item_type} at {self.depth}: {self.kind}"
