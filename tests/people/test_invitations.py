"""Letters with a code, and joining with one."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lpm.audit.models import Entry
from lpm.lib.codes import ALPHABET, digest, new_code, normalise
from lpm.people.enums import Role
from lpm.people.models import Guardianship, Household, Invitation, RosterSource, Student, User
from lpm.people.services.guardians import add_to_household, restrict_guardian
from lpm.people.services.invitations import (
    CodeSpent,
    NameTaken,
    NothingOpens,
    NotKnown,
    invite_household,
    join_anew,
    join_household,
    make_invitations,
    revoke_invitations,
    take_over_account,
)
from lpm.people.views.join import ALARM, KEY, TRIES
from tests.people.test_guardians import home, siblings
from tests.world import DAY, PASSWORD, World, enroll, grant, guard, person, teach

JOIN, ACCOUNT, CONFIRM = (reverse(f"people:{name}") for name in ("join", "join-account", "join-confirm"))
ANEW = {
    "given_name": "Lena",
    "family_name": "Diallo",
    "username": "lena",
    "password": "seven stones by a lake",
    "relationship": "mother",
    "language": "es",
}


def code_for(household: Household, world: World, **fields: Any) -> str:
    actor = world.far_administrator if household.district == world.other_district.district else world.office
    return invite_household(household=household, day=DAY, actor=actor, **fields).letters[0].code


def invitation_of(code: str) -> Invitation:
    return Invitation.objects.get(digest=digest(code))


def typed(client: Client, code: str) -> Any:
    return client.post(JOIN, {"code": code})


# Codes


def test_codes_are_groups_of_four_without_look_alikes():
    codes = {new_code(12) for _n in range(500)}

    assert len(codes) == 500
    assert all(re.fullmatch(f"([{ALPHABET}]{{4}}-){{2}}[{ALPHABET}]{{4}}", code) for code in codes)
    assert not set(ALPHABET) & set("ILOU")


@pytest.mark.parametrize("typed_as", ["01AB-CDEF", "o1ab cdef", " OIab–cdef. ", "0Lab_cdef"])
def test_what_is_typed_reads_as_what_was_meant(typed_as):
    assert normalise(typed_as) == "01ABCDEF"
    assert digest(typed_as) == digest("01AB-CDEF")
    assert len(digest(typed_as)) == 64


# Making letters


def test_letters_of_a_class_go_to_homes_and_make_those_that_are_missing(world: World, as_person):
    own = world.own
    home(own.student, label="Mother’s home")
    home(own.student, label="Father’s home")
    made = siblings(world)
    page = as_person(world.office).post(
        reverse("people:invitation-make", args=[own.school.uuid]),
        {"group": own.group.uuid, "everybody": "on", "is_together": "on", "places": 2, "days": 60},
    )

    assert page.status_code == 200
    homes = {frozenset(one.students.values_list("given_name", flat=True)) for one in Household.objects.all()}
    assert homes == {frozenset(names) for names in (["Amara"], ["Ben"], ["Ada", "Bo"], ["Cleo"], ["Dan"])}
    assert Invitation.objects.count() == Household.objects.count() == 6  # Amara has two, Gwen is of age
    assert not Guardianship.objects.filter(household__isnull=False).exists()
    codes = codes_on(page)
    assert {digest(code) for code in codes} == set(Invitation.objects.values_list("digest", flat=True))
    entry = Entry.objects.get(action="people.make_invitations")
    assert (entry.actor_id, entry.subject_uuid, entry.details) == (
        world.office.pk,
        own.school.uuid,
        {"letters": 6, "left_out": 0, "new_households": 4},
    )
    assert made["Ada"].households.get() == made["Bo"].households.get()


def codes_on(page: Any) -> list[str]:
    text = page.getvalue().decode()
    return ["-".join(re.findall(r"<span>(\w{4})</span>", one)) for one in re.findall(r'(?s)"code">(.*?)</p>', text)]


def test_letters_one_for_each_child_where_the_office_says_so(world: World):
    made = siblings(world)
    make_invitations(
        school=world.own.school,
        student_ids=[student.pk for student in made.values()],
        is_together=False,
        day=DAY,
        actor=world.office,
    )

    assert sorted(one.students.count() for one in Household.objects.all()) == [1, 1, 1, 1]


def test_known_guardians_move_into_new_homes_and_restricted_ones_do_not(world: World):
    made = siblings(world)
    make_invitations(
        school=world.own.school,
        student_ids=[student.pk for student in made.values()],
        has_known=True,
        day=DAY,
        actor=world.office,
    )

    rows = Guardianship.objects.filter(student__in=made.values())
    assert {(row.student.given_name, row.guardian.username, row.household is not None) for row in rows} == {
        ("Ada", "mother", True),
        ("Ada", "father", True),
        ("Bo", "mother", True),
        ("Bo", "father", True),
        ("Cleo", "mother", True),
        ("Dan", "father", False),
    }


def test_a_letter_says_what_a_family_needs_in_its_language(world: World, as_person):
    student = world.own.student
    student.preferred_name, student.family_preferred_name = "Sky", "Amarita"
    student.save()
    household = home(student, label="Mother’s home", language="es")
    page = as_person(world.office).post(
        reverse("people:household-invite", args=[household.uuid]), {"places": 2, "days": 30}
    )
    text = page.getvalue().decode()

    letter = text[text.index("<article") : text.index("</article>")]
    assert 'lang="es"' in letter
    assert "Amarita of Birch" in letter
    assert "http://testserver/join" in letter
    assert "19 de diciembre de 2026" in letter.lower()
    assert world.own.school.name in letter
    assert '<path stroke="#000"' in letter
    assert "style=" not in letter
    assert [word for word in ("Sky", "Mother’s home") if word in text] == []


def test_making_again_voids_the_earlier_code_and_nothing_keeps_either(world: World, as_person):
    household = home(world.own.student)
    client = as_person(world.office)
    address = reverse("people:household-invite", args=[household.uuid])
    first, second = (codes_on(client.post(address, {"places": 2, "days": 60}))[0] for _n in range(2))

    assert [typed(Client(), code).status_code for code in (first, second)] == [422, 302]
    kept = [
        str(list(Invitation.objects.values())),
        str(list(Entry.objects.values())),
        str(list(Household.objects.values())),
    ]
    assert not [code for code in (first, second) for text in kept if code in text or normalise(code) in text]


def test_a_code_is_voided_by_hand(world: World, as_person):
    household = home(world.own.student)
    code = code_for(household, world)

    as_person(world.office).post(reverse("people:invitation-revoke", args=[household.uuid]))

    assert typed(Client(), code).status_code == 422
    with pytest.raises(PermissionDenied):
        revoke_invitations(household=household, day=DAY, actor=world.teacher)


@pytest.mark.parametrize("address", ["people:invitation-make", "people:household-invite"])
def test_odd_numbers_make_no_letters(address, world: World, as_person):
    household = home(world.own.student)
    thing = household if "household" in address else world.own.school

    assert as_person(world.office).post(reverse(address, args=[thing.uuid]), {"places": 0}).status_code == 422
    assert not Invitation.objects.exists()


def test_only_whoever_looks_after_them_invites(world: World):
    with pytest.raises(PermissionDenied):
        make_invitations(school=world.own.school, student_ids=[world.own.student.pk], day=DAY, actor=world.teacher)
    with pytest.raises(PermissionDenied):
        make_invitations(
            school=world.own.school, student_ids=[world.other_school.student.pk], day=DAY, actor=world.office
        )
    with pytest.raises(PermissionDenied):
        invite_household(household=home(world.own.student), day=DAY, actor=world.teacher)


def test_no_letter_goes_where_contact_is_restricted_or_over(world: World):
    student = world.own.student
    for name in ("restricted_guardian", "past_guardian"):
        household = home(student)
        Guardianship.objects.filter(guardian=world.people[name], student=student).update(household=household)
        assert invite_household(household=household, day=DAY, actor=world.office).letters == []

    mixed = home(student, world.other_class.student)
    Guardianship.objects.filter(guardian=world.restricted_guardian).update(household=mixed)
    [letter] = invite_household(household=mixed, day=DAY, actor=world.office).letters
    assert letter.children == [world.other_class.student]


def test_the_choice_of_children(world: World, as_person):
    own = world.own
    client = as_person(world.office)
    address = reverse("people:invitation-choose", args=[own.school.uuid])
    User.objects.filter(pk=world.guardian.pk).update(last_login=timezone.now())

    def chosen(**query: object) -> set[str]:
        return {student.name for student in client.get(address, query).context["page"]}

    assert chosen(everybody="on") == {"Amara of Birch", "Amara of Alder", "Ben Classmate"}
    assert chosen() == {"Amara of Alder", "Ben Classmate"}
    assert chosen(everybody="on", group=own.group.uuid) == {"Amara of Birch", "Ben Classmate"}
    assert chosen(everybody="on", grade="05") == {"Amara of Birch", "Amara of Alder"}
    assert chosen(group=world.other_school.group.uuid) == set()
    Student.objects.filter(school=own.school).update(left_on=DAY - timedelta(days=1))
    assert chosen(everybody="on") == set()


@pytest.mark.parametrize("count", [1, 30])
def test_the_choice_costs_the_same_however_many(count, world: World, as_person):
    for n in range(count):
        home(enroll(world.own.group, given_name="Kim", family_name=f"Kin {n}"))
    client = as_person(world.office)
    address = reverse("people:invitation-choose", args=[world.own.school.uuid])
    client.get(address)

    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    assert len(asked) == 11


@pytest.mark.parametrize("count", [1, 30])
def test_letters_cost_the_same_however_many(count, world: World, as_person):
    for n in range(count):
        parent = person(f"parent {n}", world.own.district)
        guard(parent, enroll(world.own.group, given_name="Kim", family_name=f"Kin {n}", grade="07"))
    form = {"grade": "07", "is_together": "on", "has_known": "on", "places": 2, "days": 60}

    client = as_person(world.office)
    address = reverse("people:invitation-make", args=[world.own.school.uuid])
    with CaptureQueriesContext(connection) as asked:
        page = client.post(address, form)
        assert len(codes_on(page)) == count
    assert len(asked) == 24


# Typing the code


def test_wrong_late_used_and_void_codes_get_the_same_sentence(world: World):
    household = home(world.own.student)
    late, void = code_for(household, world), code_for(home(world.own.student), world)
    used = code_for(home(world.own.student), world)
    Invitation.objects.filter(digest=digest(late)).update(expires_on=DAY - timedelta(days=1))
    Invitation.objects.filter(digest=digest(void)).update(revoked_at=timezone.now())
    Invitation.objects.filter(digest=digest(used)).update(places=0)

    pages = {}
    for code in (late, void, used, "AAAA-BBBB-CCCC"):
        response = typed(Client(), code)
        assert response.status_code == 422
        pages[code] = [str(error) for error in response.context["form"].errors["code"]]
    assert len({tuple(said) for said in pages.values()}) == 1
    assert Entry.objects.filter(action="people.join_failed", details={}, actor=None).count() == 4


def test_a_code_dies_with_the_last_day_where_the_school_is(world: World):
    code = code_for(home(world.own.student), world)
    last = DAY + timedelta(days=60)

    with time_machine.travel(f"{last + timedelta(days=1)}T04:30:00+00:00"):  # half past eleven in the evening there
        assert typed(Client(), code).status_code == 302
    with time_machine.travel(f"{last + timedelta(days=1)}T05:30:00+00:00"):
        assert typed(Client(), code).status_code == 422


@pytest.mark.parametrize("gone", ["left", "grown", "merged", "moved"])
def test_a_code_dies_when_the_child_is_gone(gone, world: World):
    student = world.own.student
    household = home(student)
    code = code_for(household, world)
    assert typed(Client(), code).status_code == 302

    if gone == "left":
        Student.objects.filter(pk=student.pk).update(left_on=DAY - timedelta(days=1))
    elif gone == "grown":
        Student.objects.filter(pk=student.pk).update(born_on=DAY - timedelta(days=19 * 366))
    elif gone == "merged":
        Student.objects.filter(pk=student.pk).update(merged_into=Student.objects.get(given_name="Ben"))
    else:
        household.students.clear()

    assert typed(Client(), code).status_code == 422


def test_codes_die_when_another_child_moves_in(world: World):
    household = home(world.own.student)
    code = code_for(household, world)

    add_to_household(household=household, student=world.other_class.student, day=DAY, actor=world.office)

    assert typed(Client(), code).status_code == 422


def test_too_many_wrong_codes_close_the_door_to_that_address_alone(world: World):
    code = code_for(home(world.own.student), world)
    for _n in range(TRIES):
        assert typed(Client(), "AAAA-BBBB-CCCC").status_code == 422

    assert typed(Client(), "AAAA-BBBB-CCCC").status_code == 429
    assert typed(Client(), code).status_code == 429  # or guessing could go on
    assert typed(Client(REMOTE_ADDR="10.0.0.2"), code).status_code == 302


def test_a_family_evening_at_one_address_is_not_stopped(world: World):
    code = code_for(home(world.own.student), world)

    assert {typed(Client(), code).status_code for _n in range(3 * TRIES)} == {302}
    assert {typed(Client(), "").status_code for _n in range(3 * TRIES)} == {422}


def test_guessing_from_everywhere_raises_the_alarm_once(world: World):
    for n in range(ALARM + 5):
        typed(Client(REMOTE_ADDR=f"10.0.{n % 250}.{n // 250 + 1}"), "AAAA-BBBB-CCCC")

    assert Entry.objects.filter(action="people.join_alarm").count() == 1
    assert Entry.objects.filter(action="people.join_failed").count() == ALARM + 4


def test_the_code_stands_in_no_address_and_no_session(world: World):
    client = Client()
    code = code_for(home(world.own.student), world)
    response = typed(client, code)

    assert response["Location"] == ACCOUNT
    assert set(client.session[KEY]) == {"invitation", "at"}
    assert normalise(code) not in normalise(str(dict(client.session)))


def test_half_an_hour_later_the_code_is_typed_again(world: World):
    client = Client()
    typed(client, code_for(home(world.own.student), world))
    assert client.get(ACCOUNT).status_code == 200

    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert client.get(ACCOUNT)["Location"] == JOIN


# Becoming a guardian


def test_a_new_account_sees_all_children_of_the_home_and_nobody_else(world: World):
    sibling = world.other_school.student
    household = home(world.own.student, sibling)
    home(world.other_class.student)
    code = code_for(household, world)
    client = Client()
    typed(client, code.lower().replace("-", " "))
    assert "Amara, Amara" in client.get(ACCOUNT).content.decode()

    response = client.post(ACCOUNT, ANEW)

    assert response["Location"] == reverse("home:home")
    user = User.objects.get(username="lena")
    assert (user.organization, user.language, user.check_password(ANEW["password"])) == (
        world.own.district,
        "es",
        True,
    )
    rows = Guardianship.objects.filter(guardian=user)
    assert {(row.student, row.household, row.relationship, row.starts_on) for row in rows} == {
        (world.own.student, household, "mother", DAY),
        (sibling, household, "mother", DAY),
    }
    assert Invitation.objects.get().places == 1
    assert int(client.session["_auth_user_id"]) == user.pk
    assert KEY not in client.session
    open_to = {
        student: client.get(reverse("student:family", args=[student.uuid])).status_code
        for student in (world.own.student, sibling, world.other_class.student)
    }
    assert open_to == {world.own.student: 200, sibling: 200, world.other_class.student: 404}
    assert list(Entry.objects.order_by("pk").values_list("action", "actor", "details"))[-2:] == [
        ("people.join_household", user.pk, {"children": 2}),
        ("people.sign_in", user.pk, {}),
    ]


def test_an_address_is_an_email_too(world: World):
    client = Client()
    typed(client, code_for(home(world.own.student), world))
    client.post(ACCOUNT, ANEW | {"username": "lena@home.example"})

    assert User.objects.get(given_name="Lena").email == "lena@home.example"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", "short"),
        ("password", "Lena Diallo"),
        ("given_name", ""),
        ("username", ""),
        ("username", "a@b"),
        ("username", "~name"),
        ("username", "TEACHER"),
        ("username", "far_teacher"),
        ("relationship", ""),
        ("language", "xx"),
    ],
)
def test_what_does_not_fit_is_said_and_makes_nobody(field, value, world: World):
    client = Client()
    typed(client, code_for(home(world.own.student), world))
    before = User.objects.count()

    response = client.post(ACCOUNT, ANEW | {field: value})

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert (User.objects.count(), Invitation.objects.get().places) == (before, 2)


def test_somebody_with_an_account_joins_also_from_another_district(world: World, as_person):
    household = home(world.other_district.student)
    code = code_for(household, world)
    client = as_person(world.guardian)
    assert typed(client, code)["Location"] == CONFIRM
    assert "Amara" in client.get(CONFIRM).content.decode()
    assert client.post(CONFIRM, {}).status_code == 422

    assert client.post(CONFIRM, {"relationship": "father"})["Location"] == reverse("home:home")

    assert set(Guardianship.objects.filter(guardian=world.guardian).values_list("student", "relationship")) == {
        (world.own.student.pk, ""),
        (world.other_district.student.pk, "father"),
    }
    children = client.get(reverse("student:family", args=[world.other_district.student.uuid])).context["children"]
    assert {child.pk for child in children} == {world.own.student.pk, world.other_district.student.pk}


def test_the_code_is_kept_through_the_sign_in(world: World):
    client = Client()
    typed(client, code_for(home(world.other_class.student), world))
    response = client.post(reverse("home:sign-in"), {"username": "guardian", "password": PASSWORD, "next": CONFIRM})

    assert response["Location"] == CONFIRM
    assert client.get(ACCOUNT)["Location"] == CONFIRM
    assert client.get(CONFIRM).status_code == 200


def test_joining_twice_takes_one_place(world: World):
    invitation = invitation_of(code_for(home(world.other_class.student), world))
    for _n in range(2):
        join_household(invitation=invitation, user=world.guardian, relationship="father", day=DAY)

    assert Invitation.objects.get().places == 1
    assert Guardianship.objects.filter(student=world.other_class.student).count() == 1


def test_two_adults_and_no_third(world: World):
    code = code_for(home(world.other_class.student), world)
    clients = [Client() for _n in range(3)]
    assert {typed(client, code).status_code for client in clients} == {302}

    answers = [client.post(ACCOUNT, ANEW | {"username": f"lena{n}"})["Location"] for n, client in enumerate(clients)]

    assert answers == [reverse("home:home"), reverse("home:home"), JOIN]
    assert set(
        Guardianship.objects.filter(student=world.other_class.student).values_list("guardian__username", flat=True)
    ) == {"lena0", "lena1"}
    assert not User.objects.filter(username="lena2").exists()
    assert typed(Client(), code).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_cannot_both_take_the_last_place(transactional_db, school_day):
    from tests.world import build_world

    world = build_world(school_day)
    invitation = invitation_of(code_for(home(world.other_class.student), world, places=1))
    people = [person(f"rival {n}", world.own.district) for n in range(4)]

    def take(user: User) -> bool:
        try:
            join_household(invitation=invitation, user=user, relationship="", day=DAY)
        except CodeSpent:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, people))

    assert sorted(taken) == [False, False, False, True]
    assert Guardianship.objects.filter(student=world.other_class.student).count() == 1
    assert Invitation.objects.get().places == 0


@pytest.mark.parametrize("name", ["restricted_guardian", "past_guardian", "student"])
def test_no_code_opens_what_the_office_closed(name, world: World, as_person):
    """A code of another home, with a sibling: the sibling opens, the child does not; the child alone opens nothing."""
    student, sibling = world.own.student, world.other_class.student
    user = world.people[name]
    before = set(Guardianship.objects.filter(guardian=user).values_list("pk", "is_restricted", "ends_on"))
    alone = invitation_of(code_for(home(student), world))
    with pytest.raises(NothingOpens):
        join_household(invitation=alone, user=user, relationship="", day=DAY)
    client = as_person(user)
    typed(client, code_for(home(student), world))
    assert client.post(CONFIRM, {"relationship": "father"})["Location"] == reverse("home:home")
    assert set(Guardianship.objects.filter(guardian=user).values_list("pk", "is_restricted", "ends_on")) == before

    both = invitation_of(code_for(home(student, sibling), world))
    join_household(invitation=both, user=user, relationship="", day=DAY)

    rows = set(Guardianship.objects.filter(guardian=user).values_list("pk", "is_restricted", "ends_on"))
    assert before <= rows
    assert len(rows) == len(before) + 1
    family = [client.get(reverse("student:family", args=[one.uuid])).status_code for one in (student, sibling)]
    assert family == [200 if name == "student" else 404, 200]


def test_once_the_office_lifts_it_the_record_is_open(world: World, as_person):
    row = Guardianship.objects.get(guardian=world.restricted_guardian)
    restrict_guardian(guardianship=row, is_restricted=False, day=DAY, actor=world.office)

    address = reverse("student:family", args=[world.own.student.uuid])
    assert as_person(world.restricted_guardian).get(address).status_code == 200


# Guardians whom the office knew already


@pytest.fixture
def known(world: World) -> tuple[Household, User]:
    """A guardian of a roster who has no password, in a home."""
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    user = person("mdiallo", world.own.district)
    user.given_name, user.family_name, user.source = "Mariam", "Diallo", source
    user.set_unusable_password()
    user.save()
    household = home(world.other_class.student)
    guard(user, world.other_class.student, household=household)
    return household, user


def offered(client: Client) -> list[str]:
    form = client.get(ACCOUNT).context["form"]
    return [label for _key, label in form.fields["person"].choices] if "person" in form.fields else []


def test_a_known_guardian_takes_their_account(known, world: World):
    household, user = known
    household.students.add(world.other_school.student)
    client = Client()
    typed(client, code_for(household, world))
    assert offered(client) == ["M. Diallo", "somebody else"]
    assert "Mariam" not in client.get(ACCOUNT).content.decode()
    before = User.objects.count()

    client.post(
        ACCOUNT, {"person": user.uuid, "password": ANEW["password"], "relationship": "mother", "language": "es"}
    )

    user.refresh_from_db()
    assert (User.objects.count(), user.username, user.check_password(ANEW["password"])) == (before, "mdiallo", True)
    assert set(Guardianship.objects.filter(guardian=user).values_list("student", "relationship", "household")) == {
        (world.other_class.student.pk, "mother", household.pk),
        (world.other_school.student.pk, "mother", household.pk),
    }
    assert Invitation.objects.get().places == 1
    other = Client()
    typed(other, code_for(household, world))
    assert offered(other) == []
    with pytest.raises(NotKnown):
        take_over_account(
            invitation=Invitation.objects.latest("pk"),
            guardian=user,
            username="x",
            password="y",
            language="en",
            relationship="",
            day=DAY,
        )


def test_one_added_by_hand_chooses_a_name(known, world: World):
    household, user = known
    User.objects.filter(pk=user.pk).update(source=None, username="~0123")
    client = Client()
    typed(client, code_for(household, world))
    form = {"person": user.uuid, "password": ANEW["password"], "relationship": "mother", "language": "en"}
    assert set(client.post(ACCOUNT, form).context["form"].errors) == {"username"}
    assert set(client.post(ACCOUNT, form | {"username": "teacher"}).context["form"].errors) == {"username"}

    client.post(ACCOUNT, form | {"username": "mariam"})

    user.refresh_from_db()
    assert user.username == "mariam"


@pytest.mark.parametrize(
    "trouble",
    ["password", "signed in", "closed", "teacher", "role", "other child", "restricted", "over", "not here", "caseload"],
)
def test_nobody_is_offered_who_could_do_more_or_may_not(trouble, known, world: World):
    household, user = known
    row = Guardianship.objects.get(guardian=user)
    if trouble == "password":
        user.set_password(PASSWORD)
        user.save()
    elif trouble == "signed in":
        User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    elif trouble == "closed":
        User.objects.filter(pk=user.pk).update(is_active=False)
    elif trouble == "teacher":
        teach(user, world.other_school.group)
    elif trouble == "role":
        grant(user, world.own.school, Role.OFFICE)
    elif trouble == "other child":
        guard(user, world.other_school.student)
    elif trouble == "restricted":
        household.students.add(world.own.student)
        Guardianship.objects.filter(pk=row.pk).update(is_restricted=True)
    elif trouble == "over":
        household.students.add(world.own.student)
        Guardianship.objects.filter(pk=row.pk).update(ends_on=DAY - timedelta(days=1))
    elif trouble == "not here":
        Guardianship.objects.filter(pk=row.pk).update(household=None)
    else:
        from lpm.people.models import Caseload

        Caseload.objects.create(district=world.own.district, manager=user, student=world.own.student)
    client = Client()
    assert typed(client, code_for(household, world)).status_code == 302

    assert offered(client) == []
    response = client.post(ACCOUNT, ANEW | {"person": user.uuid})
    assert not Guardianship.objects.filter(guardian=user, student=world.own.student).exists()
    assert response["Location"] == reverse("home:home")  # somebody new, for all that the form says
    assert User.objects.filter(username="lena").exists()


def test_services_of_joining_say_what_is_wrong(world: World):
    invitation = invitation_of(code_for(home(world.other_class.student), world))
    common: dict[str, Any] = {"invitation": invitation, "day": DAY} | ANEW
    with pytest.raises(NameTaken):
        join_anew(**common | {"username": "Teacher"})
    Student.objects.filter(pk=world.other_class.student.pk).update(left_on=DAY - timedelta(days=1))
    with pytest.raises(CodeSpent):
        join_anew(**common)
    Invitation.objects.update(expires_on=DAY - timedelta(days=1))
    with pytest.raises(CodeSpent):
        join_anew(**common)


def test_a_code_that_dies_meanwhile_leads_back(world: World, as_person):
    household = home(world.other_class.student)
    code = code_for(household, world)
    anew, signed_in = Client(), as_person(world.guardian)
    typed(anew, code)
    typed(signed_in, code)
    Invitation.objects.update(revoked_at=timezone.now())

    assert anew.post(ACCOUNT, ANEW)["Location"] == JOIN
    assert signed_in.post(CONFIRM, {"relationship": "father"})["Location"] == JOIN
    assert "does not open anything" in anew.get(JOIN).content.decode()
    assert not User.objects.filter(username="lena").exists()


def test_a_language_that_nobody_wrote_for_falls_back(world: World, as_person):
    household = home(world.own.student, language="xx")
    page = as_person(world.office).post(
        reverse("people:household-invite", args=[household.uuid]), {"places": 2, "days": 60}
    )

    assert f'lang="{settings.LANGUAGE_CODE}"' in page.getvalue().decode()


def test_a_name_is_not_the_email_of_somebody_else(world):
    User.objects.filter(pk=world.administrator.pk).update(email="head@north.example")
    invitation = invitation_of(code_for(home(world.own.student), world))

    with pytest.raises(NameTaken):
        join_anew(invitation=invitation, day=DAY, **ANEW | {"username": "Head@north.example"})

    assert not User.objects.named("head@north.example").exists()


def test_a_code_opens_no_child_from_whom_somebody_at_home_is_restricted(world):
    children = siblings(world)
    ada, bo = children["Ada"], children["Bo"]
    household = home(ada, bo)
    father = Guardianship.objects.get(guardian__username="father", student=ada)
    father.household = household
    father.save()
    Guardianship.objects.filter(guardian__username="father", student=bo).update(is_restricted=True)

    assert invite_household(household=household, day=DAY, actor=world.office).letters[0].children == [ada]
