"""Badges: who prints them, what they open, and everything that they do not."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
import segno
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.lib import limits
from lpm.lib.codes import digest
from lpm.people.models import Badge, Enrollment, PeopleSettings, SchoolYear, Student, User
from lpm.people.services.badges import BadgeNotGood, make_badges, revoke_badges, take_badge
from tests.test_access import ROUTES, address, objects_of, refuse_without_page
from tests.world import DAY, PASSWORD, World, enroll, person

BADGE = reverse("people:badge-sign-in")


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def page_of(world: World) -> str:
    return reverse("people:group-badges", args=[world.own.group.uuid])


def make(world: World, *students: Student) -> list[str]:
    made = make_badges(group=world.own.group, student_uuids=[s.uuid for s in students], actor=world.teacher, day=DAY)
    codes = {badge.student.pk: badge.code for badge in made}
    return [codes[student.pk] for student in students if student.pk in codes]


def hold_up(client: Client, code: str) -> Any:
    return client.post(BADGE, {"code": code})


def test_a_teacher_prints_badges_for_those_who_have_an_account(world: World, as_person):
    enroll(world.own.group, given_name="Noah", family_name="Without account")
    client = as_person(world.teacher)
    page = client.get(page_of(world))
    assert {(row.student.name, row.has_account, row.expires_on) for row in page.context["rows"]} == {
        ("Amara of Birch", True, None), ("Ben Classmate", True, None), ("Gwen Grown", True, None),
        ("Noah Without account", False, None),
    }  # fmt: skip

    sheet = client.post(page_of(world), {"student": [world.own.student.uuid]})

    assert (sheet.status_code, sheet.headers["Cache-Control"]) == (200, "private, no-store")
    entries = sheet.context["sheet"]
    assert [entry["badge"].student for entry in entries] == [world.own.student]
    assert "<svg" in entries[0]["drawing"]
    badge = Badge.objects.get()
    code = entries[0]["badge"].code
    assert (badge.user, badge.digest, badge.made_by) == (world.student, digest(code), world.teacher)
    assert len(code.replace("-", "")) == 32
    assert code not in sheet.content.decode()  # in the drawing alone
    assert badge.expires_on == DAY + timedelta(days=300)
    entry = Entry.objects.get(action="people.make_badges")
    assert (entry.actor_id, entry.subject_uuid, entry.details) == (
        world.teacher.pk, world.own.group.uuid, {"count": 1},
    )  # fmt: skip
    ends = {row.student.pk: row.expires_on for row in client.get(page_of(world)).context["rows"]}
    assert ends.pop(world.own.student.pk) == badge.expires_on
    assert set(ends.values()) == {None}


def test_the_drawing_is_the_address_with_the_code_behind_the_hash(world: World, as_person, monkeypatch):
    drawn: list[str] = []
    real = segno.make

    def make_and_note(text: str, **more: Any) -> segno.QRCode:
        drawn.append(text)
        return real(text, **more)

    monkeypatch.setattr(segno, "make", make_and_note)

    sheet = as_person(world.teacher).post(page_of(world), {"student": [world.own.student.uuid]})

    assert drawn == [f"http://testserver{BADGE}#{sheet.context['sheet'][0]['badge'].code}"]


def test_a_badge_ends_with_the_school_year(world: World):
    year = {"title": "2026/27", "ends_in": 2027, "starts_on": date(2026, 8, 1)}
    SchoolYear.objects.create(organization=world.own.district, ends_on=date(2027, 6, 30), **year)
    SchoolYear.objects.create(organization=world.own.school, ends_on=date(2027, 6, 11), **year)

    make(world, world.own.student)

    assert Badge.objects.get().expires_on == date(2027, 6, 11)


def test_a_badge_opens_the_students_own_pages(world: World, client):
    [code] = make(world, world.own.student)

    response = hold_up(client, code.lower())

    own = reverse("student:path", args=[world.own.student.uuid])
    assert (response.status_code, response.url, who(client)) == (302, own, str(world.student.pk))
    page = client.get(own)
    assert page.status_code == 200
    assert reverse("mfa_index") not in page.content.decode()
    assert client.get(reverse("home:home")).url == own
    entry = Entry.objects.get(action="people.sign_in_by_badge")
    assert (entry.actor_id, entry.subject_uuid, entry.district_id) == (
        world.student.pk, world.student.uuid, world.own.district.pk,
    )  # fmt: skip


def test_a_badge_opens_nothing_else_of_the_whole_site(world: World, client, monkeypatch):
    """Every route, read and written, by a student with a badge who has every right one can have."""
    refuse_without_page(monkeypatch)
    [code] = make(world, world.own.student)
    hold_up(client, code)
    things = objects_of(world, world.own)

    def reached(method: str) -> set[str]:
        found = set()
        for route in ROUTES:
            if route == "home:sign-out":
                continue
            answer = getattr(client, method)(address(route, things))
            if answer.status_code != 403:
                found.add(route)
        return found

    coming_in = {
        "home:sign-in", "home:set-language", "home:healthz", "home:readyz", "home:demo-sign-in", "account_login",
        "people:badge-sign-in", "home:manifest", "home:service-worker", "home:offline",
    }  # fmt: skip
    own = {"home:home", "student:path", "student:topic", "student:early"}
    curriculum = {"curriculum:framework-list", "curriculum:framework-show", "curriculum:topic-show"}
    assert reached("get") == coming_in | own | curriculum
    assert reached("post") - {"home:home"} == coming_in
    assert client.post(reverse("home:home")).url == reverse("student:path", args=[world.own.student.uuid])
    assert client.post(reverse("home:sign-out")).status_code == 302
    assert who(client) is None


def test_a_badge_opens_no_other_student_though_a_password_would(world: World, client):
    grown = Student.objects.get(user=world.grown_student)
    [code] = make(world, grown)
    world.own.student.guardianships.create(guardian=world.grown_student, district=world.own.district)
    child = reverse("student:path", args=[world.own.student.uuid])
    client.force_login(world.grown_student)
    assert client.get(child).status_code == 200

    hold_up(client, code)

    assert client.get(reverse("student:path", args=[grown.uuid])).status_code == 200
    assert client.get(child).status_code == 403


def test_a_password_after_a_badge_gives_all_rights_back(world: World, client):
    [code] = make(world, world.own.student)
    hold_up(client, code)

    client.post(reverse("home:sign-in"), {"username": "student", "password": PASSWORD})

    assert client.get("/account/").status_code == 200


def test_the_next_student_comes_in_where_the_last_one_forgot_to_go_out(world: World, client):
    classmate = Student.objects.get(user=world.classmate)
    first, second = make(world, world.own.student, classmate)
    hold_up(client, first)

    hold_up(client, second)

    assert who(client) == str(world.classmate.pk)
    assert client.get(reverse("student:path", args=[world.own.student.uuid])).status_code == 403


def test_a_session_by_badge_ends_after_an_hour(world: World, client):
    [code] = make(world, world.own.student)
    own = reverse("student:path", args=[world.own.student.uuid])
    with time_machine.travel(f"{DAY}T15:00:00+00:00", tick=False) as clock:
        hold_up(client, code)
        clock.shift(timedelta(minutes=59))
        assert client.get(own).status_code == 200
        clock.shift(timedelta(minutes=2))
        assert client.get(own).status_code == 302


def test_a_new_badge_takes_the_place_of_the_old_one(world: World, client):
    [old] = make(world, world.own.student)
    hold_up(client, old)

    [new] = make(world, world.own.student)

    assert client.get(reverse("student:path", args=[world.own.student.uuid])).status_code == 302
    assert hold_up(client, old).status_code == 422
    assert hold_up(client, new).status_code == 302


def test_badges_are_revoked_one_by_one_or_all(world: World, as_person, client):
    classmate = Student.objects.get(user=world.classmate)
    codes = make(world, world.own.student, classmate)
    revoke = reverse("people:group-badges-revoke", args=[world.own.group.uuid])
    teacher = as_person(world.teacher)
    assert teacher.post(revoke).status_code == 422

    assert teacher.post(revoke, {"student": [classmate.uuid]}).url == page_of(world)

    opened = {hold_up(Client(), code).status_code for code in codes}
    assert opened == {302, 422}
    assert set(Badge.objects.filter(revoked_at=None).values_list("user", flat=True)) == {world.student.pk}
    teacher.post(revoke, {"student": [classmate.uuid, world.own.student.uuid]})
    assert [hold_up(Client(), code).status_code for code in codes] == [422, 422]
    counts = Entry.objects.filter(action="people.revoke_badges").order_by("pk").values_list("details", flat=True)
    assert list(counts) == [{"count": 1}, {"count": 1}]


def spoil_account(world: World) -> None:
    User.objects.filter(pk=world.student.pk).update(is_active=False)


def spoil_left(world: World) -> None:
    Student.objects.filter(pk=world.own.student.pk).update(left_on=DAY - timedelta(days=1))


def spoil_merged(world: World) -> None:
    Student.objects.filter(pk=world.own.student.pk).update(merged_into=Student.objects.get(user=world.classmate))


def spoil_user(world: World) -> None:
    Student.objects.filter(pk=world.own.student.pk).update(user=None)


def spoil_date(world: World) -> None:
    Badge.objects.update(expires_on=DAY - timedelta(days=1))


def spoil_setting(world: World) -> None:
    PeopleSettings.objects.create(organization=world.own.district, valid_from=DAY, badges_allowed=False)


@pytest.mark.parametrize("spoil", [spoil_account, spoil_left, spoil_merged, spoil_user, spoil_date, spoil_setting])
def test_a_badge_that_is_not_good_opens_nothing(spoil, world: World, client):
    [code] = make(world, world.own.student)
    spoil(world)

    response = hold_up(client, code)

    assert (response.status_code, who(client)) == (422, None)
    assert "Ask your teacher for a new one" in response.content.decode()
    assert Entry.objects.filter(action="people.sign_in_failed").count() == 1


@pytest.mark.parametrize("code", ["", "0000-0000", "x" * 200])
def test_what_is_no_code_opens_nothing(code, db, client):
    assert hold_up(client, code).status_code == 422
    with pytest.raises(BadgeNotGood):
        take_badge(code=code)


def test_codes_are_not_guessed_for_long(db, client):
    for _ in range(200):
        limits.take("address:127.0.0.1", times=200, seconds=300)

    assert hold_up(client, "0000").status_code == 429


def test_where_the_school_allows_none_none_are_made(world: World, as_person):
    spoil_setting(world)
    client = as_person(world.teacher)

    assert client.post(page_of(world), {"student": [world.own.student.uuid]}).status_code == 422

    assert "turned badges off" in client.get(page_of(world)).content.decode()
    assert not Badge.objects.exists()


def test_nobody_ticked_is_said_so(world: World, as_person):
    response = as_person(world.teacher).post(page_of(world))

    assert response.status_code == 422
    assert "Tick at least one student" in response.content.decode()


def test_a_group_without_accounts_says_so(world: World, as_person):
    page = as_person(world.leader).get(reverse("people:group-badges", args=[world.other_class.group.uuid]))

    assert "Nobody here can have a badge yet" in page.content.decode()


def test_only_those_who_run_the_group_make_and_revoke(world: World):
    for actor in (world.substitute, world.student, world.far_teacher):
        with pytest.raises(PermissionDenied):
            make_badges(group=world.own.group, student_uuids=[], actor=actor, day=DAY)
        with pytest.raises(PermissionDenied):
            revoke_badges(group=world.own.group, student_uuids=[], actor=actor, day=DAY)


def test_students_of_other_groups_are_left_out(world: World):
    away = enroll(world.other_class.group, given_name="Far", family_name="Away")
    away.user = person("far_away", world.own.school)
    away.save()

    assert make(world, away) == []


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_costs_the_same_for_one_and_for_thirty(count, world: World, as_person, django_assert_num_queries):
    Enrollment.objects.filter(group=world.own.group).exclude(student=world.own.student).delete()
    for n in range(count - 1):
        enroll(world.own.group, given_name=f"Child {n}", family_name="Of many")
    client = as_person(world.teacher)
    client.get(page_of(world))

    with django_assert_num_queries(7):
        page = client.get(page_of(world))
    assert len(page.context["rows"]) == count
    assert not re.search(r"\d{4}-\d{2}-\d{2}", page.content.decode())
