"""A family that has one child whose school shows it the record, and one whose school does not yet."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from lpm.people.enums import Part
from lpm.people.services.settings import change_settings
from tests.student_home.pages import family_of, mark, path_of, text
from tests.world import DAY, World, guard, teach

CHILDREN = "student:children"
WAITS = (
    "Amara Lake has not opened the family pages yet Teachers at the school already use Cairn. When the school opens "
    "the family pages, you will see here how Amara is learning. Whom to ask"
)
OF_FAMILIES = "your guardians"


@pytest.fixture
def closed(world: World) -> Any:
    """The second child of the guardian, at another school."""
    guard(world.guardian, world.other_school.student)
    turn_off(world.other_school.school, Part.FAMILIES)
    return world.other_school.student


def turn_off(school: Any, *parts: Part) -> None:
    values = {"parts": [part for part in Part if part not in parts]}
    change_settings(organization=school, valid_from=DAY, values=values, actor=None, day=DAY)


def test_a_line_names_the_child_whose_school_waits_and_nothing_of_their_record(
    world: World, closed: Any, as_person: Any
) -> None:
    teach(world.teacher, world.other_school.group)
    mark(world, world.other_school.targets[0], "3", student=closed)
    client = as_person(world.guardian)
    turn_off(world.other_school.school)
    assert "learned 1 new thing" in text(client.get(reverse(CHILDREN)))
    turn_off(world.other_school.school, Part.FAMILIES)
    for page in (family_of(world.own.student), reverse(CHILDREN)):
        response = client.get(page)
        assert (page, text(response).count(WAITS)) == (page, 1)
        assert f'href="{family_of(closed)}"' in response.content.decode()
    said = text(client.get(reverse(CHILDREN)))
    assert (said.count("Open the week of Amara"), "learned 1 new thing" in said) == (1, False)
    before = {"as_of": str(DAY - timedelta(days=1))}
    assert "Whom to ask" not in text(client.get(family_of(world.own.student), before))
    assert text(client.get(family_of(closed))).startswith("Lake has not opened the family pages yet")


def test_a_school_that_opened_and_a_child_of_others_have_no_such_line(world: World, as_person: Any) -> None:
    turn_off(world.other_school.school, Part.FAMILIES)
    guard(world.guardian, world.other_school.student, is_restricted=True)
    guard(world.teacher, world.other_school.student)
    pages = [("guardian", family_of(world.own.student)), ("guardian", reverse(CHILDREN))]
    for who, page in [*pages, ("teacher", family_of(world.own.student))]:
        response = as_person(world.people[who]).get(page)
        assert (who, page, response.status_code, "Whom to ask" in text(response)) == (who, page, 200, False)


def test_somebody_whose_children_all_wait_is_led_to_the_sentence(world: World, closed: Any, as_person: Any) -> None:
    turn_off(world.own.school, Part.FAMILIES)
    response = as_person(world.guardian).get(reverse(CHILDREN), follow=True)
    assert response.templates[0].name == "people/not_open.html"


def test_a_students_footer_claims_no_guardians_where_families_see_nothing(world: World, as_person: Any) -> None:
    client = as_person(world.student)
    pages = [path_of(world.own.student), reverse("curriculum:framework-list")]
    assert [OF_FAMILIES in text_of_foot(client.get(page)) for page in pages] == [True, True]
    turn_off(world.own.school, Part.FAMILIES)
    foot = "Your levels are seen by you, your teachers, support staff, and school and district leaders."
    assert [foot in text_of_foot(client.get(page)) for page in pages] == [True, True]


def text_of_foot(response: Any) -> str:
    html: str = response.content.decode()
    return html[html.index("<footer") : html.index("</footer>")]
