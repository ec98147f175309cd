"""This week's letters to the families whom one can try the district as: they go out when the worker runs."""

from __future__ import annotations

from datetime import time

from django.utils import timezone

from lpm.demo.services.making import Making
from lpm.notices.services.choose import choose_channels
from students.letters.services import queue_letters

FAMILIES = 6  # those who come first in the plan
NEVER = time(0)  # quiet hours from then until then are none


def queue_family_letters(making: Making) -> None:
    """About the week of the last day with school. These guardians have no quiet hours: letters come at any time."""
    for family in making.plan.families[:FAMILIES]:
        guardians = [making.users[adult.key] for adult in family.adults]
        for guardian in guardians:
            choose_channels(
                person=guardian, channels={}, quiet_from=NEVER, quiet_until=NEVER, wants_letters=True, wants_email=True
            )
        queue_letters(
            school=making.students[family.children[0].key].school,
            guardian_ids=[guardian.pk for guardian in guardians],
            week_day=making.plan.last_school_day,
            now=timezone.now(),
        )
