"""People, the organizations they learn and work in, and how they stand to each other."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from lpm.lib.ids import uuid7
from lpm.lib.text import SORT_KEY_LENGTH, sort_key
from lpm.people.enums import (
    GroupKind,
    ImportKind,
    ImportState,
    OrganizationKind,
    Role,
    StaffRole,
    TermKind,
)
from lpm.people.querysets import (
    AboutStudentQuerySet,
    GroupQuerySet,
    ImportRunQuerySet,
    OrganizationQuerySet,
    StudentQuerySet,
    UserManager,
)


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

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [once_per_source("organization")]

    def __str__(self) -> str:
        return self.name

    def sort_text(self) -> str:
        return self.name


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


class User(AbstractBaseUser, Identified, Sorted, Rostered):
    """A person who can sign in, or could.

    Personal data: names, e-mail, sign-in name; kept while the person belongs to the district, then erased.
    """

    username = models.CharField(max_length=255)
    email = models.EmailField(blank=True)
    given_name = models.CharField(max_length=200)
    family_name = models.CharField(max_length=200)
    language = models.CharField(max_length=10, blank=True)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="members")
    is_active = models.BooleanField(default=True)
    demo_caption = models.CharField(max_length=200, blank=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    objects = UserManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("username"), name="username_once_ignoring_case"),
            once_per_source("user"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def sort_text(self) -> str:
        return f"{self.family_name} {self.given_name}"

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class RoleGrant(Dated):
    """A role over an organization and everything under it, with its dates. Personal data: who holds it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)

    def __str__(self) -> str:
        return f"{self.role} of {self.organization_id}"


class Student(Identified, Sorted, Rostered):
    """A child or young person who learns in a district, with or without a sign-in.

    Personal data: names, birth date, grade; kept as the district's retention rules say, then erased.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    school = models.ForeignKey(Organization, models.PROTECT, related_name="students")
    user = models.OneToOneField(User, models.SET_NULL, null=True, blank=True, related_name="student")
    given_name = models.CharField(max_length=200)
    family_name = models.CharField(max_length=200)
    preferred_name = models.CharField(max_length=200, blank=True)
    born_on = models.DateField(null=True, blank=True)
    grade = models.CharField(max_length=10, blank=True)

    objects = StudentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [once_per_source("student")]

    def __str__(self) -> str:
        return str(self.uuid)

    def sort_text(self) -> str:
        return f"{self.family_name} {self.preferred_name or self.given_name}"

    @property
    def first_name(self) -> str:
        """What people call the student."""
        return self.preferred_name or self.given_name

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.family_name}".strip()


class Guardianship(Dated, Rostered):
    """An adult's standing to a student. ``is_restricted`` closes the record to them.

    Personal data: who is whose guardian; goes with the student.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    guardian = models.ForeignKey(User, models.CASCADE, related_name="guardianships")
    student = models.ForeignKey(Student, models.CASCADE, related_name="guardianships")
    is_restricted = models.BooleanField(default=False)

    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["guardian", "student"], name="guardianship_once")]

    def __str__(self) -> str:
        return f"{self.guardian_id} of {self.student_id}"


class Caseload(Dated):
    """A student on the caseload of a case manager, counselor, therapist or language teacher.

    Personal data: that the student is on it; goes with the student.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    manager = models.ForeignKey(User, models.CASCADE, related_name="caseload")
    student = models.ForeignKey(Student, models.CASCADE, related_name="caseloads")

    objects = AboutStudentQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.student_id} with {self.manager_id}"


class SchoolYear(Rostered):
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


class Term(Rostered):
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


class Group(Identified, Sorted, Rostered, Dated):
    """Students who learn together for a while: a class, an advisory, a seminar. Personal data: none."""

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    school = models.ForeignKey(Organization, models.PROTECT, related_name="groups")
    kind = models.CharField(max_length=20, choices=GroupKind.choices)
    name = models.CharField(max_length=200)
    code = models.CharField(max_length=50, blank=True)
    terms = models.ManyToManyField(Term, related_name="groups", blank=True)

    objects = GroupQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [once_per_source("group")]

    def __str__(self) -> str:
        return self.name

    def sort_text(self) -> str:
        return self.name


class Staffing(Dated, Rostered):
    """Someone leads, co-leads or substitutes in a group. Personal data: who teaches where."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="staffing")
    user = models.ForeignKey(User, models.CASCADE, related_name="staffing")
    role = models.CharField(max_length=20, choices=StaffRole.choices, default=StaffRole.TEACHER)

    class Meta:
        constraints: ClassVar = [once_per_source("staffing")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"


class Enrollment(Dated, Rostered):
    """A student is in a group from one day to another.

    Personal data: which groups a student was in; goes with the student.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, related_name="enrollments")
    student = models.ForeignKey(Student, models.CASCADE, related_name="enrollments")

    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [once_per_source("enrollment")]

    def __str__(self) -> str:
        return f"{self.student_id} in {self.group_id}"


class ImportRun(Identified):
    """One file brought in from a page: uploaded, checked without changing anything, then applied on request.

    Personal data: the file and the report may name people; both are deleted 30 days after the run ended.
    """

    kind = models.CharField(max_length=20, choices=ImportKind.choices)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="import_runs")
    started_by = models.ForeignKey(User, models.PROTECT, related_name="import_runs")
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # who had it applied
    file = models.FileField(upload_to="imports/")
    file_name = models.CharField(max_length=255)
    state = models.CharField(max_length=20, choices=ImportState.choices, default=ImportState.UPLOADED)
    report = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)  # when it was last sent to, or taken up by, a worker
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "touched_at"], name="import_run_sweep")]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def is_under_way(self) -> bool:
        """Whether a worker has, or will have, something to do."""
        return self.state in {
            ImportState.UPLOADED,
            ImportState.CHECKING,
            ImportState.QUEUED,
            ImportState.APPLYING,
        }
