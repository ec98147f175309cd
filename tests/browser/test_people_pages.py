"""The pages of people, their places and their accounts, each as somebody who needs it, with long names in them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from lpm.lib.dates import school_day
from lpm.people.enums import CaseloadKind, Role, StaffRole, TermKind
from lpm.people.models import Caseload, Closure, Enrollment, Household, RosterDrop, SchoolYear, Student, Term
from lpm.people.services.merges import merge_students
from tests.browser.conftest import HEIGHT, scrolls_sideways, violations
from tests.test_access import ROUTES
from tests.world import PASSWORD, World, enroll, grant, guard, person, teach

LONG = ("Ana-Alejandra Guadalupe", "of Birch-Birkenau")  # 40 characters together
SPANISH = [("Íñigo", "Núñez de la Peña"), ("María José", "Ordóñez-Castellanos y Villanueva"), ("Ben", "Li")]
LETTERS = {"places": "2", "days": "60"}
# Who opens what; the names of the addresses in ``full`` below.
PAGES: dict[str | None, list[str]] = {
    None: [
        "home:sign-in", "account_request_login_code", "account_reset_password", "people:join", "people:badge-sign-in",
    ],
    "administrator": [
        "home:home", "home:school", "home:import-list", "home:drop-change",
        "people:organization-list", "people:organization-show", "people:organization-add",
        "people:organization-change", "people:settings-change", "people:calendar-show", "people:school-year-add",
        "people:school-year-change", "people:term-add", "people:term-change", "people:closure-add",
        "people:closure-change", "people:staff-list", "people:staff-add", "people:user-show", "people:user-change",
        "people:role-grant", "people:role-end", "people:handover", "people:rollover", "people:rollover-preview",
        "people:audit-list",
    ],
    "leader": ["home:home", "home:school", "people:organization-show", "people:student-show", "people:student-access"],
    "office": [
        "home:home", "home:school", "people:student-list", "people:student-add", "people:student-doubles",
        "people:student-show", "people:student-change", "people:student-names", "people:student-sign-in",
        "people:caseload-add", "people:merge-choose", "people:student-merge", "people:student-contacts",
        "people:guardian-add", "people:guardianship-change", "people:household-show", "people:household-guess",
        "people:invitation-choose", "people:student-transfer", "people:student-arrival", "people:student-take-in",
    ],
    "teacher": [
        "people:group-create", "people:group-show", "people:group-change", "people:enrollment-create",
        "people:group-paste", "people:enrollment-change", "people:staffing-create", "people:staffing-change",
        "people:substitute-create", "people:group-badges", "mastery:group-grid", "mastery:entry-points",
    ],
    "substitute": ["home:home", "people:morning"],
    "student": ["student:path", "people:student-show", "people:student-access"],
    "guardian": ["student:family", "people:student-show", "people:student-access"],
    "privacy_officer": [
        "home:home", "people:student-show", "people:student-access", "people:person-erase", "people:audit-list",
    ],
    "operator": ["home:home", "people:operator-session", "people:organization-show"],
    "stranger": ["mfa_index", "usersessions_list", "account_change_password", "account_reauthenticate"],
}  # fmt: skip
DISTRICT = [
    "people:organization-show", "people:student-list", "people:staff-list", "people:calendar-show", "home:drop-change",
    "people:settings-change",
]  # fmt: skip
EMPTY = [
    "home:school", "people:organization-show", "people:student-list", "people:staff-list", "people:calendar-show",
    "people:rollover", "people:invitation-choose", "people:household-guess", "people:student-doubles",
]  # fmt: skip
AGAIN = ["mfa_index", "mfa_activate_totp", "mfa_add_webauthn"]  # for who typed the password just now


@pytest.fixture
def full(world: World) -> dict[str, Any]:
    """The school with a bit of everything; what its addresses name, by the name in the address."""
    own, day = world.own, school_day("America/New_York")
    own.district.name, own.school.name = "Northern Hills Unified School District", "Escuela Hill of the Long Meadows"
    own.district.save()
    own.school.save()
    Student.objects.filter(pk=own.student.pk).update(
        given_name=LONG[0], family_name=LONG[1], preferred_name="Alejandra", pronouns="she/her"
    )
    own.student.refresh_from_db()
    for given, family in SPANISH:
        enroll(own.group, given_name=given, family_name=family, grade="05", is_provisional=given == "Ben")
    other = Student.objects.create(
        district=own.district, school=own.school, given_name=LONG[0], family_name=LONG[1], grade="05"
    )
    merge_records(world, day)
    return {**add_years(world, day), **add_family(world), **add_staff(world, day), "other": other}


def merge_records(world: World, day: date) -> None:
    own = world.own
    third = Student.objects.create(district=own.district, school=own.school, given_name="Anna", family_name=LONG[1])
    merge_students(kept=own.student, absorbed=third, actor=world.administrator, day=day)
    Caseload.objects.create(
        district=own.district, student=own.student, manager=world.stranger, kind=CaseloadKind.LANGUAGE_TEACHER
    )


def add_years(world: World, day: date) -> dict[str, Any]:
    own = world.own
    span = {"starts_on": day - timedelta(days=80), "ends_on": day + timedelta(days=200)}
    later = {"starts_on": day + timedelta(days=280), "ends_on": day + timedelta(days=570)}
    school = {"organization": own.school}
    year = SchoolYear.objects.create(**school, title="This school year", ends_in=span["ends_on"].year, **span)
    next_year = SchoolYear.objects.create(**school, title="Next year", ends_in=year.ends_in + 1, **later)
    term = Term.objects.create(
        school_year=year, kind=TermKind.SEMESTER, title="Fall", starts_on=span["starts_on"], ends_on=day
    )
    Closure.objects.create(**school, title="Snow day", starts_on=day, ends_on=day)
    closure = Closure.objects.create(
        **school, title="Vacaciones de invierno", starts_on=day + timedelta(days=30), ends_on=day + timedelta(days=45)
    )
    RosterDrop.objects.create(
        organization=own.district, place="sftp://roster@files.northern-hills.example:2222/out", set_by=world.teacher
    )
    return {"year": year, "next_year": next_year, "term": term, "closure": closure}


def add_family(world: World) -> dict[str, Any]:
    own = world.own
    mother, father = person("mother", own.district), person("father", own.district)
    mother.given_name, mother.family_name = "Guadalupe María", "Birkenau de la Peña y Ordóñez"
    mother.save()
    household = Household.objects.create(district=own.district, label="Mother’s home", language="es")
    household.students.add(own.student)
    guardianship = guard(mother, own.student, household=household, relationship="mother")
    guard(father, own.student, is_restricted=True)
    return {"household": household, "guardianship": guardianship}


def add_staff(world: World, day: date) -> dict[str, Any]:
    own = world.own
    member = person("clerk", own.school)
    member.given_name, member.family_name, member.email = *LONG, "ana.alejandra.of.birch@northern-hills.example"
    member.save()
    teach(member, own.group, ends_on=day + timedelta(days=20))
    found = grant(member, own.school, Role.OFFICE)
    teach(
        world.substitute,
        own.group,
        role=StaffRole.SUBSTITUTE,
        starts_on=day + timedelta(days=2),
        ends_on=day + timedelta(days=2),
    )
    own_seat = Enrollment.objects.get(student=own.student)
    led = own.group.staffing.get(user=world.teacher)
    return {"member": member, "user": member, "grant": found, "enrollment": own_seat, "staffing": led}


def address(world: World, full: dict[str, Any], name: str, **other: Any) -> str:
    own = world.own
    known = {
        **dict.fromkeys(["organization", "school"], own.school),
        **dict.fromkeys(["student", "person"], own.student),
        "district": own.district,
        "group": own.group,
        **full,
        **other,
    }
    return reverse(name, kwargs={part: known[part].uuid for part in ROUTES[name]})


def look(page: Page, name: str) -> None:
    """The page as it stands, on a phone and on a wide screen."""
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        look_at(page, f"{name} {width}", is_wide=width > 1000)


def look_at(page: Page, name: str, is_wide: bool) -> None:
    """Narrow: all of axe in the light, and in the dark what differs there, contrast. Wide: the other way round."""
    page.emulate_media(color_scheme="dark" if is_wide else "light")
    assert (name, violations(page)) == (name, [])
    page.emulate_media(color_scheme="light" if is_wide else "dark")
    assert (name, "contrast", contrast(page)) == (name, "contrast", [])
    assert (name, scrolls_sideways(page)) == (name, False)


def contrast(page: Page) -> list[str]:
    options = "{runOnly: ['color-contrast'], resultTypes: ['violations']}"
    run = f"axe.run({options}).then(found => found.violations.flatMap(rule => rule.nodes))"
    return [node["html"][:120] for node in page.evaluate(run)]


def open_page(page: Page, url: str, name: str) -> None:
    answer = page.goto(url)
    assert (name, answer and answer.status) == (name, 200)
    look(page, name)


def test_pages_are_accessible_and_fit(world, full, page_as):
    for who, names in PAGES.items():
        page = page_as(world.people[who] if who else None, reduced_motion="reduce")
        for name in names:
            open_page(page, address(world, full, name), f"{who} {name}")


def test_pages_of_a_district_and_of_nothing_yet(world, full, page_as):
    """The same pages one storey up; and where there is nothing to show."""
    page = page_as(world.administrator, reduced_motion="reduce")
    empty = world.places["other_school"].school
    for name in DISTRICT:
        open_page(page, address(world, full, name, organization=world.own.district), f"district {name}")
    for name in EMPTY:
        open_page(page, address(world, full, name, organization=empty, school=empty), f"empty {name}")


def test_what_forms_show_before_and_after(world, full, page_as):
    page = page_as(world.office, reduced_motion="reduce")
    page.goto(address(world, full, "people:group-paste"))
    page.get_by_label("Names, one on each line").fill(f"{LONG[1]}, {LONG[0]}\nNúñez de la Peña, Iñigo\nNora Newcomer")
    page.get_by_role("button", name="See who is meant").click()
    page.wait_for_selector("text=Save the list")
    look(page, "paste preview")
    page.goto(address(world, full, "people:household-show"))
    page.get_by_role("button", name="letter").first.click()
    page.wait_for_load_state()
    look(page, "letter")


def test_pages_of_an_account_after_the_password(world, page_as):
    page = page_as(world.teacher, reduced_motion="reduce")
    page.goto(reverse("mfa_activate_totp"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/account/app")
    for name in AGAIN:
        open_page(page, reverse(name), name)
