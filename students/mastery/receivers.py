from collections.abc import Collection
from datetime import date
from typing import Any

from django.dispatch import receiver

from curriculum.signals import framework_changed
from lpm.lib.enqueue import enqueue
from lpm.people.models import Student
from lpm.people.signals import records_changed, students_erasing
from students.mastery.services import erase_records, rebuild_students


@receiver(framework_changed)
def rebuild_after_change(framework_id: int, **kwargs: Any) -> None:
    """Counts and places depend on which targets there are."""
    enqueue("mastery.rebuild_framework", framework_id=framework_id)


@receiver(records_changed)
def rebuild_after_merge(student_ids: Collection[int], day: date, **kwargs: Any) -> None:
    """What somebody knows follows from all records that are theirs, and from the method of their school."""
    rebuild_students(students=list(Student.objects.filter(pk__in=student_ids)), day=day)


@receiver(students_erasing)
def erase_with_students(student_ids: Collection[int], **kwargs: Any) -> dict[str, int]:
    return erase_records(student_ids=student_ids)
