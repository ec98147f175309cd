from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from lpm.people.models import Student
from lpm.people.policy import Action
from lpm.people.querysets import AboutStudentQuerySet

if TYPE_CHECKING:
    from lpm.people.models import User

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class NoticeQuerySet(AboutStudentQuerySet[M_co]):
    def of(self, person: User, day: date) -> Self:
        """What a person was told; of a student only while they may see, or write about, the student.

        Asked of each notice by itself: a person has few, and may see a whole district.
        """
        about = Student.objects.filter(pk=OuterRef("student"))
        seen = about.visible_to(person, Action.VIEW_STUDENT, day)
        written = about.visible_to(person, Action.WRITE_MESSAGE, day)
        return self.filter(Q(student=None) | Q(Exists(seen)) | Q(Exists(written)), person=person)

    def unread(self) -> Self:
        return self.filter(read_at=None)
