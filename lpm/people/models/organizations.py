from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from lpm.people.enums import OrganizationKind, Part, TermKind
from lpm.people.models.base import DatedSettings, Identified, Rostered, Sorted, once_per_source
from lpm.people.querysets import OrganizationQuerySet


def every_part() -> list[str]:
    return list(Part.values)


class RosterSource(Identified):
    """A system that sends rosters for one organization and everything under it. Personal data: none."""

    organization = models.ForeignKey("people.Organization", models.PROTECT, related_name="roster_sources")
    name = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organization", "name"], name="roster_source_once")]

    def __str__(self) -> str:
        return self.name


class Organization(Identified, Sorted, Rostered):
    """A consortium, district, school or team. Personal data: none."""

    kind = models.CharField(max_length=20, choices=OrganizationKind.choices)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    time_zone = models.CharField(max_length=64, default="America/New_York")
    language = models.CharField(max_length=10, default="en")
    # What PeopleSettings say today, kept beside the organization so that rules of access need no search.
    # Written by ``settle_settings`` alone.
    opens_before = models.PositiveSmallIntegerField(default=30, editable=False)
    closes_after = models.PositiveSmallIntegerField(default=14, editable=False)
    age_of_rights = models.PositiveSmallIntegerField(default=18, editable=False)
    parts = ArrayField(models.CharField(max_length=20, choices=Part.choices), default=every_part, editable=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [once_per_source("organization")]

    def __str__(self) -> str:
        return self.name

    def sort_text(self) -> str:
        return self.name


def district_id_of(organization: Organization | None) -> int | None:
    """The district that an organization is, or lies in; None for a consortium, and for none."""
    at = organization
    while at and at.kind != OrganizationKind.DISTRICT:
        at = at.parent
    return at.pk if at else None


class Lineage(models.Model):
    """``ancestor`` stands ``depth`` steps above ``descendant``; every organization is its own at depth 0.

    One indexed predicate for "everything under". Written by ``create_organization`` alone. Personal data: none.
    """

    ancestor = models.ForeignKey(Organization, models.CASCADE, related_name="below")
    descendant = models.ForeignKey(Organization, models.CASCADE, related_name="lineage")
    depth = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["ancestor", "descendant"], name="lineage_once")]

    def __str__(self) -> str:
        return f"{self.ancestor_id} above {self.descendant_id}"


class PeopleSettings(DatedSettings):
    """How an organization opens records and lets people sign in, from a day on. Personal data: none.

    ``opens_before`` and ``closes_after`` are days around an enrollment in which its teachers see the record.
    ``weekdays`` are those with school, Monday being 0. ``shared_hours`` is how long a session lasts on a computer
    that others use, ``own_days`` on a device of one's own. What nobody says is as in DEFAULTS; no ``retention_years``
    means that nobody has decided. ``family_days`` is as ``own_days``, of guardians. ``parts`` are those that are on;
    an empty list turns all of them off.
    """

    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "opens_before": 30,
        "closes_after": 14,
        "age_of_rights": 18,
        "weekdays": [0, 1, 2, 3, 4],
        "leaders_need_second_factor": False,
        "badges_allowed": True,
        "shared_hours": 10,
        "own_days": 30,
        "family_days": 90,
        "parts": list(Part.values),
        "retention_years": None,
    }

    opens_before = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(120)])
    closes_after = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(120)])
    age_of_rights = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(14), MaxValueValidator(25)]
    )
    weekdays = ArrayField(models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)]), null=True, blank=True)
    leaders_need_second_factor = models.BooleanField(null=True, blank=True)
    badges_allowed = models.BooleanField(null=True, blank=True)
    shared_hours = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    own_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    family_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(180)]
    )
    parts = ArrayField(models.CharField(max_length=20, choices=Part.choices), null=True, blank=True)
    retention_years = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "valid_from"], name="people_settings_once_a_day")
        ]


class SchoolYear(Identified, Rostered):
    """A district's or school's year, named by the calendar year in which it ends. Personal data: none."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="school_years")
    title = models.CharField(max_length=200)
    ends_in = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "ends_in"], name="school_year_once"),
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="school_year_in_order"),
        ]

    def __str__(self) -> str:
        return self.title


class Term(Identified, Rostered):
    """A part of a school year, first to last day. Personal data: none."""

    school_year = models.ForeignKey(SchoolYear, models.PROTECT, related_name="terms")
    kind = models.CharField(max_length=20, choices=TermKind.choices)
    title = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            once_per_source("term"),
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="term_in_order"),
        ]

    def __str__(self) -> str:
        return self.title


class Closure(Identified):
    """Days without school, first to last: holidays, a snow day. Counts for everything under the organization.

    Personal data: none.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="closures")
    title = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="closure_in_order"),
        ]

    def __str__(self) -> str:
        return self.title


class RosterDrop(Identified):
    """A folder of this server, or on an SFTP server, that is looked into for the roster of an organization.

    ``place`` is a path below the folder that the installation allows, or ``sftp://user@host:port/folder``. A file is
    taken once: ``last_fingerprint`` is that of the newest one taken. Personal data: none.
    """

    organization = models.OneToOneField(Organization, models.PROTECT, related_name="roster_drop")
    place = models.CharField(max_length=500)
    host_key = models.TextField(blank=True)  # of the SFTP server, as a line of known_hosts
    hour = models.PositiveSmallIntegerField(default=3, validators=[MaxValueValidator(23)])  # where the schools are
    is_on = models.BooleanField(default=True)
    applies_itself = models.BooleanField(default=True)  # else a person looks first
    set_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    last_looked_at = models.DateTimeField(null=True, blank=True)
    last_fingerprint = models.CharField(max_length=64, blank=True)
    last_problem = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return str(self.uuid)
