"""Which pages a student has."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from lpm.audit.services import record_entry
from lpm.people.models import Student, User
from lpm.people.policy import Action


class PagesRefused(Exception):
    """Nothing was changed. ``code`` is for programs; the text is a sentence for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@transaction.atomic
def choose_pages(*, student: Student, is_early_reader: bool, actor: User, day: date) -> bool:
    """Pages for early readers, or those for all; False where the student has these already, and nothing was written.

    Raises PagesRefused: not_allowed.
    """
    rows = Student.objects.visible_to(actor, Action.CHOOSE_PAGES, day)
    found = Student.objects.select_for_update().filter(pk__in=rows.values("pk")).filter(pk=student.pk).first()
    if found is None:
        raise PagesRefused("not_allowed", _("You cannot decide this for this student."))
    if found.is_early_reader == is_early_reader:
        return False
    found.is_early_reader = is_early_reader
    found.save(update_fields=["is_early_reader"])
    record_entry(
        actor_id=actor.pk,
        action="people.choose_pages",
        subject_uuid=found.uuid,
        district_id=found.district_id,
        is_early_reader=is_early_reader,
    )
    return True
