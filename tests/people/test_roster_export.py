"""What goes out as OneRoster, and that it comes back unchanged."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from lpm.audit.models import Entry
from lpm.lib.files import open_bundle
from lpm.people.enums import OrganizationKind, TermKind
from lpm.people.exports.oneroster import export_roster
from lpm.people.imports import import_roster
from lpm.people.models import (
    Enrollment,
    Group,
    Organization,
    SchoolYear,
    Student,
    Term,
    User,
)
from lpm.people.services import create_organization
from tests.routes.common import TEACHERS
from tests.world import World

DEMO = Path(__file__).parents[1] / "samples" / "roster"


def exported(organization: Organization, day: date, version: str = "1.2") -> dict[str, bytes]:
    file = io.BytesIO()
    export_roster(organization=organization, version=version, day=day, actor=None, to=file)
    return open_bundle(file.getvalue())


def rows(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode(), newline="")))


@pytest.fixture
def district(db) -> Organization:
    return create_organization(kind=OrganizationKind.DISTRICT, name="Tide", parent=None)


def bring_in(files: dict[str, bytes], organization: Organization, day: date) -> Any:
    report = import_roster(files=files, organization=organization, actor=None, day=day)
    return {kind: (counts.add, counts.change, counts.end) for kind, counts in report.counts.items()}


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_what_came_in_goes_out_and_changes_nothing_when_it_comes_in_again(version, district, school_day):
    bring_in(open_bundle(DEMO), district, school_day)
    before = snapshot()
    files = exported(district, school_day, version)
    name = district.roster_sources.get().name
    manifest = files["manifest.csv"].decode().replace("source.systemName,Cairn", f"source.systemName,{name}")

    again = bring_in({**files, "manifest.csv": manifest.encode()}, district, school_day)

    changed = {kind for kind, counts in again.items() if counts != (0, 0, 0)}
    assert changed <= {"guardianships"}  # the words for a relationship are fewer in 1.1
    assert snapshot() == before


def snapshot() -> dict[str, set[Any]]:
    return {
        "students": set(
            Student.objects.values_list("uuid", "given_name", "preferred_name", "grade", "born_on", "sourced_id")
        ),
        "users": set(User.objects.values_list("uuid", "username", "email", "organization", "is_active")),
        "groups": set(Group.objects.values_list("uuid", "name", "starts_on", "ends_on", "terms")),
        "enrollments": set(Enrollment.objects.values_list("uuid", "student", "group", "starts_on", "ends_on")),
    }


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_people_made_by_hand_go_out_and_arrive_elsewhere(version, world: World, school_day):
    files = exported(world.own.district, school_day, version)
    elsewhere = create_organization(kind=OrganizationKind.CONSORTIUM, name="Elsewhere", parent=None)

    sent = {row["sourcedId"] for row in rows(files, "users")}
    report = import_roster(files=renamed(files), organization=elsewhere, actor=None, day=school_day, dry_run=True)

    assert str(world.own.student.uuid) in sent
    assert [problem.sentence for problem in report.problems if problem.refuses] == []
    assert report.counts["enrollments"].add == len(rows(files, "enrollments")) - len(teaching(files))


def renamed(files: dict[str, bytes]) -> dict[str, bytes]:
    """With sign-in names that nobody has yet."""
    users = rows(files, "users")
    for number, row in enumerate(users):
        row["username"] = f"new-{number}"
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, users[0])
    writer.writeheader()
    writer.writerows(users)
    return {**files, "users.csv": text.getvalue().encode()}


def teaching(files: dict[str, bytes]) -> list[dict[str, str]]:
    return [row for row in rows(files, "enrollments") if row["role"] == "teacher"]


def test_what_has_ended_and_what_lies_elsewhere_stays_here(world: World, school_day):
    Enrollment.objects.filter(student__user=world.classmate).update(ends_on=school_day - timedelta(days=1))
    Student.objects.filter(user=world.grown_student).update(left_on=school_day - timedelta(days=1))

    files = exported(world.own.district, school_day)

    people = {row["username"] for row in rows(files, "users")}
    here = [row for row in rows(files, "enrollments") if row["classSourcedId"] == str(world.own.group.uuid)]
    assert {(row["role"], row["userSourcedId"]) for row in here} == {
        ("student", str(world.own.student.uuid)),
        *(("teacher", str(world.people[name].uuid)) for name in TEACHERS),
    }
    assert people & {"grown_student", "far_teacher", "far_administrator", "stranger", "operator"} == set()
    agents = next(row["agentSourcedIds"] for row in rows(files, "users") if row["username"] == "student")
    assert str(world.past_guardian.uuid) not in agents


def test_last_days_go_out_as_the_day_after(world: World, school_day):
    year = SchoolYear.objects.create(
        organization=world.own.district,
        title="2026–27",
        ends_in=2027,
        starts_on=date(2026, 8, 31),
        ends_on=date(2027, 6, 15),
    )
    term = Term.objects.create(
        school_year=year, kind=TermKind.SEMESTER, title="Fall", starts_on=date(2026, 8, 31), ends_on=date(2027, 1, 15)
    )
    world.own.group.terms.add(term)

    files = exported(world.own.district, school_day)

    sessions = {row["title"]: row for row in rows(files, "academicSessions")}
    assert (sessions["2026–27"]["startDate"], sessions["2026–27"]["endDate"]) == ("2026-08-31", "2027-06-16")
    assert (sessions["Fall"]["type"], sessions["Fall"]["parentSourcedId"]) == ("semester", str(year.uuid))
    birch = next(row for row in rows(files, "classes") if row["title"] == "Birch")
    assert birch["termSourcedIds"] == str(term.uuid)


def test_the_manifest_names_every_file_of_the_version(world: World, school_day):
    said = {
        row["propertyName"]: row["value"] for row in rows(exported(world.own.school, school_day, "1.1"), "manifest")
    }

    assert said["oneroster.version"] == "1.1"
    assert {name for name, value in said.items() if value == "bulk"} == {
        f"file.{name}"
        for name in ("orgs", "academicSessions", "courses", "classes", "users", "enrollments", "demographics")
    }


@pytest.mark.parametrize("copies", [1, 30])
def test_it_is_read_in_the_same_number_of_queries(copies, world: World, school_day, django_assert_num_queries):
    own = world.own
    for number in range(copies):
        group = Group.objects.create(district=own.district, school=own.school, kind="class", name=f"G{number}")
        student = Student.objects.create(district=own.district, school=own.school, family_name=f"S{number}")
        Enrollment.objects.create(district=own.district, group=group, student=student)
    district = Organization.objects.get(pk=own.district.pk)

    with django_assert_num_queries(15):
        exported(district, school_day)


def test_taking_out_is_written_down_and_asks_for_the_right(world: World, school_day):
    with pytest.raises(PermissionDenied):
        export_roster(
            organization=world.own.district, version="1.2", day=school_day, actor=world.leader, to=io.BytesIO()
        )
    export_roster(
        organization=world.own.district, version="1.2", day=school_day, actor=world.administrator, to=io.BytesIO()
    )

    entry = Entry.objects.get(action="people.export_roster")
    assert (entry.actor, entry.district_id) == (world.administrator, world.own.district.pk)
    assert entry.details["counts"]["demographics"] == 5


def test_the_page_sends_a_bundle(world: World, as_person):
    address = f"/organizations/{world.own.district.uuid}/oneroster.zip"
    client = as_person(world.administrator)

    response = client.get(f"{address}?version=1.1")

    assert response["Content-Disposition"] == 'attachment; filename="oneroster-2026-11-19.zip"'
    assert "users.csv" in open_bundle(b"".join(response.streaming_content))
    assert client.get(f"{address}?version=2.0").status_code == 404


def test_the_command_writes_a_new_file_only(world: World, tmp_path, capsys):
    path = tmp_path / "out.zip"
    call_command("export_oneroster", path, org=world.own.district.uuid)
    assert "users.csv" in open_bundle(path)

    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_oneroster", path, org=world.own.district.uuid)
    with pytest.raises(CommandError, match="There is no organization"):
        call_command("export_oneroster", tmp_path / "b.zip", org=world.own.student.uuid)
