"""Methods that a school or district chose, as they stand once they are applied."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from curriculum.models import Framework
from lpm.people.models import Organization
from students.mastery.enums import ChangeState
from students.mastery.models import MethodRule


def choose_method(organization: Organization, framework: Framework, day: date, **fields: Any) -> MethodRule:
    """``decaying`` unless said otherwise, in force from ``day`` on; nothing is made again."""
    if isinstance(fields.get("weight"), str):
        fields["weight"] = Decimal(fields["weight"])
    return MethodRule.objects.create(
        organization=organization,
        framework=framework,
        valid_from=day,
        state=ChangeState.DONE,
        applied_at=timezone.now(),
        **{"method": "decaying", **fields},
    )
