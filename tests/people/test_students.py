"""Students by hand: lists, adding, changing, names by reader, sign-in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from lpm.audit.models import Entry, RecordView
from lpm.people.enums import Role
from lpm.people.models import Enrollment, Group, RosterSource, SchoolStay, Student, User
from lpm.people.queries.students import find_likely
from lpm.people.services.students import (
    HasSignIn,
    Names,
    NoSchool,
    OwnedByRoster,
    UsernameTaken,
    add_student,
    change_names,
    change_student,
    give_sign_in,
    propose_username,
    take_sign_in,
)
from tests.world import DAY, World, enroll, grant, guard, person, teach

FIELDS = ("given_name", "family_name", "born_on", "grade")


def page(name: str, *rows: Any) -> str:
    return reverse(f"people:{name}", args=[row.uuid for row in rows])


def main_of(response: Any) -> str:
    assert response.status_code == 200
    html: str = response.content.decode()
    return html[html.index("<main") : html.index("</main>")]


def add(world: World, **values: Any) -> Student:
    defaults: dict[str, Any] = {"school": world.own.school, "given_name": "Émile", "family_name": "Zed"}
    return add_student(**{"actor": world.office, "day": DAY, **defaults, **values})


# --- adding


def test_adding_makes_a_student_with_a_stay_and_one_entry(world):
    student = add(world, grade="03", born_on=date(2018, 2, 3))

    student.refresh_from_db()
    assert (student.district, student.school, student.grade, student.sort_key, student.is_provisional) == (
        world.own.district,
        world.own.school,
        "03",
        "zed emile",
        False,
    )
    stays = SchoolStay.objects.filter(student=student).values_list("school", "grade", "starts_on", "ends_on")
    assert list(stays) == [(world.own.school.pk, "03", DAY, None)]
    entry = Entry.objects.get(action="people.add_student")
    assert (entry.actor_id, entry.subject_uuid) == (world.office.pk, student.uuid)
    assert "Zed" not in str(entry.details)


def test_students_are_added_to_schools_alone(world):
    with pytest.raises(NoSchool):
        add(world, school=world.own.district, actor=world.administrator)


def test_a_teacher_adds_a_provisional_student_to_their_group(world):
    student = add(world, actor=world.teacher, group=world.own.group, is_provisional=True)

    assert student.is_provisional
    seats = Enrollment.objects.filter(student=student).values_list("group", "starts_on", "ends_on")
    assert list(seats) == [(world.own.group.pk, DAY, None)]


@pytest.mark.parametrize(
    ("name", "with_group", "is_provisional"),
    [
        ("teacher", True, False),
        ("teacher", False, True),
        ("school_teacher", True, True),
        ("substitute", True, True),
        ("far_administrator", False, False),
        ("privacy_officer", False, False),
    ],
)
def test_nobody_else_adds_students(name, with_group, is_provisional, world):
    with pytest.raises(PermissionDenied):
        add(
            world,
            actor=world.people[name],
            group=world.own.group if with_group else None,
            is_provisional=is_provisional,
        )


def test_a_group_of_another_school_is_refused(world):
    with pytest.raises(PermissionDenied):
        add(world, actor=None, group=world.other_school.group)


def test_the_page_asks_whether_it_is_one_of_these(world, as_person):
    client, form = as_person(world.office), {"given_name": "amara", "family_name": "Of Cedar"}
    before = Student.objects.count()

    response = client.post(page("student-add", world.own.school), form)

    assert response.status_code == 422
    assert [one.student for one in response.context["likely"]] == [world.other_school.student]
    html = response.content.decode()
    assert "Somebody of this name at Lake" in html
    assert page("student-show", world.other_school.student) not in html
    assert Student.objects.count() == before

    response = client.post(page("student-add", world.own.school), {**form, "anyway": "1"})

    made = Student.objects.get(given_name="amara")
    assert (response.status_code, response.url) == (302, page("student-arrival", made))
    assert made.school == world.own.school


def test_a_likely_record_that_may_be_seen_is_a_link(world, as_person):
    form = {"given_name": "Amarra", "family_name": "of  birch", "born_on": "2016-03-01"}

    response = as_person(world.office).post(page("student-add", world.own.school), form)

    assert page("student-show", world.own.student) in response.content.decode()


def test_a_child_born_that_day_elsewhere_is_hinted_at_without_a_name(world, as_person):
    form = {"given_name": "Amarra", "family_name": "of Cedars", "born_on": "2016-03-01"}

    response = as_person(world.office).post(page("student-add", world.own.school), form)

    html = response.content.decode()
    assert "Somebody born that day with a similar name at Lake" in html
    assert "Amara" not in html


def test_a_form_without_a_name_is_not_taken(world, as_person):
    response = as_person(world.office).post(page("student-add", world.own.school), {"given_name": "A"})

    assert response.status_code == 422
    assert "Write the family name." in response.content.decode()
    assert as_person(world.administrator).get(page("student-add", world.own.district)).status_code == 404


@pytest.mark.parametrize(
    ("given", "family", "born_on", "found"),
    [
        ("Amara", "of Birch", None, True),
        ("AMARÁ", "Of Birch", None, True),
        ("Amara", "of Birch", date(2015, 1, 1), True),
        ("Ama", "of Birch", date(2016, 3, 1), True),
        ("Ama", "of Birch", None, False),
        ("Kofi", "of Birch", date(2016, 3, 1), False),
        ("Amara", "Other", date(2016, 3, 1), False),
        ("Amara", "Birch-Lee", date(2016, 3, 1), True),
    ],
)
def test_likely_are_namesakes_and_similar_names_of_one_birth_date(given, family, born_on, found, world):
    likely = find_likely(world.own.district.pk, given, family, born_on)

    assert [one.student for one in likely] == ([world.own.student] if found else [])


def test_likely_are_found_by_the_name_at_school_too(world):
    Student.objects.filter(pk=world.own.student.pk).update(preferred_name="Kai", sort_key="of birch kai")

    for given in ("Kai", "Amara"):
        assert [one.student for one in find_likely(world.own.district.pk, given, "of Birch", None)] == [
            world.own.student
        ]


# --- the list


def names_in(response: Any) -> list[str]:
    return [student.name for student in response.context["page"]]


@pytest.fixture
def school(world) -> World:
    here = {"group": world.own.group}
    enroll(**here, given_name="Zoë", family_name="Ångström", grade="KG", is_provisional=True)
    enroll(**here, given_name="Richard", family_name="Moss", preferred_name="Rix", grade="06")
    enroll(**here, given_name="Gone", family_name="Away", grade="06", left_on=DAY - timedelta(days=1))
    enroll(**here, given_name="Leaving", family_name="Today", grade="06", left_on=DAY)
    built: World = world
    return built


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "angstrom"}, ["Zoë Ångström"]),
        ({"q": "zoe ÅNG"}, ["Zoë Ångström"]),
        ({"q": "Rix"}, ["Rix Moss"]),
        ({"q": "richard moss"}, ["Rix Moss"]),
        ({"q": "moss zoe"}, []),
        ({"grade": "06"}, ["Rix Moss", "Leaving Today"]),
        ({"only": "provisional"}, ["Zoë Ångström"]),
        ({"only": "left"}, ["Gone Away"]),
        ({"only": "left", "grade": "KG"}, []),
        ({"grade": "no grade", "q": "moss"}, ["Rix Moss"]),
    ],
)
def test_the_list_is_searched_and_filtered(query, names, school, as_person):
    response = as_person(school.office).get(page("student-list", school.own.school), query)

    assert names_in(response) == names
    if not names:
        assert "Nobody of that name here" in main_of(response)


def test_the_list_holds_the_school_and_nobody_else(school, as_person):
    client = as_person(school.office)

    response = client.get(page("student-list", school.own.school))

    here = Student.objects.filter(school=school.own.school).exclude(given_name="Gone")
    assert {student.pk for student in response.context["page"]} == {student.pk for student in here}
    assert dict(response.context["search"].fields["grade"].choices) == {
        "": "All grades",
        "KG": "Kindergarten",
        "05": "Grade 5",
        "06": "Grade 6",
    }
    assert client.get(page("student-list", school.own.district)).status_code == 404


def test_a_district_lists_its_schools_together(school, as_person):
    response = as_person(school.administrator).get(page("student-list", school.own.district))

    assert {student.school for student in response.context["page"]} == {
        school.own.school,
        school.other_school.school,
    }
    assert "Lake" in main_of(response)


def test_a_script_gets_the_part_that_changes(school, as_person):
    response = as_person(school.office).get(
        page("student-list", school.own.school), {"q": "rix"}, headers={"HX-Request": "true"}
    )

    html = response.content.decode()
    assert "<html" not in html
    assert "Rix Moss" in html


def test_an_empty_school_says_what_to_do(world, as_person):
    Student.objects.filter(school=world.own.school).update(school=world.other_school.school)

    assert "No students yet" in main_of(as_person(world.office).get(page("student-list", world.own.school)))


@pytest.mark.parametrize("rows", [1, 30, 1500])
def test_the_list_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    here = {"district": world.own.district, "school": world.own.school, "grade": "05"}
    Student.objects.bulk_create(
        [Student(**here, given_name=f"Child {n}", family_name="Many", sort_key=f"many {n:05}") for n in range(rows)]
    )
    client = as_person(world.office)
    client.get(page("student-list", world.own.school))

    with django_assert_num_queries(8):
        response = client.get(page("student-list", world.own.school), {"q": "many"})

    assert response.context["page"].paginator.count == rows
    assert len(response.context["page"]) == min(rows, 50)
    if rows > 50:
        assert "q=many&amp;page=2" in main_of(response)
        last = client.get(page("student-list", world.own.school), {"q": "many", "page": "30"})
        assert names_in(last)[-1] == "Child 1499 Many"


# --- one student


def called_differently(student: Student) -> None:
    Student.objects.filter(pk=student.pk).update(
        preferred_name="Kestrel",
        pronouns="they/them",
        family_preferred_name="Mara",
        family_pronouns="she/her",
        transcript_preferred_name="Amara Jane",
    )


def test_staff_read_every_name_and_who_reads_it(world, as_person):
    called_differently(world.own.student)

    for name in ("teacher", "office", "counselor", "narrow_caseload"):
        html = main_of(as_person(world.people[name]).get(page("student-show", world.own.student)))
        assert "<h1>Kestrel of Birch</h1>" in html, name
        assert {called in html for called in ("they/them", "Mara", "she/her", "Amara Jane")} == {True}, name


def test_the_student_reads_their_own_name_at_school(world, as_person):
    called_differently(world.own.student)

    html = main_of(as_person(world.student).get(page("student-show", world.own.student)))

    assert "Kestrel of Birch" in html
    assert {called in html for called in ("Mara", "Amara Jane", "Caseloads")} == {False}
    assert not RecordView.objects.exists()


@pytest.mark.parametrize("name", ["guardian", "guardian_from_nowhere", "teacher", "office", "administrator"])
def test_no_guardian_reads_the_name_used_at_school(name, world, as_person):
    """Wherever a guardian comes, also one who teaches the child or works in the office."""
    child, user = world.own.student, world.people[name]
    called_differently(child)
    sibling = enroll(world.own.group, given_name="Bo", family_name="of Birch", preferred_name="Kestrel Two")
    addresses = [
        reverse("student:family", args=[child.uuid]),
        reverse("student:path", args=[child.uuid]),
        reverse("student:topic", args=[child.uuid, world.topic.uuid]),
        page("student-show", child),
        reverse("home:home"),
    ]
    if name not in {"guardian", "guardian_from_nowhere"}:
        seen = main_of(as_person(user).get(page("student-show", child)))
        assert "Kestrel" in seen
        guard(user, child)
    guard(user, sibling)

    for address in addresses:
        response = as_person(user).get(address, follow=True)
        html = response.content.decode()
        assert "Kestrel" not in html, address
        assert "they/them" not in html, address
    assert "Mara" in main_of(as_person(user).get(page("student-show", child)))


def test_the_order_of_siblings_tells_nothing(world, as_person):
    """At school the younger one comes first; at home, by the names of home."""
    child = world.own.student
    sibling = enroll(world.own.group, given_name="Bo", family_name="of Birch")
    Student.objects.get(pk=sibling.pk)
    sibling.preferred_name = "Aaron"
    sibling.save()
    guard(world.guardian, sibling)
    assert list(Student.objects.filter(pk__in=[child.pk, sibling.pk]).by_name()) == [sibling, child]

    response = as_person(world.guardian).get(reverse("student:family", args=[child.uuid]))

    assert [one.first_name for one in response.context["children"]] == ["Amara", "Bo"]


def test_the_grid_of_teachers_shows_the_name_used_at_school(world, as_person):
    called_differently(world.own.student)
    address = reverse("mastery:group-grid", args=[world.own.group.uuid])
    assert "Kestrel of Birch" in as_person(world.teacher).get(address).content.decode()

    guard(world.co_teacher, world.own.student)

    html = as_person(world.co_teacher).get(address).content.decode()
    assert "Mara of Birch" in html
    assert "Kestrel" not in html


def test_a_family_page_is_modest(world, as_person):
    html = main_of(as_person(world.guardian).get(page("student-show", world.own.student)))

    assert "Birch" in html
    assert "Teacher Person" in html
    words = ("Caseload", "Change", "Birth date", "Two records", "Guardians and homes", "provisional")
    assert {word in html for word in words} == {False}
    looks = RecordView.objects.values_list("viewer", "page", "relation")
    assert set(looks) == {(world.guardian.pk, "profile", "GUARDIAN")}


@pytest.mark.parametrize(
    ("name", "learning", "change"),
    [
        ("teacher", True, False),
        ("narrow_caseload", False, False),
        ("office", False, True),
        ("leader", True, True),
        ("privacy_officer", True, False),
    ],
)
def test_a_page_offers_what_the_person_may_do(name, learning, change, world, as_person):
    html = main_of(as_person(world.people[name]).get(page("student-show", world.own.student)))

    student = world.own.student
    path = reverse("student:path", args=[student.uuid])
    assert (f'href="{path}"' in html) is learning
    for route in ("student-change", "student-names", "caseload-add", "merge-choose", "student-sign-in-take"):
        assert (page(route, student) in html) is change, route


def test_groups_stand_by_time(world, as_person):
    student, own = world.own.student, world.own
    for name, starts_on, ends_on in (
        ("Past", DAY - timedelta(days=90), DAY - timedelta(days=1)),
        ("Ahead", DAY + timedelta(days=1), None),
    ):
        group = Group.objects.create(district=own.district, school=world.other_school.school, kind="class", name=name)
        Enrollment.objects.create(
            district=own.district, group=group, student=student, starts_on=starts_on, ends_on=ends_on
        )

    seats = as_person(world.office).get(page("student-show", student)).context["seats"]

    assert {
        when: [seat.enrollment.group.name for seat in getattr(seats, when)] for when in ("now", "later", "before")
    } == {"now": ["Birch"], "later": ["Ahead"], "before": ["Past"]}
    leading = {"teacher", "co_teacher", "teacher_here_leader_there", "teacher_from_afar"}
    assert {user.username for user in seats.now[0].teachers} == leading


@pytest.mark.parametrize("rows", [1, 30])
def test_a_page_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    own, student = world.own, world.own.student
    for n in range(rows):
        group = Group.objects.create(district=own.district, school=own.school, kind="class", name=f"Class {n}")
        teach(world.teacher, group)
        Enrollment.objects.create(district=own.district, group=group, student=student)
        SchoolStay.objects.create(district=own.district, student=student, school=own.school, ends_on=DAY)
    client = as_person(world.office)
    client.get(page("student-show", student))

    with django_assert_num_queries(14):
        client.get(page("student-show", student))


# --- changing


def change(world: World, student: Student, **values: Any) -> None:
    said = {name: getattr(student, name) for name in FIELDS}
    change_student(student=student, **{**said, "is_provisional": False, "actor": world.office, "day": DAY, **values})


def test_changing_writes_the_fields_the_stay_and_one_entry(world):
    change(world, world.own.student, given_name="Amari", grade="06")

    student = Student.objects.get(pk=world.own.student.pk)
    assert (student.given_name, student.grade, student.sort_key) == ("Amari", "06", "of birch amari")
    assert SchoolStay.objects.get(student=student, ends_on=None).grade == "06"
    entry = Entry.objects.get(action="people.change_student")
    assert entry.details == {"fields": ["given_name", "grade"]}


def test_the_office_says_that_a_record_is_no_longer_provisional(world, as_person):
    student = add(world, is_provisional=True)
    form = {"given_name": "Émile", "family_name": "Zed"}

    response = as_person(world.office).post(page("student-change", student), form)

    assert response.url == page("student-show", student)
    assert not Student.objects.get(pk=student.pk).is_provisional


def test_what_a_roster_brings_is_read_only(world, as_person):
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    student = world.own.student
    Student.objects.filter(pk=student.pk).update(source=source, sourced_id="s1", grade="")
    student.refresh_from_db()
    with pytest.raises(OwnedByRoster):
        change(world, student, given_name="Amari")
    client, form = as_person(world.office), {"given_name": "Amari", "family_name": "New", "born_on": "", "grade": "06"}
    assert client.get(page("student-change", student)).content.decode().count("disabled") == 3

    client.post(page("student-change", student), form)

    found = Student.objects.filter(pk=student.pk).values_list("given_name", "family_name", "born_on", "grade")
    assert found.get() == ("Amara", "of Birch", date(2016, 3, 1), "06")


def test_a_grade_that_is_not_in_the_list_can_stay(world, as_person):
    Student.objects.filter(pk=world.own.student.pk).update(grade="Blue")
    form = {"given_name": "Amara", "family_name": "of Birch", "grade": "Blue"}

    assert as_person(world.office).post(page("student-change", world.own.student), form).status_code == 302
    assert Student.objects.get(pk=world.own.student.pk).grade == "Blue"


@pytest.mark.parametrize("name", ["teacher", "privacy_officer", "guardian", "student", "far_administrator"])
def test_who_may_not_manage_changes_nothing(name, world):
    actor, student = world.people[name], world.own.student
    with pytest.raises(PermissionDenied):
        change(world, student, given_name="X", actor=actor)
    with pytest.raises(PermissionDenied):
        change_names(student=student, names=Names(preferred_name="X"), actor=actor, day=DAY)
    with pytest.raises(PermissionDenied):
        give_sign_in(student=student, username="x", actor=actor, day=DAY)
    with pytest.raises(PermissionDenied):
        take_sign_in(student=student, actor=actor, day=DAY)


def test_names_by_reader_are_written_on_their_page(world, as_person):
    form = {"preferred_name": "Kestrel", "pronouns": "they/them", "family_preferred_name": "Mara"}

    response = as_person(world.office).post(page("student-names", world.own.student), form)

    assert response.url == page("student-show", world.own.student)
    student = Student.objects.get(pk=world.own.student.pk)
    assert [student.first_name_for(audience) for audience in ("class", "family", "transcript")] == [
        "Kestrel",
        "Mara",
        "Amara",
    ]
    assert student.sort_key == "of birch kestrel"
    entry = Entry.objects.get(action="people.change_names")
    assert entry.details == {"fields": ["family_preferred_name", "preferred_name", "pronouns"]}


def test_names_that_are_too_long_are_not_taken(world, as_person):
    response = as_person(world.office).post(page("student-names", world.own.student), {"pronouns": "x" * 51})

    assert response.status_code == 422


def test_nobody_sees_to_the_names_of_their_own_child(world, as_person):
    called_differently(world.own.student)
    guard(world.office, world.own.student)

    response = as_person(world.office).get(page("student-names", world.own.student))

    assert response.status_code == 403
    assert page("student-names", world.own.student) not in main_of(
        as_person(world.office).get(page("student-show", world.own.student))
    )


# --- sign-in


def test_a_sign_in_is_given_taken_and_given_again(world, as_person):
    student, client = add(world), as_person(world.office)
    address = page("student-sign-in", student)
    assert 'value="emile.zed"' in client.get(address).content.decode()

    client.post(address, {"username": "emile.zed"})

    user = User.objects.get(username="emile.zed")
    assert Student.objects.get(user=user) == student
    assert (user.organization, user.has_usable_password(), user.is_active) == (world.own.school, False, True)

    client.post(page("student-sign-in-take", student))

    assert Student.objects.get(pk=student.pk).user is None
    assert not User.objects.get(pk=user.pk).is_active
    assert 'value="emile.zed2"' in client.get(address).content.decode()
    actions = Entry.objects.filter(subject_uuid=student.uuid, actor=world.office).values_list("action", flat=True)
    assert set(actions) == {"people.add_student", "people.give_sign_in", "people.take_sign_in"}


def test_a_taken_name_is_told(world, as_person):
    student = add(world)
    with pytest.raises(UsernameTaken):
        give_sign_in(student=student, username="TEACHER", actor=world.office, day=DAY)

    response = as_person(world.office).post(page("student-sign-in", student), {"username": "Teacher"})

    assert response.status_code == 422
    assert "Choose another." in response.content.decode()
    assert as_person(world.office).post(page("student-sign-in", student), {"username": "a b"}).status_code == 422


def test_one_sign_in_is_enough(world, as_person):
    with pytest.raises(HasSignIn):
        give_sign_in(student=world.own.student, username="another", actor=None, day=DAY)

    response = as_person(world.office).post(page("student-sign-in", world.own.student), {"username": "another"})

    assert response.url == page("student-show", world.own.student)
    assert not User.objects.filter(username="another").exists()


def test_an_account_of_the_roster_is_not_taken(world, as_person):
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    User.objects.filter(pk=world.student.pk).update(source=source, sourced_id="u1")
    with pytest.raises(OwnedByRoster):
        take_sign_in(student=world.own.student, actor=world.office, day=DAY)

    as_person(world.office).post(page("student-sign-in-take", world.own.student))

    assert Student.objects.get(pk=world.own.student.pk).user == world.student


def test_taking_a_sign_in_that_is_not_there_does_nothing(world):
    take_sign_in(student=add(world), actor=world.office, day=DAY)

    assert not Entry.objects.filter(action="people.take_sign_in").exists()


@pytest.mark.parametrize(
    ("given", "family", "name"),
    [
        ("Ana María", "de la Cruz", "ana.cruz"),
        ("Zoë", "O’Neil-Ångström", "zoe.oneilangstrom"),
        ("Ming", "", "ming"),
        ("李", "王", "student2"),
        ("Teacher", "", "teacher2"),
    ],
)
def test_a_sign_in_name_is_proposed_in_plain_letters(given, family, name, world):
    assert propose_username(add(world, given_name=given, family_name=family)) == name


def test_names_taken_elsewhere_are_free_here(world):
    User.objects.create(username="emile.zed", given_name="E", family_name="Z", organization=world.other_district.school)

    assert propose_username(add(world)) == "emile.zed"


def test_the_roles_of_somebody_do_not_reach_over_the_fence(world, as_person):
    """A leader of one school who teaches in another changes students of the first alone."""
    client = as_person(world.teacher_here_leader_there)

    assert client.get(page("student-change", world.own.student)).status_code == 404
    assert client.get(page("student-change", world.other_school.student)).status_code == 200
    grant(person("clerk", world.own.district), world.own.school, Role.OFFICE)
    assert client.get(page("student-list", world.own.school)).status_code == 404
