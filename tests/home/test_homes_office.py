"""The first pages of the office, of those who write a curriculum, of privacy officers, and of files brought in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from curriculum.enums import FrameworkStatus, RevisionStatus
from curriculum.models import Comment, Framework, FrameworkAdoption, Revision, Target
from lpm.home.queries import find_reach, read_office, read_privacy, read_runs, read_writing
from lpm.people.enums import ImportKind, ImportState, OrganizationKind, Role
from lpm.people.models import (
    Enrollment,
    ImportRun,
    OperatorSession,
    Organization,
    PeopleSettings,
    RosterDrop,
    SchoolStay,
    Student,
)
from lpm.people.policy import Action, Relation
from lpm.people.services import create_organization
from tests.home.desks import add_school, invite
from tests.home.test_home_pages import HOME, school_of, text
from tests.world import DAY, World, build_framework, enroll, grant, guard, person

OFFICE = [Relation.OFFICE, Relation.ADMINISTRATOR]


def office(world: World, user: str = "office"):
    found = read_office(world.people[user], find_reach(world.people[user], Action.MANAGE_STUDENT, DAY, OFFICE), DAY)
    assert [one.school for one in found.schools] == [world.own.school]
    return found.schools[0]


def add_student(world: World, **fields: object) -> Student:
    names = {"given_name": "Dee", "family_name": "Person", "school": world.own.school}
    return Student.objects.create(district=world.own.district, **{**names, **fields})


def stay(student: Student, days: int) -> None:
    SchoolStay.objects.create(
        district_id=student.district_id,
        student=student,
        school_id=student.school_id,
        starts_on=DAY + timedelta(days=days),
    )


# --- the office


def test_office_in_which_nothing_waits(world, as_person):
    assert text(as_person(world.office).get(HOME)) == (
        "Hello, Office Nothing waits for the office. The office Everybody is in a group, and nobody is new. "
        "Hill groups, students, staff and calendar Find a student Hill Letters to families Hill"
    )


def test_office_sees_who_is_in_no_group(world, as_person):
    add_student(world)
    add_student(world, given_name="Gone", left_on=DAY - timedelta(days=1))
    add_student(world, given_name="Away", school=world.other_school.school)
    Enrollment.objects.filter(student=world.other_class.student).update(ends_on=DAY - timedelta(days=1))
    found = office(world)
    assert (found.without_group, [student.name for student in found.unseated]) == (
        2, ["Amara of Alder", "Dee Person"],
    )  # fmt: skip
    said = text(as_person(world.office).get(HOME))
    assert said.startswith("Hello, Office Some students are in no group. Without one, no teacher sees them.")
    assert "2 students are in no group." in said
    assert "In no group Amara of Alder Dee Person" in said


def test_office_sees_who_is_new_and_whom_it_does_not_know(world, as_person):
    stay(world.own.student, -13)
    stay(world.other_class.student, -14)
    enroll(world.own.group, given_name="Cal", family_name="Person", is_provisional=True)
    found = office(world)
    assert (found.new, found.provisional, found.without_group) == (1, 1, 0)
    said = text(as_person(world.office).get(HOME))
    assert said.startswith("Hello, Office Some students were added by a teacher. Look whether you know them.")
    assert "1 student came in the last two weeks." in said


def test_office_sees_which_homes_have_a_letter_and_have_not_come_in(world, as_person):
    invite(world, world.own.student, DAY)
    late = invite(world, world.other_class.student, DAY)
    late.expires_on = DAY - timedelta(days=1)
    late.save()
    invite(world, world.other_school.student, DAY)
    here = invite(world, world.other_class.student, DAY)
    parent = person("parent", world.own.district)
    guard(parent, world.other_class.student, household=here.household)
    assert office(world).unused == 2
    parent.last_login = timezone.now()
    parent.save()
    assert office(world).unused == 1
    said = text(as_person(world.office).get(HOME))
    assert said.startswith("Hello, Office Everybody is in a group. Some small things are left.")
    assert "1 home has a letter and has not come in yet." in said


def test_office_sees_who_comes_and_who_goes(world, as_person):
    stay(world.own.student, 3)
    stay(world.other_class.student, 20)
    grown = Student.objects.get(family_name="Grown")
    grown.left_on = DAY + timedelta(days=1)
    grown.save()
    Student.objects.filter(family_name="Classmate").update(left_on=DAY + timedelta(days=15))
    assert [(move.student.name, (move.on - DAY).days, move.is_coming) for move in office(world).moves] == [
        ("Gwen Grown", 1, False),
        ("Amara of Birch", 3, True),
    ]
    said = text(as_person(world.office).get(HOME))
    assert "Gwen Grown last day on November 20 Amara of Birch begins on November 22" in said


def test_office_names_the_first_and_counts_the_rest(world, as_person):
    for n in range(8):
        add_student(world, given_name=f"Child {n}", left_on=DAY + timedelta(days=n))
    found = office(world)
    assert (len(found.unseated), found.more_unseated, len(found.moves), found.more_moves) == (6, 2, 6, 2)
    assert text(as_person(world.office).get(HOME)).count("And 2 more.") == 2


def test_office_writes_to_no_home_whose_student_has_left(world):
    invite(world, world.own.student, DAY)
    assert office(world).unused == 1
    Student.objects.filter(pk=world.own.student.pk).update(left_on=DAY - timedelta(days=1))
    assert office(world).unused == 0


def test_office_of_a_district_is_a_step_away_and_counts_nothing(world, as_person):
    registrar = person("registrar", world.own.district)
    grant(registrar, world.own.district, Role.OFFICE)
    add_student(world)
    client = as_person(registrar)
    said = text(client.get(HOME))
    assert said.startswith("Hello, Registrar Open a school to see who is new there, and who is in no group yet.")
    assert (
        "Find a student of North Hill groups, students, staff and calendar Find a student Hill "
        "Letters to families Hill Lake groups"
    ) in said
    assert "In no group Dee Person" in text(client.get(school_of(world)))
    assert "The office" not in text(as_person(world.privacy_officer).get(school_of(world)))


def test_offices_of_several_schools_are_told_apart(world, as_person):
    grant(world.office, world.other_school.school, Role.OFFICE)
    add_student(world)
    said = text(as_person(world.office).get(HOME))
    assert "Hill 1 student is in no group." in said
    assert "Lake Everybody is in a group, and nobody is new." in said


@pytest.mark.parametrize("rows", [1, 30])
def test_office_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        stay(add_student(world, given_name=f"Child {n}", left_on=DAY + timedelta(days=2)), -1)
        invite(world, add_student(world, given_name=f"Other {n}", is_provisional=True), DAY)
        if n:
            grant(world.office, add_school(world.own.district, f"School {n}"), Role.OFFICE)
    client = as_person(world.office)
    client.get(HOME)
    with django_assert_num_queries(10):
        client.get(HOME)


# --- writing a curriculum


def works(world: World, user: str = "curriculum_lead") -> dict[str, tuple[str, str] | None]:
    return {work.framework.title: work.next_step for work in read_writing(world.people[user], DAY).works}


def test_curriculum_on_which_nothing_waits(world, as_person):
    said = text(as_person(world.curriculum_lead).get(HOME))
    assert said.startswith(
        "Hello, Curriculum Lead Nothing waits: what you write is published, and nobody asks anything. Curriculum "
        "Bring in a file Curriculum Northern mathematics North published in use at 1 place 4 targets "
        "3 targets have no scoring guide All that I write"
    )
    assert works(world) == {"Northern mathematics": None}


def test_curriculum_says_the_next_step_of_each(world, as_person):
    north, of = world.own.framework, {"framework": world.own.framework.uuid}
    draft = build_framework(world.own.district, "Draft", 1)
    Framework.objects.filter(pk=draft.pk).update(status=FrameworkStatus.DRAFT)
    FrameworkAdoption.objects.filter(framework=draft).update(ended_on=DAY)
    publish = ("Publish it", reverse("curriculum:framework-publish", args=[draft.uuid]))
    assert works(world)["Draft"] == publish
    assert read_writing(world.curriculum_lead, DAY).sentence == "A draft is not published yet."
    Target.objects.filter(topic__area__framework=draft).update(i_can="")
    assert works(world)["Draft"] == ("Go on writing", reverse("curriculum:framework-write", args=[draft.uuid]))
    Framework.objects.filter(pk=draft.pk).update(status=FrameworkStatus.PUBLISHED)
    assert works(world)["Draft"] == ("Say who uses it", reverse("curriculum:adoption-choose"))
    Framework.objects.filter(pk=draft.pk).update(status=FrameworkStatus.RETIRED)
    assert works(world) == {"Northern mathematics": None}

    revision = Revision.objects.create(framework=north, title="Spring")
    opened = ("Open the revision", reverse("curriculum:revision-show", args=[revision.uuid]))
    assert works(world) == {"Northern mathematics": opened}
    client = as_person(world.curriculum_lead)
    assert "The revision “Spring” is being written" in text(client.get(HOME))
    revision.status, revision.publish_on = RevisionStatus.SCHEDULED, DAY + timedelta(days=9)
    revision.save()
    said = text(client.get(HOME))
    assert "The revision “Spring” is published on Nov. 28, 2026; the staff can comment on it until then" in said
    assert "A revision is open. Until it is published, everybody learns by what was before." in said

    asked = Comment.objects.create(framework=north, author=world.teacher, text="Too many steps.")
    Comment.objects.create(framework=north, author=world.writer, text="True.", answers=asked)
    Comment.objects.create(framework=north, author=world.teacher, text="Old.", settled_at=timezone.now())
    assert works(world)[north.title] == ("Answer what was said", reverse("curriculum:comment-desk", kwargs=of))
    assert "1 comment on what you write waits for an answer." in text(client.get(HOME))


def test_curriculum_lead_sees_all_that_they_write_and_what_others_write_for_them(world, as_person):
    habits = build_framework(world.own.district, "Habits of work", 1)
    coast = create_organization(kind=OrganizationKind.CONSORTIUM, name="Coast", parent=None)
    shared = build_framework(coast, "Shared science", 1)
    FrameworkAdoption.objects.create(framework=shared, organization=world.own.district, adopted_on=DAY)
    build_framework(coast, "Used by nobody here", 1)
    found = read_writing(world.curriculum_lead, DAY)
    assert [work.framework for work in found.works] == [habits, world.own.framework]
    assert list(found.used) == [shared]
    said = text(as_person(world.curriculum_lead).get(HOME))
    assert "Used here, and written by others Shared science Coast All that I write" in said
    assert "Shared science" not in text(as_person(world.writer).get(HOME))
    Framework.objects.exclude(pk=shared.pk).update(status=FrameworkStatus.RETIRED)
    assert read_writing(world.curriculum_lead, DAY).sentence == (
        "What is used here is written by others. You can say something about it to them."
    )


def test_curriculum_of_a_writer_is_what_they_write(world, as_person):
    Framework.objects.filter(pk=world.own.framework.pk).update(status=FrameworkStatus.DRAFT)
    build_framework(world.own.district, "Another")
    assert works(world, "writer") == {
        "Northern mathematics": (
            "Go on writing",
            reverse("curriculum:framework-write", args=[world.own.framework.uuid]),
        )
    }
    assert works(world, "past_writer") == {}
    assert "Curriculum Northern mathematics North draft" in text(as_person(world.writer).get(HOME))


@pytest.mark.parametrize("rows", [1, 30])
def test_curriculum_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows - 1):
        framework = build_framework(world.own.district, f"Framework {n}", 1)
        Comment.objects.create(framework=framework, author=world.teacher, text="Hm.")
        Revision.objects.create(framework=framework, title="Spring")
    client = as_person(world.curriculum_lead)
    client.get(HOME)
    with django_assert_num_queries(10):
        client.get(HOME)


# --- privacy


def test_privacy_officer_sees_how_long_records_are_kept_and_who_looks_from_outside(world, as_person):
    response = as_person(world.privacy_officer).get(HOME)
    said, html = text(response), response.content.decode()
    assert said.startswith("Hello, Privacy Officer An operator looks into the records at the moment.")
    assert "North Nobody has decided for how long records are kept." in said
    assert "1 operator has a session open." in said
    assert reverse("people:audit-list", args=[world.own.district.uuid]) in html
    OperatorSession.objects.filter(operator=world.operator).delete()
    sentences = [read_privacy(world.privacy_officer, DAY, timezone.now()).sentence]
    above = create_organization(kind=OrganizationKind.CONSORTIUM, name="Coast", parent=None)
    PeopleSettings.objects.create(organization=above, valid_from=DAY, retention_years=9)
    PeopleSettings.objects.create(organization=world.own.district, valid_from=DAY, retention_years=7)
    PeopleSettings.objects.create(
        organization=world.own.district, valid_from=DAY + timedelta(days=1), retention_years=3
    )
    sentences.append(read_privacy(world.privacy_officer, DAY, timezone.now()).sentence)
    assert sentences == [
        "Nobody has decided yet for how long records are kept.",
        "Nobody from outside looks into the records, and it is decided for how long they are kept.",
    ]
    said = text(as_person(world.privacy_officer).get(HOME))
    assert "Records are kept for 7 years after somebody leaves. No operator has a session open." in said
    assert "My schools Hill Lake" in said
    assert not read_privacy(world.leader, DAY, timezone.now())


@pytest.mark.parametrize("rows", [1, 30])
def test_privacy_officer_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows - 1):
        district = create_organization(kind=OrganizationKind.DISTRICT, name=f"District {n}", parent=None)
        grant(world.privacy_officer, district, Role.PRIVACY_OFFICER)
        PeopleSettings.objects.create(organization=district, valid_from=DAY, retention_years=7)
        add_school(district, f"School {n}")
    client = as_person(world.privacy_officer)
    client.get(HOME)
    with django_assert_num_queries(8):
        client.get(HOME)


# --- files brought in


def run(world: World, state: ImportState, place: Organization | None = None, **fields: object) -> ImportRun:
    return ImportRun.objects.create(
        kind=ImportKind.ROSTER,
        organization=place or world.own.district,
        started_by=world.administrator,
        file_name=f"{state}.zip",
        state=state,
        **fields,
    )


def test_files_that_want_a_look_come_before_what_can_wait(world, as_person):
    now = timezone.now()
    run(world, ImportState.CHECKED)
    run(world, ImportState.REFUSED, ended_at=now)
    run(world, ImportState.REFUSED, ended_at=now - timedelta(days=8))
    run(world, ImportState.APPLIED, ended_at=now, report={"left_out": [{"file": "users.csv"}]})
    run(world, ImportState.APPLIED, ended_at=now, report={"left_out": []})
    run(world, ImportState.CHECKED, world.other_district.district)
    RosterDrop.objects.create(
        organization=world.own.district, place="roster", set_by=world.administrator, last_problem="Nothing lies there."
    )
    assert [row.file_name for row in read_runs(world.administrator, DAY, now).runs] == [
        "applied.zip",
        "refused.zip",
        "checked.zip",
    ]
    said = text(as_person(world.administrator).get(HOME))
    assert "Bring in a file A file that was brought in waits for somebody to look at it. applied.zip North, " in said
    assert "brought in, some rows were left out refused.zip North, cannot be applied checked.zip North, checked" in said
    assert "North Nothing lies there." in said
    assert said.index("applied.zip") < said.index("Northern mathematics")
    ImportRun.objects.all().delete()
    assert read_runs(world.administrator, DAY, now).sentence == "The roster could not be fetched from its folder."
