"""To whom the weekly letter goes, when, and once: by e-mail, on a page, on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lpm.audit.models import Entry, RecordView
from lpm.notices.models import Delivery, NoticePerson, NoticeSettings
from lpm.notices.services import Words, send_delivery
from lpm.people.enums import Part
from lpm.people.models import Closure, Guardianship, Household, Organization, SchoolYear, Student, User
from students.letters import services
from students.letters.queries import homes_to_print
from students.letters.services import queue_due_letters, write_letter
from students.letters.tasks import queue_due_letters as task
from tests.mastery.test_seen import at, mark, moment
from tests.notices.mail import letters, text_of
from tests.world import DAY, World, enroll, guard, person

FRIDAY = moment("20", 16)
MINE = reverse("letters:letter-mine")


@pytest.fixture
def reached(world: World) -> World:
    """Everybody of the world has an address."""
    for user in User.objects.all():
        user.email = f"{user.username}@example.org"
        user.save(update_fields=["email"])
    return world


def queue(when: str = FRIDAY) -> int:
    with at(when):
        return queue_due_letters(now=timezone.now())


def queued() -> set[tuple[str, str]]:
    return {(row.person.username, row.key.split()[1]) for row in Delivery.objects.filter(kind="family_letter")}


def written(world: World, when: str = FRIDAY) -> Words | None:
    """The letter to the guardian, as it would go out now."""
    with at(when):
        return write_letter(delivery=Delivery.objects.get(person=world.guardian), now=timezone.now())


def print_page(world: World) -> str:
    return reverse("letters:group-letters", args=[world.own.group.uuid])


def sheets(page: Any) -> set[tuple[str, str]]:
    """To whom, and about whom."""
    letters = page.context["letters"]
    return {(one.home.names, ", ".join(part.name for part in one.children)) for one in letters}


# By e-mail


def test_letters_go_out_when_it_is_time_at_the_school_and_once(reached: World):
    mark(reached, "3", moment("18", 10))
    assert [queue(when) for when in (moment("19", 17), moment("20", 15))] == [0, 0]

    assert queue() == 3
    assert [queue(when) for when in (FRIDAY, moment("20", 17), moment("23", 9))] == [0, 0, 0]

    assert queued() == {(name, "2026-W47") for name in ("guardian", "guardian_from_nowhere", "guardian_allowed")}
    letter = Delivery.objects.get(person=reached.guardian)
    assert (letter.kind, letter.channel) == ("family_letter", "email")
    assert letter.key == f"letter 2026-W47 {reached.guardian.uuid}"
    words = written(reached)
    assert words is not None
    assert (words.language, words.subject) == ("en", "Your week with school")
    paragraphs = [block.text for block in words.blocks]
    assert paragraphs[:2] == ["Hello Guardian Person,", "What changed: Amara can do 1 new thing. “I can take step 1”"]
    assert paragraphs[-3].startswith("Ask tonight: Amara, ")
    assert words.blocks[-1].url.endswith("/family/letter/")
    entries = Entry.objects.filter(action="letters.queue")
    assert [(entry.actor, entry.subject_uuid, entry.details) for entry in entries] == [
        (None, reached.own.school.uuid, {"week": "2026-W47", "letters": 3})
    ]
    assert queue(moment("27", 17)) == 3
    assert {week for _person, week in queued()} == {"2026-W47", "2026-W48"}


def test_the_task_writes_them_at_the_hour_that_the_district_chose(reached: World):
    NoticeSettings.objects.create(organization=reached.own.district, valid_from=DAY, letter_weekday=0, letter_hour=8)
    assert queue() == 0

    with at(moment("23", 9)):
        task()

    assert {week for _person, week in queued()} == {"2026-W48"}


def test_who_wants_none_and_who_has_no_address_gets_none(reached: World):
    NoticePerson.objects.create(person=reached.guardian, wants_letters=False, secret="a")
    NoticePerson.objects.create(person=reached.guardian_allowed, stopped_at=timezone.now(), secret="b")
    User.objects.filter(pk=reached.guardian_from_nowhere.pk).update(email="")

    assert queue() == 0

    NoticePerson.objects.update(wants_letters=True, stopped_at=None)
    User.objects.filter(pk=reached.guardian.pk).update(is_active=False)
    assert queue() == 1


def test_none_go_out_where_letters_are_off_or_the_student_has_left(reached: World, as_person):
    for off in (Part.LETTERS, Part.FAMILIES):
        parts = [part for part in Part.values if part != off]
        Organization.objects.filter(pk=reached.own.school.pk).update(parts=parts)
        assert queue() == 0
        assert as_person(reached.teacher).get(print_page(reached)).status_code == 404

    Organization.objects.filter(pk=reached.own.school.pk).update(parts=Part.values)
    Student.objects.filter(pk=reached.own.student.pk).update(left_on=DAY - timedelta(days=1))
    assert queue() == 1


def test_none_go_out_in_a_week_without_school(reached: World):
    school = reached.own.school
    SchoolYear.objects.create(
        organization=school, title="2026/27", ends_in=2027, starts_on=date(2026, 9, 1), ends_on=date(2027, 6, 15)
    )
    Closure.objects.create(
        organization=school, title="A week", starts_on=date(2026, 11, 14), ends_on=DAY + timedelta(2)
    )

    assert [queue(), queue(moment("27", 16))] == [0, 3]


def test_one_letter_tells_of_every_child(reached: World, monkeypatch):
    monkeypatch.setattr(services, "AT_ONCE", 1)
    guard(reached.guardian, reached.other_school.student)
    mark(reached, "3", moment("18", 10))

    assert queue() == 3

    words = written(reached)
    assert words is not None
    body = "\n\n".join(block.text for block in words.blocks)
    assert body.count("AMARA") == 2
    assert "Amara can do 1 new thing." in body
    assert "No teacher has noted anything about Amara yet." in body


def test_a_letter_is_of_its_week_and_not_sent_when_it_has_become_old(reached: World):
    """From Monday on, what is told of is a week that is over."""
    mark(reached, "3", moment("18", 10))
    queue()

    for when in (moment("20", 17), moment("23", 9)):
        words = written(reached, when)
        assert words is not None
        assert words.blocks[1].text.startswith("What changed: Amara can do 1 new thing.")
    assert written(reached, moment("25", 9)) is None


def unguard(world: World, how: str) -> None:
    """The guardian may not read about the one of two children any more."""
    rows = Guardianship.objects.filter(guardian=world.guardian, student=world.own.student)
    if how == "restricted":
        rows.update(is_restricted=True)
    elif how == "may only write":
        rows.update(is_restricted=True, may_write=True)
    elif how == "ended":
        rows.update(ends_on=DAY)
    elif how == "of age":
        Student.objects.filter(pk=world.own.student.pk).update(born_on=date(2000, 1, 1))
    elif how == "families off":
        Organization.objects.filter(pk=world.own.school.pk).update(parts=[Part.STUDENTS, Part.LETTERS])
    else:
        Student.objects.filter(pk=world.own.student.pk).update(left_on=DAY)


@pytest.mark.parametrize("how", ["restricted", "may only write", "ended", "of age", "families off", "left"])
def test_what_a_letter_tells_is_asked_when_it_goes_out(reached: World, settings, tmp_path, how: str):
    settings.EMAIL_FILE_PATH = tmp_path
    other = reached.other_school.student
    Student.objects.filter(pk=other.pk).update(preferred_name="Zelda", family_preferred_name="Zelda")
    guard(reached.guardian, other)
    mark(reached, "3", moment("18", 10))
    queue()
    before = written(reached)
    assert before is not None
    assert {"AMARA", "ZELDA"} < {block.text for block in before.blocks}

    unguard(reached, how)
    with at(moment("20", 17)):
        send_delivery(Delivery.objects.get(person=reached.guardian).uuid)

    [letter] = letters(tmp_path)
    assert "Zelda" in text_of(letter)
    assert "Amara" not in text_of(letter)

    unguard(reached, "restricted")
    Guardianship.objects.filter(student=other).update(is_restricted=True)
    assert written(reached) is None


# On a page


def test_a_guardian_reads_this_weeks_letter(world: World, as_person):
    mark(world, "3", moment("17", 10))

    page = as_person(world.guardian).get(MINE)

    said = page.content.decode()
    assert "A letter about Amara" in said
    assert "Week of November 16" in said
    assert [line.title for line in page.context["letter"].children[0].lines] == [
        "What changed", "What needs a look", "What comes next",
    ]  # fmt: skip
    looks = RecordView.objects.filter(page="letter").values_list("viewer", "student_uuid")
    assert list(looks) == [(world.guardian.pk, world.own.student.uuid)]

    guard(world.guardian, world.other_class.student)
    assert "A letter about your children" in as_person(world.guardian).get(MINE).content.decode()
    Organization.objects.filter(pk=world.own.school.pk).update(parts=[])
    assert as_person(world.guardian).get(MINE).status_code == 404


# On paper


def test_a_teacher_prints_for_homes_without_e_mail(world: World, as_person):
    world.guardian.language = "es"
    world.guardian.email = "guardian@example.org"
    world.guardian.save()
    sibling = world.other_class.student
    guard(world.guardian_from_nowhere, sibling)

    page = as_person(world.teacher).get(print_page(world))

    assert sheets(page) == {("Guardian From Nowhere Person", "Amara"), ("Guardian Allowed Person", "Gwen")}
    assert "data-print" in page.content.decode()
    assert "2 homes without e-mail" in page.content.decode()
    looks = RecordView.objects.filter(page="letter", viewer=world.teacher)
    assert {look.student_uuid for look in looks} == {
        world.own.student.uuid, Student.objects.get(user=world.grown_student).uuid,
    }  # fmt: skip
    leader = as_person(world.leader).get(reverse("letters:school-letters", args=[world.own.school.uuid]))
    assert sheets(leader) == {("Guardian From Nowhere Person", "Amara, Amara"), ("Guardian Allowed Person", "Gwen")}


def test_adults_of_one_home_share_a_sheet_when_they_see_the_same_children(world: World):
    home = Household.objects.create(district=world.own.district, language="fr")
    mother, father, aunt = (person(name, world.own.district) for name in ("mother", "father", "aunt"))
    Guardianship.objects.all().delete()
    for adult in (mother, father, aunt):
        guard(adult, world.own.student, household=home)
    guard(aunt, world.other_class.student, household=home)

    pks = [world.own.student.pk, world.other_class.student.pk]

    def found() -> set[tuple[str, int]]:
        return {(one.names, len(one.children)) for one in homes_to_print(pks, DAY)}

    assert found() == {("Father Person, Mother Person", 1), ("Aunt Person", 2)}
    User.objects.filter(pk=mother.pk).update(email="mother@example.org")
    assert found() == set()


def test_with_nobody_to_print_for_the_page_says_so(reached: World, as_person):
    page = as_person(reached.teacher).get(print_page(reached))

    assert sheets(page) == set()
    assert "No letters to print" in page.content.decode()


def test_a_sheet_is_in_the_language_of_the_home(world: World, as_person, settings):
    settings.LANGUAGES = [("en", "English"), ("es", "Español")]
    Guardianship.objects.exclude(guardian=world.guardian).delete()
    home = Household.objects.create(district=world.own.district, language="es-MX")
    Guardianship.objects.update(household=home)

    [letter] = as_person(world.teacher).get(print_page(world)).context["letters"]

    assert letter.language == "es"


@pytest.fixture
def families(world: World) -> Callable[[int], None]:
    def make(count: int) -> None:
        for number in range(count):
            student = enroll(world.own.group, given_name=f"Child {number}", family_name="Birch")
            guard(person(f"parent {number}", world.own.district), student)
            mark(world, "2", moment("10", 10), student=student)
            mark(world, "3", moment("17", 10), student=student)

    Guardianship.objects.all().delete()
    return make


@pytest.mark.parametrize("count", [1, 30])
def test_printing_costs_the_same_however_many(world: World, as_person, families, count: int):
    families(count)
    client = as_person(world.teacher)
    client.get(print_page(world))

    with CaptureQueriesContext(connection) as captured:
        page = client.get(print_page(world))

    assert len(page.context["letters"]) == count
    assert len(captured) == 27
