"""Groups by hand: making and changing them, who is in them and when, and who teaches them."""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.html import strip_tags

from lpm.audit.models import Entry
from lpm.people.enums import GroupKind, StaffRole, TermKind
from lpm.people.models import Enrollment, Group, RosterSource, SchoolYear, Staffing, Student, Term
from lpm.people.policy import Action
from lpm.people.queries.groups import staff_of_district, staff_of_school
from lpm.people.services.groups import (
    AlreadyThere,
    NotStaff,
    NotTheirs,
    OtherDistrict,
    add_staff,
    assign_substitute,
    change_enrollment,
    change_staff,
    create_group,
    enroll_students,
)
from lpm.people.services.roles import WrongDates
from lpm.people.services.transfers import transfer_student
from tests.world import DAY, enroll, guard, teach

YESTERDAY = DAY - timedelta(days=1)


def url(name: str, world, **kwargs) -> str:
    return reverse(f"people:{name}", kwargs={"group": world.own.group.uuid, **kwargs})


def making(world) -> str:
    return reverse("people:group-create", kwargs={"organization": world.own.school.uuid})


def said(response) -> str:
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(strip_tags(re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL)).split())


@pytest.fixture
def year(world) -> SchoolYear:
    return SchoolYear.objects.create(
        organization=world.own.district,
        title="2026-27",
        ends_in=2027,
        starts_on=date(2026, 9, 1),
        ends_on=date(2027, 6, 18),
    )


@pytest.fixture
def rostered(world) -> RosterSource:
    """Everything of the class comes from a roster."""
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    Group.objects.filter(pk=world.own.group.pk).update(source=source, sourced_id="g")
    Enrollment.objects.filter(student=world.own.student).update(source=source, sourced_id="e")
    Staffing.objects.filter(user=world.teacher).update(source=source, sourced_id="s")
    return source


# --- making and changing


def test_a_teacher_makes_a_seminar_and_teaches_it(world, as_person, school_day, year):
    term = Term.objects.create(
        school_year=year, kind=TermKind.TERM, title="Winter", starts_on=date(2026, 12, 1), ends_on=date(2027, 3, 1)
    )
    client = as_person(world.teacher)
    form = client.get(making(world)).context["form"]
    assert (form["starts_on"].initial, form["ends_on"].initial) == (school_day, date(2027, 6, 18))

    response = client.post(
        making(world),
        {"name": "Kites", "kind": "seminar", "starts_on": "2026-12-01", "ends_on": "2027-06-18", "terms": term.uuid},
    )

    group = Group.objects.get(name="Kites")
    assert response["Location"] == reverse("people:group-show", kwargs={"group": group.uuid})
    assert (group.kind, group.school, group.district) == (GroupKind.SEMINAR, world.own.school, world.own.district)
    assert (group.starts_on, group.ends_on) == (date(2026, 12, 1), date(2027, 6, 18))
    assert list(group.terms.all()) == [term]
    assert list(group.staffing.values_list("user", "role")) == [(world.teacher.pk, "teacher")]
    assert Entry.objects.get(action="people.create_group").subject_uuid == group.uuid


def test_the_office_makes_a_group_and_does_not_teach_it(world, as_person):
    as_person(world.office).post(making(world), {"name": "Kites", "kind": "class"})

    assert not Group.objects.get(name="Kites").staffing.exists()


def test_a_group_that_ends_before_it_begins_is_not_made(world, as_person):
    days = {"starts_on": "2026-12-02", "ends_on": "2026-12-01"}
    response = as_person(world.office).post(making(world), {"name": "Kites", "kind": "class", **days})

    assert response.status_code == 422
    assert "The last day lies before the first" in said(response)
    assert not Group.objects.filter(name="Kites").exists()


def test_the_service_asks_again(world, school_day):
    fields: dict[str, Any] = {"kind": GroupKind.CLASS, "name": "Kites", "starts_on": None, "ends_on": None, "terms": []}

    with pytest.raises(PermissionDenied):
        create_group(school=world.other_school.school, actor=world.teacher, day=school_day, **fields)
    assert create_group(school=world.other_school.school, actor=None, day=school_day, **fields).pk


def test_a_group_is_changed_and_keeps_terms_that_are_over(world, as_person, year):
    over = Term.objects.create(
        school_year=year, kind=TermKind.TERM, title="Fall", starts_on=date(2026, 9, 1), ends_on=date(2026, 10, 1)
    )
    world.own.group.terms.add(over)
    client = as_person(world.teacher)
    assert set(client.get(url("group-change", world)).context["form"].fields["terms"].queryset) == {over}

    client.post(url("group-change", world), {"name": "Beech", "kind": "advisory", "terms": over.uuid})

    group = Group.objects.get(pk=world.own.group.pk)
    assert (group.name, group.kind, group.sort_key, list(group.terms.all())) == ("Beech", "advisory", "beech", [over])


