"""A topic beside its words in another language: row by row, or all of a page; how much is done."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from curriculum.enums import ChangeKind, FrameworkStatus, RevisionStatus, Subject
from curriculum.models import Change, Framework, GuideLevel, Revision, Target, Topic, Translation
from curriculum.services import TranslatedRow, save_translations
from lpm.audit.models import Entry
from tests.curriculum.test_adoption import words
from tests.world import DAY, World


def editing(world: World) -> str:
    return reverse("curriculum:translation-edit", args=[world.topic.uuid]) + "?language=es"


def listing(world: World) -> str:
    return reverse("curriculum:translation-list", args=[world.own.framework.uuid])


def of_target(world: World, **texts: str) -> dict[str, Any]:
    return {f"{world.targets[0].uuid}.{name}": text for name, text in texts.items()}


def said() -> set[tuple[str, str, str, str]]:
    """Everything that is translated: of what, and its texts."""
    rows = Translation.objects.filter(language="es")
    return {(type_of(row), row.title, row.text, row.i_can) for row in rows}


def type_of(row: Translation) -> str:
    return next(name for name in ("area", "topic", "target", "guide_level") if getattr(row, f"{name}_id"))


def test_all_of_a_page_is_saved_at_once(world, as_person):
    area, topic, target = world.topic.area, world.topic, world.targets[0]
    typed = {
        f"{area.uuid}.title": "Matemáticas",
        f"{topic.uuid}.title": " Fracciones ",
        f"{target.uuid}-3.00.text": "El paso 1 en 3",
        **of_target(world, title="Paso 1", i_can="Puedo dar el paso 1"),
    }

    response = as_person(world.curriculum_lead).post(editing(world), typed)

    assert response.url == editing(world) + "&page=1"
    assert said() == {
        ("area", "Matemáticas", "", ""),
        ("topic", "Fracciones", "", ""),
        ("target", "Paso 1", "", "Puedo dar el paso 1"),
        ("guide_level", "", "El paso 1 en 3", ""),
    }
    assert set(Translation.objects.values_list("written_by", flat=True)) == {world.curriculum_lead.pk}
    entry = Entry.objects.get(action="curriculum.translate")
    assert entry.details == {"language": "es", "added": 4, "changed": 0, "removed": 0}
    page = words(as_person(world.administrator).get(editing(world)))
    assert "Curriculum Lead Person, Nov. 19, 2026" in page
    assert "On this page 3 of 11 are translated." in page  # of the target one text is left


def test_only_the_row_of_its_button_is_saved(world, as_person):
    typed = {f"{world.topic.uuid}.title": "Fracciones", **of_target(world, i_can="Puedo")}
    key = str(world.targets[0].uuid)

    response = as_person(world.administrator).post(editing(world), {**typed, "only": key})

    assert response.url == f"{editing(world)}&page=1#row-{key}"
    assert said() == {("target", "", "", "Puedo")}


def test_what_says_the_same_stays_as_it_was_written(world, as_person):
    as_person(world.curriculum_lead).post(editing(world), of_target(world, i_can="Puedo"))
    before = Translation.objects.get()
    client = as_person(world.administrator)

    client.post(editing(world), of_target(world, i_can="Puedo"))
    assert Translation.objects.get().written_by == world.curriculum_lead
    assert Entry.objects.filter(action="curriculum.translate").count() == 1

    client.post(editing(world), of_target(world, i_can="Puedo") | {"only": str(world.targets[0].uuid)})
    looked_through = Translation.objects.get()
    assert looked_through.written_by == world.administrator
    assert looked_through.written_at > before.written_at


def test_a_row_without_words_is_taken_away(world, as_person):
    client = as_person(world.administrator)
    client.post(editing(world), of_target(world, i_can="Puedo"))
    client.post(editing(world), of_target(world, i_can="Yo puedo"))
    assert said() == {("target", "", "", "Yo puedo")}
    client.post(editing(world), of_target(world, i_can=" "))
    assert said() == set()


def test_what_is_too_long_is_told_and_nothing_is_saved(world, as_person):
    typed = of_target(world, title="x" * 201, i_can="Puedo")
    response = as_person(world.administrator).post(editing(world), typed)
    assert response.status_code == 422
    assert "Something is too long." in words(response)
    assert "Puedo" in response.content.decode()
    assert said() == set()


def test_a_changed_original_is_marked_until_somebody_looked(world, as_person):
    target = world.targets[0]
    client = as_person(world.administrator)
    guide = {f"{target.uuid}-{value}.00.text": f"Nivel {value}" for value in (2, 3)}
    client.post(editing(world), of_target(world, i_can="Puedo") | guide | {f"{world.topic.uuid}.title": "Fracciones"})
    Translation.objects.update(written_at=timezone.now() - timedelta(days=2))
    revision = Revision.objects.create(framework=world.own.framework, title="Reworded")
    changed = {"i_can": "I can, differently", "guide": {"3.00": "Differently"}, "position": 7}
    Change.objects.create(
        revision=revision, subject=Subject.TARGET, subject_uuid=target.uuid, kind=ChangeKind.REWORDED, after=changed
    )
    assert "The original changed" not in words(client.get(editing(world)))  # not before it is published

    Revision.objects.update(status=RevisionStatus.PUBLISHED, published_at=timezone.now() - timedelta(days=1))

    marked = [row for row, _texts in client.get(editing(world)).context["form"].drawn() if row.changed_at]
    assert {row.key for row in marked} == {str(target.uuid), f"{target.uuid}-3.00"}
    assert "The original changed since, on Nov. 18, 2026" in words(client.get(editing(world)))
    client.post(editing(world), of_target(world, i_can="Puedo") | {"only": str(target.uuid)})
    marked = [row.key for row, _texts in client.get(editing(world)).context["form"].drawn() if row.changed_at]
    assert marked == [f"{target.uuid}-3.00"]


def test_how_much_is_done_topic_by_topic(world, as_person):
    other = Topic.objects.create(area=world.topic.area, case_identifier="other", title="Decimals", position=2)
    GuideLevel.objects.create(topic=other, value=Decimal(3), description="In general")
    client = as_person(world.curriculum_lead)
    assert "0 of 2 topics are translated. Español" in words(client.get(listing(world)))
    whole = {"title": "Paso 1", "i_can": "Puedo", "text": "Da el paso"}
    part = {f"{world.targets[1].uuid}.i_can": "Puedo 2"}
    line = {f"{world.targets[0].uuid}-3.00.text": "El paso 1 en 3"}
    client.post(editing(world), of_target(world, **whole) | part | line)
    of_other = reverse("curriculum:translation-edit", args=[other.uuid])
    client.post(of_other, {f"{other.uuid}.title": "Decimales", f"{other.uuid}-3.00.text": "En general"})

    page = words(client.get(listing(world)))

    assert "1 of 2 topics are translated." in page
    assert "Fractions Mathematics 2 of 10 Decimals Mathematics 2 of 2" in page


def test_a_framework_without_topics_says_so(world, as_person):
    Target.objects.filter(topic=world.topic).delete()
    world.topic.delete()
    assert "Nothing to translate yet" in words(as_person(world.administrator).get(listing(world)))


def test_a_draft_is_translated_too_and_in_known_languages_only(world, as_person):
    Framework.objects.filter(pk=world.own.framework.pk).update(status=FrameworkStatus.DRAFT, language="ja")
    client = as_person(world.administrator)
    response = client.get(editing(world))
    assert response.context["languages"] == [("en", "English"), ("es", "Español"), ("fr", "Français")]
    assert 'lang="ja"' in response.content.decode()
    assert client.get(editing(world).replace("=es", "=ja")).status_code == 404


def test_the_service_checks_who_may(world):
    row = TranslatedRow(world.topic, {"title": "Fracciones"})
    with pytest.raises(PermissionDenied):
        save_translations(framework=world.own.framework, language="es", rows=[row], actor=world.teacher, day=DAY)
    assert said() == set()


@pytest.mark.parametrize("rows", [1, 30])
def test_translations_ask_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        Topic.objects.create(area=world.topic.area, case_identifier=f"t{n}", title=f"T{n}", position=n + 9)
        target = Target.objects.create(topic=world.topic, case_identifier=f"x{n}", statement="S", position=n + 9)
        GuideLevel.objects.create(target=target, value=Decimal(3), description="All of it")
        Translation.objects.create(target=target, language="es", text="S", written_by=world.administrator)
    client = as_person(world.administrator)
    for address, count in {editing(world): 13, listing(world): 12}.items():
        client.get(address)
        with django_assert_num_queries(count):
            client.get(address)
