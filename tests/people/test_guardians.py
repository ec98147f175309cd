"""Contacts and homes: who may be told something, and what one guardian reads of another, which is nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from lpm.audit.models import Entry, RecordView
from lpm.people.enums import Audience
from lpm.people.models import Guardianship, Household, Invitation, RosterSource, Student, User
from lpm.people.queries.guardians import find_siblings, group_siblings
from lpm.people.services.guardians import (
    AlreadyGuardian,
    EndsBeforeItBegins,
    OwnedByRoster,
    OwnGuardian,
    WrongHousehold,
    add_guardian,
    add_to_household,
    change_guardianship,
    change_household,
    make_household,
    remove_from_household,
    restrict_guardian,
)
from lpm.people.services.invitations import invite_household
from tests.test_access import routes
from tests.world import DAY, World, enroll, guard, person


def contacts_of(student: Student) -> str:
    return reverse("people:student-contacts", kwargs={"student": student.uuid})


def home(*students: Student, **fields: Any) -> Household:
    household = Household.objects.create(district=students[0].district, **fields)
    household.students.set(students)
    return household


def link(world: World, name: str = "guardian") -> Guardianship:
    return Guardianship.objects.get(guardian=world.people[name], student=world.own.student)


def entries() -> list[tuple[str, int | None]]:
    rows = Entry.objects.filter(action__startswith="people.").exclude(action="people.create_organization")
    return list(rows.order_by("pk").values_list("action", "actor"))


# Reading


def test_a_teacher_reads_no_contact_without_a_reason(world: World, as_person):
    restricted = world.restricted_guardian
    page = as_person(world.teacher).get(contacts_of(world.own.student)).content.decode()

    row = page[page.index(restricted.name) :]
    row = row[: row.index("</tr>")]
    assert "no contact" in row
    assert "Tell this person nothing about Amara." in row
    assert "restrict" not in row.replace(restricted.name, "").lower()


def test_homes_and_their_labels_are_the_offices_alone(world: World, as_person):
    home(world.own.student, label="Mother’s home")

    seen = {
        name: "Mother’s home" in as_person(world.people[name]).get(contacts_of(world.own.student)).content.decode()
        for name in ("teacher", "case_manager", "counselor", "privacy_officer", "leader", "office", "administrator")
    }
    assert seen == {
        "teacher": False,
        "case_manager": False,
        "counselor": False,
        "privacy_officer": False,
        "leader": True,
        "office": True,
        "administrator": True,
    }


def test_reading_contacts_is_in_the_audit(world: World, as_person):
    as_person(world.teacher).get(contacts_of(world.own.student))

    assert list(RecordView.objects.values_list("viewer", "student_uuid", "page")) == [
        (world.teacher.pk, world.own.student.uuid, "contacts")
    ]


@pytest.mark.parametrize("count", [1, 30])
def test_contacts_cost_the_same_however_many(count, world: World, as_person):
    student = world.own.student
    for n in range(count):
        guard(person(f"guardian {n}", world.own.district), student, household=home(student))
    client = as_person(world.office)
    client.get(contacts_of(student))

    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(contacts_of(student)).status_code == 200
    assert len(asked) == 10


# Changing


def test_the_office_adds_somebody_new(world: World, as_person):
    student = world.own.student
    form = {"given_name": "Lena", "family_name": "Diallo", "email": "", "relationship": "mother", "household": ""}
    response = as_person(world.office).post(reverse("people:guardian-add", args=[student.uuid]), form)

    assert response.status_code == 302
    row = Guardianship.objects.get(guardian__given_name="Lena")
    assert (row.student, row.relationship, row.starts_on, row.district) == (student, "mother", DAY, student.district)
    assert (row.guardian.organization, row.guardian.has_usable_password()) == (student.district, False)
    assert entries() == [("people.add_guardian", world.office.pk)]


def test_somebody_new_cannot_have_the_email_of_another(world: World, as_person):
    student = world.own.student
    User.objects.filter(pk=world.teacher.pk).update(email="Taken@example.org")
    form = {"given_name": "Lena", "family_name": "Diallo", "email": "taken@example.org", "relationship": "mother"}

    response = as_person(world.office).post(reverse("people:guardian-add", args=[student.uuid]), form)

    assert response.status_code == 422
    assert response.context["new"].errors == {
        "email": ["Somebody else of the district has this e-mail address. If it is them, look for them by name."]
    }
    assert not User.objects.filter(given_name="Lena").exists()


def test_the_office_adds_somebody_who_is_a_guardian_of_another_child(world: World, as_person):
    student = Student.objects.get(given_name="Ben")
    address = reverse("people:guardian-add", args=[student.uuid])
    client = as_person(world.office)
    found = client.get(address, {"q": "Guardian Per"}).context["found"]
    assert world.guardian in found

    form = {"person": world.guardian.uuid, "q": "Guardian Per", "relationship": "father"}
    assert client.post(address, form).status_code == 302

    assert set(Guardianship.objects.filter(student=student).values_list("guardian", "relationship")) == {
        (world.guardian.pk, "father")
    }


def test_nobody_is_found_who_is_not_the_offices_business(world: World, as_person):
    elsewhere = guard(person("cedar_guardian", world.own.district), world.other_school.student).guardian
    far = guard(person("palm_guardian", world.other_district.district), world.other_district.student).guardian
    address = reverse("people:guardian-add", args=[world.own.student.uuid])

    def found(text: str) -> set[User]:
        return set(as_person(world.office).get(address, {"q": text}).context["found"])

    assert found("Cedar") == set()
    assert found("cedar_guardian") == {elsewhere}  # who tells the office their sign-in name wants to be found
    assert found("palm_guardian") == set()
    assert found("Guardian Person") == {world.guardian_of_grown, world.guardian_allowed} - {
        row.guardian for row in world.own.student.guardianships.all()
    }
    assert as_person(world.office).post(address, {"person": far.uuid, "q": "palm_guardian"}).status_code == 422


def test_nobody_is_added_twice_or_to_themselves(world: World):
    common: dict[str, Any] = {"student": world.own.student, "relationship": "", "day": DAY, "actor": None}
    with pytest.raises(AlreadyGuardian):
        add_guardian(guardian=world.restricted_guardian, **common)
    with pytest.raises(OwnGuardian):
        add_guardian(guardian=world.student, **common)
    with pytest.raises(WrongHousehold):
        add_guardian(guardian=world.stranger, household=home(world.other_class.student), **common)


def test_ending_contact_closes_the_record_after_the_last_day(world: World, as_person):
    row = link(world)
    address = reverse("people:guardianship-change", args=[row.uuid])
    family = reverse("student:family", args=[world.own.student.uuid])
    guardian = as_person(world.guardian)
    assert guardian.get(family).status_code == 200

    yesterday = DAY - timedelta(days=1)
    response = as_person(world.office).post(address, {"relationship": "father", "ends_on": yesterday.isoformat()})

    assert response.status_code == 302
    row.refresh_from_db()
    assert (row.relationship, row.ends_on) == ("father", yesterday)
    assert guardian.get(family).status_code == 404


def test_a_last_day_before_the_first_is_refused(world: World, as_person):
    row = link(world)
    Guardianship.objects.filter(pk=row.pk).update(starts_on=DAY)
    form = {"ends_on": (DAY - timedelta(days=1)).isoformat()}

    response = as_person(world.office).post(reverse("people:guardianship-change", args=[row.uuid]), form)

    assert response.status_code == 422
    assert "before the first day" in response.content.decode()
    row.refresh_from_db()
    assert row.ends_on is None
    with pytest.raises(EndsBeforeItBegins):
        change_guardianship(
            guardianship=row,
            relationship="",
            household=None,
            ends_on=DAY - timedelta(days=1),
            day=DAY,
            actor=None,
        )


def test_the_roster_keeps_its_dates_and_the_office_restricts(world: World, as_person):
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    row = link(world)
    Guardianship.objects.filter(pk=row.pk).update(source=source, sourced_id="g1")
    client = as_person(world.office)
    address = reverse("people:guardianship-change", args=[row.uuid])
    assert "“SIS”" in client.get(address).content.decode()

    assert client.post(address, {"relationship": "aunt", "ends_on": DAY.isoformat()}).status_code == 422
    client.post(address, {"relationship": "relative", "ends_on": DAY.isoformat()})
    client.post(reverse("people:guardianship-restrict", args=[row.uuid]), {"restrict": "yes"})

    row.refresh_from_db()
    assert (row.ends_on, row.relationship, row.is_restricted) == (None, "relative", True)
    with pytest.raises(OwnedByRoster):
        change_guardianship(guardianship=row, relationship="", household=None, ends_on=DAY, day=DAY, actor=None)


def test_a_restriction_holds_in_an_open_session_and_is_lifted(world: World, as_person):
    guardian, office = as_person(world.guardian), as_person(world.office)
    family = reverse("student:family", args=[world.own.student.uuid])
    address = reverse("people:guardianship-restrict", args=[link(world).uuid])
    assert guardian.get(family).status_code == 200

    office.post(address, {"restrict": "yes"})
    assert guardian.get(family).status_code == 404
    office.post(address, {"restrict": "no"})
    assert guardian.get(family).status_code == 200

    assert entries() == [
        ("people.restrict_contact", world.office.pk),
        ("people.lift_restriction", world.office.pk),
    ]


def test_a_restriction_and_an_end_void_the_codes_of_the_home(world: World):
    for change in (
        {"call": restrict_guardian, "is_restricted": True},
        {"call": change_guardianship, "relationship": "", "ends_on": DAY, "household": None},
    ):
        call: Any = change.pop("call")
        row = link(world)
        household = home(world.own.student)
        Guardianship.objects.filter(pk=row.pk).update(household=household, is_restricted=False)
        invite_household(household=household, day=DAY, actor=world.office)
        assert Invitation.objects.filter(household=household, revoked_at__isnull=True).count() == 1

        call(guardianship=row, day=DAY, actor=world.office, **change)

        assert Invitation.objects.filter(household=household, revoked_at__isnull=True).count() == 0


def test_services_check_again(world: World):
    row, household = link(world), home(world.own.student)
    cases: list[tuple[Any, dict[str, Any]]] = [
        (restrict_guardian, {"guardianship": row, "is_restricted": True}),
        (change_household, {"household": household, "label": "x", "language": ""}),
        (make_household, {"students": [world.own.student, world.other_school.student]}),
        (add_to_household, {"household": household, "student": world.other_school.student}),
        (remove_from_household, {"household": household, "student": world.own.student}),
    ]
    for call, arguments in cases:
        who = world.office if call in (make_household, add_to_household) else world.teacher
        with pytest.raises(PermissionDenied):
            call(day=DAY, actor=who, **arguments)
    with pytest.raises(PermissionDenied):
        make_household(students=[], day=DAY, actor=world.office)


# Homes


def test_a_child_has_two_homes_and_a_home_two_schools(world: World, as_person):
    child, sibling = world.own.student, world.other_school.student
    client = as_person(world.administrator)
    for label in ("Mother’s", "Father’s"):
        response = client.post(reverse("people:household-add", args=[child.uuid]))
        household = Household.objects.order_by("pk").last()
        assert household
        assert response.url == reverse("people:household-show", args=[household.uuid])
        client.post(reverse("people:household-change", args=[household.uuid]), {"label": label, "language": "es"})
    assert household
    found = client.get(response.url, {"q": "cedar"}).context["found"]
    assert list(found) == [sibling]
    client.post(reverse("people:household-join", args=[household.uuid]), {"student": sibling.uuid})

    kept = {(one.label, one.language, frozenset(one.students.all())) for one in child.households.all()}
    assert kept == {("Mother’s", "es", frozenset({child})), ("Father’s", "es", frozenset({child, sibling}))}


def test_the_office_of_one_school_reads_the_whole_home_and_changes_its_own_child(world: World, as_person):
    child, sibling = world.own.student, world.other_school.student
    household = home(child, sibling)
    client = as_person(world.office)
    page = client.get(reverse("people:household-show", args=[household.uuid]))

    assert page.context["children"] == [(child, True), (sibling, False)]
    leave = reverse("people:household-leave", args=[household.uuid])
    assert client.post(leave, {"student": sibling.uuid}).status_code == 404
    assert client.post(leave, {"student": child.uuid}).status_code == 302
    assert set(household.students.all()) == {sibling}


def test_no_child_of_another_district_joins_a_home(world: World, as_person):
    household = home(world.own.student)
    address = reverse("people:household-join", args=[household.uuid])
    far = world.other_district.student

    assert as_person(world.administrator).post(address, {"student": far.uuid}).status_code == 404
    with pytest.raises(WrongHousehold):
        add_to_household(household=household, student=far, day=DAY, actor=None)
    with pytest.raises(WrongHousehold):
        make_household(students=[world.own.student, far], day=DAY, actor=None)
    assert set(household.students.all()) == {world.own.student}


def test_leaving_a_home_unties_its_adults_and_voids_its_codes(world: World):
    household = home(world.own.student, world.other_class.student)
    row = link(world)
    Guardianship.objects.filter(pk=row.pk).update(household=household)
    invite_household(household=household, day=DAY, actor=world.office)

    remove_from_household(household=household, student=world.own.student, day=DAY, actor=world.office)

    row.refresh_from_db()
    assert (row.household, row.ends_on) == (None, None)
    assert not Invitation.objects.filter(revoked_at__isnull=True).exists()


def test_a_label_that_is_too_long_is_refused(world: World, as_person):
    household = home(world.own.student, label="Home")
    address = reverse("people:household-change", args=[household.uuid])

    assert as_person(world.office).post(address, {"label": "x" * 201}).status_code == 422
    household.refresh_from_db()
    assert household.label == "Home"


# Siblings


def siblings(world: World) -> dict[str, Student]:
    """Two with both parents in common, a half-sister with one, and one restricted from the father."""
    names = ["Ada", "Bo", "Cleo", "Dan"]
    made = {
        name: enroll(world.own.group, given_name=name, family_name="Kin", born_on=world.own.student.born_on)
        for name in names
    }
    mother, father = person("mother", world.own.district), person("father", world.own.district)
    for name in ("Ada", "Bo"):
        guard(mother, made[name])
        guard(father, made[name])
    guard(mother, made["Cleo"])
    guard(father, made["Dan"], is_restricted=True)
    return made


def test_siblings_are_proposed_and_never_put_together_by_themselves(world: World, as_person):
    made = siblings(world)
    found = find_siblings(Student.objects.filter(family_name="Kin"), DAY)

    assert [([one.given_name for one in each.students], each.is_same) for each in found] == [
        (["Ada", "Bo"], True),
        (["Ada", "Bo", "Cleo"], False),
    ]
    assert [[guardian.username for guardian in each.guardians] for each in found] == [["father", "mother"], ["mother"]]
    assert not Household.objects.exists()

    address = reverse("people:household-guess", args=[world.own.school.uuid])
    client = as_person(world.office)
    assert "Each has other guardians" in client.get(address).content.decode()
    client.post(address, {"students": [made["Ada"].uuid, made["Bo"].uuid]})

    assert set(Household.objects.get().students.all()) == {made["Ada"], made["Bo"]}
    assert [[one.given_name for one in each.students] for each in client.get(address).context["page"]] == [
        ["Ada", "Bo", "Cleo"]
    ]


def test_only_the_very_same_guardians_make_a_group(world: World):
    made = siblings(world)
    pks = {name: student.pk for name, student in made.items()}

    assert group_siblings(list(pks.values()), DAY) == [[pks["Ada"], pks["Bo"]], [pks["Cleo"]], [pks["Dan"]]]


@pytest.mark.parametrize("count", [1, 30])
def test_proposals_cost_the_same_however_many(count, world: World, as_person):
    for n in range(count):
        parent = person(f"parent {n}", world.own.district)
        for name in ("Ada", "Bo"):
            guard(parent, enroll(world.own.group, given_name=name, family_name=f"Kin {n}"))
    client = as_person(world.office)
    address = reverse("people:household-guess", args=[world.own.school.uuid])
    client.get(address)

    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)
    assert response.context["page"].paginator.count == count
    assert len(asked) == 8


# What one guardian reads of another


@pytest.fixture
def separated(world: World) -> dict[str, User]:
    """Two guardians of one child in homes of their own, each of whom has looked and done something."""
    student = world.own.student
    parents = {}
    for name in ("Zenobia", "Quentin"):
        user = person(f"signin-{name.lower()}", world.own.district)
        user.given_name, user.family_name, user.email = name, f"Family-{name}", f"{name}@home.example"
        user.save()
        guard(user, student, household=home(student, label=f"Label-{name}"))
        parents[name] = user
    for user in parents.values():
        client = Client()
        client.force_login(user)
        client.get(reverse("student:family", args=[student.uuid]))
    assert RecordView.objects.filter(viewer__in=parents.values()).count() == 2
    return parents


def addresses(world: World) -> list[str]:
    """Every address that names nothing but what a family could name."""
    places: dict[str, Any] = {"student": world.own.student.uuid, "topic": world.own.topic.uuid}
    found = []
    for name, pattern in routes(get_resolver().url_patterns):
        assert isinstance(pattern, URLPattern)
        wanted = {key: places[key] for key in pattern.pattern.converters if key in places}
        try:
            found.append(reverse(name, kwargs=wanted))
        except NoReverseMatch:
            continue
    return found


def test_no_page_shows_a_guardian_another_ones_name_home_or_doings(separated, world: World, as_person):
    words = ["signin-quentin", "Quentin", "Label-Quentin"]
    leaks: dict[str, list[str]] = {}
    seen = 0
    client = as_person(separated["Zenobia"])
    client.raise_request_exception = False
    for address in addresses(world):
        response = client.get(address)
        if response.status_code != 200 or "somebody_else" in address:
            continue
        seen += 1
        body = b"".join(response) if response.streaming else response.content
        if found := [word for word in words if word in body.decode(errors="replace")]:
            leaks[address] = found

    assert seen >= 5
    assert leaks == {}


def test_the_leak_that_would_be_is_there_to_be_seen(separated, world: World, as_person):
    page = as_person(world.office).get(contacts_of(world.own.student)).content.decode()

    assert {word for word in ("Quentin", "Zenobia", "Label-Quentin", "Label-Zenobia") if word in page} == {
        "Quentin",
        "Zenobia",
        "Label-Quentin",
        "Label-Zenobia",
    }


def test_guardians_open_neither_contacts_nor_homes(separated, world: World, as_person):
    other = Guardianship.objects.get(guardian=separated["Quentin"])
    own = Guardianship.objects.get(guardian=separated["Zenobia"])
    assert other.household
    assert own.household
    client = as_person(separated["Zenobia"])

    for address in [
        contacts_of(world.own.student),
        reverse("people:household-show", args=[other.household.uuid]),
        reverse("people:household-show", args=[own.household.uuid]),
        reverse("people:guardianship-change", args=[other.uuid]),
    ]:
        assert client.get(address).status_code == 404


# Several children


def test_the_family_page_leads_to_children_in_two_schools_and_districts_and_not_to_a_restricted_one(
    world: World, as_person
):
    parent = person("parent_of_four", world.own.district)
    for place in ("own", "other_school", "other_district"):
        student = world.places[place].student
        student.family_preferred_name = f"Child at {place}"
        student.save()
        guard(parent, student)
    guard(parent, world.other_class.student, is_restricted=True)
    client = as_person(parent)

    for place in ("own", "other_school", "other_district"):
        response = client.get(reverse("student:family", args=[world.places[place].student.uuid]))
        assert response.status_code == 200
        assert {child.first_name for child in response.context["children"]} == {
            "Child at own",
            "Child at other_school",
            "Child at other_district",
        }
        assert {child.audience for child in response.context["children"]} == {Audience.FAMILY}
    closed = client.get(reverse("student:family", args=[world.other_class.student.uuid]))
    assert closed.status_code == 404


def test_the_office_does_not_open_a_record_to_itself(world):
    common: Any = {"student": world.own.student, "relationship": "", "day": DAY}
    with pytest.raises(PermissionDenied):
        add_guardian(guardian=world.office, actor=world.office, **common)

    add_guardian(guardian=world.leader, actor=world.leader, **common)  # who sees it anyway
