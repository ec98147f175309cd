"""The page of one student: names by reader, what it offers, its groups."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from lpm.audit.models import RecordView
from lpm.people.models import Enrollment, Group, SchoolStay, Student
from tests.people.students import called_differently, main_of, page
from tests.world import DAY, enroll, guard, teach


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
