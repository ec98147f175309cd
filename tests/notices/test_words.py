"""What a notice says: every kind, to the student and to others; and the tasks by their names."""

from __future__ import annotations

import pytest

from lpm.notices import tasks
from lpm.notices.calculations.words import ICONS, Told, kind_words, sentence, stopped_words, subject
from lpm.notices.enums import Channel, DeliveryState, NoticeKind
from lpm.notices.models import Delivery, NoticeChoice, NoticePerson, NoticeSettings
from lpm.notices.services import tell
from lpm.notices.services.choose import STOPPABLE
from tests.notices.mail import choose, with_address, written_to
from tests.world import DAY, World

K = NoticeKind


@pytest.mark.parametrize(
    ("kind", "child", "params", "said"),
    [
        (K.RETURNED, "", {"outcome": "answered"}, "Ms. Ito has answered what you showed for “Step 1”."),
        (K.RETURNED, "", {"outcome": "returned"}, "Ms. Ito wrote what comes first, before you show “Step 1”."),
        (K.LEVEL, "", {"topic": "Fractions"}, "There is something new for you in “Fractions”."),
        (K.LEVEL, "Ari", {}, "There is something new about what Ari can do."),
        (K.MESSAGE, "", {}, "Ms. Ito wrote to you."),
        (K.MESSAGE, "Ari", {}, "Ms. Ito wrote to you about Ari."),
        (K.MESSAGE, "Ari", {"writer": ""}, "Ari wrote to you."),
        (K.MESSAGE, "", {"writer": ""}, "Somebody wrote to you."),
        (K.SESSION, "", {"outcome": "on"}, "On Monday you can show “Step 1”."),
        (K.SESSION, "", {"place": "Room 4"}, "On Monday you can show “Step 1”. Place: Room 4."),
        (K.SESSION, "", {"outcome": "off"}, "On Monday you cannot show “Step 1” after all. You still wait in line."),
        (K.READY, "Ari", {"target": "100% sure"}, "Ari is ready to show “100% sure”."),
        (K.IMPORT, "", {"file": "r.zip", "outcome": "applied"}, "The file “r.zip” is brought in."),
        (
            K.IMPORT,
            "",
            {"file": "r.zip", "outcome": "checked"},
            "The file “r.zip” was left for you. Somebody has to look at it before it is brought in.",
        ),
        (
            K.IMPORT,
            "",
            {"file": "r.zip", "outcome": "refused"},
            "The file “r.zip” could not be brought in. Nothing was changed.",
        ),
    ],
)
def test_a_notice_says_what_happened(kind: NoticeKind, child: str, params: dict[str, str], said: str):
    usual = {"target": "Step 1", "writer": "Ms. Ito"}
    assert sentence(Told(kind, child, "Monday", {**usual, **params})) == said


def test_there_are_words_for_every_kind():
    assert set(ICONS) == set(NoticeKind)
    assert len({subject(kind) for kind in NoticeKind}) == len({kind_words(kind) for kind in NoticeKind}) == len(K)
    assert len({stopped_words(what) for what in STOPPABLE}) == len(STOPPABLE)


def test_a_time_is_that_of_the_school(world: World, as_person):
    at = "2026-11-23T14:30:00+00:00"
    tell(people=[world.student], kind=K.SESSION, key="1", path="/", student=world.own.student, target="Step 1", at=at)

    [day] = as_person(world.student).get("/notices/").context["days"]

    assert [row.words for row in day.rows] == ["On Nov. 23, 2026, 9:30 a.m. you can show “Step 1”."]


def test_the_tasks_send_what_is_due(world: World, settings, tmp_path, django_capture_on_commit_callbacks):
    settings.EMAIL_FILE_PATH = tmp_path
    written_to(with_address(world.guardian), world)
    delivery = Delivery.objects.get()
    with django_capture_on_commit_callbacks() as sent:
        tasks.sweep_deliveries()
    assert len(sent) == 1
    assert (tasks.sweep_deliveries.name, tasks.send_delivery.name) == ("notices.sweep", "notices.send")

    tasks.send_delivery(delivery=str(delivery.uuid))

    assert Delivery.objects.get().state == DeliveryState.SENT


def test_rows_name_nobody(world: World):
    choose(world.guardian, K.LEVEL, Channel.PAGE)
    rows = [
        written_to(with_address(world.guardian), world),
        *NoticeChoice.objects.all(),
        *Delivery.objects.all(),
        NoticePerson(person=world.guardian),
        NoticeSettings(organization=world.own.school, valid_from=DAY),
    ]
    assert not any("guardian" in str(row).lower() for row in rows)
