"""Start letters: who makes them for whom, what they open, once, and everything that they do not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.test import Client
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.lib import limits
from lpm.lib.codes import digest
from lpm.people.adapters import AccountAdapter
from lpm.people.enums import BadgePurpose, Role
from lpm.people.models import Badge, Student, User
from lpm.people.queries.start_letters import find_letter
from lpm.people.services.badges import BadgeNotGood, make_badges, revoke_badges, take_badge
from lpm.people.services.roles import AboveActor
from lpm.people.services.start_letters import LetterSpent, make_start_letters, use_start_letter
from tests.world import DAY, PASSWORD, World, build_world, enroll, grant, guard, person

START, SET = reverse("people:start"), reverse("people:start-password")
NEW = "seven quiet river otters"
SORRY = "does not open anything"


@pytest.fixture
def student(world: World) -> User:
    """Without a password, as a roster brings students."""
    return without_password(world.student)


@pytest.fixture
def clerk(world: World) -> User:
    return without_password(world.office)


def without_password(user: User) -> User:
    user.set_unusable_password()
    user.save()
    return user


def make(world: World, *users: User, actor: str = "administrator", anew: bool = False) -> list[str]:
    made = make_start_letters(users=users, actor=world.people[actor], day=DAY, anew=anew)
    return [letter.code for letter in made.letters]


def type_code(client: Client, code: str) -> Any:
    return client.post(START, {"code": code})


def begin(client: Client, code: str, password: str = NEW) -> Any:
    type_code(client, code)
    return client.post(SET, {"password": password})


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def states() -> set[tuple[int, str, bool, bool]]:
    rows = Badge.objects.values_list("user", "purpose", "used_at", "revoked_at")
    return {(user, purpose, used is not None, revoked is not None) for user, purpose, used, revoked in rows}


# Making


def test_a_student_gets_a_letter_and_comes_in_with_it(world: World, student: User, as_person, client):
    page = as_person(world.office).post(reverse("people:student-start-letter", args=[world.own.student.uuid]))

    assert (page.status_code, page.headers["Cache-Control"]) == (200, "private, no-store")
    [entry] = page.context["sheet"]
    said = page.content.decode()
    assert all(text in said for text in ("Amara of Birch", "http://testserver/start", "Dec. 19, 2026", *entry["parts"]))
    code = entry["letter"].code
    letter = Badge.objects.get()
    assert (letter.user, letter.purpose, letter.digest, letter.expires_on, letter.made_by) == (
        student, BadgePurpose.START, digest(code), DAY + timedelta(days=30), world.office,
    )  # fmt: skip
    assert len(code.replace("-", "")) == 12
    entry = Entry.objects.get(action="people.make_start_letters")
    assert (entry.subject_uuid, entry.details) == (student.uuid, {"letters": 1, "left_out": 0})

    assert type_code(client, code.lower().replace("-", " ")).url == SET
    asked = client.get(SET).content.decode()
    assert "Amara of Birch" in asked
    assert who(client) is None
    response = client.post(SET, {"password": NEW})

    assert (response.url, who(client)) == ("/", str(student.pk))
    student.refresh_from_db()
    assert student.check_password(NEW)
    assert states() == {(student.pk, "start", True, False)}
    assert Entry.objects.filter(action="people.use_start_letter", subject_uuid=student.uuid).count() == 1
    assert "you sign in as student with your password" in client.get("/account/").content.decode()


def test_one_of_the_staff_gets_a_letter_from_who_may_change_the_account(world: World, clerk: User, as_person):
    show, letter = (reverse(f"people:{name}", args=[clerk.uuid]) for name in ("user-show", "start-letter"))
    leader = as_person(world.leader)
    assert "No password yet" in leader.get(show).content.decode()

    sheet = leader.post(letter).context["sheet"]

    assert [entry["name"] for entry in sheet] == [clerk.name]


def test_who_has_a_password_gets_none_unless_they_forgot_it(world: World, as_person):
    letter = reverse("people:start-letter", args=[world.office.uuid])
    leader = as_person(world.leader)

    assert leader.post(letter).url == reverse("people:user-show", args=[world.office.uuid])
    assert not Badge.objects.exists()
    assert leader.post(letter, {"anew": "on"}).status_code == 200
    assert states() == {(world.office.pk, "start", False, False)}
    assert User.objects.get(pk=world.office.pk).check_password(PASSWORD)


def test_a_student_without_a_sign_in_is_given_one_first(world: World, as_person):
    student = world.other_class.student

    response = as_person(world.office).post(reverse("people:student-start-letter", args=[student.uuid]))

    assert response.url == reverse("people:student-show", args=[student.uuid])
    assert not Entry.objects.filter(action="people.make_start_letters").exists()


def test_a_role_above_the_one_who_asks_is_said(world: World, clerk: User, as_person):
    grant(clerk, world.own.district, Role.ADMINISTRATOR)

    page = as_person(world.leader).post(reverse("people:start-letter", args=[clerk.uuid]), follow=True)

    assert "not yours to look after" in page.content.decode()
    with pytest.raises(AboveActor):
        make(world, clerk, actor="leader")
    assert not Badge.objects.exists()


@pytest.mark.parametrize("actor", ["teacher", "student", "guardian", "office", "far_administrator", "privacy_officer"])
def test_only_those_who_manage_the_person_make_one(actor: str, world: World, student: User):
    colleague = without_password(world.co_teacher)
    with pytest.raises(PermissionDenied):
        make(world, colleague, actor=actor)
    if actor == "office":
        return
    with pytest.raises(PermissionDenied):
        make(world, student, actor=actor)
    assert not Badge.objects.exists()


def test_nobody_makes_their_own_nor_a_guardians(world: World):
    for user in (world.administrator, world.guardian):
        with pytest.raises(PermissionDenied):
            make(world, user, anew=True)


def test_a_student_who_works_too_is_for_those_who_manage_staff(world: World, student: User):
    """Else whoever manages the student could take over what the account opens beside their own pages."""
    guard(student, world.other_class.student)

    with pytest.raises(PermissionDenied):
        make(world, student, actor="office")
    assert len(make(world, student, actor="leader")) == 1


def test_a_new_letter_takes_the_place_of_the_old_one(world: World, student: User, client):
    [old] = make(world, student)
    [new] = make(world, student)

    assert SORRY in type_code(client, old).content.decode()
    assert type_code(client, new).status_code == 302


# The students of a group


def test_a_group_gets_its_letters_on_one_sheet(world: World, student: User, as_person):
    without_password(world.classmate)
    guard(world.grown_student, world.other_class.student)
    enroll(world.own.group, given_name="Noah", family_name="Without account")
    address = reverse("people:group-start-letters", args=[world.own.group.uuid])
    office = as_person(world.office)
    make(world, world.classmate)
    rows = office.get(address).context["rows"]
    assert {(row.student.name, row.standing.name, row.expires_on) for row in rows} == {
        ("Amara of Birch", "NEW", None), ("Ben Classmate", "HAS_LETTER", DAY + timedelta(days=30)),
        ("Gwen Grown", "WORKS", None), ("Noah Without account", "NO_ACCOUNT", None),
    }  # fmt: skip
    classmate = Student.objects.get(user=world.classmate)

    sheet = office.post(address, {"student": [world.own.student.uuid, classmate.uuid]})

    assert [entry["name"] for entry in sheet.context["sheet"]] == ["Ben Classmate", "Amara of Birch"]
    assert states() == {
        (student.pk, "start", False, False), (world.classmate.pk, "start", False, True),
        (world.classmate.pk, "start", False, False),
    }  # fmt: skip
    newest = Entry.objects.filter(action="people.make_start_letters").latest("pk")
    assert (newest.subject_uuid, newest.details) == (None, {"letters": 2, "left_out": 0})


def test_the_sheet_has_the_name_that_the_school_uses(world: World, student: User, as_person, client):
    Student.objects.filter(pk=world.own.student.pk).update(preferred_name="Ash")
    address = reverse("people:group-start-letters", args=[world.own.group.uuid])

    sheet = as_person(world.office).post(address, {"student": [world.own.student.uuid]})

    assert [entry["name"] for entry in sheet.context["sheet"]] == ["Ash of Birch"]
    type_code(client, sheet.context["sheet"][0]["letter"].code)
    assert "Ash of Birch" in client.get(SET).content.decode()


def test_a_group_where_all_have_passwords_gets_none_unless_they_forgot(world: World, as_person):
    address = reverse("people:group-start-letters", args=[world.own.group.uuid])
    office = as_person(world.office)
    ticked = {"student": [world.own.student.uuid]}

    assert "have a password already" in office.post(address, ticked).content.decode()
    assert "Tick at least one" in office.post(address).content.decode()
    assert office.post(address, {**ticked, "anew": "on"}).status_code == 200


def test_a_group_without_sign_ins_says_so(world: World, as_person):
    page = as_person(world.office).get(reverse("people:group-start-letters", args=[world.other_class.group.uuid]))

    assert "Nobody here can have a start letter yet" in page.content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_costs_the_same_for_one_and_for_thirty(count, world: World, as_person, django_assert_num_queries):
    world.own.group.enrollments.exclude(student=world.own.student).delete()
    for n in range(count - 1):
        child = enroll(world.own.group, given_name=f"Child {n}", family_name="Of many")
        child.user = without_password(person(f"child{n}", world.own.school))
        child.save()
    client = as_person(world.office)
    address = reverse("people:group-start-letters", args=[world.own.group.uuid])
    client.get(address)

    with django_assert_num_queries(7):
        page = client.get(address)
    assert len(page.context["rows"]) == count


def test_the_group_page_leads_there_for_those_who_may(world: World, as_person):
    show = reverse("people:group-show", args=[world.own.group.uuid])
    letters = reverse("people:group-start-letters", args=[world.own.group.uuid])

    assert letters in as_person(world.office).get(show).content.decode()
    assert letters not in as_person(world.teacher).get(show).content.decode()


# Using one


def spoil_account(letter: Badge) -> None:
    User.objects.filter(pk=letter.user_id).update(is_active=False)


def spoil_left(letter: Badge) -> None:
    Student.objects.filter(user=letter.user).update(left_on=DAY - timedelta(days=1))


def spoil_merged(letter: Badge) -> None:
    other = Student.objects.exclude(user=letter.user).first()
    Student.objects.filter(user=letter.user).update(merged_into=other)


def spoil_date(letter: Badge) -> None:
    Badge.objects.update(expires_on=DAY - timedelta(days=1))


def spoil_used(letter: Badge) -> None:
    use_start_letter(letter=letter, password="another quiet word here")


def spoil_other_way(letter: Badge) -> None:
    AccountAdapter().set_password(letter.user, "another quiet word here")


SPOILS = [spoil_account, spoil_left, spoil_merged, spoil_date, spoil_used, spoil_other_way]


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_letter_that_is_not_good_opens_nothing(spoil, world: World, student: User, client):
    [code] = make(world, student)
    late = Client()
    type_code(late, code)
    letter = find_letter(code=code)
    assert letter is not None
    spoil(letter)

    answer = type_code(client, code)

    assert (answer.status_code, SORRY in answer.content.decode()) == (422, True)
    assert client.post(SET, {"password": NEW}).url == START
    assert Entry.objects.filter(action="people.sign_in_failed").count() == 1
    assert late.post(SET, {"password": NEW})["Location"] == START
    assert SORRY in late.get(START).content.decode()
    assert (who(client), who(late)) == (None, None)
    assert not User.objects.get(pk=student.pk).check_password(NEW)


def test_of_two_at_once_one_wins(world: World, student: User):
    [code] = make(world, student)
    first, second = find_letter(code=code), find_letter(code=code)
    assert first
    assert second

    use_start_letter(letter=first, password=NEW)

    with pytest.raises(LetterSpent):
        use_start_letter(letter=second, password="that of the other one")
    assert User.objects.get(pk=student.pk).check_password(NEW)


@pytest.mark.django_db(transaction=True)
def test_of_those_who_set_a_password_at_the_same_moment_one_comes_in(transactional_db, school_day):
    world = build_world(school_day)
    [code] = make(world, without_password(world.student))
    clients = [Client() for _ in range(4)]
    for client in clients:
        type_code(client, code)

    def choose(n: int) -> str:
        try:
            return str(clients[n].post(SET, {"password": f"{NEW} {n}"})["Location"])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(choose, range(4)))

    assert sorted(answers) == ["/", START, START, START]
    winner = answers.index("/")
    assert User.objects.get(pk=world.student.pk).check_password(f"{NEW} {winner}")
    assert [n for n, client in enumerate(clients) if who(client)] == [winner]


def test_a_weak_password_is_refused_and_the_letter_stays(world: World, student: User, client):
    [code] = make(world, student)

    response = begin(client, code, "short")

    assert response.status_code == 422
    assert states() == {(student.pk, "start", False, False)}
    assert client.post(SET, {"password": NEW}).url == "/"


def test_a_code_that_was_typed_counts_for_half_an_hour(world: World, student: User, client):
    [code] = make(world, student)
    with time_machine.travel(f"{DAY}T15:00:00+00:00", tick=False) as clock:
        type_code(client, code)
        clock.shift(timedelta(minutes=31))
        assert client.get(SET).url == START


def test_other_sign_ins_end(world: World, as_person, client):
    elsewhere = as_person(world.office)
    UserSession.objects.create(user=world.office, ip="127.0.0.1", session_key=elsewhere.session.session_key)
    [code] = make(world, world.office, anew=True)
    assert elsewhere.get("/account/").status_code == 200

    begin(client, code)

    assert elsewhere.get("/account/").status_code == 302
    assert [session.session_key for session in UserSession.objects.all()] == [client.session.session_key]


def test_somebody_else_who_was_signed_in_here_is_out(world: World, student: User, as_person):
    [code] = make(world, student)
    client = as_person(world.teacher)

    begin(client, code)

    assert who(client) == str(student.pk)


def test_a_letter_stands_for_the_password_and_not_for_the_second_step(world: World, client):
    Authenticator.objects.create(user=world.office, type=Authenticator.Type.TOTP, data={"secret": "x"})
    [code] = make(world, world.office, anew=True)

    response = begin(client, code)

    assert (response.url, who(client)) == (reverse("mfa_authenticate"), None)


@pytest.mark.parametrize("code", ["", "0000-0000-0000", "x" * 200])
def test_what_is_no_code_opens_nothing(code: str, db, client):
    assert type_code(client, code).status_code == 422


def test_codes_are_not_guessed_for_long(db, client):
    for _ in range(60):
        limits.take("start:127.0.0.1", times=60, seconds=600)

    assert type_code(client, "0000-0000-0000").status_code == 429


def test_the_sign_in_page_leads_to_both_letters(db, client):
    page = client.get(reverse("home:sign-in")).content.decode()

    assert START in page
    assert reverse("people:join") in page


# Badges and letters do not mix


def test_a_start_letter_is_no_badge(world: World, student: User, as_person, client):
    [code] = make(world, student)

    with pytest.raises(BadgeNotGood):
        take_badge(code=code)
    assert client.post(reverse("people:badge-sign-in"), {"code": code}).status_code == 422
    page = as_person(world.teacher).get(reverse("people:group-badges", args=[world.own.group.uuid]))
    assert {row.expires_on for row in page.context["rows"]} == {None}
    ticked = {"group": world.own.group, "student_uuids": [world.own.student.uuid], "actor": world.teacher, "day": DAY}
    make_badges(**ticked)
    assert revoke_badges(**ticked) == 1
    assert states() == {(student.pk, "start", False, False), (student.pk, "sign_in", False, True)}


def test_a_badge_is_no_start_letter(world: World, student: User, as_person, client):
    [badge] = make_badges(group=world.own.group, student_uuids=[world.own.student.uuid], actor=world.teacher, day=DAY)

    assert find_letter(code=badge.code) is None
    assert type_code(client, badge.code).status_code == 422
    page = as_person(world.office).get(reverse("people:group-start-letters", args=[world.own.group.uuid]))
    assert {(row.student.user_id, row.expires_on) for row in page.context["rows"]} == {
        (user.pk, None) for user in (student, world.classmate, world.grown_student)
    }
    make(world, student)
    assert states() == {(student.pk, "sign_in", False, False), (student.pk, "start", False, False)}
    assert take_badge(code=badge.code).user == student


def test_a_session_by_badge_is_not_carried_by_a_letter(world: World, student: User, client):
    """The middleware asks for a badge: the UUID of a letter is none."""
    [badge] = make_badges(group=world.own.group, student_uuids=[world.own.student.uuid], actor=world.teacher, day=DAY)
    client.post(reverse("people:badge-sign-in"), {"code": badge.code})
    Badge.objects.update(purpose=BadgePurpose.START)

    assert client.get(reverse("student:path", args=[world.own.student.uuid])).status_code == 302


# Removing a second step


def test_a_lost_second_step_is_removed_by_who_may(world: World, as_person):
    Authenticator.objects.create(user=world.office, type=Authenticator.Type.TOTP, data={"secret": "x"})
    show, remove = (reverse(f"people:{name}", args=[world.office.uuid]) for name in ("user-show", "second-step-remove"))
    leader = as_person(world.leader)
    assert remove in leader.get(show).content.decode()

    assert leader.post(remove).url == show

    assert not Authenticator.objects.exists()
    assert remove not in leader.get(show).content.decode()


def test_that_of_somebody_above_is_not(world: World, clerk: User, as_person):
    grant(clerk, world.own.district, Role.ADMINISTRATOR)
    Authenticator.objects.create(user=clerk, type=Authenticator.Type.TOTP, data={"secret": "x"})

    page = as_person(world.leader).post(reverse("people:second-step-remove", args=[clerk.uuid]), follow=True)

    assert "not yours to look after" in page.content.decode()
    assert Authenticator.objects.filter(user=clerk).exists()


def test_nobody_removes_their_own_here(world: World, as_person):
    leader = as_person(world.leader)

    assert leader.post(reverse("people:second-step-remove", args=[world.leader.uuid])).status_code == 403
    assert leader.post(reverse("people:start-letter", args=[world.leader.uuid])).status_code == 403
    page = leader.get(reverse("people:user-show", args=[world.leader.uuid])).content.decode()
    assert "Print a start letter" not in page
