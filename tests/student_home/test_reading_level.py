"""What families read in English is for somebody who reads as one does at eleven: grade 6, in short sentences."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import time_machine
from django.test import Client
from django.urls import reverse

from lpm.notices.enums import NoticeKind
from lpm.notices.services import tell
from students.mastery.services import record_mark, record_remark
from students.mastery.services.showing import answer_request, ask_to_show, return_request
from tests.lib.readability import grade, sentences_of_page, words
from tests.world import DAY, World

HARDEST = 6.0  # grade
HARDEST_SENTENCE = 9.0  # of ten words or more: one long word says nothing of a short one
LONGEST = 20  # words; a sentence has fewer
ABOUT_ONE = {
    "family": "student:family",
    "path": "student:path",
    "what was asked to show": "mastery:ready-list",
    "who sees this": "people:student-access",
}
OWN = {
    "children": "student:children",
    "the letter of the week": "letters:letter-mine",
    "notices": "notices:list",
    "how I am told": "notices:settings",
}
NEWS: list[tuple[NoticeKind, dict[str, str]]] = [
    (NoticeKind.LEVEL, {}),
    (NoticeKind.MESSAGE, {"writer": "Ms. Diallo"}),
    (NoticeKind.MESSAGE, {}),
    (NoticeKind.RETURNED, {"writer": "Ms. Diallo", "target": "Step 1", "outcome": "answered"}),
    (NoticeKind.RETURNED, {"writer": "Ms. Diallo", "target": "Step 1", "outcome": "returned"}),
    (NoticeKind.SESSION, {"target": "Step 1", "place": "Room 4", "at": "2026-11-24T15:00:00+00:00"}),
    (NoticeKind.SESSION, {"target": "Step 1", "outcome": "off", "at": "2026-11-24T15:00:00+00:00"}),
]


def live_through(world: World) -> None:
    """Two weeks of a student: levels up and down, words for the family, answers; and the family is told of it."""
    student, targets = world.own.student, world.targets
    shown = [(0, "2", 12), (0, "3", 6), (1, "2.5", 5), (2, "3", 4), (2, "2", 2), (1, "3", 1)]
    for number, level, days_ago in shown:
        day = DAY - timedelta(days=days_ago)
        with time_machine.travel(f"{day}T15:00:00+00:00", tick=True):
            record_mark(
                uuid=uuid4(), recorder=world.teacher, student=student, target=targets[number], level=Decimal(level),
                performed_on=day, day=day, judges=number != 2,
            )  # fmt: skip
    day = DAY - timedelta(days=1)
    with time_machine.travel(f"{day}T15:00:00+00:00", tick=True):
        record_remark(
            uuid=uuid4(), student=student, target=targets[1], author=world.teacher, day=day,
            text="Well said.", is_for_family=True,
        )  # fmt: skip
        asked = [
            ask_to_show(
                uuid=uuid4(), student=student, target=targets[number], done_since="I read it again.",
                actor=world.student, day=day, level=Decimal(2),
            )
            for number in (1, 2, 3)
        ]  # fmt: skip
        answer_request(uuid=uuid4(), request=asked[0], level=Decimal(3), teacher=world.teacher, day=day)
        return_request(request=asked[1], reply="Read it once more.", teacher=world.teacher, day=day)
    for number, (kind, params) in enumerate(NEWS):
        tell(people=[world.guardian], kind=kind, key=str(number), path="/", student=student, **params)


def addresses(world: World) -> dict[str, str]:
    student, target = world.own.student.uuid, world.targets[1]
    found = {name: reverse(route, args=[student]) for name, route in ABOUT_ONE.items()}
    topic = reverse("student:topic", args=[student, world.topic.uuid])
    return {
        **found,
        **{name: reverse(route) for name, route in OWN.items()},
        "topic": f"{topic}?target={target.uuid}",
        "why": reverse("mastery:why-show", args=[student, target.uuid]),
    }


def read(client: Client, address: str) -> list[str]:
    """The whole sentences of a page, each once: labels and headings would make it look easier than it is."""
    response = client.get(address)
    assert response.status_code == 200
    found = sentences_of_page(response.content.decode())
    return [sentence for sentence in dict.fromkeys(found) if sentence.rstrip("”").endswith((".", "?", "!"))]


def test_what_families_read_is_of_grade_6_at_most(world, as_person):
    live_through(world)
    client = as_person(world.guardian)
    said = {name: read(client, at) for name, at in addresses(world).items()}
    assert {name for name, found in said.items() if not found} == set()  # there is something to measure
    grades = {name: round(grade(found), 1) for name, found in said.items()}
    assert {name: level for name, level in grades.items() if level > HARDEST} == {}
    long = [sentence for found in said.values() for sentence in found if len(words(sentence)) >= 10]
    assert [sentence for sentence in long if grade([sentence]) > HARDEST_SENTENCE] == []
    assert [sentence for sentence in said["family"] if len(words(sentence)) >= LONGEST] == []
