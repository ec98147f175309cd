"""The people and classes of a year as OneRoster files (CSV, version 1.2), which a school's own system would send."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random

from lpm.demo.calculations.calendar import Year
from lpm.demo.calculations.families import GRADES, OFFERED, Adult, Child, Family
from lpm.demo.calculations.plan import Plan
from lpm.demo.calculations.schools import DISTRICT, SUBJECTS, Section, Worker, school_of

SYSTEM = "Penobscot Bay Office"
NAME = "Penobscot Bay Schools"
Row = Sequence[str]
HEADS = {
    "orgs": "name,type,identifier,parentSourcedId",
    "academicSessions": "title,type,startDate,endDate,parentSourcedId,schoolYear",
    "courses": "title,orgSourcedId,subjects",
    "classes": "title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects",
    "users": (
        "enabledUser,username,givenName,familyName,email,agentSourcedIds,grades,preferredGivenName,"
        "primaryOrgSourcedId,pronouns"
    ),
    "roles": "userSourcedId,roleType,role,orgSourcedId",
    "enrollments": "classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
    "demographics": (
        "birthDate,sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,"
        "nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity,"
        "metadata.lpm.homeLanguage,metadata.lpm.programmes"
    ),
}
RACES = ("indigenous", "asian", "black", "pacific", "white")


def bulk_roster(plan: Plan, year: Year) -> dict[str, bytes]:
    """Everybody who is there when the year begins, and its classes."""
    children = [pair for pair in plan.children.values() if pair[1].is_there(year.back, 0)]
    return _bundle(plan, year, children, "bulk")


def delta_roster(plan: Plan, year: Year, week: int) -> dict[str, bytes] | None:
    """Those who come in that week of the year; None where nobody does."""
    children = [pair for pair in plan.children.values() if pair[1].arrives == (year.back, week)]
    there = [pair for pair in children if pair[1].grade_in(year.back) is not None]
    return _bundle(plan, year, there, "delta", week) if there and week else None


def _bundle(
    plan: Plan, year: Year, children: Sequence[tuple[Family, Child]], mode: str, week: int = 0
) -> dict[str, bytes]:
    begins = year.day_of(week)
    is_bulk = mode == "bulk"
    families = list({family.adults[0].key: family for family, _child in children}.values())
    tables = {
        "users": [*(_workers(plan.workers) if is_bulk else ()), *_children(children, year), *_adults(families)],
        "roles": [*(_roles(plan.workers) if is_bulk else ()), *_roles_of_families(children, families, year)],
        "enrollments": list(_seats(plan, year, {child.key for _family, child in children}, begins, is_bulk=is_bulk)),
        "demographics": [_born(child, plan) for _family, child in children],
    }
    if is_bulk:
        tables |= {
            "orgs": _orgs(plan),
            "academicSessions": _sessions(year),
            "courses": [_course(subject) for subject in ("", *SUBJECTS)],
            "classes": [_class(section, year) for section in plan.sections[year.back]],
        }
    files = {f"{name}.csv": _csv(name, rows, begins, mode) for name, rows in tables.items()}
    return {"manifest.csv": _manifest(tables, mode), **files}


def _manifest(tables: Iterable[str], mode: str) -> bytes:
    rows = [
        ["propertyName", "value"],
        ["manifest.version", "1.0"],
        ["oneroster.version", "1.2"],
        *([f"file.{name}", mode] for name in tables),
        ["source.systemName", SYSTEM],
        ["source.systemCode", "PBO"],
    ]
    return _text(rows)


def _csv(name: str, rows: Iterable[Row], begins: date, mode: str) -> bytes:
    said = ["", ""] if mode == "bulk" else ["active", f"{begins}T06:00:00.000Z"]
    head = ["sourcedId", "status", "dateLastModified", *HEADS[name].split(",")]
    return _text([head, *([row[0], *said, *row[1:]] for row in rows)])


def _text(rows: Iterable[Row]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _orgs(plan: Plan) -> list[Row]:
    schools = [[school.key, school.name, "school", school.key.upper(), DISTRICT] for school in plan.schools]
    return [[DISTRICT, NAME, "district", DISTRICT.upper(), ""], *schools]


def _sessions(year: Year) -> list[Row]:
    """endDate is the day after the last."""
    after, ends_in = year.ends_on + timedelta(days=1), str(year.ends_on.year)
    whole, key = f"y{year.back}", f"y{year.back}-"
    return [
        [whole, year.title, "schoolYear", str(year.starts_on), str(after), "", ends_in],
        [f"{key}a", "Fall semester", "semester", str(year.starts_on), str(year.middle), whole, ends_in],
        [f"{key}b", "Spring semester", "semester", str(year.middle), str(after), whole, ends_in],
    ]


def _course(subject: str) -> Row:
    return [f"c-{subject.lower() or 'all'}", SUBJECTS.get(subject, "All learning"), DISTRICT, SUBJECTS.get(subject, "")]


def _class(section: Section, year: Year) -> Row:
    number = int(section.key.rsplit("-", 1)[1])
    return [
        section.key,
        section.title,
        ",".join(section.grades),
        f"c-{section.subject.lower() or 'all'}",
        f"{section.subject or ('ADV' if section.is_advisory else 'ALL')}-{number + 1}",
        "homeroom" if section.is_advisory else "scheduled",
        f"Room {number + 1}",
        section.school,
        f"y{year.back}-a,y{year.back}-b",
        SUBJECTS.get(section.subject, ""),
    ]


def _workers(workers: Iterable[Worker]) -> Iterator[Row]:
    for one in workers:
        place = one.school or DISTRICT
        yield _user(one.key, one.username, one.given_name, one.family_name, f"{one.username}@example.org", place)


def _user(key: str, username: str, given_name: str, family_name: str, email: str, place: str) -> list[str]:
    return [key, "true", username, given_name, family_name, email, "", "", "", place, ""]


def _children(children: Iterable[tuple[Family, Child]], year: Year) -> Iterator[Row]:
    for family, child in children:
        place = school_of(family, child, year.back) or ""
        row = _user(child.key, child.username, child.given_name, child.family_name, "", place)
        row[5] = f"{child.username}@example.org" if child.grade >= GRADES.index("05") else ""
        row[6] = ",".join(adult.key for adult in family.adults)
        row[7:9] = [child.grade_in(year.back) or "", child.preferred_name]
        yield [*row[:10], child.pronouns]


def _adults(families: Iterable[Family]) -> Iterator[Row]:
    for family in families:
        for adult in family.adults:
            email = f"{adult.username}@example.net" if adult.has_email else ""
            yield _user(adult.key, adult.username, adult.given_name, adult.family_name, email, "")


def _roles(workers: Iterable[Worker]) -> Iterator[Row]:
    for one in workers:
        yield [f"r-{one.key}", one.key, "primary", one.role, one.school or DISTRICT]


def _roles_of_families(
    children: Iterable[tuple[Family, Child]], families: Iterable[Family], year: Year
) -> Iterator[Row]:
    places = {}
    for family, child in children:
        places[family.adults[0].key] = place = school_of(family, child, year.back) or ""
        yield [f"r-{child.key}", child.key, "primary", "student", place]
    for family in families:
        for adult in family.adults:
            yield [f"r-{adult.key}", adult.key, "primary", adult.word, places[family.adults[0].key]]


def _seats(plan: Plan, year: Year, keys: set[str], begins: date, *, is_bulk: bool) -> Iterator[Row]:
    """From the day on which somebody comes to the end of the year."""
    after = str(year.ends_on + timedelta(days=1))
    for section in plan.sections[year.back]:
        for number, teacher in enumerate(section.teachers if is_bulk else ()):
            leads = str(number == 0).lower()
            seat = [f"{section.key}-{teacher}", section.key, section.school, teacher, "teacher", leads]
            yield [*seat, str(year.starts_on), after]
        for key in section.pupils:
            if key in keys:
                yield [f"{section.key}-{key}", section.key, section.school, key, "student", "false", str(begins), after]


def _born(child: Child, plan: Plan) -> Row:
    """Five years old, or nearly, in the autumn of kindergarten."""
    random = Random(f"{plan.seed} born {child.key}")  # noqa: S311 (a made-up birthday)
    age = child.grade + 5
    born = plan.years[-1].starts_on + timedelta(days=45 - 365 * age - age // 4 - random.randrange(364))
    races = ["true" if race in child.races else "false" for race in RACES]
    return [
        child.key,
        str(born),
        child.sex if child.sex in {"female", "male"} else "other",
        *races,
        str(len(child.races) > 1).lower(),
        str(child.is_hispanic).lower(),
        child.language,
        ",".join(child.programmes),
    ]


def adults_of(plan: Plan) -> Mapping[str, Adult]:
    return {adult.key: adult for family in plan.families for adult in family.adults}


def languages_of(plan: Plan) -> dict[str, list[str]]:
    """The guardians by the language, of those in which the application speaks, that is theirs."""
    found: dict[str, list[str]] = {code: [] for code in sorted(OFFERED)}
    for adult in adults_of(plan).values():
        if adult.language in found:
            found[adult.language].append(adult.key)
    return found
