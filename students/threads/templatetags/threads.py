"""Messages on other pages."""

from __future__ import annotations

from django import template

from lpm.lib.languages import language_name
from lpm.people.models import Student
from students.threads.queries import is_anything_to_oversee

register = template.Library()


@register.filter
def has_messages_to_oversee(student: Student) -> bool:
    """Whether a page leads whoever oversees messages to those about the student."""
    return is_anything_to_oversee(student)


register.filter("language_name", language_name)