def test_what_a_roster_sets_is_only_read(world, as_person, rostered):
    client = as_person(world.teacher)
    staffing = Staffing.objects.get(user=world.teacher)
    seat = Enrollment.objects.get(student=world.own.student)
    pages = [
        url("group-change", world),
        url("enrollment-change", world, enrollment=seat.uuid),
        url("staffing-change", world, staffing=staffing.uuid),
    ]
    assert said(client.get(url("group-show", world))).count("from the roster") == 2

    for page in pages:
        assert "roster, which would set" in said(client.get(page))
        response = client.post(page, {"name": "Beech", "kind": "class", "ends_on": "2026-12-01"})
        assert response.status_code == 422
        assert "which would set it again" in said(response)

    assert Group.objects.get(pk=world.own.group.pk).name == "Birch"
    assert (Enrollment.objects.get(pk=seat.pk).ends_on, Staffing.objects.get(pk=staffing.pk).ends_on) == (None, None)


# --- the page


def test_the_page_says_who_is_in_now_comes_and_was(world, as_person, school_day):
    day = school_day
    later = enroll(world.own.group, given_name="Lia", family_name="Later")
    Enrollment.objects.filter(student=later).update(starts_on=day + timedelta(days=1))
    gone = enroll(world.own.group, given_name="Gil", family_name="Gone")
    Enrollment.objects.filter(student=gone).update(ends_on=day - timedelta(days=1))

    page = said(as_person(world.teacher).get(url("group-show", world)))

    assert "Ben Classmate now" in page
    assert "Lia Later coming from Nov. 20, 2026" in page
    assert "Gil Gone before until Nov. 18, 2026" in page
    assert "Substitute Person, Nov. 19, 2026 only" in page


def test_those_who_may_only_look_change_nothing(world, as_person):
    for who in ("substitute", "privacy_officer", "operator"):
        page = said(as_person(world.people[who]).get(url("group-show", world)))
        assert "Amara of Birch" in page
        assert "Put students in" not in page
        assert "Substitutes" not in page


def test_an_empty_group_says_so(world, as_person):
    group = Group.objects.get(name="Fir")
    page = said(as_person(world.leader).get(reverse("people:group-show", kwargs={"group": group.uuid})))

    assert "Nobody is in this group yet." in page
    assert "Nobody stands in, now or later." in page


@pytest.mark.parametrize("rows", [1, 30])
def test_the_page_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        enroll(world.own.group, given_name=f"Child {n}", family_name="Many")
    client = as_person(world.teacher)
    client.get(url("group-show", world))

    with django_assert_num_queries(10):
        client.get(url("group-show", world))


# --- students


def put_in(client, world, *students, **fields):
    uuids = [student.uuid for student in students]
    return client.post(url("enrollment-create", world), {"step": "save", "students": uuids, **fields})


def test_the_office_finds_and_puts_in_a_student_of_the_school(world, as_person, school_day):
    client = as_person(world.office)
    alder = world.other_class.student
    search = client.post(url("enrollment-create", world), {"step": "search", "q": "ama ald", "ends_on": "2027-01-31"})
    assert list(search.context["found"]) == [alder]
    assert search.context["form"].initial["ends_on"] == "2027-01-31"

    response = put_in(client, world, alder, starts_on="2026-11-19", ends_on="2027-01-31")

    assert response.status_code == 302
    row = Enrollment.objects.get(group=world.own.group, student=alder)
    assert (row.starts_on, row.ends_on, row.district) == (school_day, date(2027, 1, 31), world.own.district)
    assert Entry.objects.get(action="people.enroll_students").details == {"students": 1}


def test_the_list_leaves_out_those_who_are_in_and_other_schools(world, as_person):
    found = as_person(world.office).get(url("enrollment-create", world)).context["found"]

    assert list(found) == [world.other_class.student]


def test_a_teacher_finds_those_they_teach_and_nobody_else(world, as_person, school_day):
    seminar = Group.objects.get(name="Fir")
    teach(world.teacher, seminar)
    found = as_person(world.teacher).get(reverse("people:enrollment-create", kwargs={"group": seminar.uuid}))

    assert {student.name for student in found.context["found"]} == {"Amara of Birch", "Ben Classmate", "Gwen Grown"}
    with pytest.raises(NotTheirs):
        enroll_students(
            group=seminar,
            students=[world.other_class.student],
            starts_on=None,
            ends_on=None,
            actor=world.teacher,
            day=school_day,
        )


