"""What people write about a student carries its language, and may be read in another one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import strip_tags

from lpm.audit.models import Entry, RecordView
from lpm.people.models import User
from students.mastery.enums import AssessmentKind
from students.mastery.models import Assessment, ReadyRequest, Remark, WordsTranslation
from students.mastery.queries.words import Row, read_translations
from students.mastery.services import MarkRefused, NotAllowed, record_mark, record_remark, take_back_remark
from students.mastery.services.offered import accept_offered
from students.mastery.services.showing import answer_request, ask_to_show, assess_self, return_request
from students.mastery.services.words import translate_words
from tests.mastery.api import Program, assessment
from tests.world import DAY, World

YESTERDAY = f"{DAY - timedelta(days=1)}T15:00:00+00:00"
SPANISH = "Explica bien cada paso."
ENGLISH = "They explain each step well."


@pytest.fixture(autouse=True)
def _every_language(settings) -> None:
    """Also while a catalogue waits for its last sentence."""
    settings.LANGUAGES = settings.CATALOGUES


def speaks(user: User, language: str) -> User:
    user.language = language
    user.save(update_fields=["language"])
    return user


def mark(world: World, **fields: Any) -> Assessment:
    known: dict[str, Any] = {
        "uuid": uuid4(),
        "recorder": world.teacher,
        "student": world.own.student,
        "target": world.targets[0],
        "level": Decimal(3),
        "performed_on": DAY,
        "judges": False,
        "day": DAY,
    }
    return record_mark(**known | fields).assessment


def remark(world: World, text: str = SPANISH, language: str = "es", *, is_for_family: bool = True) -> Remark:
    """Of yesterday: everybody whom it is for reads it."""
    with time_machine.travel(YESTERDAY, tick=True):
        return record_remark(
            uuid=uuid4(),
            student=world.own.student,
            target=world.targets[0],
            author=world.teacher,
            day=DAY - timedelta(days=1),
            text=text,
            language=language,
            is_for_family=is_for_family,
        )


def translate(world: World, row: Row, text: str = ENGLISH, language: str = "en", **fields: Any) -> WordsTranslation:
    known: dict[str, Any] = {"uuid": uuid4(), "translator": world.co_teacher, "day": DAY}
    return translate_words(row=row, text=text, language=language, **known | fields)


def why(world: World, client: Client) -> str:
    page = client.get(reverse("mastery:why-show", args=[world.own.student.uuid, world.targets[0].uuid]))
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def plain(html: str) -> str:
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(unescape(strip_tags(re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL))).split())


def languages() -> list[str]:
    return list(Assessment.objects.order_by("pk").values_list("language", flat=True))


# --- in which language somebody writes


def test_a_comment_is_in_the_language_of_whoever_wrote_it(world):
    speaks(world.teacher, "es")
    mark(world, comment=SPANISH)
    mark(world, comment="")
    mark(world, comment="Mais oui.", language="fr")
    with translation.override("es"):
        mark(world, recorder=world.co_teacher, comment=SPANISH)
    mark(world, recorder=world.co_teacher, comment=ENGLISH)
    assert languages() == ["es", "", "fr", "es", "en"]


def test_sending_a_comment_again_in_another_language_changes_nothing(world):
    sent = {"uuid": uuid4(), "comment": SPANISH}
    mark(world, **sent, language="es")
    speaks(world.teacher, "fr")
    mark(world, **sent)
    assert languages() == ["es"]


def test_students_and_substitutes_write_in_their_own_language(world):
    speaks(world.student, "es")
    own: dict[str, Any] = {"student": world.own.student, "target": world.targets[0], "day": DAY}
    assess_self(uuid=uuid4(), level=Decimal(2), actor=world.student, words="Casi.", **own)
    speaks(world.substitute, "fr")
    seen = mark(world, recorder=world.substitute, kind=AssessmentKind.OFFERED, comment="Bien.")
    accept_offered(marks=[seen.uuid], teacher=world.teacher, day=DAY)
    assert languages() == ["es", "fr", "en"]


def test_an_answer_carries_its_language(world):
    speaks(world.teacher, "es")
    about: dict[str, Any] = {"student": world.own.student, "actor": world.student, "day": DAY}
    first, second, third = (
        ask_to_show(uuid=uuid4(), target=target, done_since="I read.", **about) for target in world.targets[:3]
    )
    return_request(request=first, reply="Léelo otra vez.", teacher=world.teacher, day=DAY)
    answered: dict[str, Any] = {"level": Decimal(3), "teacher": world.teacher, "day": DAY}
    answer_request(uuid=uuid4(), request=second, reply="Muy bien.", **answered)
    answer_request(uuid=uuid4(), request=third, **answered)
    rows = ReadyRequest.objects.order_by("pk").values_list("reply", "reply_language")
    assert list(rows) == [("Léelo otra vez.", "es"), ("Muy bien.", "es"), ("", "")]


def test_a_remark_typed_on_a_spanish_page_is_spanish(world, as_person):
    client = as_person(speaks(world.teacher, "es"))
    sent = {"uuid": uuid4(), "student": world.own.student.uuid, "target": world.targets[0].uuid, "text": SPANISH}
    client.post(reverse("mastery:remark-record", args=[world.own.group.uuid]), sent)
    assert list(Remark.objects.values_list("text", "language")) == [(SPANISH, "es")]
    remark(world, language="")
    assert set(Remark.objects.values_list("language", flat=True)) == {"es"}


def test_programs_say_in_which_language_a_comment_is_and_are_told_it(world):
    speaks(world.teacher, "fr")
    program = Program(world.teacher)
    comments: list[dict[str, Any]] = [{"comment": SPANISH, "language": "es"}, {"comment": "Bien."}, {"language": "es"}]
    for sent in comments:
        program.post("assessment-create", assessment(world.own, **sent))
    translate(world, Assessment.objects.get(language="es"))
    rows = program.get("student-assessments", world.own.student).json()["results"]
    assert [(row["comment"], row["language"]) for row in rows] == [(SPANISH, "es"), ("Bien.", "fr"), (None, None)]
    for name in ("student", "guardian"):
        with time_machine.travel(f"{DAY + timedelta(days=1)}T15:00:00+00:00", tick=True):
            told = Program(world.people[name]).get("student-assessments", world.own.student).json()["results"]
        assert {(row["comment"], row["language"]) for row in told} == {(None, None)}
    evidence = program.get("why-show", world.own.student, world.targets[0]).json()["evidence"]
    assert [(row["comment"], row["language"], row["translations"]) for row in evidence] == [
        (SPANISH, "es", [{"text": ENGLISH, "language": "en", "translator": world.co_teacher.name}]),
        ("Bien.", "fr", []),
        (None, None, []),
    ]


# --- putting it into another language


def test_a_translation_is_kept_with_who_made_it_and_noted(world):
    row = remark(world)
    translate(world, row, f" {ENGLISH} ")
    kept = WordsTranslation.objects.get()
    assert (kept.student, kept.district_id, kept.remark, kept.language, kept.text, kept.translator) == (
        world.own.student, world.own.district.pk, row, "en", ENGLISH, world.co_teacher,
    )  # fmt: skip
    entry = Entry.objects.get(action="mastery.translate_words")
    assert (entry.actor_id, entry.subject_uuid, entry.district_id, entry.details) == (
        world.co_teacher.pk,
        world.own.student.uuid,
        world.own.district.pk,
        {"kind": "remark", "words": str(row.uuid), "language": "en"},
    )


def test_a_translation_sent_again_is_one_and_changed_is_refused(world):
    row, uuid = remark(world), uuid4()
    assert translate(world, row, uuid=uuid) == translate(world, row, uuid=uuid)
    with pytest.raises(MarkRefused) as refused:
        translate(world, row, "Something else.", uuid=uuid)
    noted = Entry.objects.filter(action="mastery.translate_words").count()
    assert (refused.value.code, WordsTranslation.objects.count(), noted) == ("uuid_reused", 1, 1)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": "  "}, "empty"),
        ({"text": "a" * 2001}, "too_long"),
        ({"language": "xx"}, "no_such_language"),
        ({"language": "es"}, "same_language"),
    ],
)
def test_a_translation_that_is_none_is_refused(world, fields, code):
    row = remark(world, language="es-MX")
    with pytest.raises(MarkRefused) as refused:
        translate(world, row, **fields)
    assert (refused.value.code, WordsTranslation.objects.count()) == (code, 0)


@pytest.mark.parametrize(
    "name", ["student", "guardian", "substitute", "privacy_officer", "past_teacher", "far_teacher"]
)
def test_nobody_else_translates(world, name):
    row = remark(world)
    with pytest.raises(NotAllowed):
        translate(world, row, translator=world.people[name])
    assert WordsTranslation.objects.count() == 0


def test_what_was_taken_back_or_says_nothing_is_not_translated(world):
    row = remark(world)
    void = take_back_remark(uuid=uuid4(), remark_uuid=row.uuid, author=world.teacher, day=DAY)
    for gone in (row, void, mark(world)):
        with pytest.raises(NotAllowed) as refused:
            translate(world, gone)
        assert refused.value.code == "no_such_words"


def test_the_newest_translation_of_each_language_counts_as_far_as_one_sees(world, django_assert_num_queries):
    row, other, silent = remark(world), mark(world, comment=SPANISH, language="es"), mark(world)
    for number, (text, language) in enumerate([("First.", "en"), ("Second.", "en"), ("En français.", "fr")]):
        with time_machine.travel(timezone.now() + timedelta(minutes=number), tick=True):
            WordsTranslation.objects.create(
                district=world.own.district, student=world.own.student, remark=row, translator=world.teacher,
                text=text, language=language, written_at=timezone.now(),
            )  # fmt: skip
    translate(world, other)
    with django_assert_num_queries(1):
        found = read_translations([row, other])
    assert {kind: [one.text for one in found[kind, pk]] for kind, pk in found} == {
        "remark": ["Second.", "En français."],
        "assessment": [ENGLISH],
    }
    early: datetime = timezone.now() - timedelta(hours=1)
    assert read_translations([row, other], early) == {}
    with django_assert_num_queries(0):
        assert read_translations([silent]) == {}


# --- reading it


def test_readers_of_another_language_are_told_in_which_it_is_written(world, as_person):
    remark(world)
    page = why(world, as_person(world.guardian))
    assert f'<p class="said" lang="es">{SPANISH}</p>' in page
    assert f"{SPANISH} written in Spanish" in plain(page)
    own = why(world, as_person(speaks(world.student, "es")))
    assert f'<p class="said" lang="es">{SPANISH}</p>' in own
    assert tuple(words for words in ("written in", "escrito en") if words not in own) == ("written in", "escrito en")


def test_a_translation_stands_first_and_the_words_as_written_behind_it(world, as_person):
    row = remark(world)
    with time_machine.travel(YESTERDAY, tick=True):
        translate(world, row, day=DAY - timedelta(days=1))
    for name in ("guardian", "student", "teacher"):
        page = why(world, as_person(world.people[name]))
        summary = f"Translated from Spanish by {world.co_teacher.name}"
        assert f"{ENGLISH} {summary} {SPANISH}" in plain(page)
        assert f'<p class="said" lang="en">{ENGLISH}</p>' in page
    assert ENGLISH not in why(world, as_person(speaks(world.guardian, "es")))


def test_families_read_a_translation_when_they_read_news(world, as_person):
    """Of words for the staff they read none at all."""
    translate(world, remark(world))
    translate(world, remark(world, "Entre nosotros.", is_for_family=False), "Between us.")
    comment = mark(world, comment="También.", language="es")
    translate(world, comment, "This too.")
    assert all(text in why(world, as_person(world.teacher)) for text in (ENGLISH, "Between us.", "This too."))
    for name in ("guardian", "student"):
        page = why(world, as_person(world.people[name]))
        assert SPANISH in page
        assert not any(text in page for text in (ENGLISH, "Between us.", "Entre nosotros.", "This too.", "También."))
    with time_machine.travel(f"{DAY + timedelta(days=1)}T15:00:00+00:00", tick=True):
        page = why(world, as_person(world.guardian))
        assert (ENGLISH in page, "Between us." in page, "This too." in page) == (True, False, False)


def test_an_answer_is_read_in_the_language_of_the_student(world, as_person):
    speaks(world.teacher, "es")
    with time_machine.travel(YESTERDAY, tick=True):
        asked = ask_to_show(
            uuid=uuid4(), student=world.own.student, target=world.targets[0], done_since="I read.",
            actor=world.student, day=DAY - timedelta(days=1),
        )  # fmt: skip
        return_request(request=asked, reply="Léelo otra vez.", teacher=world.teacher, day=DAY - timedelta(days=1))
        translate(world, asked, "Read it once more.", day=DAY - timedelta(days=1))
    client, student = as_person(world.student), world.own.student
    pages = [
        client.get(reverse("mastery:ready-list", args=[student.uuid])),
        client.get(reverse("mastery:ready-ask", args=[student.uuid, world.targets[0].uuid])),
        client.get(reverse("student:topic", args=[student.uuid, world.topic.uuid]), {"target": world.targets[0].uuid}),
        as_person(world.co_teacher).get(reverse("mastery:request-answer", args=[asked.uuid])),
    ]
    for page in pages:
        said = plain(page.content.decode())
        assert "Read it once more. Translated from Spanish by Co Teacher Person Léelo otra vez." in said


def test_a_student_reads_what_comes_first_at_once_in_translation_too(world, as_person):
    """As the words themselves; what came with a level waits for the morning."""
    speaks(world.teacher, "es")
    asked, answered = (
        ask_to_show(
            uuid=uuid4(), student=world.own.student, target=target, done_since="I read.", actor=world.student, day=DAY
        )
        for target in world.targets[:2]
    )
    return_request(request=asked, reply="Léelo otra vez.", teacher=world.teacher, day=DAY)
    answer_request(uuid=uuid4(), request=answered, level=Decimal(3), teacher=world.teacher, day=DAY, reply="Muy bien.")
    translate(world, asked, "Read it once more.")
    translate(world, answered, "Very well.")
    client, student = as_person(world.student), world.own.student
    addresses = [
        reverse("mastery:ready-list", args=[student.uuid]),
        reverse("mastery:ready-ask", args=[student.uuid, world.targets[0].uuid]),
        reverse("student:path", args=[student.uuid]),
    ]
    for address in addresses:
        page = client.get(address).content.decode()
        assert "Read it once more." in page
        assert "Very well." not in page
    family = as_person(world.guardian).get(reverse("student:family", args=[student.uuid])).content.decode()
    assert "Read it once more." not in family


def test_an_identity_that_is_none_is_said_in_a_sentence(world, as_person):
    address = reverse("mastery:remark-translate", args=[remark(world).uuid])
    page = as_person(world.teacher).post(address, {"uuid": "x", "language": "en", "text": ENGLISH})
    assert (page.status_code, "Open the page again" in page.content.decode()) == (422, True)
    assert WordsTranslation.objects.count() == 0


# --- the page


def test_a_teacher_translates_from_the_page_that_says_why(world, as_person):
    row = remark(world)
    client = as_person(world.teacher)
    address = reverse("mastery:remark-translate", args=[row.uuid])
    assert f'href="{address}"' in why(world, client)
    assert all("translation" not in why(world, as_person(world.people[name])) for name in ("guardian", "substitute"))
    form = client.get(address)
    assert re.findall(r'<option value="(\w+)"', form.content.decode())[:1] == ["en"]
    assert 'value="es"' not in form.content.decode().partition("<main")[2]
    refused = client.post(address, {"uuid": uuid4(), "language": "en", "text": ""})
    assert (refused.status_code, WordsTranslation.objects.count()) == (422, 0)
    sent = client.post(address, {"uuid": uuid4(), "language": "en", "text": ENGLISH})
    back = reverse("mastery:why-show", args=[world.own.student.uuid, world.targets[0].uuid])
    assert (sent.status_code, sent["Location"]) == (302, back)
    assert list(WordsTranslation.objects.values_list("remark", "text")) == [(row.pk, ENGLISH)]
    assert RecordView.objects.filter(page="words").values_list("student_uuid", "count").get() == (
        world.own.student.uuid, 3,
    )  # fmt: skip
    again = plain(client.get(address).content.decode())
    assert "English, translated by Teacher Person" in again


def test_words_that_are_gone_have_no_page(world, as_person):
    row = remark(world)
    client = as_person(world.teacher)
    take_back_remark(uuid=uuid4(), remark_uuid=row.uuid, author=world.teacher, day=DAY)
    gone: dict[str, UUID] = {"remark": row.uuid, "comment": mark(world).uuid}
    for kind, uuid in gone.items():
        assert client.get(reverse(f"mastery:{kind}-translate", args=[uuid])).status_code == 404
