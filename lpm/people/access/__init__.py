"""What the relations of the policy mean: ``rules`` says it, with ``dates``; ``standing`` asks it."""

from lpm.people.access.dates import birthday_before, in_force, in_window, under_age
from lpm.people.access.rules import (
    FRAMEWORK_RULES,
    GRANT_RULES,
    GROUP_RULES,
    IMPORT_RULES,
    ORGANIZATION_RULES,
    STUDENT_RULES,
    TEACHING_ROLES,
    USER_RULES,
    USUAL,
    Rules,
    permitted,
)
from lpm.people.access.standing import OfRow, OfSome, conditions_of, note_allowed, remembered, unremembered, was_allowed

__all__ = [
    "FRAMEWORK_RULES",
    "GRANT_RULES",
    "GROUP_RULES",
    "IMPORT_RULES",
    "ORGANIZATION_RULES",
    "STUDENT_RULES",
    "TEACHING_ROLES",
    "USER_RULES",
    "USUAL",
    "OfRow",
    "OfSome",
    "Rules",
    "birthday_before",
    "conditions_of",
    "in_force",
    "in_window",
    "note_allowed",
    "permitted",
    "remembered",
    "under_age",
    "unremembered",
    "was_allowed",
]
