from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from lpm.notices.enums import NoticeKind
from lpm.people.enums import Part
from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.querysets import AboutStudentQuerySet

if TYPE_CHECKING:
    from lpm.people.models import User

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class NoticeQuerySet(AboutStudentQuerySet[M_co]):
    def of(self, person: User, day: date) -> Self:
        """What a person was told; of a student only while they may see the student, and of a message while they may
        write about the student at a school that has messages on.

        Asked of each notice by itself: a person has few, and may see a whole district.
        """
        about = Student.objects.filter(pk=OuterRef("student"))
        seen = about.visible_to(person, Action.VIEW_STUDENT, day)
        written = about.filter(school__parts__contains=[Part.MESSAGES]).visible_to(person, Action.WRITE_MESSAGE, day)
        is_message = Q(kind=NoticeKind.MESSAGE)
        is_open = Q(student=None) | (is_message & Exists(written)) | (~is_message & Exists(seen))
        return self.filter(is_open, person=person)

    def unread(self) -> Self:
        return self.filter(read_at=None)