def test_twice_at_once_is_refused_with_a_sentence(world, as_person):
    response = put_in(as_person(world.office), world, world.own.student, starts_on="2026-11-19")

    assert response.status_code == 422
    assert "is in this group on some of these days already" in said(response)
    assert Enrollment.objects.filter(group=world.own.group, student=world.own.student).count() == 1


def test_again_after_a_while_is_fine(world, as_person, school_day):
    Enrollment.objects.filter(student=world.own.student).update(ends_on=school_day - timedelta(days=1))

    put_in(as_person(world.office), world, world.own.student, starts_on="2026-11-19")

    assert Enrollment.objects.filter(group=world.own.group, student=world.own.student).count() == 2


def test_nobody_of_another_district_is_put_in(world, school_day):
    teach(world.teacher_from_afar, world.other_district.group)
    with pytest.raises(OtherDistrict):
        enroll_students(
            group=world.own.group,
            students=[world.other_district.student],
            starts_on=None,
            ends_on=None,
            actor=world.teacher_from_afar,
            day=school_day,
        )


def test_taking_out_is_a_last_day_and_deletes_nothing(world, as_person):
    seat = Enrollment.objects.get(student=world.own.student)

    as_person(world.teacher).post(url("enrollment-change", world, enrollment=seat.uuid), {"ends_on": "2026-11-20"})

    assert Enrollment.objects.get(pk=seat.pk).ends_on == date(2026, 11, 20)
    assert Student.objects.filter(pk=world.own.student.pk).exists()


def test_nobody_opens_a_record_again_by_moving_old_days(world, as_person, school_day):
    seat = Enrollment.objects.get(student=world.own.student)
    Enrollment.objects.filter(pk=seat.pk).update(ends_on=school_day - timedelta(days=15))
    seat.refresh_from_db()

    page = url("enrollment-change", world, enrollment=seat.uuid)
    assert as_person(world.teacher).get(page).status_code == 404
    with pytest.raises(NotTheirs):
        change_enrollment(enrollment=seat, starts_on=None, ends_on=None, actor=world.teacher, day=school_day)


def test_days_moved_over_others_of_the_same_student_are_refused(world, school_day):
    first = Enrollment.objects.get(student=world.own.student)
    Enrollment.objects.filter(pk=first.pk).update(ends_on=school_day)
    second = Enrollment.objects.create(
        district=world.own.district,
        group=world.own.group,
        student=world.own.student,
        starts_on=school_day + timedelta(days=1),
    )
    with pytest.raises(AlreadyThere):
        change_enrollment(enrollment=second, starts_on=school_day, ends_on=None, actor=world.office, day=school_day)


# --- teachers


def test_a_teacher_adds_a_co_teacher_of_the_school(world, as_person, school_day):
    client = as_person(world.teacher)
    search = client.post(url("staffing-create", world), {"step": "search", "q": "school teach"})
    assert list(search.context["found"]) == [world.school_teacher]

    client.post(
        url("staffing-create", world),
        {"step": "save", "user": world.school_teacher.uuid, "role": "co_teacher", "starts_on": "2026-11-19"},
    )

    row = Staffing.objects.get(group=world.own.group, user=world.school_teacher)
    assert (row.role, row.starts_on, row.ends_on) == (StaffRole.CO_TEACHER, school_day, None)


def test_staff_are_no_students_and_no_mere_guardians(world, school_day):
    staff = set(staff_of_school(world.own.school, school_day))

    assert world.school_teacher in staff
    assert world.teacher_from_afar in staff  # teaches there
    assert not staff & {world.student, world.guardian, world.guardian_of_grown, world.operator, world.far_teacher}
    assert set(staff_of_district(world.other_district.district.pk)) == {
        world.teacher_from_afar,
        world.far_teacher,
        world.far_administrator,
    }
    guard(world.school_teacher, world.own.student)
    assert world.school_teacher in set(staff_of_school(world.own.school, school_day))


def test_only_staff_teach_and_once_at_a_time(world, school_day):
    days = {"starts_on": None, "ends_on": None, "actor": world.teacher, "day": school_day}
    with pytest.raises(NotStaff):
        add_staff(group=world.own.group, user=world.guardian, role=StaffRole.TEACHER, **days)
    with pytest.raises(AlreadyThere):
        add_staff(group=world.own.group, user=world.co_teacher, role=StaffRole.TEACHER, **days)
    with pytest.raises(PermissionDenied):
        add_staff(group=world.other_class.group, user=world.co_teacher, role=StaffRole.TEACHER, **days)
    with pytest.raises(WrongDates):
        add_staff(
            group=world.own.group,
            user=world.school_teacher,
            role=StaffRole.TEACHER,
            **days | {"starts_on": school_day, "ends_on": school_day - timedelta(days=1)},
        )


