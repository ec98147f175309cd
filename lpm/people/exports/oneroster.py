"""People and classes as OneRoster CSV (1EdTech, versions 1.1 and 1.2, bulk): what ``import_roster`` reads back.

https://www.imsglobal.org/oneroster-v11-final-csv-tables. A row that came from the roster of the organization keeps its
sourcedId; any other row's is its UUID. What has ended is not there, as in any complete roster. Last days become
endDates, which are the first day after. Cairn keeps no courses: each class is the only one of a course of its own.
Roles are those of the standard; rights in Cairn never leave it.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import IO

from django.core.exceptions import PermissionDenied
from django.db import transaction

from lpm.audit.services import record_entry
from lpm.people.enums import GroupKind, OrganizationKind, Sex, StaffRole, TermKind
from lpm.people.exports.holdings import Holdings, read_holdings
from lpm.people.imports.columns import HISPANIC, HOME_LANGUAGE, PROGRAMMES, RACES
from lpm.people.models import (
    Demographics,
    Enrollment,
    Group,
    Organization,
    SchoolYear,
    Staffing,
    Student,
    User,
    district_id_of,
)
from lpm.people.policy import Action

VERSIONS = ("1.1", "1.2")
SYSTEM_NAME = "Cairn"
HEAD = ("sourcedId", "status", "dateLastModified")
ORG_TYPES = {
    OrganizationKind.CONSORTIUM: "local",
    OrganizationKind.DISTRICT: "district",
    OrganizationKind.SCHOOL: "school",
    OrganizationKind.TEAM: "department",
}
SESSION_TYPES = {
    TermKind.SEMESTER: "semester",
    TermKind.TERM: "term",
    TermKind.GRADING_PERIOD: "gradingPeriod",
}
RELATIONSHIPS = {"guardian", "parent", "relative"}
YEAR_TURNS_IN = 7  # a class without a school year belongs to the one that ends in the next summer
Row = Sequence[object]
Sheets = dict[str, tuple[Sequence[str], list[Row]]]  # file → columns, rows


@transaction.atomic
def export_roster(*, organization: Organization, version: str, day: date, actor: User | None, to: IO[bytes]) -> None:
    """Write a .zip of the organization and everything under it, as it stands on ``day``, to the file ``to``.

    ``version`` is one of VERSIONS. Raises PermissionDenied. Everything is read at one moment, in a constant number of
    queries; the audit gets one entry.
    """
    allowed = Organization.objects
    if actor and not allowed.visible_to(actor, Action.EXPORT_ROSTER, day).filter(pk=organization.pk).exists():
        raise PermissionDenied
    sheets = _sheets(read_holdings(organization, day), version)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.csv", _csv(("propertyName", "value"), _manifest(sheets, version)))
        for name, (columns, rows) in sheets.items():
            archive.writestr(f"{name}.csv", _csv(columns, rows))
    record_entry(
        actor_id=actor.pk if actor else None,
        action="people.export_roster",
        subject_uuid=organization.uuid,
        district_id=district_id_of(organization),
        counts={name: len(rows) for name, (_columns, rows) in sheets.items()},
    )


# What is written


def _sheets(holdings: Holdings, version: str) -> Sheets:
    users = _users(holdings, version)
    sheets: Sheets = {
        "orgs": _orgs(holdings),
        "academicSessions": _sessions(holdings),
        "courses": _courses(holdings),
        "classes": _classes(holdings),
        "users": users,
        "enrollments": _enrollments(holdings),
        "demographics": _demographics(holdings, version),
    }
    if version == "1.2":
        sheets["roles"] = _roles(holdings)
    return sheets


def _manifest(sheets: Sheets, version: str) -> Iterator[Row]:
    yield "manifest.version", "1.0"
    yield "oneroster.version", version
    for name in ALL_FILES[version]:
        yield f"file.{name}", "bulk" if name in sheets else "absent"
    yield "source.systemName", SYSTEM_NAME
    yield "source.systemCode", "cairn"


FILES_11 = (
    *("academicSessions", "categories", "classes", "classResources", "courses", "courseResources", "demographics"),
    *("enrollments", "lineItems", "orgs", "resources", "results", "users"),
)
FILES_12 = (
    *("lineItemLearningObjectiveIds", "lineItemScoreScales", "resultLearningObjectiveIds", "resultScoreScales"),
    *("roles", "scoreScales", "userProfiles", "userResources"),
)
ALL_FILES = {"1.1": FILES_11, "1.2": (*FILES_11, *FILES_12)}


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return "" if value is None else value


def _after(last_day: date | None) -> date | None:
    """An endDate is the first day after."""
    return last_day + timedelta(days=1) if last_day else None


def _orgs(holdings: Holdings) -> tuple[Sequence[str], list[Row]]:
    there = {place.pk for place in holdings.organizations}
    columns = (*HEAD, "name", "type", "identifier", "parentSourcedId")
    rows: list[Row] = [
        (
            *(holdings.key(place), "", ""),
            *(place.name, ORG_TYPES[OrganizationKind(place.kind)], ""),
            holdings.key(place.parent) if place.parent and place.parent_id in there else "",
        )
        for place in holdings.organizations
    ]
    return columns, rows


def _sessions(holdings: Holdings) -> tuple[Sequence[str], list[Row]]:
    years = {year.pk: year for year in holdings.years}
    columns = (*HEAD, "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear")
    rows: list[Row] = [
        _session(_year_key(holdings, year), year.title, "schoolYear", year.starts_on, year.ends_on, "", year.ends_in)
        for year in holdings.years
    ]
    for term in holdings.terms:
        year, kind = years[term.school_year_id], SESSION_TYPES[TermKind(term.kind)]
        above = _year_key(holdings, year)
        rows.append(_session(holdings.key(term), term.title, kind, term.starts_on, term.ends_on, above, year.ends_in))
    own = [group for group in holdings.groups if not _sessions_of(holdings, group)]
    rows += [_own_session(holdings, group) for group in own]
    return columns, rows


def _session(key: str, title: str, kind: str, first: date, last: date, above: str, ends_in: int) -> Row:
    return (key, "", "", title, kind, first, _after(last), above, ends_in)


def _year_key(holdings: Holdings, year: SchoolYear) -> str:
    """A year that only its terms came with has no sourcedId of its own."""
    return holdings.key(year) if year.sourced_id else str(year.uuid)


def _sessions_of(holdings: Holdings, group: Group) -> list[str]:
    """The terms of the group; else the school years that it lies in."""
    terms = [holdings.key(term) for term in group.terms.all()]
    return terms or [_year_key(holdings, year) for year in holdings.years if _lies_in(group, year)]


def _lies_in(group: Group, year: SchoolYear) -> bool:
    starts_on, ends_on = group.starts_on, group.ends_on
    return bool(starts_on and ends_on and year.starts_on <= starts_on and ends_on <= year.ends_on)


def _own_session(holdings: Holdings, group: Group) -> Row:
    """For a group that lies in no school year: the standard wants a session for each class."""
    first = group.starts_on or holdings.day
    last = group.ends_on or max(first, holdings.day) + timedelta(days=365)
    ends_in = last.year + (last.month >= YEAR_TURNS_IN)
    return _session(f"term-{group.uuid}", group.name, "term", first, last, "", ends_in)


def _courses(holdings: Holdings) -> tuple[Sequence[str], list[Row]]:
    columns = (
        *HEAD,
        "schoolYearSourcedId",
        "title",
        "courseCode",
        "grades",
        "orgSourcedId",
        "subjects",
        "subjectCodes",
    )
    rows: list[Row] = [
        (f"course-{group.uuid}", "", "", "", group.name, group.code, "", holdings.places[group.school_id], "", "")
        for group in holdings.groups
    ]
    return columns, rows


def _classes(holdings: Holdings) -> tuple[Sequence[str], list[Row]]:
    columns = (
        *(*HEAD, "title", "grades", "courseSourcedId", "classCode", "classType", "location", "schoolSourcedId"),
        *("termSourcedIds", "subjects", "subjectCodes", "periods"),
    )
    rows: list[Row] = [
        (
            *(holdings.key(group), "", "", group.name, "", f"course-{group.uuid}", group.code),
            "homeroom" if group.kind == GroupKind.ADVISORY else "scheduled",
            *(
                "",
                holdings.places[group.school_id],
                _sessions_of(holdings, group) or [f"term-{group.uuid}"],
                "",
                "",
                "",
            ),
        )
        for group in holdings.groups
    ]
    return columns, rows


# People


def _users(holdings: Holdings, version: str) -> tuple[Sequence[str], list[Row]]:
    place = ("orgSourcedIds", "role") if version == "1.1" else ()
    columns = (
        *(*HEAD, "enabledUser", *place, "username", "userIds", "givenName", "familyName", "middleName", "identifier"),
        *("email", "sms", "phone", "agentSourcedIds", "grades", "password"),
        *(NAMES_12 if version == "1.2" else ()),
    )
    agents = _agents(holdings)
    rows: list[Row] = [_student_row(holdings, student, agents[student.pk], version) for student in holdings.students]
    rows += [_adult_row(holdings, user, version) for user in holdings.adults]
    return columns, rows


NAMES_12 = (
    *("userMasterIdentifier", "preferredGivenName", "preferredMiddleName", "preferredFamilyName"),
    *("primaryOrgSourcedId", "pronouns"),
)


def _agents(holdings: Holdings) -> dict[int, list[str]]:
    agents: dict[int, list[str]] = defaultdict(list)
    for row in holdings.guardianships:
        agents[row.student_id].append(holdings.person_keys[row.guardian_id])
    return agents


def _student_row(holdings: Holdings, student: Student, agents: list[str], version: str) -> Row:
    user, school = student.user, holdings.places[student.school_id]
    key = holdings.key(student)
    place = (school, "student") if version == "1.1" else ()
    return (
        *(key, "", "", bool(user and user.is_active), *place, user.username if user else key, ""),
        *(student.given_name, student.family_name, "", "", user.email if user else "", "", "", agents),
        *(student.grade, ""),
        *(("", student.preferred_name, "", "", school, student.pronouns) if version == "1.2" else ()),
    )


def _adult_row(holdings: Holdings, user: User, version: str) -> Row:
    orgs, role = _adult_places(holdings, user), _adult_role(holdings, user)
    return (
        *(holdings.key(user), "", "", user.is_active, *((orgs, role) if version == "1.1" else ()), user.username, ""),
        *(user.given_name, user.family_name, "", "", user.email, "", "", "", "", ""),
        *(("", "", "", "", orgs[0], "") if version == "1.2" else ()),
    )


def _adult_places(holdings: Holdings, user: User) -> list[str]:
    """Where they belong; for somebody from elsewhere, the schools where they teach, or the organization itself."""
    if user.organization_id in holdings.places:
        return [holdings.places[user.organization_id]]
    taught = [holdings.places[school] for school in holdings.schools_taught.get(user.pk, [])]
    return list(dict.fromkeys(taught)) or [holdings.key(holdings.organizations[0])]


def _adult_role(holdings: Holdings, user: User) -> str:
    if user.pk in holdings.schools_taught:
        return "teacher"
    if user.pk in holdings.relationships:
        word = holdings.relationships[user.pk]
        return word if word in RELATIONSHIPS else "guardian"
    return "aide"


def _roles(holdings: Holdings) -> tuple[Sequence[str], list[Row]]:
    columns = (
        *HEAD,
        "userSourcedId",
        "roleType",
        "role",
        "beginDate",
        "endDate",
        "orgSourcedId",
        "userProfileSourcedId",
    )
    people = [(holdings.key(student), [holdings.places[student.school_id]], "student") for student in holdings.students]
    people += [
        (holdings.key(user), _adult_places(holdings, user), _adult_role(holdings, user)) for user in holdings.adults
    ]
    rows: list[Row] = [
        (f"role-{key}-{number}", "", "", key, "secondary" if number else "primary", role, "", "", org, "")
        for key, orgs, role in people
        for number, org in enumerate(orgs)
    ]
    return columns, rows


def _demographics(holdings: Holdings, version: str) -> tuple[Sequence[str], list[Row]]:
    """Of whom something is known. Version 1.1 has two sexes alone."""
    more = ("demographicRaceTwoOrMoreRaces", HISPANIC, HOME_LANGUAGE, PROGRAMMES)
    columns = (*HEAD, "birthDate", "sex", *RACES, *more)
    found = [(student, holdings.demographics.get(student.pk)) for student in holdings.students]
    rows: list[Row] = [
        (holdings.key(student), "", "", student.born_on, *(_counted_by(about, version) if about else [""] * 10))
        for student, about in found
        if student.born_on or about
    ]
    return columns, rows


def _counted_by(about: Demographics, version: str) -> Row:
    says_races = bool(about.races)
    return (
        "" if version == "1.1" and about.sex == Sex.OTHER else about.sex,
        *(race in about.races if says_races else "" for race in RACES.values()),
        len(about.races) > 1 if says_races else "",
        about.is_hispanic,
        about.home_language,
        about.programmes,
    )


def _enrollments(holdings: Holdings) -> tuple[Sequence[str], list[Row]]:
    columns = (*HEAD, "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate")
    groups = {group.pk: group for group in holdings.groups}
    students = {student.pk: holdings.key(student) for student in holdings.students}
    led: set[int] = set()
    rows: list[Row] = []
    for staffed in holdings.staffing:
        is_primary = staffed.role == StaffRole.TEACHER and staffed.group_id not in led
        led |= {staffed.group_id} if is_primary else set()
        person = holdings.person_keys[staffed.user_id]
        rows.append(_seat(holdings, staffed, groups[staffed.group_id], person, "teacher", is_primary))
    rows += [
        _seat(holdings, seat, groups[seat.group_id], students[seat.student_id], "student", False)
        for seat in holdings.enrollments
    ]
    return columns, rows


def _seat(
    holdings: Holdings, row: Staffing | Enrollment, group: Group, person: str, role: str, is_primary: bool
) -> Row:
    school = holdings.places[group.school_id]
    dates = (row.starts_on, _after(row.ends_on))
    return (holdings.key(row), "", "", holdings.key(group), school, person, role, is_primary, *dates)
