"""The files and columns of OneRoster CSV (1EdTech, versions 1.1 and 1.2) that a roster is read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lpm.people.enums import Race

COMMON = ("sourcedId", "status", "dateLastModified")
COMMON_ALIASES = {"datalastmodified": "dateLastModified"}
VERSIONS = ("1.1", "1.2")
KNOWN_FILES = (
    *(
        "academicSessions",
        "categories",
        "classes",
        "classResources",
        "courses",
        "courseResources",
        "demographics",
    ),
    *("enrollments", "lineItemLearningObjectiveIds", "lineItems", "lineItemScoreScales", "orgs", "resources"),
    *("resultLearningObjectiveIds", "results", "resultScoreScales", "roles", "scoreScales", "userProfiles"),
    *("userResources", "users"),
)


@dataclass(frozen=True)
class Sheet:
    """What a file must have, may have, and refers to.

    ``required`` columns hold a value in every row; ``expected`` ones must be there but may be empty. ``aliases`` are
    names of OneRoster 1.0 and misspellings seen in the wild. ``references`` are column → file; those that are
    ``loose`` may lead nowhere, and such a row is taken without.
    """

    required: tuple[str, ...]
    expected: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    loose: frozenset[str] = frozenset({"parentSourcedId", "agentSourcedIds"})

    @property
    def columns(self) -> tuple[str, ...]:
        return (*COMMON, *self.required, *self.expected, *self.optional)

    @property
    def demanded(self) -> tuple[str, ...]:
        return ("sourcedId", *self.required, *self.expected)


DATES = {"startDate", "endDate", "beginDate", "birthDate"}
HOME_LANGUAGE, PROGRAMMES = "metadata.lpm.homeLanguage", "metadata.lpm.programmes"  # the standard has none for these
LISTS = {"orgSourcedIds", "termSourcedIds", "agentSourcedIds", "grades", PROGRAMMES}  # comma separated in one cell
HISPANIC = "hispanicOrLatinoEthnicity"
RACES = {
    "americanIndianOrAlaskaNative": Race.INDIGENOUS,
    "asian": Race.ASIAN,
    "blackOrAfricanAmerican": Race.BLACK,
    "nativeHawaiianOrOtherPacificIslander": Race.PACIFIC,
    "white": Race.WHITE,
}

NAMES_10 = {"grade": "grades", "userid": "userIds", "agents": "agentSourcedIds"}
MISSPELT_12 = {"prefferedgivenname": "preferredGivenName"}

SHEETS: dict[str, Sheet] = {
    "orgs": Sheet(
        required=("name", "type"),
        optional=("identifier", "parentSourcedId"),
        references={"parentSourcedId": "orgs"},
    ),
    "academicSessions": Sheet(
        required=("title", "type", "startDate", "endDate", "schoolYear"),
        optional=("parentSourcedId",),
        references={"parentSourcedId": "academicSessions"},
    ),
    "courses": Sheet(
        required=("title", "orgSourcedId"),
        optional=("schoolYearSourcedId", "courseCode", "grades", "subjects", "subjectCodes"),
        references={"orgSourcedId": "orgs", "schoolYearSourcedId": "academicSessions"},
    ),
    "classes": Sheet(
        required=("title", "classType", "schoolSourcedId", "termSourcedIds"),
        expected=("courseSourcedId",),  # the standard requires a value; courses are not kept, so it may be empty
        optional=("grades", "classCode", "location", "subjects", "subjectCodes", "periods"),
        references={
            "schoolSourcedId": "orgs",
            "termSourcedIds": "academicSessions",
            "courseSourcedId": "courses",
        },
    ),
    "users": Sheet(
        required=("enabledUser", "orgSourcedIds", "role", "username", "givenName", "familyName"),
        optional=("email", "agentSourcedIds", "grades"),
        aliases=NAMES_10,
        references={"orgSourcedIds": "orgs", "agentSourcedIds": "users"},
    ),
    "enrollments": Sheet(
        required=("classSourcedId", "schoolSourcedId", "userSourcedId", "role"),
        optional=("primary", "beginDate", "endDate"),
        references={"classSourcedId": "classes", "schoolSourcedId": "orgs", "userSourcedId": "users"},
    ),
    "demographics": Sheet(
        required=(),
        optional=("birthDate", "sex", *RACES, HISPANIC, HOME_LANGUAGE, PROGRAMMES),
        aliases={"usersourcedid": "sourcedId"},
        references={"sourcedId": "users"},
    ),
}

USERS_12 = Sheet(
    required=("enabledUser", "username", "givenName", "familyName"),
    optional=("email", "agentSourcedIds", "grades", "preferredGivenName", "primaryOrgSourcedId", "pronouns"),
    aliases={**NAMES_10, **MISSPELT_12},
    references={"agentSourcedIds": "users", "primaryOrgSourcedId": "orgs"},
)
ROLES_12 = Sheet(
    required=("userSourcedId", "roleType", "role", "orgSourcedId"),
    optional=("beginDate", "endDate", "userProfileSourcedId"),
    references={"userSourcedId": "users", "orgSourcedId": "orgs"},
)


def sheets(version: str) -> dict[str, Sheet]:
    """The files read in ``version``, in the order in which they depend on each other."""
    if version == "1.1":
        return SHEETS
    return {
        **{name: SHEETS[name] for name in ("orgs", "academicSessions", "courses", "classes")},
        "users": USERS_12,
        "roles": ROLES_12,
        **{name: SHEETS[name] for name in ("enrollments", "demographics")},
    }
