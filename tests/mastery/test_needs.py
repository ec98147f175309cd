"""Who needs this today: columns by level, by place in a topic, who is ready, who asked; and only one's own students."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from curriculum.models import Prerequisite, Target
from lpm.audit.models import RecordView
from lpm.people.models import Group, Student
from students.mastery.models import MasteryState, ReadyRequest
from students.mastery.queries.needs import Needs, groups_for, read_needs, students_for
from students.mastery.services import record_mark
from tests.world import DAY, World, enroll, teach

PAGE = reverse("mastery:needs-show")


def text(response: Any, status: int = 200) -> str:
    """What the page says, in one line."""
    assert response.status_code == status
    html = response.content.decode()
    main = re.sub(r"<svg.*?</svg>|<option.*?</option>", "", html[html.index("<main") : html.index("</main>")])
    return " ".join(strip_tags(main).split()).replace("&#x27;", "'")


def mark(world: World, student: Student, level: str, step: int = 0, who: str = "teacher") -> None:
    record_mark(
        uuid=uuid4(),
        student=student,
        target=world.targets[step],
        level=Decimal(level),
        performed_on=DAY,
        recorder=world.people[who],
        day=DAY,
    )


def named(name: str) -> Student:
    return Student.objects.get(family_name=name)


def on_target(world: World, step: int | None = 0, who: str = "teacher") -> Needs:
    target = None if step is None else world.targets[step]
    return read_needs(students_for(world.people[who], DAY), world.topic, target)


def said(needs: Needs) -> list[tuple[str, list[str]]]:
    return [(column.key, [one.student.family_name for one in column.people]) for column in needs.columns]


def test_students_stand_in_columns_from_no_evidence_upward(world):
    own, ben, gwen = world.own.student, named("Classmate"), named("Grown")
    ada = enroll(world.own.group, given_name="Ada", family_name="Aside")
    MasteryState.objects.create(
        district=world.own.district, student=ada, target=world.targets[0], status="excused", method_version=1
    )
    lee = enroll(world.own.group, given_name="Lee", family_name="Little")
    MasteryState.objects.create(
        district=world.own.district, student=lee, target=world.targets[0], status="insufficient", method_version=1
    )
    mark(world, own, "3.5")
    mark(world, ben, "1.0")

    assert said(on_target(world)) == [
        ("none", [gwen.family_name]),
        ("little", ["Little"]),
        ("1.00", ["Classmate"]),
        ("3.50", ["of Birch"]),
        ("aside", ["Aside"]),
    ]
    assert not on_target(world).has_before


def test_who_has_done_what_comes_before_is_ready_until_it_is_met(world):
    own, ben = world.own.student, named("Classmate")
    mark(world, own, "3.0", 0)
    mark(world, ben, "2.5", 0)
    needs = on_target(world, 1)
    assert needs.has_before
    assert [one.student for one in needs.people if one.is_ready] == [own]
    mark(world, own, "3.0", 1)
    assert on_target(world, 1).ready_count == 0
    Target.objects.filter(pk=world.targets[0].pk).update(retired_on=DAY)
    assert not on_target(world, 1).has_before
    assert Prerequisite.objects.filter(target=world.targets[1]).exists()


def test_who_asked_to_show_it_is_told(world):
    asked = {"district": world.own.district, "done_since": "I read."}
    ReadyRequest.objects.create(student=named("Classmate"), target=world.targets[0], **asked)
    ReadyRequest.objects.create(student=named("Grown"), target=world.targets[1], **asked)
    needs = on_target(world)
    assert [one.student.family_name for one in needs.people if one.has_asked] == ["Classmate"]
    assert needs.asked_count == 1


def test_in_a_topic_students_stand_at_their_place(world):
    own, ben = world.own.student, named("Classmate")
    mark(world, own, "3.0", 0)
    for step in range(4):
        mark(world, ben, "3.5", step)
    assert said(on_target(world, None)) == [
        ("none", ["Grown"]),
        (str(world.targets[1].uuid), ["of Birch"]),
        ("met", ["Classmate"]),
    ]


def test_only_students_for_whom_one_records_and_of_the_groups_chosen(world, as_person):
    far = world.other_district.student
    assert far not in students_for(world.teacher, DAY)
    alone = Group.objects.create(
        district=world.own.district, school=world.own.school, kind="class", name="Alone", starts_on=DAY
    )
    teach(world.teacher, alone)
    zoe = enroll(alone, given_name="Zoe", family_name="Alone")
    client = as_person(world.teacher)
    everybody = text(client.get(PAGE))
    assert {name for name in ("Zoe Alone", "Ben Classmate", "Gwen Grown") if name in everybody} == {
        "Zoe Alone", "Ben Classmate", "Gwen Grown",
    }  # fmt: skip
    assert world.other_class.student.name not in everybody
    assert "Ben" not in text(client.get(PAGE, {"group": alone.uuid}))
    shared = text(client.get(PAGE, {"group": "shared"}))
    assert "Ben Classmate" in shared
    assert "Zoe" not in shared
    assert client.get(PAGE, {"group": world.other_class.group.uuid}).status_code == 404
    assert client.get(PAGE, {"target": world.other_district.targets[0].uuid}).status_code == 404
    assert client.get(PAGE, {"topic": world.other_district.topic.uuid}).status_code == 404
    assert [group.name for group in groups_for(world.teacher, DAY)] == ["Alone", "Birch"]
    assert zoe in students_for(world.teacher, DAY)
    looked = RecordView.objects.filter(viewer=world.teacher, student_uuid=zoe.uuid)
    assert set(looked.values_list("page", flat=True)) == {"needs"}


def test_the_page_says_who_stands_where(world, as_person):
    mark(world, world.own.student, "2.5")
    page = text(as_person(world.teacher).get(PAGE, {"target": world.targets[0].uuid}))
    assert "No evidence yet 2 students" in page
    assert "2.5 developing 1 student Amara of Birch" in page
    assert "Nothing has to come before this one." in page
    nobody = text(as_person(world.school_teacher).get(PAGE))
    assert "Nobody is in these groups" in nobody


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_asks_the_database_the_same_number_of_times(count, world, as_person, django_assert_num_queries):
    for n in range(count):
        mark(world, enroll(world.own.group, given_name=f"N{n}", family_name="Many"), "2.0")
    client = as_person(world.teacher)
    for query, asked in (({"target": world.targets[1].uuid}, 14), ({"topic": world.topic.uuid}, 13)):
        client.get(PAGE, query)
        with django_assert_num_queries(asked):
            client.get(PAGE, query)


@pytest.mark.parametrize("count", [30, 600])
def test_where_600_students_stand_takes_as_many_queries_as_for_30(count, world, django_assert_num_queries):
    district, school = world.own.district, world.own.school
    made = Student.objects.bulk_create(
        Student(district=district, school=school, given_name=f"N{n}", family_name="Many", sort_key=f"many n{n}")
        for n in range(count)
    )
    world.own.group.enrollments.model.objects.bulk_create(
        world.own.group.enrollments.model(district=district, group=world.own.group, student=one) for one in made
    )
    with django_assert_num_queries(4):
        assert len(on_target(world, 1).people) == count + 3
