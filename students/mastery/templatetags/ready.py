"""What pages of other parts say of students who are ready to show something."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django import template

from curriculum.models import Target
from lpm.people.models import Student
from students.mastery.models import ReadyRequest
from students.mastery.queries.showing import Readiness, count_offered, count_waiting, read_open, read_readiness

register = template.Library()


@register.simple_tag(takes_context=True)
def readiness_of(context: dict[str, Any], student: Student, target: Target) -> Readiness:
    """What the student says and asked on the target, as far as the reader of the page knows (``seeing``).

    In 2 queries, 3 where other targets lead to this one.
    """
    return read_readiness(student, target, context["seeing"].sight)


@register.simple_tag
def open_requests(student: Student) -> list[ReadyRequest]:
    """What the student asked and nobody has answered, in 1 query; what has a time comes first."""
    return read_open(student)


@register.simple_tag(takes_context=True)
def waiting_counts(context: dict[str, Any]) -> dict[str, int]:
    """How much waits for the person who looks, in 2 queries."""
    request = context["request"]
    return {
        "waiting": count_waiting(request.user, request.day),
        "offered": count_offered(request.user, request.day),
    }


@register.filter
def is_among(uuid: UUID, chosen: Collection[str]) -> bool:
    return str(uuid) in chosen
