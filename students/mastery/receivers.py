from collections.abc import Collection
from datetime import date
from typing import Any

from django.dispatch import receiver

from curriculum.signals import framework_changed, revision_previewing
from lpm.lib.enqueue import enqueue
from lpm.people.models import Organization, Student
from lpm.people.signals import records_changed, roster_received, students_erasing
from students.mastery.queries import count_touched, ways_for
from students.mastery.services import erase_records, rebuild_students

BATCH = 500


@receiver(framework_changed)
def rebuild_after_change(framework_id: int, **kwargs: Any) -> None:
    """Counts and places depend on which targets there are; states on where what was shown on ended ones counts.

    A revision that is published says so by this signal too. The task goes out after its transaction.
    """
    enqueue("mastery.rebuild_framework", framework_id=framework_id)


@receiver(revision_previewing)
def tell_what_is_touched(target_ids: Collection[int], **kwargs: Any) -> dict[str, int]:
    return count_touched(target_ids)


@receiver(records_changed)
def rebuild_after_merge(
    student_ids: Collection[int], day: date, school_ids: Collection[int] = (), **kwargs: Any
) -> None:
    """What somebody knows follows from all records that are theirs, and from the method of their school.

    Whoever only went from one of ``school_ids`` to another knows the same where these have one method.
    """
    books = [ways_for(school, day) for school in school_ids]
    if books and all(book == books[0] for book in books):
        return
    pks = sorted(student_ids)
    for start in range(0, len(pks), BATCH):
        rebuild_students(students=list(Student.objects.filter(pk__in=pks[start : start + BATCH])), day=day)


@receiver(students_erasing)
def erase_with_students(student_ids: Collection[int], **kwargs: Any) -> dict[str, int]:
    return erase_records(student_ids=student_ids)


@receiver(roster_received)
def count_after_roster(organization: Organization, **kwargs: Any) -> None:
    """Who is where has changed. The task goes out after the import's transaction."""
    enqueue("mastery.count_progress", organization_id=organization.pk)
