"""Students who want to show what they can do, and when and where they do."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from curriculum.models import Target
from lpm.people.models import Group, Identified, Organization, Student, User
from lpm.people.querysets import AboutStudentQuerySet
from students.mastery.enums import RequestState
from students.mastery.models.logs import Assessment


class ShowingSession(Identified):
    """A time and a place at which students of a group show what they asked to show. Personal data: who holds it."""

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, related_name="showing_sessions")
    host = models.ForeignKey(User, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=500, blank=True)
    places = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(200)])
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["group", "starts_at"], name="showing_session_of_group")]

    def __str__(self) -> str:
        return f"{self.group_id} at {self.starts_at}"


class ReadyRequest(Identified):
    """A student says: I am ready to show this. At most one is open for a target.

    ``done_since`` is what they did since the last try. The answer is an assessment by a teacher, or a few words.

    Personal data: what the student asked and was answered; kept with the student's record.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.PROTECT, related_name="ready_requests")
    target = models.ForeignKey(Target, models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=RequestState.choices, default=RequestState.WAITING)
    self_assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, related_name="+")
    done_since = models.TextField()
    asked_at = models.DateTimeField(default=timezone.now)
    session = models.ForeignKey(ShowingSession, models.SET_NULL, null=True, blank=True, related_name="requests")
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.ForeignKey(Assessment, models.PROTECT, null=True, related_name="+")
    reply = models.TextField(blank=True)
    reply_language = models.CharField(max_length=10, blank=True)

    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["student", "state", "asked_at"], name="ready_request_of_student")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["student", "target"],
                condition=Q(state=RequestState.WAITING),
                name="ready_request_open_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class Seminar(Identified):
    """What a group is that meets once for something: when, where, and who may come. Levels are never shown in it.

    Personal data: who made it.
    """

    group = models.OneToOneField(Group, models.CASCADE, related_name="seminar")
    target = models.ForeignKey(Target, models.PROTECT, null=True, blank=True, related_name="+")
    meets_at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    is_open = models.BooleanField(default=False)  # students may join; else the list is given
    places = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(500)])
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.group_id} at {self.meets_at}"


class Absence(Identified):
    """A teacher saw on a day that a student was not in the group. Personal data: that; goes with the student."""

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.CASCADE, related_name="absences")
    group = models.ForeignKey(Group, models.CASCADE, related_name="+")
    day = models.DateField()
    noted_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["student", "group", "day"], name="absence_once_a_day")]

    def __str__(self) -> str:
        return f"{self.student_id} on {self.day}"
