"""A small roster, changes to it, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lpm.audit.models import Entry
from lpm.lib.imports import ImportRefused, Problem, Report
from lpm.people.enums import OrganizationKind
from lpm.people.imports import import_roster
from lpm.people.models import (
    Enrollment,
    Group,
    Guardianship,
    Lineage,
    Organization,
    RoleGrant,
    RosterSource,
    SchoolYear,
    Staffing,
    Student,
    Term,
    User,
)
from lpm.people.services import create_organization

SAMPLES = Path(__file__).parents[3] / "shared/data/oneroster"
DEMO = Path(__file__).parents[1] / "samples/roster"
DAY = date(2026, 10, 1)
MODELS = [
    *(Organization, Lineage, RosterSource, SchoolYear, Term, Group, User, Student),
    *(Guardianship, Staffing, Enrollment, RoleGrant, Entry),
]
# A small district: one school, two students, a teacher, a guardian. Columns are those of OneRoster 1.1.
SMALL = {
    "manifest.csv": (
        "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.academicSessions,bulk\n"
        "file.classes,bulk\nfile.courses,bulk\nfile.demographics,bulk\nfile.enrollments,bulk\nfile.orgs,bulk\n"
        "file.users,bulk\nsource.systemName,Abacus\n"
    ),
    "orgs.csv": (
        "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
        "d1,,,Northfield,district,,\n"
        "s1,,,Hill School,school,,d1\n"
        "t1,,,Grade 5,department,,s1\n"
    ),
    "academicSessions.csv": (
        "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\n"
        "y1,,,2026-27,schoolYear,2026-09-01,2027-06-16,,2027\n"
        "a1,,,Fall,semester,2026-09-01,2027-01-21,y1,2027\n"
        "a2,,,Spring,semester,2027-01-21,2027-06-16,y1,2027\n"
    ),
    "courses.csv": (
        "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,"
        "subjectCodes\nc1,,,y1,Mathematics,M,05,s1,,\n"
    ),
    "classes.csv": (
        "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
        "termSourcedIds,subjects,subjectCodes,periods\n"
        'k1,,,Math 5,05,c1,M5,scheduled,,s1,"a1,a2",,,\n'
        "k2,,,Cedar,05,c1,,homeroom,,s1,a1,,,\n"
    ),
    "users.csv": (
        "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
        "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n"
        'u1,,,true,"t1,s1",student,ana,,Ana,Ruiz,,,ana@example.org,,,u4,05,Secret-1\n'
        "u2,,,true,s1,student,ben,,Ben,Oakes,,,,,,,05,\n"
        "u3,,,true,s1,teacher,tess,,Tess,Moore,,,tess@example.org,,,,,\n"
        "u4,,,false,d1,guardian,rosa,,Rosa,Ruiz,,,,,,,,\n"
    ),
    "enrollments.csv": (
        "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,"
        "endDate\n"
        "e1,,,k1,s1,u3,teacher,true,,\n"
        "e2,,,k1,s1,u1,student,,2026-09-08,2027-01-21\n"
        "e3,,,k1,s1,u2,student,,,\n"
        "e4,,,k2,s1,u2,student,,,\n"
    ),
    "demographics.csv": "sourcedId,status,dateLastModified,birthDate,sex\nu1,,,2015-03-02,\n",
}


def bundle(*changes: tuple[str, str, str], without: Iterable[str] = ()) -> dict[str, bytes]:
    """SMALL, with (file, old, new) replaced, as bytes."""
    texts = dict(SMALL)
    for file, old, new in changes:
        assert old in texts[f"{file}.csv"], (file, old)
        texts[f"{file}.csv"] = texts[f"{file}.csv"].replace(old, new)
    return {name: text.encode() for name, text in texts.items() if name not in without}


def bring_in(files: dict[str, bytes], day: date = DAY, **options: Any) -> Report:
    return import_roster(**{"files": files, "organization": None, "actor": None, "day": day, **options})


def everything() -> dict[str, list[Any]]:
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in MODELS}


def refused(files: dict[str, bytes], **options: Any) -> list[Problem]:
    """What is wrong. A dry run says the same, and neither leaves a row: of so few rows, one is more than a tenth."""
    before = everything()
    with pytest.raises(ImportRefused) as caught:
        bring_in(files, **options)
    report = bring_in(files, dry_run=True, **options)
    assert report.problems == caught.value.problems
    assert (report.is_refused, report.applied, report.counts) == (True, False, {})
    assert everything() == before
    assert all(problem.sentence for problem in report.problems)
    told = [problem for problem in report.problems if problem.refuses or problem.leaves_out]
    return [problem for problem in told if problem.code not in {"too_much_left_out", "depends"}]


def places(problems: list[Problem]) -> list[tuple[str, str, int | None, str]]:
    return [(problem.code, problem.file, problem.line, problem.column) for problem in problems]


def codes(report: Report) -> list[str]:
    return [problem.code for problem in report.problems]


def make_district(name: str = "Typed by hand") -> Organization:
    return create_organization(kind=OrganizationKind.DISTRICT, name=name, parent=None)


NEXT_DAY = date(2026, 11, 2)
DAY_BEFORE = date(2026, 11, 1)


def big(*changes: tuple[str, str, str], students: int = 30) -> dict[str, bytes]:
    """SMALL with so many more students x0, x1, … that one row is less than a tenth; (file, old, new) replaced.

    Each has a guardian g0, g1, …, a birth date, and the class k1; each third one also k2.
    """
    texts = dict(SMALL)
    for n in range(students):
        texts["users.csv"] += f"x{n},,,true,s1,student,x{n},,Given{n},Family{n},,,,,,g{n},05,\n"
        texts["users.csv"] += f"g{n},,,true,s1,parent,g{n},,Gale{n},Family{n},,,,,,,,\n"
        texts["demographics.csv"] += f"x{n},,,2015-01-02,\n"
        for group in ("k1", "k2") if n % 3 == 0 else ("k1",):
            texts["enrollments.csv"] += f"{group}x{n},,,{group},s1,x{n},student,,,\n"
    for n in range(20):
        texts["classes.csv"] += f"c{n},,,Class {n},05,c1,,scheduled,,s1,a1,,,\n"
        texts["courses.csv"] += f"cc{n},,,y1,Course {n},M,05,s1,,\n"
        texts["orgs.csv"] += f"o{n},,,Team {n},department,,s1\n"
        texts["academicSessions.csv"] += f"q{n},,,Quarter {n},gradingPeriod,2026-09-01,2027-01-21,y1,2027\n"
    for file, old, new in changes:
        assert old in texts[f"{file}.csv"], (file, old)
        texts[f"{file}.csv"] = texts[f"{file}.csv"].replace(old, new)
    return {name: text.encode() for name, text in texts.items()}


def state() -> dict[str, list[Any]]:
    return {name: rows for name, rows in everything().items() if name != "Entry"}


def delta(**files: str) -> dict[str, bytes]:
    """A bundle of changes: users="row\\nrow" below the header that SMALL has."""
    manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nsource.systemName,Abacus\n"
    manifest += "".join(f"file.{name},delta\n" for name in files)
    texts = {f"{name}.csv": f"{SMALL[f'{name}.csv'].splitlines()[0]}\n{rows}\n" for name, rows in files.items()}
    return {"manifest.csv": manifest.encode(), **{name: text.encode() for name, text in texts.items()}}


@pytest.fixture
def district() -> Organization:
    district = make_district()
    bring_in(bundle(), organization=district)
    return district


AT = "2026-10-30T10:00:00.000Z"


def half(files: dict[str, bytes]) -> dict[str, bytes]:
    """Without the students from x15 on, and what they were in."""
    gone = tuple(f"{mark}{n}" for n in range(15, 30) for mark in ("x", "k1x", "k2x"))
    return {
        name: b"".join(line for line in content.splitlines(True) if line.decode().split(",")[0] not in gone)
        for name, content in files.items()
    }


def roles_12(*rows: str, users: Iterable[str] = ("u1", "u2", "u3")) -> dict[str, bytes]:
    text = "sourcedId,enabledUser,username,givenName,familyName\n" + "".join(f"{u},true,{u},G{u},F\n" for u in users)
    roles = "sourcedId,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n" + "\n".join(rows) + "\n"
    manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.users,bulk\nfile.roles,bulk\n"
    orgs = "sourcedId,name,type,parentSourcedId\nd1,Northfield,district,\ns1,Hill,school,d1\ns2,Dale,school,d1\n"
    return {
        "manifest.csv": f"{manifest}file.orgs,bulk\n".encode(),
        "users.csv": text.encode(),
        "roles.csv": roles.encode(),
        "orgs.csv": orgs.encode(),
    }
