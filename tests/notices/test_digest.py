"""The e-mail of a day, and letters of other parts, which say what to write when they go out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from lpm.notices.enums import Channel, DeliveryKind, DeliveryState, NoticeKind
from lpm.notices.models import Delivery, Notice, NoticePerson
from lpm.notices.queries.choices import choices_of, standing_of
from lpm.notices.services import Block, Words, queue_letter, tell
from lpm.notices.services.compose import person_row
from lpm.notices.signals import letter_writing
from lpm.people.models import Guardianship, User
from tests.notices.mail import choose, letters, send_all, states, text_of, with_address, written_to
from tests.world import World, guard

STATES = DeliveryState


def test_the_news_of_a_day_are_one_letter(world: World, guardian, folder):
    choose(guardian, NoticeKind.MESSAGE, Channel.DIGEST)
    first, second, read = (written_to(guardian, world, number) for number in range(3))
    tell(people=[guardian], kind=NoticeKind.LEVEL, key="day", path="/", student=world.own.student)  # by default
    Notice.objects.filter(pk=read.pk).update(read_at=timezone.now())
    [delivery] = Delivery.objects.all()
    assert (delivery.key, timezone.localtime(delivery.due_at).isoformat()[:16]) == (
        f"digest:{guardian.uuid}:2026-11-20T12:30",
        "2026-11-20T12:30",
    )

    with time_machine.travel(delivery.due_at, tick=False):
        send_all()
        send_all()

    [letter] = letters(folder)
    assert letter["Subject"] == "News from school: 3 things"
    assert text_of(letter).count("•") == 3
    assert set(Notice.objects.filter(digested_at=None)) == {read}
    assert states() == [STATES.SENT]

    with time_machine.travel(delivery.due_at + timedelta(hours=5), tick=False):
        written_to(guardian, world, 7)
    later = Delivery.objects.get(state=STATES.WAITING)
    with time_machine.travel(later.due_at, tick=False):
        send_all()
    assert sorted(letter["Subject"] for letter in letters(folder)) == [
        "News from school: 1 thing",
        "News from school: 3 things",
    ]
    assert {first, second} < set(Notice.objects.exclude(digested_at=None))


def test_news_after_another_hour_was_chosen_do_not_wait_for_the_next_news(world: World, guardian, folder):
    """The e-mail of the day has gone out when its reader says that mornings begin later."""
    choose(guardian, NoticeKind.MESSAGE, Channel.DIGEST)
    written_to(guardian, world, 1)
    with time_machine.travel("2026-11-20T12:30:00+00:00", tick=False):
        send_all()
    person_row(guardian)
    NoticePerson.objects.update(quiet_until="12:00")
    with time_machine.travel("2026-11-20T15:00:00+00:00", tick=False):
        written_to(User.objects.get(pk=guardian.pk), world, 2)

    with time_machine.travel("2026-11-20T17:30:00+00:00", tick=False):
        send_all()

    assert (states(), len(letters(folder))) == ([STATES.SENT, STATES.SENT], 2)


def test_emails_of_several_days_that_waited_are_one(world: World, guardian, folder):
    """No worker ran for two days; then two run at once, and neither has marked what it sent."""
    choose(guardian, NoticeKind.MESSAGE, Channel.DIGEST)
    written_to(guardian, world, 1)
    with time_machine.travel("2026-11-20T15:00:00+00:00", tick=False):
        written_to(guardian, world, 2)
    assert states() == [STATES.WAITING] * 2

    with time_machine.travel("2026-11-22T15:00:00+00:00", tick=False):
        send_all()

    [letter] = letters(folder)
    assert (letter["Subject"], states()) == ("News from school: 2 things", [STATES.DROPPED, STATES.SENT])


def test_a_student_with_children_of_their_own_is_written_to_about_these(world: World, folder):
    """What is told of a student's own stands on the page; of a child it comes as to any guardian."""
    person = with_address(world.grown_student)
    guard(person, world.own.student)
    tell(people=[person], kind=NoticeKind.LEVEL, key="day", path="/", student=world.own.student)

    with time_machine.travel("2026-11-20T13:00:00+00:00", tick=False):
        send_all()

    assert (states(), len(letters(folder))) == ([STATES.SENT], 1)
    assert choices_of(person, standing_of(person))[NoticeKind.LEVEL] == Channel.DIGEST


def test_a_digest_without_news_is_not_sent(world: World, guardian, folder):
    choose(guardian, NoticeKind.MESSAGE, Channel.DIGEST)
    written_to(guardian, world)
    Guardianship.objects.update(is_restricted=True)

    with time_machine.travel("2026-11-20T13:00:00+00:00", tick=False):
        send_all()

    assert (states(), letters(folder)) == ([STATES.DROPPED], [])


def queue(person: User) -> Delivery:
    for _again in range(2):
        queue_letter(person=person, kind=DeliveryKind.FAMILY_LETTER, key="letter 2026-W47", due_at=timezone.now())
    return Delivery.objects.get()


@pytest.fixture
def says():
    """What the part that queued a letter has to say when it goes out."""
    said: list[Words] = []
    others, letter_writing.receivers = letter_writing.receivers, []

    def receiver(delivery: Delivery, **kwargs: Any) -> Words | None:
        return said[0] if said else None

    letter_writing.connect(receiver, sender=DeliveryKind.FAMILY_LETTER)
    yield said
    letter_writing.disconnect(receiver, sender=DeliveryKind.FAMILY_LETTER)
    letter_writing.receivers = others


def test_a_letter_of_another_part_is_written_when_it_goes_and_goes_once(world: World, guardian, folder, says):
    delivery = queue(guardian)
    there = Block("Look", "http://localhost/family/")
    says.append(Words("fr", "This\nweek", [Block("<b>She</b> drew.\nTwice."), there]))

    for _again in range(2):
        send_all()

    [letter] = letters(folder)
    assert (letter["Subject"], 'lang="fr"' in text_of(letter, "html")) == ("This week", True)
    assert "&lt;b&gt;She&lt;/b&gt; drew.<br>Twice." in text_of(letter, "html")
    assert '<a class="go" href="http://localhost/family/">' in text_of(letter, "html")
    assert reverse("notices:stop", args=[NoticePerson.objects.get().secret, "letters"]) in text_of(letter)
    delivery.refresh_from_db()
    assert delivery.state == STATES.SENT
    assert not {"subject", "body", "language"} & {field.name for field in Delivery._meta.get_fields()}  # no words kept


def test_a_letter_with_nothing_to_say_is_not_sent(world: World, guardian, folder, says):
    queue(guardian)

    send_all()

    assert (states(), letters(folder)) == ([STATES.DROPPED], [])


def test_who_wants_no_letters_gets_none(world: World, guardian, folder, says):
    queue(guardian)
    says.append(Words("en", "This week", [Block("Words.")]))
    person_row(guardian)
    NoticePerson.objects.update(wants_letters=False)

    send_all()

    assert (states(), letters(folder)) == ([STATES.DROPPED], [])
