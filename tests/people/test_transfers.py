"""Students who go to another school, leave, and come back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.people.enums import GroupKind, OrganizationKind, Role
from lpm.people.models import Caseload, Enrollment, Group, RosterSource, Student
from lpm.people.policy import Action
from lpm.people.services import create_organization
from lpm.people.services.stays import settle_stays
from lpm.people.services.transfers import CannotMove, release_student, take_in_student, transfer_student
from students.mastery.models import MasteryState
from students.mastery.services import record_mark
from tests.mastery.ways import choose_method
from tests.world import DAY, World, grant, guard, person, teach

BEGAN, YESTERDAY = DAY - timedelta(days=60), DAY - timedelta(days=1)


@pytest.fixture
def student(world: World) -> Student:
    settle_stays(student_ids=list(Student.objects.values_list("pk", flat=True)), day=BEGAN)
    return Student.objects.get(pk=world.own.student.pk)


def move(world: World, student: Student, **more) -> None:
    values = {"school": world.other_school.school, "starts_on": DAY, "actor": world.people["administrator"]} | more
    transfer_student(student=student, day=DAY, **values)


def release(world: World, student: Student, last_day: date = YESTERDAY, actor: str = "office") -> None:
    release_student(student=student, last_day=last_day, actor=world.people[actor], day=DAY)


def take_in(world: World, **more) -> Student:
    values = {
        "school": world.other_school.school,
        "given_name": "amara",
        "family_name": "Of Birch",
        "born_on": date(2016, 3, 1),
        "starts_on": DAY,
        "actor": world.people["teacher_here_leader_there"],
    } | more
    return take_in_student(day=DAY, **values)


def stays(student: Student) -> list[tuple[str, date | None, date | None]]:
    return list(student.stays.order_by("starts_on").values_list("school__name", "starts_on", "ends_on"))


def sees(world: World, name: str, action: Action, day: date = DAY) -> bool:
    rows = Student.objects.visible_to(world.people[name], action, day)
    return rows.filter(pk=world.own.student.pk).exists()


def test_a_student_goes_to_another_school(world, student):
    shared = Group.objects.create(
        district=student.district, school=world.other_school.school, kind=GroupKind.SEMINAR, name="shared"
    )
    Enrollment.objects.create(district=student.district, group=shared, student=student)
    coming = Group.objects.create(
        district=student.district, school=world.own.school, kind=GroupKind.CLASS, name="coming"
    )
    Enrollment.objects.create(
        district=student.district, group=coming, student=student, starts_on=DAY + timedelta(days=9)
    )
    over = Enrollment.objects.create(
        district=student.district, group=world.other_class.group, student=student, ends_on=BEGAN
    )

    move(world, student)

    student.refresh_from_db()
    over.refresh_from_db()
    assert (student.school, student.grade) == (world.other_school.school, "05")
    assert student.user.organization == world.other_school.school
    ends = dict(student.enrollments.values_list("group__name", "ends_on"))
    assert ends == {"Birch": YESTERDAY, "shared": None, "coming": YESTERDAY, "Alder": BEGAN}
    assert stays(student) == [("Hill", BEGAN, YESTERDAY), ("Lake", DAY, None)]
    entry = Entry.objects.get(action="people.transfer_student")
    assert entry.details == {"school": str(world.other_school.school.uuid), "enrollments": 2}


def test_families_stay_and_teachers_windows_close(world, student):
    assert sees(world, "leader", Action.VIEW_STUDENT)

    move(world, student)

    assert sees(world, "guardian", Action.VIEW_STUDENT)
    assert not sees(world, "leader", Action.VIEW_STUDENT)
    assert sees(world, "teacher_here_leader_there", Action.MANAGE_STUDENT)
    assert sees(world, "teacher", Action.RECORD_MARK, YESTERDAY + timedelta(days=14))
    assert not sees(world, "teacher", Action.RECORD_MARK, YESTERDAY + timedelta(days=15))


def test_caseloads_of_the_school_before_end_and_those_of_the_district_go_on(world, student):
    wide = person("district counselor", student.district)
    Caseload.objects.create(district=student.district, manager=wide, student=student)

    move(world, student)

    ends = dict(student.caseloads.values_list("manager__username", "ends_on"))
    assert ends == {
        "case_manager": YESTERDAY,
        "counselor": YESTERDAY,
        "narrow_caseload": YESTERDAY,
        "district counselor": None,
    }


def test_levels_follow_the_method_of_the_new_school(world, student):
    choose_method(world.other_school.school, world.own.framework, BEGAN, weight="0.99")
    for level in ("1.0", "3.0"):
        record_mark(
            uuid=uuid4(),
            recorder=world.people["teacher"],
            student=student,
            target=world.targets[0],
            level=Decimal(level),
            performed_on=DAY,
            day=DAY,
        )
    before = MasteryState.objects.get(student=student).suggested_value

    move(world, student)

    assert (before, MasteryState.objects.get(student=student).suggested_value) == (Decimal("2.30"), Decimal("2.98"))


def test_only_who_manages_both_sides_moves(world, student):
    lake = world.other_school.school
    for name in ("leader", "office", "teacher", "teacher_here_leader_there", "far_administrator"):
        with pytest.raises(PermissionDenied):
            move(world, student, actor=world.people[name])
    with pytest.raises(PermissionDenied):
        move(world, student, school=world.other_district.school)
    with pytest.raises(PermissionDenied):
        move(world, student, school=student.district)
    assert Student.objects.get(pk=student.pk).school == world.own.school

    grant(world.people["office"], lake, Role.OFFICE)
    move(world, student, actor=world.people["office"])
    assert Student.objects.get(pk=student.pk).school == lake
    move(world, student, school=world.own.school, actor=None)


def test_days_of_a_transfer(world, student):
    for starts_on in (DAY + timedelta(days=1), DAY - timedelta(days=367)):
        with pytest.raises(CannotMove, match="The first day must be"):
            move(world, student, starts_on=starts_on)
    with pytest.raises(CannotMove, match="at this school already"):
        move(world, student, school=world.own.school)

    move(world, student, starts_on=DAY - timedelta(days=5))

    assert stays(student)[-1] == ("Lake", DAY - timedelta(days=5), None)


def test_who_leaves_keeps_the_record_and_the_family(world, student):
    release(world, student, DAY + timedelta(days=1))

    student.refresh_from_db()
    assert student.left_on == DAY + timedelta(days=1)
    assert set(student.enrollments.values_list("ends_on", flat=True)) == {DAY + timedelta(days=1)}
    assert set(student.caseloads.values_list("ends_on", flat=True)) == {DAY + timedelta(days=1)}
    assert stays(student) == [("Hill", BEGAN, DAY + timedelta(days=1))]
    assert sees(world, "guardian", Action.VIEW_STUDENT, DAY + timedelta(days=300))
    assert Entry.objects.get(action="people.release_student").subject_uuid == student.uuid


def test_leaving_is_refused(world, student):
    with pytest.raises(PermissionDenied):
        release(world, student, actor="teacher")
    for last_day in (DAY - timedelta(days=367), DAY + timedelta(days=121)):
        with pytest.raises(CannotMove, match="too far"):
            release(world, student, last_day)
    release(world, student)
    with pytest.raises(CannotMove, match="already"):
        release(world, student)


def test_coming_back_to_the_same_school(world, student):
    release(world, student, DAY - timedelta(days=20))
    with pytest.raises(CannotMove, match="until later"):
        move(world, student, school=world.own.school, starts_on=DAY - timedelta(days=20))

    move(world, student, school=world.own.school, actor=world.people["office"])

    student.refresh_from_db()
    assert student.left_on is None
    assert stays(student) == [("Hill", BEGAN, DAY - timedelta(days=20)), ("Hill", DAY, None)]
    assert set(student.enrollments.values_list("ends_on", flat=True)) == {DAY - timedelta(days=20)}


def test_another_school_takes_in_who_was_released(world, student):
    with pytest.raises(CannotMove, match="Nobody"):
        take_in(world)
    release(world, student)

    for wrong in ({"born_on": date(2016, 3, 2)}, {"family_name": "of Alder"}):
        with pytest.raises(CannotMove, match="Nobody"):
            take_in(world, **wrong)
    with pytest.raises(PermissionDenied):
        take_in(world, actor=world.people["office"])
    with pytest.raises(CannotMove, match="Nobody"):
        take_in(world, school=world.other_district.school, actor=world.people["far_administrator"])
    taken = take_in(world)

    assert (taken.pk, taken.left_on) == (student.pk, None)
    assert stays(student) == [("Hill", BEGAN, YESTERDAY), ("Lake", DAY, None)]
    assert sees(world, "teacher_here_leader_there", Action.MANAGE_STUDENT)


def test_of_two_alike_nobody_is_taken_in(world, student):
    twin = Student.objects.create(
        district=student.district,
        school=student.school,
        given_name="Amara",
        family_name="of Birch",
        born_on=student.born_on,
        left_on=YESTERDAY,
    )
    release(world, student)

    with pytest.raises(CannotMove):
        take_in(world)

    twin.delete()
    assert take_in(world).pk == student.pk


# The pages


def transfer_page(student: Student) -> str:
    return reverse("people:student-transfer", args=[student.uuid])


def test_the_page_moves_a_student(world, student, as_person):
    client = as_person(world.people["administrator"])

    shown = client.get(transfer_page(student))
    response = client.post(
        transfer_page(student),
        {"place": "place", "school": str(world.other_school.school.uuid), "starts_on": str(DAY)},
    )

    assert set(shown.context["place"].fields["school"].queryset.values_list("name", flat=True)) == {"Lake"}
    assert response.url == reverse("people:student-arrival", args=[student.uuid])
    assert Student.objects.get(pk=student.pk).school == world.other_school.school


def test_an_office_of_one_school_sets_the_last_day(world, student, as_person):
    client = as_person(world.people["office"])
    assert "You look after no other school" in client.get(transfer_page(student)).text

    refused = client.post(transfer_page(student), {"release": "release", "last_day": "2020-01-01"})
    done = client.post(transfer_page(student), {"release": "release", "last_day": str(DAY)}, follow=True)

    assert (refused.status_code, "too far" in refused.text) == (422, True)
    assert "They come back" in done.text
    assert Student.objects.get(pk=student.pk).left_on == DAY


def test_a_student_of_a_roster_is_told_so(world, student, as_person):
    source = RosterSource.objects.create(organization=student.district, name="SIS")
    Student.objects.filter(pk=student.pk).update(source=source, sourced_id="1")

    page = as_person(world.people["office"]).get(transfer_page(student))

    assert "comes from a roster" in page.text


def test_the_page_takes_in_and_shows_nobody_else(world, student, as_person):
    Student.objects.filter(pk=student.pk).update(given_name="Zuleika")
    client = as_person(world.people["teacher_here_leader_there"])
    page = reverse("people:student-take-in", args=[world.other_school.school.uuid])
    asked = {
        "given_name": "Zuleika",
        "family_name": "of Birch",
        "born_on": "2016-03-01",
        "starts_on": str(DAY),
    }

    held = client.post(page, asked)
    assert (held.status_code, "is at another school of the district" in held.text) == (422, True)
    wrong = client.post(page, asked | {"born_on": "2016-03-02"})
    assert "Look at the spelling" in wrong.text
    release(world, Student.objects.get(pk=student.pk))
    taken = client.post(page, asked)

    assert taken.url == reverse("people:student-arrival", args=[student.uuid])
    assert client.get(taken.url).status_code == 200


def test_an_arrival_lists_what_is_there_and_what_is_not(world, student, as_person):
    page = reverse("people:student-arrival", args=[student.uuid])

    full = as_person(world.people["office"]).get(page)
    alder = world.other_class.student
    bare = as_person(world.people["office"]).get(reverse("people:student-arrival", args=[alder.uuid]))

    assert [group.name for group in full.context["arrival"].groups] == ["Birch"]
    assert (full.context["arrival"].guardian_count, full.context["arrival"].has_sign_in) == (3, True)
    assert (bare.context["arrival"].guardian_count, bare.context["arrival"].has_sign_in) == (0, False)
    assert "No guardian is known yet" in bare.text
    assert not full.context["may_record"]
    teach(world.people["office"], world.own.group)
    assert "Say where they start" in as_person(world.people["office"]).get(page).text


def test_an_arrival_takes_the_same_queries_for_one_group_and_for_30(world, student, as_person):
    client = as_person(world.people["office"])
    page = reverse("people:student-arrival", args=[student.uuid])
    counts = []
    for size in (0, 29):
        for n in range(size):
            group = Group.objects.create(
                district=student.district, school=student.school, kind=GroupKind.CLASS, name=f"{n}"
            )
            Enrollment.objects.create(district=student.district, group=group, student=student)
            guard(person(f"guardian {n}", student.district), student)
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        counts.append(len(queries))

    assert counts == [6, 6]


def test_a_school_without_a_district_takes_in_nobody(world, student):
    lone = create_organization(kind=OrganizationKind.DISTRICT, name="Lone", parent=None)
    school = create_organization(kind=OrganizationKind.SCHOOL, name="Lone school", parent=lone)
    release(world, student)

    with pytest.raises(CannotMove):
        take_in(world, school=school, actor=None)
