"""This week's letters to the families whom one can try the district as: they go out when the worker runs."""

from __future__ import annotations

from django.utils import timezone

from lpm.demo.services.making import Making
from students.letters.services import queue_letters

FAMILIES = 6  # those who come first in the plan


def queue_family_letters(making: Making) -> None:
    """About the week of the last day with school."""
    for family in making.plan.families[:FAMILIES]:
        queue_letters(
            school=making.students[family.children[0].key].school,
            guardian_ids=[making.users[adult.key].pk for adult in family.adults],
            week_day=making.plan.last_school_day,
            now=timezone.now(),
        )
