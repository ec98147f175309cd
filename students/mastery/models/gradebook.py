"""A gradebook is a view: any targets, any students, kept under a name."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from curriculum.models import Target, Topic
from lpm.people.models import Group, Identified, Organization, Student, User
from students.mastery.enums import GridFilter, GridMode


class GridView(Identified):
    """Which students by which targets a grid shows, and how. Of one person, or (no ``owner``) of a whole school.

    Students are those of ``groups`` as they are on the day, and those named; targets those of ``topics``, and those
    named. A school's view names no groups and no students: each teacher sees their own in it.

    Personal data: which students somebody put together; goes with its owner.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    school = models.ForeignKey(Organization, models.PROTECT, related_name="grid_views")
    owner = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="grid_views")
    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField(default=0)
    mode = models.CharField(max_length=20, choices=GridMode.choices, default=GridMode.LEVELS)
    filter = models.CharField(max_length=20, choices=GridFilter.choices, blank=True)
    is_default = models.BooleanField(default=False)
    groups = models.ManyToManyField(Group, related_name="+", blank=True)
    students = models.ManyToManyField(Student, related_name="+", blank=True)
    topics = models.ManyToManyField(Topic, related_name="+", blank=True)
    targets = models.ManyToManyField(Target, related_name="+", blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "owner"],
                condition=Q(is_default=True),
                nulls_distinct=False,
                name="grid_view_one_default",
            )
        ]

    def __str__(self) -> str:
        return self.name
