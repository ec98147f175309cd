"""The weekly letter where something is odd: two districts, two records, words with addresses in them."""

from __future__ import annotations

from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from lpm.audit.models import Entry
from lpm.notices.models import NoticePerson
from lpm.people.models import Guardianship, User
from lpm.people.services.merges import merge_students
from students.letters.services import queue_due_letters
from students.mastery.services import record_remark
from tests.mastery.test_seen import at, mark, moment
from tests.world import DAY, World, enroll, guard

FRIDAY = moment("20", 16)
MINE = reverse("letters:letter-mine")


def test_a_batch_is_noted_at_the_district_of_the_school(world: World):
    """Whoever has a child in two districts is written to once, by either."""
    User.objects.filter(pk=world.guardian.pk).update(email="guardian@example.org")
    student = world.other_district.student
    student.given_name = "Aaron"
    student.save()
    guard(world.guardian, student)

    with at(FRIDAY):
        assert queue_due_letters(now=timezone.now()) == 1

    [entry] = Entry.objects.filter(action="letters.queue")
    assert (entry.subject_uuid, entry.district_id) == (world.own.school.uuid, world.own.district.pk)


def test_who_wants_no_letters_reads_their_page_all_the_same(world: World, as_person):
    NoticePerson.objects.create(person=world.guardian, wants_letters=False, secret="a")
    assert as_person(world.guardian).get(MINE).status_code == 200


def test_what_a_teacher_wrote_is_text(world: World, as_person):
    with at(moment("18", 10)) as day:
        record_remark(
            uuid=uuid4(), student=world.own.student, target=world.targets[0], author=world.teacher, day=day,
            text="<script>alert(1)</script>\n\nhttps://example.org/elsewhere\n\n<b>Good</b>", is_for_family=True,
        )  # fmt: skip
    mark(world, "3", moment("18", 10))

    page = as_person(world.guardian).get(MINE).content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>Good</b>" not in page
    assert 'href="https://example.org' not in page


def test_a_child_with_two_records_is_one_child_in_one_letter(world: World, as_person):
    double = enroll(world.own.group, given_name="Amara", family_name="Double")
    guard(world.guardian, double)
    assert len(as_person(world.guardian).get(MINE).context["letter"].children) == 2

    merge_students(kept=world.own.student, absorbed=double, actor=world.administrator, day=DAY)

    [child] = as_person(world.guardian).get(MINE).context["letter"].children
    assert child.student == world.own.student


def test_a_guardian_of_two_homes_is_named_on_one_sheet(world: World, as_person):
    """And a guardian to whom the record is closed on none, whoever shares their home."""
    Guardianship.objects.filter(guardian=world.guardian_from_nowhere).update(is_restricted=True, may_write=True)
    page = as_person(world.teacher).get(reverse("letters:group-letters", args=[world.own.group.uuid]))
    names = [letter.home.names for letter in page.context["letters"]]
    assert sorted(names) == ["Guardian Allowed Person", "Guardian Person"]
