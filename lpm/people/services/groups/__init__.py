"""Groups, who learns in them and who teaches them."""

from lpm.people.services.groups.enrollments import (
    AlreadyThere,
    NotTheirs,
    OtherDistrict,
    change_enrollment,
    enroll_students,
    receive_class_list,
)
from lpm.people.services.groups.group import FromRoster, change_group, create_group
from lpm.people.services.groups.staffing import (
    LONGEST_SUBSTITUTION,
    LastTeacher,
    NotStaff,
    TooLong,
    add_staff,
    assign_substitute,
    change_staff,
    withdraw_substitute,
)

__all__ = [
    "LONGEST_SUBSTITUTION",
    "AlreadyThere",
    "FromRoster",
    "LastTeacher",
    "NotStaff",
    "NotTheirs",
    "OtherDistrict",
    "TooLong",
    "add_staff",
    "assign_substitute",
    "change_enrollment",
    "change_group",
    "change_staff",
    "create_group",
    "enroll_students",
    "receive_class_list",
    "withdraw_substitute",
]
