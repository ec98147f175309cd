"""A school turns on one part after the other; what is off is not shown, and whoever waits is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.people.enums import OrganizationKind, Part, Role
from lpm.people.models import Organization, PeopleSettings, RoleGrant, Student
from lpm.people.policy import OPENED_BY, Action, Relation
from lpm.people.queries.parts import planned_parts, read_touched
from lpm.people.queries.privacy import Reader, find_circles
from lpm.people.services import create_organization
from lpm.people.services.badges import make_badges
from lpm.people.services.settings import change_settings, settle_settings
from tests.world import DAY, World, grant, guard

EVERY = list(Part)
LATER = DAY + timedelta(days=40)


def turn_on(organization: Organization, *parts: str, on: Any = DAY) -> None:
    change_settings(organization=organization, valid_from=on, values={"parts": list(parts)}, actor=None, day=DAY)


def seen(user: Any, action: Action = Action.VIEW_STUDENT) -> set[str]:
    return {student.name for student in Student.objects.visible_to(user, action, DAY)}


def path_of(world: World) -> str:
    return reverse("student:path", args=[world.own.student.uuid])


def family_page(world: World) -> str:
    return reverse("student:family", args=[world.own.student.uuid])


def links(client: Client, address: str) -> list[str]:
    return [item.label for item in client.get(address).wsgi_request.nav]  # type: ignore[attr-defined]  # PageRequest


@pytest.mark.parametrize(
    ("part", "who", "others"),
    [
        (Part.STUDENTS, "student", ["guardian", "teacher", "case_manager", "leader", "privacy_officer"]),
        (Part.FAMILIES, "guardian", ["student", "teacher", "case_manager", "leader", "privacy_officer"]),
    ],
)
def test_what_is_off_opens_no_record_to_those_it_is_for_and_closes_none_to_others(
    world: World, part: Part, who: str, others: Collection[str]
):
    name = "Amara of Birch"
    assert all(name in seen(world.people[one]) for one in [who, *others])

    turn_on(world.own.school, *[one for one in EVERY if one != part])

    assert seen(world.people[who]) == set()
    assert all(name in seen(world.people[one]) for one in others)
    assert seen(world.people[who], Action.VIEW_ACCESS) == {name}  # a right that waits for nothing

    turn_on(world.own.school, *EVERY)
    assert seen(world.people[who]) == {name}


def test_a_guardian_who_teaches_the_child_sees_it_as_a_teacher(world: World):
    guard(world.teacher, world.own.student)
    turn_on(world.own.school)

    rows: Any = Student.objects.with_relation(world.teacher, Action.VIEW_STUDENT, DAY)

    assert {row.relation for row in rows.filter(pk=world.own.student.pk)} == {Relation.TEACHER.name}


def test_one_child_whose_school_waits_and_one_whose_school_has_begun(world: World, as_person):
    other = world.other_school.student
    guard(world.guardian, other)
    turn_on(world.own.school, Part.STUDENTS)
    client = as_person(world.guardian)

    assert seen(world.guardian) == {"Amara of Cedar"}
    assert client.get("/").url == reverse("student:family", args=[other.uuid])
    closed = client.get(family_page(world))
    assert (closed.status_code, closed.templates[0].name) == (200, "people/not_open.html")


def test_a_guardian_is_told_that_the_family_pages_are_not_open_and_whom_to_ask(world: World, as_person):
    client = as_person(world.guardian)
    addresses = [
        reverse("student:topic", args=[world.own.student.uuid, world.own.topic.uuid]),
        reverse("mastery:why-show", args=[world.own.student.uuid, world.own.targets[0].uuid]),
    ]
    assert [client.get(address).status_code for address in addresses] == [200, 200]
    assert links(client, family_page(world)) == ["What is new", "Messages", "Curriculum"]
    turn_on(world.own.school, Part.STUDENTS)

    home = client.get("/")
    page = client.get(home.url)

    assert home.url == family_page(world)
    text = page.content.decode()
    assert "Hill has not opened the family pages yet" in text
    assert "seen by your child, their teachers, support staff" in text
    assert "Ask the office at Hill." in text
    assert reverse("people:student-access", args=[world.own.student.uuid]) in text
    assert "Fractions" not in text
    assert links(client, home.url) == ["Home", "Curriculum"]
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    assert client.get(reverse("people:student-access", args=[world.own.student.uuid])).status_code == 200


def test_a_student_is_told_that_their_pages_are_not_open(world: World, as_person):
    client = as_person(world.student)
    asking = reverse("mastery:ready-ask", args=[world.own.student.uuid, world.own.targets[0].uuid])
    assert client.get(asking).status_code == 200
    assert links(client, path_of(world)) == ["My path", "Messages", "Curriculum"]
    turn_on(world.own.school, Part.FAMILIES, Part.MESSAGES)

    page = client.get("/", follow=True)

    assert "Hill has not opened your pages yet" in page.content.decode()
    assert "seen by your guardians, your teachers, support staff" in page.content.decode()
    assert links(client, path_of(world)) == ["Home", "Messages", "Curriculum"]
    assert client.get(asking).status_code == 404
    others = world.other_school.student
    assert client.get(reverse("student:path", args=[others.uuid])).status_code == 404


def test_a_badge_leads_to_the_same_sentence(world: World):
    (badge,) = make_badges(group=world.own.group, student_uuids=[world.own.student.uuid], actor=world.teacher, day=DAY)
    turn_on(world.own.school, Part.FAMILIES)
    client = Client()
    client.post(reverse("people:badge-sign-in"), {"code": badge.code})

    page = client.get("/", follow=True)

    assert (page.status_code, page.redirect_chain) == (200, [(path_of(world), 302)])
    text = page.content.decode()
    assert "Hill has not opened your pages yet" in text
    assert reverse("people:student-access", args=[world.own.student.uuid]) not in text  # a badge does not open it


def test_a_program_of_a_guardian_is_answered_as_the_guardian(world: World, as_person):
    client = as_person(world.guardian)
    address = reverse("api:student-list")
    assert [row["uuid"] for row in client.get(address).json()["results"]] == [str(world.own.student.uuid)]

    turn_on(world.own.school, Part.STUDENTS)

    assert client.get(address).json()["results"] == []


def test_who_can_see_a_record_leaves_out_whoever_waits(world: World):
    officer = world.privacy_officer
    before = [circle.relation for circle in find_circles(world.own.student, Reader.FULL, officer, DAY)]
    turn_on(world.own.school, Part.STUDENTS)
    student = Student.objects.get(pk=world.own.student.pk)

    after = [circle.relation for circle in find_circles(student, Reader.FULL, officer, DAY)]

    assert [relation for relation in before if relation not in after] == [Relation.GUARDIAN]


def test_only_families_and_students_wait():
    assert {relation for parts in OPENED_BY.values() for relation in parts} == {Relation.SELF, Relation.GUARDIAN}


# --- deciding


def address(organization: Organization) -> str:
    return reverse("people:parts-change", args=[organization.uuid])


def test_a_look_first_says_whom_it_touches_and_changes_nothing(world: World, as_person):
    client = as_person(world.administrator)
    turn_on(world.other_school.school, *EVERY)
    form = {"who": "here", "parts": ["students"], "valid_from": DAY.isoformat()}

    page = client.post(address(world.own.district), form)

    touched = page.context["touched"]
    assert page.status_code == 200
    assert [(one.part, one.is_on) for one in touched.turned] == [
        (Part.FAMILIES, False),
        (Part.MESSAGES, False),
        (Part.LETTERS, False),
    ]
    assert [school.name for school in touched.schools] == ["Hill"]
    assert [school.name for school in touched.apart] == ["Lake"]
    assert (touched.student_count, touched.guardian_count) == (4, 4)  # of Birch and Alder; without past and restricted
    assert "For 4 students, 4 guardians, in 1 school." in " ".join(page.content.decode().split())
    assert not PeopleSettings.objects.filter(organization=world.own.district).exists()


def test_deciding_turns_it_off_from_its_day_on_and_is_in_the_audit(world: World, as_person):
    client = as_person(world.administrator)
    form = {"who": "here", "parts": ["letters", "students"], "valid_from": LATER.isoformat(), "is_sure": "true"}

    answer = client.post(address(world.own.school), form)

    assert answer.url == address(world.own.school)
    assert PeopleSettings.objects.get(organization=world.own.school).parts == ["students", "letters"]
    entry = Entry.objects.get(action="people.change_settings")
    assert entry.details["changes"] == {"parts": [None, ["students", "letters"]]}
    assert seen(world.guardian) == {"Amara of Birch"}
    settle_settings(day=LATER)
    assert seen(world.guardian) == set()
    page = client.get(address(world.own.school))
    assert [labels for _row, labels in page.context["planned"]] == [[Part.STUDENTS.label, Part.LETTERS.label]]


def test_a_day_far_ahead_is_a_day(world: World, as_person):
    client = as_person(world.administrator)
    form = {"who": "here", "parts": ["letters"], "valid_from": "9999-12-31"}

    looked = client.post(address(world.own.district), form)
    client.post(address(world.own.district), {**form, "is_sure": "true"})
    beyond = client.post(address(world.own.district), {**form, "valid_from": "10000-01-01"})

    assert (looked.status_code, beyond.status_code) == (200, 422)
    assert [part.part for part in looked.context["touched"].turned] == [Part.STUDENTS, Part.FAMILIES, Part.MESSAGES]
    assert [row.valid_from.year for row, _labels in client.get(address(world.own.school)).context["planned"]] == [9999]
    assert client.get(reverse("people:settings-change", args=[world.own.school.uuid])).context["planned"] == []


def test_a_school_that_leaves_it_to_the_district_goes_along_again(world: World, as_person):
    turn_on(world.own.district, Part.STUDENTS)
    turn_on(world.own.school, *EVERY)
    client = as_person(world.administrator)
    form = {"who": "above", "valid_from": DAY.isoformat()}

    looked = client.post(address(world.own.school), form).context["touched"]
    client.post(address(world.own.school), {**form, "is_sure": "true"})

    assert [one.part for one in looked.turned] == [Part.FAMILIES, Part.MESSAGES, Part.LETTERS]
    world.own.school.refresh_from_db()
    assert world.own.school.parts == ["students"]


def test_what_cannot_be_is_refused(world: World, as_person):
    client = as_person(world.administrator)
    yesterday = {"who": "here", "valid_from": (DAY - timedelta(days=1)).isoformat(), "is_sure": "true"}

    past = client.post(address(world.own.school), yesterday)
    unknown = client.post(address(world.own.school), {"who": "here", "parts": ["plans"], "valid_from": DAY})

    assert [past.status_code, unknown.status_code] == [422, 422]
    assert list(past.context["form"].errors) == ["valid_from"]
    assert not PeopleSettings.objects.exists()


def test_at_the_top_nobody_else_decides(world: World, as_person):
    RoleGrant.objects.filter(user=world.administrator).delete()
    top = create_organization(kind=OrganizationKind.DISTRICT, name="Alone", parent=None)
    grant(world.administrator, top, Role.ADMINISTRATOR)
    client = as_person(world.administrator)

    page = client.get(address(top))
    refused = client.post(address(top), {"who": "above", "valid_from": DAY})

    assert page.context["form"].initial["who"] == "here"
    assert refused.status_code == 422
    assert read_touched(top, None, DAY).turned == []


def test_only_days_on_which_the_parts_change_are_said_to_be_planned(world: World):
    turn_on(world.own.district, Part.STUDENTS)
    change_settings(organization=world.own.district, valid_from=LATER, values={"own_days": 3}, actor=None, day=DAY)
    turn_on(world.own.district, Part.STUDENTS, Part.FAMILIES, on=LATER + timedelta(days=1))

    planned = [(row.organization, row.valid_from, row.parts) for row in planned_parts(world.own.school, DAY)]
    assert planned == [(world.own.district, LATER + timedelta(days=1), ["students", "families"])]


def test_the_page_costs_the_same_however_many_schools_there_are(world: World, as_person, django_assert_num_queries):
    client = as_person(world.administrator)
    form = {"who": "here", "valid_from": DAY.isoformat()}
    client.post(address(world.own.district), form)
    with django_assert_num_queries(15):
        client.post(address(world.own.district), form)

    for number in range(30):
        create_organization(kind=OrganizationKind.SCHOOL, name=f"School {number}", parent=world.own.district)

    with django_assert_num_queries(15):
        client.post(address(world.own.district), form)


def test_a_new_school_begins_with_what_its_district_has(world: World):
    turn_on(world.own.district, Part.STUDENTS)
    world.own.district.refresh_from_db()

    school = create_organization(kind=OrganizationKind.SCHOOL, name="New", parent=world.own.district)

    assert (school.parts, settle_settings(day=DAY)) == (["students"], 0)