def test_the_last_teacher_cannot_leave_a_group_alone(world, as_person, school_day):
    Staffing.objects.filter(group=world.own.group).exclude(user=world.teacher).delete()
    row = Staffing.objects.get(user=world.teacher)
    page = url("staffing-change", world, staffing=row.uuid)
    fields = {"starts_on": "2026-09-01", "ends_on": "2026-12-01"}

    response = as_person(world.teacher).post(page, fields)
    assert response.status_code == 422
    assert "Nobody would teach this group after that day." in said(response)
    assert Staffing.objects.get(pk=row.pk).ends_on is None

    teach(world.school_teacher, world.own.group, starts_on=date(2026, 12, 2))
    assert as_person(world.teacher).post(page, fields).status_code == 302
    assert Staffing.objects.get(pk=row.pk).ends_on == date(2026, 12, 1)


@pytest.mark.parametrize("who", ["office", "leader", "administrator"])
def test_an_office_may_end_the_last_teacher(who, world, as_person):
    Staffing.objects.filter(group=world.own.group).exclude(user=world.teacher).delete()
    row = Staffing.objects.get(user=world.teacher)

    as_person(world.people[who]).post(url("staffing-change", world, staffing=row.uuid), {"ends_on": "2026-12-01"})

    assert Staffing.objects.get(pk=row.pk).ends_on == date(2026, 12, 1)


def test_a_teacher_stays_to_the_end_of_the_group(world, as_person):
    Staffing.objects.filter(group=world.own.group).exclude(user=world.teacher).delete()
    row = Staffing.objects.get(user=world.teacher)
    last = world.own.group.ends_on

    response = as_person(world.teacher).post(url("staffing-change", world, staffing=row.uuid), {"ends_on": last})

    assert response.status_code == 302


def test_rows_of_another_group_are_not_found(world, as_person):
    far = Enrollment.objects.get(student=world.other_class.student)
    client = as_person(world.office)
    row = Staffing.objects.get(user=world.far_teacher)

    assert client.get(url("enrollment-change", world, enrollment=far.uuid)).status_code == 404
    assert client.get(url("staffing-change", world, staffing=row.uuid)).status_code == 404


def test_nobody_comes_back_to_a_group_by_themselves(world):
    row = Staffing.objects.get(user=world.co_teacher)
    common = {"user": world.co_teacher, "actor": world.co_teacher, "day": DAY}
    change_staff(staffing=row, starts_on=None, ends_on=YESTERDAY, actor=world.office, day=DAY)

    with pytest.raises(PermissionDenied):
        change_staff(staffing=row, starts_on=None, ends_on=None, actor=world.co_teacher, day=DAY)
    with pytest.raises(PermissionDenied):
        add_staff(group=world.own.group, role=StaffRole.CO_TEACHER, starts_on=DAY, ends_on=None, **common)
    with pytest.raises(PermissionDenied):
        assign_substitute(groups=[world.own.group], first_day=DAY, last_day=DAY, **common)

    change_staff(staffing=row, starts_on=None, ends_on=None, actor=world.teacher, day=DAY)


@pytest.mark.parametrize(("who", "may"), [("office", False), ("leader", True)])
def test_the_office_does_not_open_a_group_to_itself(who, may, world):
    user = world.people[who]
    common = {"role": StaffRole.TEACHER, "starts_on": DAY, "ends_on": None, "actor": user, "day": DAY}
    with nullcontext() if may else pytest.raises(PermissionDenied):
        add_staff(group=world.own.group, user=user, **common)


def test_a_teacher_keeps_no_student_who_went_to_another_school(world):
    student, school = world.own.student, world.other_school.school
    transfer_student(student=student, school=school, starts_on=DAY, actor=world.administrator, day=DAY)
    row = Enrollment.objects.get(student=student, group=world.own.group)
    assert Student.objects.visible_to(world.teacher, Action.VIEW_STUDENT, DAY).filter(pk=student.pk).exists()

    with pytest.raises(NotTheirs):
        change_enrollment(enrollment=row, starts_on=None, ends_on=None, actor=world.teacher, day=DAY)
    with pytest.raises(NotTheirs):
        enroll_students(
            group=world.own.group, students=[student], starts_on=DAY, ends_on=None, actor=world.teacher, day=DAY
        )
