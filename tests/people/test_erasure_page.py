"""The page that erases a person."""

from __future__ import annotations

import pytest

from lpm.people.models import (
    Student,
    User,
)
from lpm.people.services.erasure import (
    StillHeld,
)
from lpm.people.signals import students_erasing
from tests.people.erasure import GONE, REASON, address, everything, known

__all__ = ["known"]


def test_the_page_says_what_goes_and_what_stays_and_changes_nothing(known, as_person, school_day):
    before = everything()

    response = as_person(known.privacy_officer).get(address(known.own.student))

    assert response.status_code == 200
    page = response.content.decode()
    assert dict(response.context["preview"].counts) == GONE
    assert "What stays" in page
    assert "Nobody can undo this" in page
    assert '<button class="danger" type="submit">Erase for ever</button>' in page
    assert {k: v for k, v in everything().items() if k != "sessions.Session"} == {
        k: v for k, v in before.items() if k != "sessions.Session"
    }


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        ({"reason": REASON, "typed": "Erase "}, 302),
        ({"reason": REASON, "typed": ""}, 422),
        ({"reason": REASON, "typed": "yes"}, 422),
        ({"reason": "", "typed": "erase"}, 422),
        ({"reason": "short", "typed": "erase"}, 422),
    ],
)
def test_the_word_and_a_reason_are_needed(payload, status, known, as_person, school_day):
    response = as_person(known.privacy_officer).post(address(known.own.student), payload)

    assert response.status_code == status
    assert Student.objects.filter(pk=known.own.student.pk).exists() is (status == 422)


def test_the_page_erases_the_guardians_ticked(known, as_person):
    payload = {"reason": REASON, "typed": "erase", "along": [known.guardian.uuid]}

    assert as_person(known.privacy_officer).post(address(known.own.student), payload).status_code == 302

    assert not User.objects.filter(username="guardian").exists()
    assert User.objects.filter(username="restricted_guardian").exists()


def test_the_page_takes_no_guardian_who_is_not_listed(known, as_person):
    payload = {"reason": REASON, "typed": "erase", "along": [known.guardian_of_grown.uuid]}

    assert as_person(known.privacy_officer).post(address(known.own.student), payload).status_code == 422

    assert Student.objects.filter(pk=known.own.student.pk).exists()


def test_the_page_says_when_something_holds_on(known, as_person, monkeypatch):
    def hold(**kwargs):
        raise StillHeld("mastery.Assessment")

    students_erasing.connect(hold)
    try:
        response = as_person(known.privacy_officer).post(
            address(known.own.student), {"reason": REASON, "typed": "erase"}
        )
    finally:
        students_erasing.disconnect(hold)

    assert response.status_code == 422
    assert "nothing was erased" in response.content.decode()
    assert Student.objects.filter(pk=known.own.student.pk).exists()


def test_the_page_erases_somebody_with_an_account_too(known, as_person):
    client = as_person(known.privacy_officer)
    assert "without name" in client.get(address(known.teacher)).content.decode()

    assert client.post(address(known.teacher), {"reason": REASON, "typed": "erase"}).status_code == 302

    assert User.objects.get(pk=known.teacher.pk).name == "–"
