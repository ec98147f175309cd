"""A roster that is brought in again."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lpm.audit.models import Entry
from lpm.lib.imports import Counts
from lpm.people.enums import OrganizationKind, Role
from lpm.people.models import (
    Enrollment,
    Group,
    Guardianship,
    Organization,
    RoleGrant,
    Staffing,
    Student,
    User,
)
from lpm.people.services import create_organization, grant_role
from lpm.people.services.merges import merge_students
from lpm.people.services.students import give_sign_in
from lpm.people.services.users import close_account, reopen_account
from tests.people.oneroster import DAY, SMALL, bring_in, bundle, codes, everything


@pytest.mark.django_db
def test_import_roster_again_changes_nothing() -> None:
    first = bring_in(bundle())
    before = everything()
    with CaptureQueriesContext(connection) as queries:
        second = bring_in(bundle())

    after = everything()
    assert {kind: counts.add for kind, counts in first.counts.items()} == {
        kind: counts.same for kind, counts in second.counts.items()
    }
    assert (second.changes_anything, second.applied) == (False, True)
    assert not [query for query in queries if query["sql"].startswith(("UPDATE", "DELETE"))]
    assert [entry["action"] for entry in after.pop("Entry")[len(before.pop("Entry")) :]] == ["people.import_roster"]
    assert after == before


@pytest.mark.django_db
def test_import_roster_changes_what_differs_alone() -> None:
    bring_in(bundle())
    report = bring_in(
        bundle(
            ("users", "ben,,Ben,Oakes", "ben,,Benedict,Oakes"),
            ("classes", '"a1,a2"', "a1"),
            ("orgs", "Hill School", "Hill Academy"),
        )
    )

    assert {kind: counts.change for kind, counts in report.counts.items() if counts.change} == {
        "organizations": 1,
        "groups": 1,
        "users": 1,
        "students": 1,
    }
    assert User.objects.get(username="ben").sort_key == "oakes benedict"
    assert Organization.objects.get(sourced_id="s1").sort_key == "hill academy"
    assert set(Group.terms.through.objects.values_list("group__name", "term__title")) == {
        ("Math 5", "Fall"),
        ("Cedar", "Fall"),
    }


@pytest.mark.django_db
def test_import_roster_ends_what_is_no_longer_sent_on_the_day_before() -> None:
    bring_in(bundle())
    gone = bundle(
        ("enrollments", "e3,,,k1,s1,u2,student,,,\n", ""),
        ("enrollments", "e1,,,k1,s1,u3,teacher,true,,\n", ""),
        ("users", "u4,05", ",05"),
    )
    report = bring_in(gone, day=date(2026, 11, 2), allow_ends=True)

    last = date(2026, 11, 1)
    assert dict(Enrollment.objects.values_list("sourced_id", "ends_on")) == {
        "e2": date(2027, 1, 20),
        "e3": last,
        "e4": None,
    }
    assert [row.ends_on for row in Staffing.objects.all()] == [last]
    assert [row.ends_on for row in Guardianship.objects.all()] == [last]
    assert {kind: counts.end for kind, counts in report.counts.items() if counts.end} == {
        "staffing": 1,
        "enrollments": 1,
        "guardianships": 1,
    }

    again = bring_in(gone, day=date(2026, 11, 3))
    assert not again.changes_anything
    assert Enrollment.objects.get(sourced_id="e3").ends_on == last


@pytest.mark.django_db
def test_import_roster_opens_again_what_is_sent_again() -> None:
    bring_in(bundle())
    bring_in(bundle(("enrollments", "e3,,,k1,s1,u2,student,,,\n", "")), allow_ends=True)
    report = bring_in(bundle())

    assert report.counts["enrollments"] == Counts(change=1, same=2)
    assert Enrollment.objects.get(sourced_id="e3").ends_on is None


@pytest.mark.django_db
def test_import_roster_takes_an_empty_or_absent_file_for_silence() -> None:
    bring_in(bundle())
    header = SMALL["enrollments.csv"].splitlines()[0].encode()
    empty = bring_in(bundle() | {"enrollments.csv": header})
    absent = bring_in(
        bundle(("manifest", "file.enrollments,bulk", "file.enrollments,absent"), without=["enrollments.csv"])
    )

    assert codes(empty) == ["no_rows"]
    assert (empty.changes_anything, absent.changes_anything) == (False, False)
    assert Enrollment.objects.get(sourced_id="e3").ends_on is None


@pytest.mark.django_db
def test_import_roster_of_a_manifest_alone_changes_nothing() -> None:
    before = everything()
    report = bring_in({"manifest.csv": b"propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\n"})

    assert codes(report) == ["nothing_sent"]
    assert everything() == before


@pytest.mark.django_db
def test_import_roster_keeps_what_the_files_do_not_say() -> None:
    bring_in(bundle())
    Student.objects.filter(given_name="Ana").update(preferred_name="Annie")
    Guardianship.objects.update(is_restricted=True)
    report = bring_in(bundle(("manifest", "file.demographics,bulk\n", ""), without=["demographics.csv"]))

    assert not report.changes_anything
    ana = Student.objects.get(given_name="Ana")
    assert (ana.preferred_name, ana.born_on) == ("Annie", date(2015, 3, 2))
    assert Guardianship.objects.get().is_restricted


@pytest.mark.django_db
def test_import_roster_lets_people_exchange_user_names() -> None:
    bring_in(bundle())
    report = bring_in(bundle(("users", ",ana,", ",x,"), ("users", ",ben,", ",ana,"), ("users", ",x,", ",ben,")))

    assert report.counts["users"] == Counts(change=2, same=2)
    assert set(User.objects.values_list("given_name", "username")) == {
        ("Ana", "ben"),
        ("Ben", "ana"),
        ("Tess", "tess"),
        ("Rosa", "rosa"),
    }


@pytest.mark.django_db
def test_import_roster_writes_one_entry_with_counts_and_no_names() -> None:
    district = create_organization(kind=OrganizationKind.DISTRICT, name="Northfield", parent=None)
    actor = User.objects.create(username="a", given_name="A", family_name="A")
    grant_role(user=actor, organization=district, role=Role.ADMINISTRATOR, starts_on=DAY)
    bring_in(bundle(), organization=district, actor=actor)

    entry = Entry.objects.get(action="people.import_roster")
    assert (entry.actor_id, entry.subject_uuid, entry.district_id) == (actor.pk, district.uuid, district.pk)
    assert entry.details["counts"]["students"] == {"add": 2, "change": 0, "same": 0, "end": 0}
    assert "Ruiz" not in str(entry.details)


@pytest.mark.django_db
@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("role", [Role.CURRICULUM_LEAD, Role.LEADER, None])
def test_import_roster_is_for_administrators(role: Role | None, dry_run: bool) -> None:
    district = create_organization(kind=OrganizationKind.DISTRICT, name="Northfield", parent=None)
    actor = User.objects.create(username="a", given_name="A", family_name="A", organization=district)
    if role:
        grant_role(user=actor, organization=district, role=role, starts_on=DAY)
    before = everything()

    for organization in (district, None):
        with pytest.raises(PermissionDenied):
            bring_in(bundle(), organization=organization, actor=actor, dry_run=dry_run)

    assert everything() == before


@pytest.mark.django_db
def test_import_roster_dry_run_counts_and_changes_nothing() -> None:
    before = everything()
    report = bring_in(bundle(), dry_run=True)

    assert everything() == before
    assert (report.counts["users"], report.counts["enrollments"], report.applied) == (
        Counts(add=4),
        Counts(add=3),
        False,
    )


@pytest.mark.django_db
def test_import_roster_tells_how_far_it_is() -> None:
    told: list[int] = []
    bring_in(bundle(), on_progress=told.append)

    assert told == sorted(told)
    assert (told[-1], len(told)) == (100, 8)


@pytest.mark.django_db
def test_an_account_that_was_closed_here_is_not_opened_by_the_roster() -> None:
    bring_in(bundle())
    user = User.objects.get(sourced_id="u1")
    close_account(user=user, actor=None, day=DAY)

    bring_in(bundle())

    user.refresh_from_db()
    assert (user.is_active, user.closes_on) == (False, DAY)
    reopen_account(user=user, actor=None, day=DAY)
    bring_in(bundle())
    user.refresh_from_db()
    assert (user.is_active, user.closes_on) == (True, None)


@pytest.mark.django_db
def test_a_merged_student_with_two_accounts_keeps_one() -> None:
    bring_in(bundle())
    rostered, administrator = Student.objects.get(sourced_id="u1"), User.objects.get(sourced_id="u3")
    RoleGrant.objects.create(user=administrator, organization=rostered.district, role=Role.ADMINISTRATOR)
    kept = Student.objects.create(
        district=rostered.district, school=rostered.school, given_name="Ana", family_name="Ruiz"
    )
    account = give_sign_in(student=kept, username="ana.ruiz", actor=None, day=DAY)
    merge_students(kept=kept, absorbed=rostered, actor=administrator, day=DAY)

    bring_in(bundle())

    kept.refresh_from_db()
    assert (kept.sourced_id, kept.user_id) == ("u1", account.pk)
    assert not User.objects.get(sourced_id="u1").is_active
