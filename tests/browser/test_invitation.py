"""A letter from the office to the parent's phone: made, printed, typed, and the child's page is there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from lpm.people.models import Guardianship, Household, Invitation
from tests.browser.conftest import scrolls_sideways, violations
from tests.world import enroll, guard, person

LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
LONG = "Ana-Alejandra Guadalupe Wilhelmina"


def is_well(page: Page) -> None:
    assert violations(page) == []
    assert not scrolls_sideways(page)


def letters_of_a_class(page: Page, world) -> list[str]:
    """Make the letters of the class, and read their codes as they stand on the page."""
    page.goto(f"/schools/{world.own.school.uuid}/letters/")
    page.get_by_label("Group").select_option(label="Birch")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("button", name="Make the letters").click()
    expect(page.get_by_role("heading", name="Letters to print")).to_be_visible()
    page.wait_for_load_state()  # the letters come one after the other
    return ["-".join(re.findall(r"\w{4}", code)) for code in page.locator(".letter .code").all_inner_texts()]


def test_from_the_office_to_the_phone(world, page_as):
    office = page_as(world.office)
    codes = letters_of_a_class(office, world)
    assert len(codes) == Invitation.objects.count() == 2  # Gwen is of age
    is_well(office)
    office.emulate_media(media="print")
    assert not office.get_by_text("Print this page now").is_visible()
    assert len(re.findall(rb"/Type\s*/Page\b", office.pdf(format="A4"))) == 2
    assert len(re.findall(rb"/Type\s*/Page\b", office.pdf(format="Letter"))) == 2
    letter = next(n for n, text in enumerate(office.locator(".letter").all_inner_texts()) if "Amara of Birch" in text)

    phone = page_as(None, width=390)
    phone.goto("/join")
    is_well(phone)
    phone.get_by_label("The code of your letter").fill("AAAA BBBB CCCC")
    phone.get_by_role("button", name="Go on").click()
    expect(phone.get_by_text("does not open anything")).to_be_visible()
    is_well(phone)
    phone.get_by_label("The code of your letter").fill(codes[letter].lower().replace("-", " "))
    phone.get_by_role("button", name="Go on").click()
    expect(phone.get_by_text("It is for the family of Amara")).to_be_visible()
    is_well(phone)
    phone.get_by_label("Given name").fill("Lena")
    phone.get_by_label("Family name").fill("Diallo")
    phone.get_by_label("I am their").select_option(label="mother")
    phone.get_by_label("A name to sign in with").fill("lena")
    phone.get_by_label("Password").fill("seven stones by a lake")
    phone.get_by_role("button", name="Make my sign-in").click()

    expect(phone.get_by_role("heading", name="Amara")).to_be_visible()
    expect(phone.get_by_text("From now on you sign in as lena")).to_be_visible()
    is_well(phone)
    assert set(Guardianship.objects.filter(guardian__username="lena").values_list("student", "relationship")) == {
        (world.own.student.pk, "mother")
    }


def test_the_square_fills_in_the_code_and_leaves_no_trace(world, page_as):
    page = page_as(None, width=390)
    page.goto("/join#ABCD-EFGH-JKMN")

    expect(page.get_by_label("The code of your letter")).to_have_value("ABCD-EFGH-JKMN")
    assert page.evaluate("location.hash") == ""


def test_without_javascript_the_code_is_typed(world, page_as):
    code = letters_of_a_class(page_as(world.office, java_script_enabled=False), world)[0]
    phone = page_as(None, width=390, java_script_enabled=False)
    phone.goto(f"/join#{code}")
    phone.get_by_label("The code of your letter").fill(code)
    phone.get_by_role("button", name="Go on").click()

    expect(phone.get_by_role("heading", name="Make your sign-in")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_pages_of_the_office_are_accessible_and_fit(width, scheme, world, page_as):
    student = world.own.student
    student.given_name = LONG
    student.family_name = "of Birch-Birkenau-Buchenhain"
    student.save()
    sibling = enroll(world.own.group, given_name=LONG, family_name="Second-Birkenau-Buchenhain")
    guardian = person("a_guardian_with_a_long_name_of_many_words", world.own.district)
    guard(guardian, sibling)
    household = Household.objects.create(district=student.district, label="The home of the mother and grandparents")
    household.students.add(student)
    row = guard(guardian, student, household=household)
    page = page_as(world.office, width=width, color_scheme=scheme)
    for address in [
        f"/students/{student.uuid}/contacts/",
        f"/students/{student.uuid}/contacts/add?q=guardian",
        f"/guardianships/{row.uuid}/",
        f"/homes/{household.uuid}/?q=second",
        f"/schools/{world.own.school.uuid}/letters/?everybody=on",
        f"/schools/{world.own.school.uuid}/homes/",
    ]:
        page.goto(address)
        assert (address, violations(page)) == (address, [])
        assert (address, scrolls_sideways(page)) == (address, False)
