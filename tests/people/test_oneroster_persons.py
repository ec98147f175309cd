"""Who a row of a roster is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lpm.lib.imports import Counts
from lpm.people.enums import OrganizationKind
from lpm.people.models import (
    Enrollment,
    Guardianship,
    Organization,
    RosterSource,
    Student,
    User,
)
from lpm.people.services import create_organization
from tests.people.oneroster import NEXT_DAY, bring_in, bundle, district, make_district, places, roles_12

__all__ = ["district"]

pytestmark = pytest.mark.django_db


def by_hand(district: Organization, given: str = "Ben", family: str = "Oakes", **more: Any) -> Student:
    school = Organization.objects.get(sourced_id="s1")
    return Student.objects.create(
        district=district, school=school, given_name=given, family_name=family, **{"is_provisional": True, **more}
    )


def without_ben() -> dict[str, bytes]:
    return bundle(
        ("users", "u2,,,true,s1,student,ben,,Ben,Oakes,,,,,,,05,\n", ""),
        ("enrollments", "e3,,,k1,s1,u2,student,,,\ne4,,,k2,s1,u2,student,,,\n", ""),
    )


@pytest.fixture
def waiting() -> Organization:
    """A district whose roster does not have Ben yet."""
    district = make_district()
    bring_in(without_ben(), organization=district)
    return district


@pytest.mark.parametrize("born", [None, date(2015, 1, 1)])
def test_a_provisional_student_becomes_the_one_of_the_row(born: date | None, waiting: Organization) -> None:
    ben = by_hand(waiting, "Bén", "OAKES", born_on=born)
    report = bring_in(bundle(), organization=waiting, day=NEXT_DAY)

    found = Student.objects.get(sourced_id="u2")
    assert (found.pk, found.is_provisional, found.given_name, found.user.username) == (ben.pk, False, "Ben", "ben")  # type: ignore[union-attr]
    assert found.source == RosterSource.objects.get()
    assert places(report.problems) == [("provisional_adopted", "users.csv", None, "")]
    assert report.problems[0].sentence.startswith("1 student who was entered by hand is now")
    assert report.counts["students"] == Counts(change=1, same=1)
    assert Enrollment.objects.filter(student=ben).count() == 2
    assert not bring_in(bundle(), organization=waiting, day=NEXT_DAY).changes_anything


def test_a_provisional_student_of_another_birth_date_is_somebody_else(waiting: Organization) -> None:
    by_hand(waiting, born_on=date(2013, 3, 3))
    born = ("demographics", "u1,,,2015-03-02,\n", "u1,,,2015-03-02,\nu2,,,2014-04-04,\n")
    bring_in(bundle(born), organization=waiting)

    assert Student.objects.filter(family_name="Oakes").count() == 2


def test_a_provisional_student_who_may_be_two_is_left_alone(waiting: Organization) -> None:
    by_hand(waiting)
    by_hand(waiting)
    bring_in(bundle(), organization=waiting)
    assert Student.objects.filter(is_provisional=True).count() == 2

    Student.objects.filter(is_provisional=True).delete()
    by_hand(waiting, "Ana", "Ruiz")  # the roster's own Ana is here already
    bring_in(bundle(), organization=waiting)
    assert Student.objects.filter(given_name="Ana").count() == 2


@pytest.mark.parametrize("more", [{"is_provisional": False}, {"given": "Benedict"}])
def test_a_student_who_is_not_provisional_or_has_another_name_is_left_alone(
    more: dict[str, Any], waiting: Organization
) -> None:
    by_hand(waiting, **more)
    bring_in(bundle(), organization=waiting)

    assert Student.objects.filter(family_name="Oakes").count() == 2


def test_what_the_roster_says_of_a_merged_record_goes_to_the_one_that_is_kept(district: Organization) -> None:
    kept = by_hand(district, "Anita", "Ruiz", is_provisional=False)
    ana = Student.objects.get(given_name="Ana")
    Enrollment.objects.filter(student=ana).update(student=kept)
    Guardianship.objects.filter(student=ana).update(student=kept)
    User.objects.filter(username="ana").update(given_name="Ana")
    ana.merged_into, ana.user = kept, None
    ana.save()
    changed = bundle(
        ("users", "ana,,Ana,Ruiz", "ana,,Ann,Ruiz"), ("enrollments", "e4,", "e9,,,k2,s1,u1,student,,,\ne4,")
    )
    bring_in(changed, organization=district)

    ana.refresh_from_db()
    assert (ana.given_name, ana.user, ana.merged_into) == ("Ann", None, kept)
    assert set(Enrollment.objects.filter(student=kept).values_list("sourced_id", flat=True)) == {"e2", "e9"}
    assert not Enrollment.objects.filter(student=ana).exists()
    assert Guardianship.objects.get().student == kept


def test_names_and_pronouns_of_version_1_2_do_not_clear_what_was_typed() -> None:
    def files(*cells: str) -> dict[str, bytes]:
        users = (
            "sourcedId,enabledUser,username,givenName,familyName,preferredGivenName,pronouns,primaryOrgSourcedId\n"
            f"u1,true,ana,Ana,Ruiz,{','.join(cells)},s1\n"
        )
        roles = "sourcedId,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\nr1,u1,primary,student,,,s1\n"
        manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.users,bulk\nfile.roles,bulk\n"
        orgs = "sourcedId,name,type,parentSourcedId\nd1,Northfield,district,\ns1,Hill,school,d1\n"
        return {
            "manifest.csv": f"{manifest}file.orgs,bulk\n".encode(),
            "users.csv": users.encode(),
            "roles.csv": roles.encode(),
            "orgs.csv": orgs.encode(),
        }

    bring_in(files("Annie", "she/her"))
    ana = Student.objects.get()
    assert (ana.preferred_name, ana.pronouns, ana.first_name_for("family")) == ("Annie", "she/her", "Ana")
    bring_in(files("", ""))
    ana.refresh_from_db()
    assert (ana.preferred_name, ana.pronouns) == ("Annie", "she/her")


def test_a_role_that_is_over_counts_no_more_and_one_to_come_does() -> None:
    bring_in(
        roles_12(
            "r1,u1,primary,student,2025-09-01,2026-06-20,s1",
            "r2,u2,primary,student,2027-01-01,,s1",
            "r3,u3,secondary,student,,,s2",
            "r4,u3,primary,student,,2026-10-02,s1",
        )
    )

    assert set(Student.objects.values_list("user__username", "school__name")) == {("u2", "Hill"), ("u3", "Hill")}
    assert set(User.objects.values_list("username", "organization__name")) == {
        ("u1", "Northfield"),
        ("u2", "Hill"),
        ("u3", "Hill"),
    }


def test_somebody_of_whose_roles_one_is_left_out_stays_as_they_are() -> None:
    everybody = [f"v{n}" for n in range(20)]
    rows = [f"r{n},v{n},primary,student,,,s1" for n in range(20)]
    bring_in(roles_12(*rows, users=everybody))
    rows[3] = "r3,v3,primary,student,,,s9"
    report = bring_in(roles_12(*rows, users=everybody), day=NEXT_DAY)

    assert [(p.code, p.file) for p in report.left_out] == [
        ("reference_unresolved", "roles.csv"),
        ("depends", "users.csv"),
    ]
    assert Student.objects.filter(left_on=None).count() == 20


def test_relationship_is_the_word_of_the_role_until_somebody_types_a_better_one() -> None:
    bring_in(bundle(("users", "d1,guardian,rosa", "d1,parent,rosa")))
    assert Guardianship.objects.get().relationship == "parent"

    Guardianship.objects.update(relationship="Mother")
    assert not bring_in(bundle(("users", "d1,guardian,rosa", "d1,parent,rosa"))).changes_anything


def test_user_names_are_unique_in_a_district_alone() -> None:
    elsewhere = make_district("Elsewhere")
    User.objects.create(username="ben", given_name="Other", family_name="Ben", organization=elsewhere)
    bring_in(bundle())

    assert User.objects.filter(username="ben").count() == 2
    here = Organization.objects.get(name="Northfield")
    assert set(User.objects.exclude(organization=elsewhere).values_list("district", flat=True)) == {here.pk}


def test_two_districts_of_a_consortium_may_have_the_same_user_name() -> None:
    consortium = create_organization(kind=OrganizationKind.CONSORTIUM, name="All", parent=None)
    files = bundle(
        ("orgs", "s1,", "d2,,,Southfield,district,,\ns2,,,South School,school,,d2\ns1,"),
        ("users", "u3,", "u7,,,true,s2,student,BEN,,Ben,South,,,,,,,05,\nu3,"),
    )
    report = bring_in(files, organization=consortium)

    assert report.left_out == []
    assert User.objects.filter(username__iexact="ben").count() == 2
