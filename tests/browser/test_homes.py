"""The first page of each role of the staff, on a phone and on a computer, light and dark."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from curriculum.models import Comment, Revision, Target
from lpm.lib.dates import school_day
from lpm.people.enums import GroupKind, ImportKind, ImportState, OrganizationKind, Role
from lpm.people.models import ImportRun, Student
from lpm.people.services import create_organization
from tests.browser.test_showing import LONG, long_names, looked_at
from tests.home.desks import add_group, add_school, add_seminar, add_session, ask, count, invite, mark
from tests.world import enroll, grant, person, teach

__all__ = ["long_names"]
HOME = reverse("home:home")


@pytest.fixture
def busy(world, long_names):
    """Everybody has something to do."""
    day, now, own = school_day("America/New_York"), timezone.now(), world.own
    classmate = Student.objects.get(family_name="Classmate")
    advisory = add_group(own, "Maple advisory of the fifth and sixth year", GroupKind.ADVISORY)
    teach(world.teacher, advisory)
    for n, name in enumerate(["Noah Abrams", "Minh Anh Nguyen", "Sofía Castellanos-Okafor", "Lena Pelkey"]):
        given, family = name.rsplit(" ", 1)
        student = enroll(advisory, given_name=given, family_name=family, grade="05")
        if n:
            mark(world.teacher, student, world.targets[n - 1], f"{n}.5" if n < 3 else "3.0", day)
    for name in ("Blue mathematics", "Green mathematics", "Evening reading", "Science of the coast"):
        teach(world.teacher, add_group(own, name))
    mark(world.teacher, own.student, world.targets[0], "3.0", day)
    mark(world.teacher, own.student, world.targets[1], "2.5", day)
    ask(own.student, world.targets[1], 9)
    ask(classmate, world.targets[0])
    add_session(own.group, world.teacher, now + timedelta(minutes=5))
    add_seminar(own, world.co_teacher, now + timedelta(days=2), is_open=True, places=8)
    enroll(own.group, given_name="Prov", family_name="Isional", is_provisional=True)
    Student.objects.create(district=own.district, school=own.school, given_name="Nowhere", family_name="Yet")
    Student.objects.filter(pk=classmate.pk).update(left_on=day + timedelta(days=3))
    invite(world, own.student, day)
    Target.objects.filter(pk=world.targets[2].pk).update(i_can="")
    Comment.objects.create(framework=own.framework, author=world.teacher, text="Too many steps.")
    Revision.objects.create(framework=own.framework, title="Spring")
    ImportRun.objects.create(
        kind=ImportKind.ROSTER, organization=own.district, started_by=world.administrator,
        file_name="penobscot-roster-november.zip", state=ImportState.CHECKED,
    )  # fmt: skip
    for n, name in enumerate(["Harbor View Elementary", "Pine Street Elementary", "Riverside K to 8 and Preschool"]):
        count(add_school(own.district, name), 140 + 90 * n, 40 + 60 * n, 120 + 50 * n, 9)
    count(own.school, 300, 210, 180, 12)
    count(world.other_school.school, 6, 2, 2, 1)
    grant(world.leader, own.school, Role.OFFICE)
    return world


def test_of_those_who_teach(busy, page_as):
    page = page_as(busy.teacher, reduced_motion="reduce")
    page.goto(HOME)
    looked_at(page, "e-teacher")
    assert page.get_by_role("link", name="Birch", exact=True).bounding_box()["y"] < 700
    page.get_by_role("link", name="2 requests of students wait.").click()
    page.get_by_role("heading", name="Ready to show").first.wait_for()
    page = page_as(busy.case_manager, reduced_motion="reduce")
    page.goto(HOME)
    looked_at(page, "e-caseload")
    page.get_by_role("link", name=LONG).first.click()
    page.wait_for_url("**/students/**")


def test_of_those_who_lead(busy, page_as):
    for who in ("leader", "administrator", "curriculum_lead", "privacy_officer", "office"):
        page = page_as(busy.people[who], reduced_motion="reduce")
        page.goto(HOME)
        page.get_by_role("heading", name="Hello").wait_for(timeout=2000)
        looked_at(page, f"e-{who}")
    coast = create_organization(kind=OrganizationKind.CONSORTIUM, name="Schools of the coast", parent=None)
    for n, name in enumerate(["Penobscot Bay Schools", "Saint Croix Valley Regional School Unit"]):
        district = create_organization(kind=OrganizationKind.DISTRICT, name=name, parent=coast)
        count(add_school(district, f"{name}, elementary"), 240 + 80 * n, 90, 190, 11)
    superintendent = person("superintendent", coast)
    grant(superintendent, coast, Role.LEADER)
    page = page_as(superintendent, reduced_motion="reduce")
    page.goto(HOME)
    page.locator("summary").first.click()
    looked_at(page, "e-consortium")
    page = page_as(busy.office, reduced_motion="reduce")
    page.goto(reverse("home:school", args=[busy.own.school.uuid]))
    looked_at(page, "e-school")
