"""What a teacher and a student, or a teacher and a guardian, write to each other about the student's learning."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils import timezone

from lpm.people.models import Identified, Organization, Student, User
from students.threads.querysets import ThreadQuerySet


class Thread(Identified):
    """The messages of one member of the staff with a student (``guardian`` is empty) or with one guardian.

    Each guardian has their own: those of one are nothing that another reads. There is one for each two people and
    student.

    Personal data: who writes to whom; goes with the student.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, models.CASCADE, related_name="threads")
    staff = models.ForeignKey(User, models.PROTECT, related_name="+")
    guardian = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    begun_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    staff_read_at = models.DateTimeField(null=True, blank=True)
    family_read_at = models.DateTimeField(null=True, blank=True)  # by the student, or by the guardian

    objects = ThreadQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["student", "staff", "guardian"], name="thread_once", nulls_distinct=False)
        ]
        indexes: ClassVar = [models.Index(fields=["student", "-last_at"], name="thread_of_student")]

    def __str__(self) -> str:
        return str(self.uuid)


class Message(Identified):
    """One message, never changed. ``uuid`` is made by whoever sends it, so that sending twice is harmless.

    Personal data: what was written; goes with the student.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="messages")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    text = models.TextField()
    language = models.CharField(max_length=10, blank=True)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers: ClassVar = [pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update)]
        indexes: ClassVar = [models.Index(fields=["thread", "sent_at"], name="message_of_thread")]

    def __str__(self) -> str:
        return str(self.uuid)


class MessageTranslation(Identified):
    """A message put into another language by a person; the newest of a language counts.

    Personal data: what was written; goes with the message.
    """

    district = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    message = models.ForeignKey(Message, models.CASCADE, related_name="translations")
    language = models.CharField(max_length=10)
    text = models.TextField()
    translator = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.uuid)
