"""What pages of other parts say of students who are ready to show something."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django import template

from curriculum.models import Target
from lpm.people.models import Student
from students.mastery.queries.showing import Readiness, read_readiness

register = template.Library()


@register.simple_tag(takes_context=True)
def readiness_of(context: dict[str, Any], student: Student, target: Target) -> Readiness:
    """What the student says and asked on the target, as far as the reader of the page knows (``seeing``).

    In 2 queries, 3 where other targets lead to this one.
    """
    return read_readiness(student, target, context["seeing"].sight)


@register.filter
def is_among(uuid: UUID, chosen: Collection[str]) -> bool:
    return str(uuid) in chosen
