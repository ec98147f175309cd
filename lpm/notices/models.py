"""What people are told, how they want to be told, and what still has to go out."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone

from lpm.notices.enums import Channel, DeliveryKind, DeliveryState, NoticeKind
from lpm.notices.querysets import NoticeQuerySet
from lpm.people.models import DatedSettings, Identified, Organization, Student, User


class Notice(Identified):
    """One thing a person is told, once: ``key`` names what happened. ``path`` is the page that shows it.

    ``params`` are what its sentence needs beside the student's name, which is looked up when it is read: titles and
    days, never a level. ``digested_at``: it went out in an e-mail of the day.

    Personal data: that it happened; goes with the person, and with the student it is about.
    """

    district = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    student = models.ForeignKey(Student, models.CASCADE, null=True, related_name="notices")
    key = models.CharField(max_length=100)
    path = models.CharField(max_length=300)
    params = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    digested_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "kind", "key"], name="notice_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["person", "-made_at"], name="notice_of_person")]

    def __str__(self) -> str:
        return str(self.uuid)


class NoticeChoice(models.Model):
    """By which channel a person wants to be told of a kind of thing; without a row, as ``calculations`` has it.

    Personal data: the choice; goes with the person.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="notice_choices")
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "kind"], name="notice_choice_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind}"


class NoticePerson(models.Model):
    """When a person is left in peace, and whether they want letters at all.

    Between ``quiet_from`` and ``quiet_until``, where their school is, nothing is sent; equal times are no quiet hours.
    ``secret`` makes their links to unsubscribe. ``phone`` is there only where they gave it for text messages and wrote
    back the code that was sent to it.

    Personal data: all of it; goes with the person.
    """

    person = models.OneToOneField(User, models.CASCADE, related_name="notice_person")
    quiet_from = models.TimeField(default=time(20))
    quiet_until = models.TimeField(default=time(7))
    wants_letters = models.BooleanField(default=True)  # the weekly letter of a family
    stopped_at = models.DateTimeField(null=True, blank=True)  # no e-mail at all, by a link in one
    phone = models.CharField(max_length=20, blank=True)
    secret = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return str(self.person_id)


class Delivery(Identified):
    """Something that has to go out to a person by a channel, exactly once; ``key`` names it.

    It keeps no words: these are made when it goes out.

    Personal data: that something was written to whom; goes with the person.
    """

    district = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=20, choices=DeliveryKind.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    notice = models.ForeignKey(Notice, models.CASCADE, null=True, related_name="deliveries")
    key = models.CharField(max_length=150, unique=True)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    due_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                name="delivery_waiting",
                condition=models.Q(state__in=[DeliveryState.WAITING, DeliveryState.SENDING]),
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class NoticeSettings(DatedSettings):
    """When the weekly letter to families goes out: ``letter_weekday`` (Monday is 0) at ``letter_hour``, school time.

    Personal data: none.
    """

    DEFAULTS: ClassVar = {"letter_weekday": 4, "letter_hour": 16}

    letter_weekday = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(6)])
    letter_hour = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(23)])

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "valid_from"], name="notice_settings_once_a_day")
        ]
