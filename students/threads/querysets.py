from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from lpm.people.models import Student
from lpm.people.policy import Action, Relation
from lpm.people.querysets import AboutStudentQuerySet

if TYPE_CHECKING:
    from lpm.people.models import User
    from students.threads.models import Thread

STAFF = (Relation.TEACHER, Relation.CASE_MANAGER)
FAMILY = (Relation.GUARDIAN, Relation.HEARD_GUARDIAN)


class ThreadQuerySet(AboutStudentQuerySet["Thread"]):
    def mine(self, user: User, day: date) -> Self:
        """The threads in which somebody writes: as long as they stand to the student as when it was begun."""
        action = Action.WRITE_MESSAGE
        taught = Student.objects.visible_to(user, action, day, through=STAFF)
        guarded = Student.objects.visible_to(user, action, day, through=FAMILY)
        own = Student.objects.visible_to(user, action, day, through=[Relation.SELF])
        return self.filter(
            Q(staff=user, student__in=taught)
            | Q(guardian=user, student__in=guarded)
            | Q(guardian=None, student__in=own)
        )

    def overseen_by(self, user: User, day: date) -> Self:
        return self.filter(student__in=Student.objects.visible_to(user, Action.OVERSEE_MESSAGES, day))
