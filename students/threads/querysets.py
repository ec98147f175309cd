from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Prefetch, Q

from lpm.people.enums import Part
from lpm.people.models import Student
from lpm.people.policy import Action, Relation
from lpm.people.querysets import AboutStudentQuerySet

if TYPE_CHECKING:
    from lpm.people.models import User
    from students.threads.models import Thread  # noqa: F401 (names the rows, in a string)

STAFF = (Relation.TEACHER, Relation.CASE_MANAGER)
FAMILY = (Relation.GUARDIAN, Relation.HEARD_GUARDIAN)


def _about(students: Any) -> Q:
    """Threads about the students, and those of records that were merged into theirs."""
    return Q(student__in=students) | Q(student__merged_into__in=students)


class ThreadQuerySet(AboutStudentQuerySet["Thread"]):
    """A record that was merged into another is read as part of that one; its threads stay where they are."""

    def visible_to(self, user: User, action: Action, day: date) -> Self:
        return self.filter(_about(Student.objects.visible_to(user, action, day)))

    def mine(self, user: User, day: date) -> Self:
        """The threads in which somebody writes: as long as they stand to the student as when it was begun."""
        action = Action.WRITE_MESSAGE
        taught = Student.objects.visible_to(user, action, day, through=STAFF)
        guarded = Student.objects.visible_to(user, action, day, through=FAMILY)
        own = Student.objects.visible_to(user, action, day, through=[Relation.SELF])
        return self.filter(
            Q(_about(taught), staff=user) | Q(_about(guarded), guardian=user) | Q(_about(own), guardian=None)
        )

    def overseen_by(self, user: User, day: date) -> Self:
        return self.visible_to(user, Action.OVERSEE_MESSAGES, day)

    def translatable_by(self, user: User, day: date) -> Self:
        """Those that somebody of the staff reads, as one of the two or as an overseer, and may put into other words."""
        own, overseen = self.model.objects.mine(user, day), self.model.objects.overseen_by(user, day)
        read = Q(staff=user, pk__in=own.values("pk")) | Q(pk__in=overseen.values("pk"))
        return self.visible_to(user, Action.TRANSLATE_WORDS, day).filter(read)

    def turned_on(self) -> Self:
        """Those at schools where messages are on."""
        return self.filter(_about(Student.objects.filter(school__parts__contains=[Part.MESSAGES]).unmerged()))

    def with_student_for(self, user: User) -> Self:
        """With the student, and the one who speaks for them, by the name that this reader knows; in 1 query more, 2
        where a record was merged."""
        named = Student.objects.select_related("user", "school").named_for(user)
        return self.prefetch_related(Prefetch("student", named.prefetch_related(Prefetch("merged_into", named))))
