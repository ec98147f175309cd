"""Where a person begins, and the page of a school."""

import re

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from lpm.people.enums import GroupKind, OrganizationKind, Role, StaffRole
from lpm.people.models import Group
from lpm.people.services import create_organization
from tests.world import World, enroll, grant, guard, person, teach

HOME = reverse("home:home")


def text(response) -> str:
    """What the page says, in one line."""
    assert response.status_code == 200
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(strip_tags(re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL)).split())


def school_of(world: World) -> str:
    return reverse("home:school", kwargs={"school": world.own.school.uuid})


def add_group(world: World, name: str) -> Group:
    return Group.objects.create(district=world.own.district, school=world.own.school, kind=GroupKind.CLASS, name=name)


# --- home


def test_home_of_a_teacher_leads_to_each_group_in_one_step(world, as_person):
    response = as_person(world.teacher).get(HOME)
    assert text(response) == (
        "Hello, Teacher Open a group to see where everyone is, and to record levels. "
        "My groups Birch class Hill 3 students"
    )
    assert reverse("mastery:group-grid", kwargs={"group": world.own.group.uuid}) in response.content.decode()


def test_home_of_a_leader_leads_to_the_school(world, as_person):
    response = as_person(world.leader).get(HOME)
    assert text(response) == "Hello, Leader Open a school to see its groups. My schools Hill 4 students"
    assert school_of(world) in response.content.decode()


def test_home_of_an_administrator_has_all_schools_and_the_way_to_bring_in_files(world, as_person):
    said = text(as_person(world.administrator).get(HOME))
    assert "My schools Hill 4 students Lake 1 student" in said
    assert "Bring in a file A curriculum, or people and classes. You see first what would change." in said


def test_home_of_an_administrator_before_there_are_schools(db, school_day, as_person):
    district = create_organization(kind=OrganizationKind.DISTRICT, name="New", parent=None)
    administrator = person("first", district)
    grant(administrator, district, Role.ADMINISTRATOR)
    said = text(as_person(administrator).get(HOME))
    assert "There are no schools yet. They come with the first file of people and classes." in said
    assert "Choose a file" in said


def test_home_of_a_curriculum_lead_is_the_way_to_bring_in_files(world, as_person):
    said = text(as_person(world.curriculum_lead).get(HOME))
    assert said.startswith("Hello, Curriculum Lead Bring in a file")


def test_home_of_somebody_with_several_parts_shows_them_all(world, as_person):
    guard(world.teacher_here_leader_there, world.own.student)
    said = text(as_person(world.teacher_here_leader_there).get(HOME))
    assert "My groups Birch" in said
    assert "My schools Lake" in said
    assert "My children AB Amara of Birch" in said


def test_home_of_a_student_is_their_path(world, as_person):
    response = as_person(world.student).get(HOME)
    assert (response.status_code, response["Location"]) == (
        302,
        reverse("student:path", kwargs={"student": world.own.student.uuid}),
    )


def test_home_of_a_guardian_is_the_first_child(world, as_person):
    response = as_person(world.guardian).get(HOME)
    assert (response.status_code, response["Location"]) == (
        302,
        reverse("student:family", kwargs={"student": world.own.student.uuid}),
    )


@pytest.mark.parametrize("who", ["stranger", "past_guardian", "restricted_guardian", "past_teacher", "past_leader"])
def test_home_of_somebody_with_nothing_says_who_can_help(who, world, as_person):
    said = text(as_person(world.people[who]).get(HOME))
    assert "Nothing here yet Your account works, but no class, school or child belongs to it at the moment." in said
    assert "My groups" not in said


@pytest.mark.parametrize("rows", [1, 30])
def test_home_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    somebody = world.teacher_here_leader_there
    guard(somebody, world.own.student)
    for n in range(rows - 1):
        teach(somebody, add_group(world, f"Group {n}"))
        school = create_organization(kind=OrganizationKind.SCHOOL, name=f"School {n}", parent=world.own.district)
        grant(somebody, school, Role.LEADER)
        guard(somebody, enroll(world.own.group, given_name=f"Child {n}", family_name="of Birch"))
    client = as_person(somebody)
    client.get(HOME)
    with django_assert_num_queries(9):
        client.get(HOME)


# --- a school


def test_school_lists_its_groups_with_kind_teachers_and_students(world, as_person):
    response = as_person(world.leader).get(school_of(world))
    said = text(response)
    assert said.startswith("Home Hill 2 groups")
    assert "Alder class nobody yet 1" in said
    assert "Birch class Co Teacher Person, Teacher Person, Teacher Here Leader There Person 3" in said
    assert reverse("mastery:group-grid", kwargs={"group": world.own.group.uuid}) in response.content.decode()
    assert "Substitute" not in said


def test_school_without_groups_says_where_they_come_from(world, as_person):
    empty = create_organization(kind=OrganizationKind.SCHOOL, name="Empty", parent=world.own.district)
    url = reverse("home:school", kwargs={"school": empty.uuid})
    said = text(as_person(world.administrator).get(url))
    assert "No groups yet Classes, advisories and seminars of this school stand here" in said


@pytest.mark.parametrize("rows", [1, 30])
def test_school_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        group = add_group(world, f"Group {n}")
        teach(world.teacher, group)
        teach(world.co_teacher, group, role=StaffRole.CO_TEACHER)
        enroll(group, given_name=f"Child {n}", family_name="of Birch")
    client = as_person(world.leader)
    client.get(school_of(world))
    with django_assert_num_queries(6):
        client.get(school_of(world))
