"""Files that were brought in and want a look: to be applied, or with something to mend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Q, When
from django.utils.translation import gettext as _

from lpm.people.enums import ImportState
from lpm.people.models import ImportRun, Organization, RosterDrop, User
from lpm.people.policy import Action

RECENT = timedelta(days=7)
SHOWN = 5


@dataclass(frozen=True)
class Runs:
    """``runs`` wait for somebody, newest first, with ``has_left_out``; ``drops`` are folders that could not be read."""

    runs: Sequence[ImportRun]
    drops: Sequence[RosterDrop]

    def __bool__(self) -> bool:
        return bool(self.runs or self.drops)

    @property
    def sentence(self) -> str:
        if self.runs:
            return _("A file that was brought in waits for somebody to look at it.")
        if self.drops:
            return _("The roster could not be fetched from its folder.")
        return _("A curriculum, or people and classes. You see first what would change.")


def read_runs(user: User, day: date, now: datetime) -> Runs:
    """In 2 queries."""
    left_out = Q(report__left_out__0__isnull=False)
    troubled = Q(state=ImportState.REFUSED) | Q(left_out, state=ImportState.APPLIED)
    rows: Any = ImportRun.objects.visible_to(user, Action.RUN_IMPORT, day)
    rows = rows.filter(Q(state=ImportState.CHECKED) | Q(troubled, ended_at__gte=now - RECENT))
    rows = rows.annotate(has_left_out=Case(When(left_out, then=True), default=False, output_field=BooleanField()))
    shown = rows.select_related("organization").defer("report").order_by("-created_at", "-pk")[:SHOWN]
    places = Organization.objects.visible_to(user, Action.IMPORT_ROSTER, day)
    drops = RosterDrop.objects.filter(is_on=True, organization__in=places).exclude(last_problem="")
    return Runs(list(shown), list(drops.select_related("organization").order_by("organization__sort_key", "pk")))
