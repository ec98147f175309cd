"""Who has a student on their caseload, and what that opens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from lpm.audit.models import Entry, RecordView
from lpm.people.enums import CaseloadKind, CaseloadScope
from lpm.people.models import Caseload, Student, User
from lpm.people.policy import Action
from lpm.people.queries.students import staff_of
from lpm.people.services.caseloads import NotStaff, OnCaseload, add_caseload, end_caseload
from lpm.people.services.roles import WrongDates
from tests.world import DAY, person

YESTERDAY, TOMORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)


def give(world, **fields: Any) -> Caseload:
    values: dict[str, Any] = {
        "student": world.own.student,
        "manager": world.school_teacher,
        "kind": CaseloadKind.COUNSELOR,
        "scope": CaseloadScope.PROFILE,
        "starts_on": DAY,
        "ends_on": None,
        "actor": world.office,
        "day": DAY,
    }
    return add_caseload(**(values | fields))


def opened(user: User, student: Student, day=DAY) -> set[Action]:
    actions = (Action.VIEW_PROFILE, Action.VIEW_STUDENT, Action.RECORD_MARK, Action.VIEW_CONTACTS)
    return {a for a in actions if Student.objects.visible_to(user, a, day).filter(pk=student.pk).exists()}


def test_a_narrow_caseload_opens_the_profile_and_nothing_else(world):
    assert opened(world.school_teacher, world.own.student) == set()

    give(world)

    assert opened(world.school_teacher, world.own.student) == {Action.VIEW_PROFILE}
    assert opened(world.school_teacher, world.own.student, YESTERDAY) == set()


def test_the_whole_record_opens_with_the_wide_scope(world):
    give(world, scope=CaseloadScope.RECORD)

    seen = {Action.VIEW_PROFILE, Action.VIEW_STUDENT, Action.VIEW_CONTACTS}
    assert opened(world.school_teacher, world.own.student) == seen


def test_a_look_by_a_counselor_is_noted_as_such(world, as_person):
    give(world, scope=CaseloadScope.RECORD)
    client = as_person(world.school_teacher)

    client.get(reverse("people:student-show", args=[world.own.student.uuid]))
    client.get(reverse("student:path", args=[world.own.student.uuid]))

    looks = RecordView.objects.filter(viewer=world.school_teacher).values_list("page", "relation")
    assert set(looks) == {("profile", "COUNSELOR"), ("path", "COUNSELOR")}


def test_a_look_by_a_narrow_caseload_and_by_the_office_says_what_let_them(world, as_person):
    for name in ("narrow_caseload", "office"):
        as_person(world.people[name]).get(reverse("people:student-show", args=[world.own.student.uuid]))

    looks = RecordView.objects.values_list("viewer__username", "page", "relation")
    assert set(looks) == {("narrow_caseload", "profile", "CASELOAD"), ("office", "profile", "OFFICE")}


def test_adding_writes_one_row_and_one_entry(world):
    row = give(world, ends_on=TOMORROW)

    found = Caseload.objects.filter(pk=row.pk).values_list("district", "kind", "scope", "starts_on", "ends_on").get()
    assert found == (world.own.district.pk, "counselor", "profile", DAY, TOMORROW)
    entry = Entry.objects.get(action="people.add_caseload")
    assert (entry.actor_id, entry.subject_uuid, entry.district_id) == (
        world.office.pk,
        world.own.student.uuid,
        world.own.district.pk,
    )
    assert entry.details == {"caseload": str(row.uuid), "manager": str(world.school_teacher.uuid)}


@pytest.mark.parametrize("name", ["teacher", "case_manager", "privacy_officer", "far_administrator", "stranger"])
def test_who_may_not_change_the_student_changes_no_caseload(name, world):
    row = give(world)

    with pytest.raises(PermissionDenied):
        give(world, kind=CaseloadKind.THERAPIST, actor=world.people[name])
    with pytest.raises(PermissionDenied):
        end_caseload(caseload=row, last_day=DAY, actor=world.people[name], day=DAY)


def test_the_shell_may(world):
    assert give(world, actor=None).manager == world.school_teacher


@pytest.mark.parametrize("name", ["student", "guardian", "stranger", "far_teacher"])
def test_only_staff_of_the_district_have_a_caseload(name, world):
    with pytest.raises(NotStaff):
        give(world, manager=world.people[name])


def test_staff_are_those_who_work_there_and_somebody_new(world):
    new = person("somebody_new", world.own.school)
    gone = person("somebody_gone", world.own.school)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    family = {"student", "classmate", "grown_student", "guardian", "past_guardian", "restricted_guardian"}
    family |= {"guardian_of_grown", "guardian_allowed"}

    staff = set(staff_of(world.own.district.pk))

    north = set(User.objects.filter(district=world.own.district).exclude(username__in=family))
    assert staff == north - {gone}
    assert new in staff


def test_twice_in_the_same_days_is_refused(world):
    give(world, ends_on=TOMORROW)

    with pytest.raises(OnCaseload):
        give(world, starts_on=TOMORROW)
    give(world, starts_on=TOMORROW + timedelta(days=1))
    give(world, kind=CaseloadKind.THERAPIST)


def test_dates_in_the_wrong_order_are_refused(world):
    with pytest.raises(WrongDates):
        give(world, ends_on=YESTERDAY)
    row = give(world)
    with pytest.raises(WrongDates):
        end_caseload(caseload=row, last_day=DAY - timedelta(days=2), actor=world.office, day=DAY)


@pytest.mark.parametrize(("last_day", "still"), [(YESTERDAY, False), (DAY, True)])
def test_a_caseload_ends_with_its_last_day(last_day, still, world):
    row = give(world)

    end_caseload(caseload=row, last_day=last_day, actor=world.office, day=DAY)

    assert (Action.VIEW_PROFILE in opened(world.school_teacher, world.own.student)) is still
    assert opened(world.school_teacher, world.own.student, TOMORROW) == set()
    assert Entry.objects.filter(action="people.end_caseload", actor=world.office).count() == 1


# --- pages


def add_page(student: Student) -> str:
    return reverse("people:caseload-add", args=[student.uuid])


def form_of(somebody: User, **fields: Any) -> dict[str, Any]:
    return {"manager": somebody.uuid, "kind": "counselor", "scope": "profile", "starts_on": "2026-11-19", **fields}


def test_the_office_adds_and_ends_a_caseload_on_the_page(world, as_person):
    client = as_person(world.office)
    page = reverse("people:student-show", args=[world.own.student.uuid])

    response = client.post(add_page(world.own.student), form_of(world.school_teacher))

    row = Caseload.objects.get(manager=world.school_teacher)
    assert (response.status_code, response.url) == (302, page)
    assert "School Teacher Person" in client.get(page).content.decode()

    client.post(reverse("people:caseload-end", args=[row.uuid]), {"last_day": "2026-11-18"})

    row.refresh_from_db()
    assert row.ends_on == YESTERDAY


@pytest.mark.parametrize("last_day", ["", "2026-11-01"])
def test_a_wrong_last_day_is_told(last_day, world, as_person):
    row = give(world)
    client = as_person(world.office)

    response = client.post(reverse("people:caseload-end", args=[row.uuid]), {"last_day": last_day}, follow=True)

    row.refresh_from_db()
    assert row.ends_on is None
    assert [m.level_tag for m in response.context["messages"]] == ["error"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ends_on": "2026-11-01"}, "The last day lies before the first."),
        ({"manager": ""}, "Choose somebody of the staff."),
        ({"starts_on": "2026-12-01"}, "The student is on this caseload in these days already."),
    ],
)
def test_what_cannot_be_is_said_in_the_form(fields, sentence, world, as_person):
    give(world)

    response = as_person(world.office).post(add_page(world.own.student), form_of(world.school_teacher, **fields))

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Caseload.objects.filter(manager=world.school_teacher).count() == 1


def test_a_person_outside_the_staff_cannot_be_chosen(world, as_person):
    response = as_person(world.office).post(add_page(world.own.student), form_of(world.guardian))

    assert response.status_code == 422
    assert not Caseload.objects.filter(manager=world.guardian).exists()


@pytest.mark.parametrize("name", ["teacher", "guardian", "student", "narrow_caseload", "privacy_officer"])
def test_caseloads_are_read_by_those_who_manage_them_alone(name, world, as_person):
    page = reverse("people:student-show", args=[world.own.student.uuid])
    assert "Counselor Person" in as_person(world.office).get(page).content.decode()

    html = as_person(world.people[name]).get(page).content.decode()

    assert "Counselor Person" not in html
    assert "Caseload" not in html.split("<main")[1].split("</main>")[0].replace("Narrow Caseload", "")


def test_the_office_does_not_open_a_record_to_itself(world):
    common: Any = {"student": world.own.student, "manager": world.office, "kind": CaseloadKind.COUNSELOR}
    days: Any = {"starts_on": DAY, "ends_on": None, "day": DAY}
    with pytest.raises(PermissionDenied):
        add_caseload(scope=CaseloadScope.RECORD, actor=world.office, **common, **days)

    add_caseload(scope=CaseloadScope.PROFILE, actor=world.office, **common, **days)
