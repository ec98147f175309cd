"""People, the organizations they learn and work in, and how they stand to each other."""

from lpm.people.models.base import Dated, DatedSettings, Identified, Rostered, Sorted, once_per_source
from lpm.people.models.groups import Enrollment, Group, Staffing
from lpm.people.models.organizations import (
    Closure,
    Lineage,
    Organization,
    PeopleSettings,
    RosterDrop,
    RosterSource,
    SchoolYear,
    Term,
    district_id_of,
)
from lpm.people.models.runs import Erasure, ImportRun
from lpm.people.models.students import (
    Caseload,
    Demographics,
    Guardianship,
    Household,
    Invitation,
    SchoolStay,
    Student,
    StudentMerge,
)
from lpm.people.models.users import ApiToken, Badge, OperatorSession, RoleGrant, User

__all__ = [
    "ApiToken",
    "Badge",
    "Caseload",
    "Closure",
    "Dated",
    "DatedSettings",
    "Demographics",
    "Enrollment",
    "Erasure",
    "Group",
    "Guardianship",
    "Household",
    "Identified",
    "ImportRun",
    "Invitation",
    "Lineage",
    "OperatorSession",
    "Organization",
    "PeopleSettings",
    "RoleGrant",
    "RosterDrop",
    "RosterSource",
    "Rostered",
    "SchoolStay",
    "SchoolYear",
    "Sorted",
    "Staffing",
    "Student",
    "StudentMerge",
    "Term",
    "User",
    "district_id_of",
    "once_per_source",
]
