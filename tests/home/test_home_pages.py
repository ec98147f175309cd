"""Where a person begins, and the page of a school."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import strip_tags

from lpm.people.enums import GroupKind, OrganizationKind, Part, Role, StaffRole
from lpm.people.models import Group, Staffing, Student
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
        "Hello, Teacher Nobody waits for you. Some students could do with a word from you. "
        "You have not heard from 3 students for 10 school days. for your eyes alone "
        "Who needs what today? see who stands where, and make a seminar "
        "My groups Make a group Birch class 3 students Walk around Birch Students and teachers Birch"
    )
    assert reverse("mastery:group-grid", kwargs={"group": world.own.group.uuid}) in response.content.decode()


def test_home_of_an_administrator_has_all_schools_and_the_way_to_bring_in_files(world, as_person):
    response = as_person(world.administrator).get(HOME)
    said = text(response)
    assert "Hill Nothing was counted here yet. Lake Nothing was counted here yet." in said
    assert "Bring in a file A curriculum, or people and classes. You see first what would change." in said
    assert response.content.decode().count(school_of(world)) == 1


def test_home_of_an_administrator_before_there_are_schools(db, school_day, as_person):
    district = create_organization(kind=OrganizationKind.DISTRICT, name="New", parent=None)
    administrator = person("first", district)
    grant(administrator, district, Role.ADMINISTRATOR)
    said = text(as_person(administrator).get(HOME))
    assert "There are no schools yet. They come with the first file of people and classes." in said
    assert "Choose a file" in said


def test_home_of_somebody_with_several_parts_shows_them_all_with_a_way_to_each(world, as_person):
    guard(world.teacher_here_leader_there, world.own.student)
    response = as_person(world.teacher_here_leader_there).get(HOME)
    said, html = text(response), response.content.decode()
    assert "My groups Make a group Birch" in said
    assert "Lake groups, students, staff and calendar" in said
    assert "My children AB Amara of Birch" in said
    ways = re.findall(r'href="#([a-z]+)"', html[html.index("<main") :])
    assert ways == ["teaching", "week", "children"]
    assert set(ways) <= set(re.findall(r' id="([a-z]+)"', html))


def test_home_of_a_leader_has_no_group_they_used_to_teach(world, as_person, school_day):
    teach(world.leader, world.own.group, ends_on=school_day - timedelta(days=15))
    assert "My groups" not in text(as_person(world.leader).get(HOME))


def test_home_of_a_teacher_has_no_child_they_may_not_be_in_contact_with(world, as_person):
    guard(world.teacher, world.own.student, is_restricted=True)
    assert "My children" not in text(as_person(world.teacher).get(HOME))


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
    with django_assert_num_queries(27):
        client.get(HOME)


def test_home_of_a_substitute_begins_with_the_day(world, as_person):
    said = text(as_person(world.substitute).get(HOME))
    assert "You stand in today" in said
    assert said.index("You stand in today") < said.index("My groups")
    assert "Make a group" not in said
    assert "You stand in today" not in text(as_person(world.teacher).get(HOME))


def test_home_of_an_operator_leads_to_their_sessions(world, as_person):
    page = as_person(world.past_operator).get(HOME)
    assert "Help a district" in text(page)
    assert reverse("people:operator-session") in page.content.decode()
    assert "Nothing here yet" not in text(page)
    assert "Help a district" not in text(as_person(world.leader).get(HOME))


def test_those_who_administer_have_a_way_to_their_schools(world, as_person):
    way = f'href="{reverse("people:organization-list")}"'
    having = {
        who
        for who in ("administrator", "leader", "office", "teacher")
        if way in str(as_person(world.people[who]).get(HOME).content)
    }
    assert having == {"administrator"}


def test_the_menu_calls_a_student_what_they_are_called_at_school(world, as_person):
    Student.objects.filter(pk=world.own.student.pk).update(preferred_name="Robin")
    page = as_person(world.student).get(reverse("curriculum:framework-list")).content.decode()
    assert "Account of Robin of Birch" in page
    assert "Student Person" not in page
    page = as_person(world.teacher).get(reverse("curriculum:framework-list")).content.decode()
    assert "Account of Teacher Person" in page


# --- a school


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("administrator", {"students/", "staff/", "calendar/", "letters/", "family-letters/", "next-year/"}),
        ("leader", {"students/", "staff/", "calendar/", "letters/", "family-letters/", "next-year/"}),
        ("office", {"students/", "staff/", "calendar/", "letters/"}),
        ("privacy_officer", {"students/", "staff/", "calendar/"}),
        ("operator", {"students/", "staff/", "calendar/"}),
    ],
)
def test_school_leads_where_one_may_go(who, expected, world, as_person):
    client, html = as_person(world.people[who]), as_person(world.people[who]).get(school_of(world)).content.decode()
    ways = set(re.findall(rf'href="(/(?:schools|organizations)/{world.own.school.uuid}/[a-z-]+/)"', html))
    assert {way.split("/", 3)[3] for way in ways} == expected
    assert {client.get(way).status_code for way in ways} == {200}


def test_school_leads_to_what_families_read_and_write(world, as_person):
    letters = reverse("letters:school-letters", args=[world.own.school.uuid])
    overseen = reverse("threads:overseen-at-school", args=[world.own.school.uuid])

    def ways(who: str) -> set[str]:
        html = as_person(world.people[who]).get(school_of(world)).content.decode()
        return {way for way in (letters, overseen) if f'href="{way}"' in html}

    assert {who: ways(who) for who in ("administrator", "leader", "privacy_officer", "office", "operator")} == {
        "administrator": {letters, overseen},
        "leader": {letters, overseen},
        "privacy_officer": {overseen},
        "office": set(),
        "operator": set(),
    }
    assert as_person(world.privacy_officer).get(overseen).status_code == 200
    world.own.school.parts = [Part.STUDENTS, Part.FAMILIES]
    world.own.school.save(update_fields=["parts"])
    assert ways("leader") == {overseen}  # what was written stays to be read


def test_school_offers_the_office_no_grid_it_may_not_see(world, as_person):
    response = as_person(world.office).get(school_of(world))
    html = response.content.decode()
    assert f'"{reverse("mastery:group-grid", kwargs={"group": world.own.group.uuid})}"' not in html
    assert reverse("people:group-show", kwargs={"group": world.own.group.uuid}) in html


def test_school_lists_its_groups_with_kind_teachers_and_students(world, as_person):
    response = as_person(world.leader).get(school_of(world))
    said = text(response)
    assert said.startswith("Home Hill 3 groups Make a group")
    assert "Alder class nobody yet 1" in said
    teachers = "Co Teacher Person, Teacher Person, Teacher From Afar Person, Teacher Here Leader There Person"
    assert f"Birch class {teachers} 3" in said
    assert reverse("mastery:group-grid", kwargs={"group": world.own.group.uuid}) in response.content.decode()
    assert "Substitute" not in said


def test_school_keeps_the_groups_of_now_apart_from_those_that_were(world, as_person, school_day):
    last_year = add_group(world, "Birch")
    Group.objects.filter(pk=last_year.pk).update(ends_on=school_day - timedelta(days=1))
    ends_today = add_group(world, "Cedar")
    Group.objects.filter(pk=ends_today.pk).update(ends_on=school_day)
    client = as_person(world.leader)
    said = text(client.get(school_of(world)))
    assert said.startswith("Home Hill 4 groups Make a group")
    assert "Cedar class nobody yet 0 students of Cedar, and their teachers Fir seminar" in said
    assert said.count("Birch class") == 1
    assert said.endswith("Groups that have ended")
    said = text(client.get(school_of(world) + "?ended"))
    assert said.startswith("Home Hill 1 group that has ended Make a group")
    assert said.endswith(
        "Group Kind Until Students Birch class Nov. 18, 2026 who was in it students of Birch, and their teachers "
        "The groups of now"
    )
    Group.objects.filter(pk=last_year.pk).delete()
    assert "Groups that have ended" not in text(client.get(school_of(world)))
    assert "No group of this school has ended so far. The groups of now" in text(
        client.get(school_of(world) + "?ended")
    )


def test_school_names_somebody_with_two_spells_in_a_group_once(world, as_person):
    teach(world.teacher, world.own.group, starts_on=world.own.group.starts_on)
    teach(world.co_teacher, world.own.group)
    said = text(as_person(world.leader).get(school_of(world)))
    assert said.count(" Teacher Person") == 3  # Co Teacher, Teacher, and School Teacher of another group


def test_school_names_somebody_who_came_back(world, as_person, school_day):
    Staffing.objects.filter(user=world.teacher).update(ends_on=school_day - timedelta(days=60))
    teach(world.teacher, world.own.group)
    assert "Person, Teacher Person," in text(as_person(world.leader).get(school_of(world)))


def test_school_tells_groups_of_one_name_apart(world, as_person):
    group = add_group(world, "Alder")
    Group.objects.filter(pk=group.pk).update(code="MATH-2", starts_on=None)
    other = Group.objects.filter(name="Alder", code="").get()
    assert other.starts_on
    said = text(as_person(world.leader).get(school_of(world)))
    assert "Alder MATH-2 class" in said
    assert f"Alder from {date_format(other.starts_on)} class" in said
    assert "Birch class" in said


def test_home_tells_groups_of_one_name_apart(world, as_person):
    twin = add_group(world, "Birch")
    Group.objects.filter(pk=twin.pk).update(code="MATH-2")
    teach(world.teacher, twin)
    assert "Birch class MATH-2 0 students" in text(as_person(world.teacher).get(HOME))


def test_sign_in_can_be_read_in_another_language(world, client):
    page = client.get(reverse("home:sign-in") + "?next=/curriculum/")
    assert '<input type="hidden" name="next" value="/sign-in?next=/curriculum/">' in page.content.decode()
    response = client.post(reverse("home:set-language"), {"language": "es", "next": "/sign-in?next=/curriculum/"})
    assert response["Location"] == "/sign-in?next=/curriculum/"
    assert '<html lang="es">' in client.get(response["Location"]).content.decode()


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
    with django_assert_num_queries(13):
        client.get(school_of(world))
