"""Somebody leaves the staff."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.people.enums import CaseloadKind, GroupKind, Role, StaffRole
from lpm.people.models import Caseload, Group, RoleGrant, Staffing, Student, User
from lpm.people.policy import Action
from lpm.people.services.groups.staffing import add_staff
from lpm.people.services.handover import CannotHandOver, HandedOver, close_leavers, hand_over_staff
from lpm.people.services.roles import AboveActor, LastAdministrator, grant_role
from lpm.people.services.users import reopen_account
from lpm.people.signals import staff_leaving
from tests.world import DAY, World, grant, guard, person, teach

LAST = DAY + timedelta(days=7)
NEXT = LAST + timedelta(days=1)


@pytest.fixture
def teacher(world: World) -> User:
    return world.people["teacher"]


def leave(world: World, user: User, **more: Any) -> HandedOver:
    values: dict[str, Any] = {
        "last_day": LAST, "successors": {}, "caseload_successors": {}, "overlaps": False,
        "actor": world.people["leader"], "day": DAY,
    } | more  # fmt: skip
    return hand_over_staff(user=user, **values)


def staffing_of(user: User) -> set[tuple[str, str, date | None, date | None]]:
    return set(user.staffing.values_list("group__name", "role", "starts_on", "ends_on"))


def test_a_group_goes_to_a_successor_the_day_after(world, teacher):
    successor = world.people["school_teacher"]
    theirs = teacher.staffing.get()
    told: list[dict[str, Any]] = []

    def hear(**kwargs: Any) -> None:
        told.append(kwargs)

    staff_leaving.connect(hear)
    done = leave(world, teacher, successors={theirs.uuid: successor})
    staff_leaving.disconnect(hear)

    assert staffing_of(teacher) == {("Birch", "teacher", None, LAST)}
    assert staffing_of(successor) == {("Birch", "teacher", NEXT, None), ("Fir", "teacher", None, None)}
    assert done == HandedOver(groups=1, groups_given=1, caseloads=0, caseloads_given=0, grants=0, is_closed=False)
    assert [(call["user"], call["last_day"], call["successors"]) for call in told] == [
        (teacher, LAST, {world.own.group.pk: successor.pk})
    ]
    entry = Entry.objects.get(action="people.hand_over_staff")
    assert (entry.subject_uuid, entry.details["last_day"]) == (teacher.uuid, LAST.isoformat())
    students = Student.objects.filter(pk=world.own.student.pk)
    assert students.visible_to(successor, Action.RECORD_MARK, NEXT).exists()


def test_both_work_together_when_it_overlaps(world, teacher):
    successor = world.people["school_teacher"]

    leave(world, teacher, successors={teacher.staffing.get().uuid: successor}, overlaps=True)

    assert ("Birch", "teacher", DAY, None) in staffing_of(successor)
    assert staffing_of(teacher) == {("Birch", "teacher", None, LAST)}


def test_a_co_teacher_who_takes_over_is_not_written_twice(world, teacher):
    co_teacher = world.people["co_teacher"]

    leave(world, teacher, successors={teacher.staffing.get().uuid: co_teacher})

    assert staffing_of(co_teacher) == {("Birch", "co_teacher", None, None)}


def test_groups_to_come_and_days_as_a_substitute_go_too(world, teacher):
    coming = Group.objects.create(
        district=world.own.district, school=world.own.school, kind=GroupKind.CLASS, name="coming"
    )
    begins = NEXT + timedelta(days=20)
    later = teach(teacher, coming, starts_on=begins, ends_on=begins + timedelta(days=9))
    covering = teach(teacher, world.other_class.group, role=StaffRole.SUBSTITUTE, starts_on=LAST, ends_on=LAST)
    successor = world.people["school_teacher"]

    leave(world, teacher, successors={later.uuid: successor, covering.uuid: successor})

    assert ("coming", "teacher", begins, begins + timedelta(days=9)) in staffing_of(successor)
    assert not successor.staffing.filter(group=world.other_class.group).exists()  # over with the last day
    assert ("coming", "teacher", begins, LAST) in staffing_of(teacher)


def test_caseloads_go_by_kind_with_their_scope(world):
    counselor, successor = world.people["counselor"], world.people["school_teacher"]
    before = counselor.caseload.get()

    done = leave(world, counselor, caseload_successors={CaseloadKind.COUNSELOR.value: successor})

    taken = Caseload.objects.get(manager=successor)
    assert (taken.student, taken.kind, taken.scope, taken.starts_on) == (
        before.student, before.kind, before.scope, NEXT,
    )  # fmt: skip
    assert Caseload.objects.get(pk=before.pk).ends_on == LAST
    assert (done.caseloads, done.caseloads_given) == (1, 1)


def test_a_caseload_is_not_taken_twice_nor_a_student_of_another_school(world):
    counselor, successor = world.people["counselor"], world.people["school_teacher"]
    kind = CaseloadKind.COUNSELOR
    common = {"district": world.own.district, "kind": kind}
    Caseload.objects.create(**common, manager=successor, student=world.own.student)
    Caseload.objects.create(**common, manager=counselor, student=world.other_school.student)

    done = leave(world, counselor, caseload_successors={kind.value: successor})

    assert set(successor.caseload.values_list("student", flat=True)) == {world.own.student.pk}
    assert (done.caseloads, done.caseloads_given) == (2, 0)


def test_students_stay_with_people_of_their_district(world, as_person):
    counselor, afar = world.people["counselor"], world.people["teacher_from_afar"]
    teach(counselor, world.own.group)
    page = as_person(world.people["leader"]).get(address(counselor))
    assert afar.name not in [name for _key, name in page.context["form"].fields["caseload.counselor"].choices]

    with pytest.raises(CannotHandOver, match="their district"):
        leave(world, counselor, caseload_successors={CaseloadKind.COUNSELOR.value: afar})


def test_roles_end_and_the_account_closes_once_the_last_day_is_over(world, as_person):
    office = world.people["office"]
    client = as_person(office)
    UserSession.objects.create(user=office, ip="127.0.0.1", session_key=client.session.session_key)

    done = leave(world, office, last_day=DAY - timedelta(days=1))

    office.refresh_from_db()
    assert (done.is_closed, office.is_active) == (True, False)
    assert RoleGrant.objects.get(user=office).ends_on == DAY - timedelta(days=1)
    assert not UserSession.objects.filter(user=office).exists()
    assert client.get("/").status_code == 302
    assert Entry.objects.filter(action="people.close_account", subject_uuid=office.uuid).count() == 1


def test_the_account_closes_on_the_day_after(world, teacher):
    leave(world, teacher)
    teacher.refresh_from_db()
    assert (teacher.closes_on, teacher.is_active) == (LAST, True)
    assert close_leavers() == 0

    with time_machine.travel(f"{LAST}T22:00:00+00:00"):
        assert close_leavers() == 0
    with time_machine.travel(f"{NEXT}T12:00:00+00:00"):
        assert (close_leavers(), close_leavers()) == (1, 0)
        teacher.refresh_from_db()
        assert (teacher.closes_on, teacher.is_active) == (LAST, False)
        reopen_account(user=teacher, actor=None, day=NEXT)
        assert close_leavers() == 0
    assert User.objects.get(pk=teacher.pk).is_active


def test_who_was_given_something_new_since_keeps_the_account_until_it_is_over(world, teacher):
    leave(world, teacher)
    teach(teacher, world.own.group, starts_on=NEXT, ends_on=NEXT)

    with time_machine.travel(f"{NEXT}T12:00:00+00:00"):
        assert close_leavers() == 0
    with time_machine.travel(f"{NEXT + timedelta(days=1)}T12:00:00+00:00"):
        assert close_leavers() == 1


def to_caseload(world: World, teacher: User) -> None:
    Caseload.objects.create(district=world.own.district, manager=teacher, student=world.own.student, starts_on=NEXT)


def to_role(world: World, teacher: User) -> None:
    RoleGrant.objects.create(user=teacher, organization=world.own.school, role=Role.OFFICE, starts_on=NEXT)


def to_family(world: World, teacher: User) -> None:
    guard(teacher, world.other_class.student)


def to_student(world: World, teacher: User) -> None:
    Student.objects.filter(pk=world.other_class.student.pk).update(user=teacher)


@pytest.mark.parametrize("comes_back", [to_caseload, to_role, to_family, to_student])
def test_nobody_loses_an_account_that_they_need(comes_back, world, teacher):
    leave(world, teacher)
    comes_back(world, teacher)

    with time_machine.travel(f"{NEXT}T12:00:00+00:00"):
        assert close_leavers() == 0
    assert User.objects.get(pk=teacher.pk).is_active


@pytest.mark.parametrize(("ends_on", "closes_on"), [(None, None), (NEXT, LAST)])
def test_a_role_without_an_end_takes_the_last_day_away(ends_on, closes_on, world, teacher):
    leave(world, teacher)

    grant_role(user=teacher, organization=world.own.school, role=Role.OFFICE, starts_on=DAY, ends_on=ends_on)

    assert User.objects.get(pk=teacher.pk).closes_on == closes_on


def test_a_group_without_an_end_takes_the_last_day_away(world, teacher):
    leave(world, teacher)
    fir = Group.objects.get(name="Fir")

    add_staff(
        group=fir, user=teacher, role=StaffRole.TEACHER, starts_on=DAY, ends_on=None,
        actor=world.people["leader"], day=DAY,
    )  # fmt: skip

    assert User.objects.get(pk=teacher.pk).closes_on is None


def test_the_pages_of_a_person_say_when_the_account_closes(world, teacher, as_person):
    client = as_person(world.people["leader"])
    pages = [reverse("people:user-show", args=[teacher.uuid]), reverse("people:handover", args=[teacher.uuid])]
    assert not any("closes after" in client.get(page).content.decode() for page in pages)

    leave(world, teacher)

    assert all("closes after Nov. 26, 2026" in client.get(page).content.decode() for page in pages)


def test_closing_asks_the_same_of_the_database_however_many_stay(world, django_assert_num_queries):
    User.objects.filter(pk=world.people["teacher"].pk).update(closes_on=LAST)
    with time_machine.travel(f"{NEXT}T12:00:00+00:00"), django_assert_num_queries(2):
        close_leavers()
    User.objects.filter(staffing__isnull=False, staffing__ends_on=None).update(closes_on=LAST)
    with time_machine.travel(f"{NEXT}T12:00:00+00:00"), django_assert_num_queries(2):
        assert close_leavers() == 0


def test_somebody_from_nowhere_closes_by_the_clock_of_utc(world, teacher):
    leave(world, teacher)
    User.objects.filter(pk=teacher.pk).update(organization=None, district=None)

    with time_machine.travel(f"{NEXT}T00:30:00+00:00"):
        assert close_leavers() == 1


def test_a_teacher_who_is_a_guardian_keeps_the_account_for_that(world, teacher):
    child = world.other_class.student
    guard(teacher, child)

    done = leave(world, teacher, last_day=DAY - timedelta(days=20))

    teacher.refresh_from_db()
    assert (done.is_closed, teacher.is_active, teacher.closes_on) == (False, True, None)
    assert set(Student.objects.visible_to(teacher, Action.VIEW_STUDENT, DAY)) == {child}
    assert close_leavers() == 0


def test_handing_over_again_changes_only_what_is_new(world, teacher):
    successor = world.people["school_teacher"]
    theirs = teacher.staffing.get()
    leave(world, teacher, successors={theirs.uuid: successor})

    done = leave(world, teacher, successors={theirs.uuid: successor})

    assert (done.groups, done.caseloads, done.grants) == (0, 0, 0)
    assert successor.staffing.filter(group=world.own.group).count() == 1


def test_what_is_refused(world, teacher):
    theirs = teacher.staffing.get()
    for name in ("office", "co_teacher", "teacher_here_leader_there", "far_administrator"):
        with pytest.raises(PermissionDenied):
            leave(world, teacher, actor=world.people[name])
    with pytest.raises(CannotHandOver, match="somebody else"):
        leave(world, world.people["leader"])
    with pytest.raises(CannotHandOver, match="too far"):
        leave(world, teacher, last_day=DAY + timedelta(days=367))
    with pytest.raises(CannotHandOver, match="works at the school"):
        leave(world, teacher, successors={theirs.uuid: world.people["far_teacher"]})
    with pytest.raises(CannotHandOver, match="works at the school"):
        leave(world, teacher, successors={theirs.uuid: world.people["guardian"]})
    assert staffing_of(teacher) == {("Birch", "teacher", None, None)}


def test_nobody_ends_a_role_above_their_own(world, teacher):
    grant(teacher, world.own.district, Role.ADMINISTRATOR)

    with pytest.raises(AboveActor):
        leave(world, teacher)
    leave(world, teacher, actor=world.people["administrator"])

    assert RoleGrant.objects.get(user=teacher).ends_on == LAST


def test_a_district_keeps_an_administrator(world):
    second = person("second", world.own.district)
    grant(second, world.own.district, Role.ADMINISTRATOR, ends_on=LAST)

    with pytest.raises(LastAdministrator):
        leave(world, world.people["administrator"], actor=second)


def test_groups_of_another_school_are_not_given_away(world, teacher):
    away = teach(teacher, world.other_school.group)
    successor = world.people["school_teacher"]

    with pytest.raises(PermissionDenied):
        leave(world, teacher, successors={away.uuid: successor})


# The page


def address(user: User) -> str:
    return reverse("people:handover", args=[user.uuid])


def test_the_page_lists_what_they_have_and_hands_it_over(world, teacher, as_person):
    away = teach(teacher, world.other_school.group)
    Caseload.objects.create(district=world.own.district, manager=teacher, student=world.own.student)
    theirs = teacher.staffing.get(group=world.own.group)
    successor = world.people["school_teacher"]
    client = as_person(world.people["leader"])

    form = client.get(address(teacher)).context["form"]
    assert {name for name in form.fields if "." in name} == {f"group.{theirs.uuid}", "caseload.case_manager"}
    assert world.people["co_teacher"].name in [name for _key, name in form.fields[f"group.{theirs.uuid}"].choices]
    assert world.people["guardian"].name not in [name for _k, name in form.fields["caseload.case_manager"].choices]
    response = client.post(
        address(teacher),
        {
            "last_day": str(LAST),
            f"group.{theirs.uuid}": str(successor.uuid),
            "caseload.case_manager": str(successor.uuid),
        },
        follow=True,
    )

    assert "The account closes when the last day is over." in response.text
    assert ("Birch", "teacher", NEXT, None) in staffing_of(successor)
    assert Caseload.objects.filter(manager=successor, student=world.own.student).exists()
    assert Staffing.objects.get(pk=away.pk).ends_on == LAST


def test_the_page_closes_at_once_when_the_last_day_is_over(world, teacher, as_person):
    client = as_person(world.people["leader"])

    response = client.post(address(teacher), {"last_day": str(DAY - timedelta(days=1))}, follow=True)

    assert "the account is closed" in response.text
    assert "This account is closed." in response.text


@pytest.mark.parametrize(
    ("role", "sentence"),
    [(Role.ADMINISTRATOR, "a role that you cannot end"), (None, "Ask somebody else")],
)
def test_the_page_says_why_not(world, as_person, role, sentence):
    leader = world.people["leader"]
    other = world.people["teacher"] if role else leader
    if role:
        grant(other, world.own.district, role)

    response = as_person(leader).post(address(other), {"last_day": str(LAST)})

    assert (response.status_code, sentence in response.text) == (422, True)


def test_the_page_keeps_the_last_administrator(world, as_person):
    second = person("second", world.own.district)
    grant(second, world.own.district, Role.ADMINISTRATOR, ends_on=LAST)

    response = as_person(second).post(address(world.people["administrator"]), {"last_day": str(LAST)})

    assert (response.status_code, "Nobody else administers" in response.text) == (422, True)


def test_somebody_with_nothing_in_hand(world, as_person):
    new = person("new teacher", world.own.school)

    page = as_person(world.people["leader"]).get(address(new))

    assert "None, now or coming." in page.text


def test_the_page_takes_the_same_queries_for_1_and_30_groups(world, teacher, as_person):
    client = as_person(world.people["leader"])
    counts = []
    for size in (0, 29):
        for n in range(size):
            group = Group.objects.create(
                district=world.own.district, school=world.own.school, kind=GroupKind.CLASS, name=f"{n}"
            )
            teach(teacher, group)
            teach(person(f"colleague {n}", world.own.school), group)
        with CaptureQueriesContext(connection) as queries:
            client.get(address(teacher))
        counts.append(len(queries))

    assert counts == [11, 11]
