"""What goes out: as each person wants, only while they want it and may know, and once."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from lpm.notices.calculations.channels import MOST_TRIES
from lpm.notices.enums import Channel, DeliveryKind, DeliveryState, NoticeKind
from lpm.notices.models import Delivery, Notice, NoticePerson
from lpm.notices.services import send_delivery, sweep_deliveries
from lpm.notices.services.compose import person_row
from lpm.notices.services.send import LEASE
from lpm.people.models import Guardianship, User
from tests.notices.mail import choose, letters, send_all, states, text_of, with_address, written_to
from tests.world import World

STATES = DeliveryState


def test_a_letter_is_written_in_the_persons_language_with_a_link_and_a_way_to_stop(
    world: World, guardian, folder, settings
):
    settings.LANGUAGES = [("en", "English"), ("es", "Español")]
    guardian.language = "es"
    guardian.save(update_fields=["language"])
    notice = written_to(guardian, world)

    send_all()

    [letter], [delivery] = letters(folder), Delivery.objects.all()
    stop = f"http://localhost/notices/stop/{NoticePerson.objects.get().secret}/message"
    assert (letter["To"], letter["Message-ID"]) == ("guardian@example.org", f"<{delivery.uuid}@localhost>")
    assert letter["List-Unsubscribe"].strip() == f"<{stop}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        assert f"http://localhost/notices/{notice.uuid}/" in text_of(letter, kind)
        assert stop in text_of(letter, kind)
    assert 'lang="es"' in text_of(letter, "html")
    assert "Amara" not in letter["Subject"]
    assert "Person" not in text_of(letter)
    assert "src=" not in text_of(letter, "html")
    assert (delivery.state, delivery.tries, delivery.sent_at is not None) == (STATES.SENT, 1, True)


def test_each_is_told_by_the_channel_they_chose(world: World, guardian, folder):
    people = {"page": world.teacher, "email": guardian, "digest": world.co_teacher}
    for channel, person in people.items():
        choose(with_address(person), NoticeKind.MESSAGE, Channel(channel))
        written_to(person, world)

    rows = set(Delivery.objects.values_list("person", "channel", "kind"))
    assert rows == {
        (guardian.pk, Channel.EMAIL, DeliveryKind.NOTICE),
        (world.co_teacher.pk, Channel.DIGEST, DeliveryKind.DIGEST),
    }
    send_all()
    assert [letter["To"] for letter in letters(folder)] == ["guardian@example.org"]  # a digest waits for the morning


def test_nothing_is_sent_in_quiet_hours_chosen_before_or_after(world: World, guardian, folder):
    with time_machine.travel("2026-11-20T02:00:00+00:00", tick=False):  # nine in the evening
        written_to(guardian, world)
        send_all()
    [delivery] = Delivery.objects.all()
    assert (delivery.state, delivery.due_at.isoformat()) == (STATES.WAITING, "2026-11-20T12:00:00+00:00")

    person_row(guardian)
    NoticePerson.objects.update(quiet_until="09:00")
    with time_machine.travel(delivery.due_at, tick=False):
        send_all()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.due_at.isoformat()) == (STATES.WAITING, "2026-11-20T14:00:00+00:00")
    assert letters(folder) == []


def unwanted(how: str, notice: Notice, person: User) -> None:
    if how == "read":
        Notice.objects.update(read_at=timezone.now())
    elif how == "other channel":
        choose(person, NoticeKind.MESSAGE, Channel.PAGE)
    elif how == "stopped":
        person_row(person)
        NoticePerson.objects.update(stopped_at=timezone.now())
    elif how == "no address":
        User.objects.update(email="")
    elif how == "closed account":
        User.objects.update(is_active=False)
    else:
        Guardianship.objects.update(is_restricted=True)


@pytest.mark.parametrize("how", ["read", "other channel", "stopped", "no address", "closed account", "not allowed"])
def test_it_is_asked_again_before_a_letter_goes(world: World, guardian, folder, how: str):
    unwanted(how, written_to(guardian, world), guardian)

    send_all()

    assert (states(), letters(folder)) == ([STATES.DROPPED], [])


# --- workers that end, servers that fail


def test_what_a_worker_is_sending_is_left_to_it_until_it_must_be_dead(world: World, guardian, folder):
    written_to(guardian, world)
    Delivery.objects.update(state=STATES.SENDING, claimed_at=timezone.now(), tries=1)

    send_all()
    assert (states(), letters(folder), sweep_deliveries()) == ([STATES.SENDING], [], 0)

    Delivery.objects.update(claimed_at=timezone.now() - LEASE - timedelta(seconds=1))
    assert sweep_deliveries() == 1
    send_all()
    assert (states(), len(letters(folder))) == ([STATES.SENT], 1)


def test_a_letter_that_ended_every_worker_is_given_up(world: World, guardian, folder):
    written_to(guardian, world)
    Delivery.objects.update(tries=MOST_TRIES)

    send_all()

    assert (states(), letters(folder)) == ([STATES.FAILED], [])
    assert Delivery.objects.get().problem == "Every worker that tried it ended."


def test_the_sweep_sends_what_is_due_alone(world: World, guardian, django_capture_on_commit_callbacks):
    for number in range(3):
        written_to(guardian, world, number)
    first, second, third = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=second.pk).update(due_at=timezone.now() + timedelta(minutes=1))
    Delivery.objects.filter(pk=third.pk).update(state=STATES.FAILED)

    with django_capture_on_commit_callbacks() as sent:
        assert sweep_deliveries() == 1

    assert len(sent) == 1
    assert first.state == STATES.WAITING


REFUSALS: list[tuple[Exception, str, str]] = [
    (
        smtplib.SMTPRecipientsRefused({"x": (550, b"who?")}),
        STATES.FAILED,
        "The mail server does not take this address.",
    ),
    (
        smtplib.SMTPRecipientsRefused({"x": (451, b"later")}),
        STATES.WAITING,
        "The mail server does not take this address.",
    ),
    (smtplib.SMTPDataError(554, b"no"), STATES.FAILED, "The mail server does not take this letter."),
    (smtplib.SMTPAuthenticationError(535, b"who are you"), STATES.WAITING, "(SMTPAuthenticationError)"),
    (ConnectionRefusedError(), STATES.WAITING, "(ConnectionRefusedError)"),
    (KeyError("a fault of ours"), STATES.WAITING, "It could not be written (KeyError)."),
]


@pytest.mark.parametrize(("error", "state", "problem"), REFUSALS)
def test_a_server_that_fails_is_tried_again_and_stops_no_other_letter(
    world: World, guardian, settings, monkeypatch, error: Exception, state: str, problem: str
):
    settings.EMAIL_URL = "smtp://mail.example.org"
    send = mail.EmailMultiAlternatives.send

    def failing(self: mail.EmailMultiAlternatives, fail_silently: bool = False) -> int:
        if self.to == ["guardian@example.org"]:
            raise error
        return send(self, fail_silently)

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", failing)
    for person in (guardian, with_address(world.teacher)):
        written_to(person, world)

    send_all()

    failed, sent = Delivery.objects.order_by("pk")
    assert (failed.state, sent.state) == (state, STATES.SENT)
    assert problem in failed.problem
    [letter] = mail.outbox
    assert (letter.to, letter.extra_headers["Message-ID"]) == (
        ["teacher@example.org"],
        f"<{sent.uuid}@localhost>",
    )
    if state == STATES.WAITING:
        assert timedelta(seconds=50) < failed.due_at - timezone.now() < timedelta(minutes=1)


def test_after_the_last_try_it_is_given_up(world: World, guardian, settings, monkeypatch):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"

    def refused(self: mail.EmailMultiAlternatives, fail_silently: bool = False) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", refused)
    written_to(guardian, world)
    Delivery.objects.update(tries=MOST_TRIES - 1)

    send_all()

    assert states() == [STATES.FAILED]


def test_a_late_worker_does_not_undo_what_another_has_done(world: World, guardian, settings, monkeypatch):
    settings.EMAIL_URL = "smtp://mail.example.org"
    written_to(guardian, world)

    def slow(self: mail.EmailMultiAlternatives, fail_silently: bool = False) -> int:
        """Meanwhile its lease is over, and another one has taken the letter."""
        return Delivery.objects.update(claimed_at=timezone.now() + timedelta(seconds=1))

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", slow)
    send_all()

    assert states() == [STATES.SENDING]


# --- text messages


def wants_text(person: User, world: World) -> Delivery:
    choose(person, NoticeKind.MESSAGE, Channel.SMS)
    person_row(person)
    NoticePerson.objects.update(phone="+12075550123")
    written_to(person, world)
    return Delivery.objects.get()


@pytest.mark.parametrize(("status", "state"), [(202, "sent"), (422, "failed"), (503, "waiting"), (None, "waiting")])
def test_a_text_message_goes_to_the_gateway(world: World, gateway, status: int | None, state: str, settings):
    gateway.status = status
    if status is None:
        settings.SMS_URL = "http://127.0.0.1:1/"
    delivery = wants_text(world.guardian, world)

    send_delivery(delivery.uuid)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.channel) == (state, Channel.SMS)
    if status is not None:
        notice = Notice.objects.get()
        words = "Cairn: Ms. Ito wrote to you about Amara. http://localhost/notices/"
        message = {"to": "+12075550123", "text": f"{words}{notice.uuid}/", "id": str(delivery.uuid)}
        assert gateway.got == [(str(delivery.uuid), message)]


def test_without_a_gateway_no_text_message_waits(world: World, gateway, settings):
    delivery = wants_text(world.guardian, world)
    settings.SMS_URL = ""
    written_to(world.guardian, world, 2)
    assert Delivery.objects.get() == delivery

    send_delivery(delivery.uuid)

    assert states() == [STATES.DROPPED]
