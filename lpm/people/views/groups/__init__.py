"""Pages of groups: making one, its people, a pasted class list, a substitute's morning."""

from lpm.people.views.groups.enrollments import enrollment_change, enrollment_create, list_paste
from lpm.people.views.groups.group import group_change, group_create, group_show
from lpm.people.views.groups.staffing import (
    morning,
    staffing_change,
    staffing_create,
    substitute_create,
    substitute_withdraw,
)

__all__ = [
    "enrollment_change",
    "enrollment_create",
    "group_change",
    "group_create",
    "group_show",
    "list_paste",
    "morning",
    "staffing_change",
    "staffing_create",
    "substitute_create",
    "substitute_withdraw",
]
