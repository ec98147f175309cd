"""Letters with a code."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lpm.audit.models import Entry
from lpm.lib.codes import ALPHABET, digest, new_code, normalise
from lpm.people.models import Guardianship, Household, Invitation, Student, User
from lpm.people.services.invitations import (
    invite_household,
    make_invitations,
    revoke_invitations,
)
from tests.people.invitations import code_for, typed
from tests.people.test_guardians import home, siblings
from tests.world import DAY, World, enroll, guard, person


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
    assert len(asked) == 26


def test_a_language_that_nobody_wrote_for_falls_back(world: World, as_person):
    household = home(world.own.student, language="xx")
    page = as_person(world.office).post(
        reverse("people:household-invite", args=[household.uuid]), {"places": 2, "days": 60}
    )

    assert f'lang="{settings.LANGUAGE_CODE}"' in page.getvalue().decode()
