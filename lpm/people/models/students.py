from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lpm.people.enums import Audience, CaseloadKind, CaseloadScope, Programme, Race, Sex
from lpm.people.models.base import Dated, Identified, Rostered, Sorted, once_per_source
from lpm.people.models.organizations import Organization
from lpm.people.models.users import User
from lpm.people.querysets import AboutStudentQuerySet, HouseholdQuerySet, StudentQuerySet

PREFIXES = {Audience.CLASS: "", Audience.FAMILY: "family_", Audience.TRANSCRIPT: "transcript_"}


class Student(Identified, Sorted, Rostered):
    """A child or young person who learns in a district, with or without a sign-in.

    What a student is called depends on who reads: ``preferred_name`` and ``pronouns`` hold at school, and with the
    student; those that begin with ``family`` for families, with ``transcript`` on official papers. Empty falls back
    to the given name, never to the name used at school: a family may not know it.

    ``is_provisional`` until a roster, or the office, knows the student. A record that turned out to be of a child who
    has another one is ``merged_into`` that one, and stays as it is. ``is_early_reader`` gives the student pages with
    one thing at a time, pictures, and words read aloud.

    Personal data: names, pronouns, birth date, grade; kept as the district's retention rules say, then erased.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    school = models.ForeignKey(Organization, models.PROTECT, related_name="students")
    user = models.OneToOneField(User, models.SET_NULL, null=True, blank=True, related_name="student")
    given_name = models.CharField(max_length=200)
    family_name = models.CharField(max_length=200)
    preferred_name = models.CharField(max_length=200, blank=True)
    pronouns = models.CharField(max_length=50, blank=True)
    family_preferred_name = models.CharField(max_length=200, blank=True)
    family_pronouns = models.CharField(max_length=50, blank=True)
    transcript_preferred_name = models.CharField(max_length=200, blank=True)
    transcript_pronouns = models.CharField(max_length=50, blank=True)
    born_on = models.DateField(null=True, blank=True)
    grade = models.CharField(max_length=10, blank=True)
    left_on = models.DateField(null=True, blank=True)  # the last day in the district
    is_provisional = models.BooleanField(default=False)
    is_early_reader = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="absorbed")

    objects = StudentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [once_per_source("student")]

    def __str__(self) -> str:
        return str(self.uuid)

    def sort_text(self) -> str:
        return f"{self.family_name} {self.preferred_name or self.given_name}"

    @property
    def first_name(self) -> str:
        """What whoever reads this calls the student; ``StudentQuerySet.named_for`` says who reads."""
        return self.first_name_for(getattr(self, "audience", Audience.CLASS))

    def first_name_for(self, audience: Audience | str) -> str:
        name: str = getattr(self, f"{PREFIXES[Audience(audience)]}preferred_name")  # that one field, for ``only()``
        return name or self.given_name

    def pronouns_for(self, audience: Audience | str) -> str:
        pronouns: str = getattr(self, f"{PREFIXES[Audience(audience)]}pronouns")
        return pronouns

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.family_name}".strip()


class Demographics(models.Model):
    """What a district has to tell about who its students are: read in counts, never beside a name on a list.

    ``home_language`` is a code such as es. An empty field is one that nobody has said.

    Personal data: all of it; goes with the student.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    student = models.OneToOneField(Student, models.CASCADE, related_name="demographics")
    sex = models.CharField(max_length=10, choices=Sex.choices, blank=True)
    races = ArrayField(models.CharField(max_length=20, choices=Race.choices), default=list, blank=True)
    is_hispanic = models.BooleanField(null=True, blank=True)
    home_language = models.CharField(max_length=10, blank=True)
    programmes = ArrayField(models.CharField(max_length=20, choices=Programme.choices), default=list, blank=True)

    objects = AboutStudentQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.student_id)


class SchoolStay(Identified, Dated):
    """A student belongs to a school, in a grade, from one day to another: the history behind ``Student.school``.

    Written by ``settle_stays`` alone. Personal data: where a student was; goes with the student.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.CASCADE, related_name="stays")
    school = models.ForeignKey(Organization, models.PROTECT, related_name="stays")
    grade = models.CharField(max_length=10, blank=True)

    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["student"], condition=Q(ends_on__isnull=True), name="school_stay_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} at {self.school_id}"


class StudentMerge(Identified):
    """Two records were found to be of one child: ``absorbed`` is from then on read as part of ``kept``.

    ``moved`` says which rows changed hands (name of the model → primary keys), so that it can be taken back. The
    logs of the record do not move. Personal data: that it happened; goes with the student.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.CASCADE, related_name="merges")  # the one that is kept
    absorbed = models.ForeignKey(Student, models.CASCADE, related_name="merged_by")
    moved = models.JSONField(default=dict)
    merged_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(default=timezone.now)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = AboutStudentQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.uuid)


class Household(Identified):
    """A home of one or more students of a district, to which letters go; separated parents are two.

    Personal data: who lives together; goes with the students.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    students = models.ManyToManyField(Student, related_name="households")
    label = models.CharField(max_length=200, blank=True)  # such as "Mother's home"; read by the office alone
    language = models.CharField(max_length=10, blank=True)

    objects = HouseholdQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.uuid)


class Invitation(Identified):
    """A letter with a code by which the adults of a household become guardians who can sign in.

    The code itself is kept nowhere: ``digest`` is its SHA-256. ``places`` is how many adults may still use it.
    Personal data: none beside the household.
    """

    household = models.ForeignKey(Household, models.CASCADE, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)
    places = models.PositiveSmallIntegerField(default=2)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.uuid)


class Guardianship(Identified, Dated, Rostered):
    """An adult's standing to a student. ``is_restricted`` closes the record to them.

    ``student_allows`` keeps it open once the student has come of age. ``may_write`` lets a restricted guardian write to
    teachers all the same, and read their answers.

    Personal data: who is whose guardian; goes with the student.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    guardian = models.ForeignKey(User, models.CASCADE, related_name="guardianships")
    student = models.ForeignKey(Student, models.CASCADE, related_name="guardianships")
    is_restricted = models.BooleanField(default=False)
    student_allows = models.BooleanField(default=False)
    may_write = models.BooleanField(default=False)
    relationship = models.CharField(max_length=50, blank=True)
    household = models.ForeignKey(Household, models.SET_NULL, null=True, blank=True, related_name="guardianships")

    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["guardian", "student"], name="guardianship_once")]

    def __str__(self) -> str:
        return f"{self.guardian_id} of {self.student_id}"


class Caseload(Identified, Dated):
    """A student on the caseload of a case manager, counselor, therapist or language teacher.

    ``scope`` says how much of the student that opens.

    Personal data: that the student is on it; goes with the student.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    manager = models.ForeignKey(User, models.CASCADE, related_name="caseload")
    student = models.ForeignKey(Student, models.CASCADE, related_name="caseloads")
    kind = models.CharField(max_length=20, choices=CaseloadKind.choices, default=CaseloadKind.CASE_MANAGER)
    scope = models.CharField(max_length=20, choices=CaseloadScope.choices, default=CaseloadScope.RECORD)

    objects = AboutStudentQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.student_id} with {self.manager_id}"
