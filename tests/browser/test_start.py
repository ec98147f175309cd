"""A start letter from the office to the student's tablet: made, printed, typed, and the password is set."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from lpm.people.models import Student, User
from tests.browser.conftest import scrolls_sideways, violations
from tests.world import enroll, person

LOOKS = [(1280, "light"), (390, "dark")]
LONG = "Ana-Alejandra Guadalupe Wilhelmina"


def is_well(page: Page) -> None:
    assert violations(page) == []
    assert not scrolls_sideways(page)


def add_students(world, count: int) -> None:
    for n in range(count):
        student = enroll(world.own.group, given_name=LONG, family_name=f"Fitzgerald-Montgomery {n}")
        student.user = person(f"ana-alejandra.fitzgerald-montgomery{n}", world.own.school)
        student.save()
        student.user.set_unusable_password()
        student.user.save()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_from_the_office_to_the_tablet(width, scheme, world, page_as):
    add_students(world, 5)
    office = page_as(world.office, width=width, color_scheme=scheme)
    office.goto(f"/groups/{world.own.group.uuid}/start-letters")
    is_well(office)
    office.get_by_role("button", name="Make start letters").click()
    expect(office.get_by_role("heading", name="Print these letters now")).to_be_visible()
    is_well(office)
    code = "-".join(re.findall(r"\w{4}", office.locator(".starts .code").first.inner_text()))
    office.emulate_media(media="print")
    assert len(re.findall(rb"/Type\s*/Page\b", office.pdf(format="A4"))) == 2
    assert len(re.findall(rb"/Type\s*/Page\b", office.pdf(format="Letter"))) == 2

    tablet = page_as(None, width=width, color_scheme=scheme)
    tablet.goto("/sign-in")
    is_well(tablet)
    tablet.goto(f"/start#{code}")
    is_well(tablet)
    assert tablet.get_by_label("The code of your letter").input_value() == code
    tablet.get_by_role("button", name="Go on").click()
    expect(tablet.get_by_text(LONG)).to_be_visible()
    is_well(tablet)
    tablet.get_by_label("Your new password").fill("seven quiet river otters")
    tablet.get_by_role("button", name="Set the password and go on").click()
    expect(tablet.get_by_text("From now on you sign in as")).to_be_visible()

    student = Student.objects.filter(family_name="Fitzgerald-Montgomery 0").select_related("user").get()
    for address, who in (
        (f"/students/{student.uuid}/profile/", world.office),
        (f"/staff/{world.office.uuid}/", world.leader),
    ):
        page = page_as(who, width=width, color_scheme=scheme)
        page.goto(address)
        is_well(page)
    assert User.objects.get(student=student).check_password("seven quiet river otters")
