"""Scales: ready-made and own ones, their names at any time, their levels only while nobody is judged by them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from curriculum.enums import FrameworkStatus
from curriculum.models import Framework, Scale, ScaleLevel
from curriculum.services.scales import (
    Named,
    Numbers,
    ScaleRefused,
    change_scale,
    choose_scale,
    create_scale,
    numbers_of,
)
from lpm.audit.models import Entry
from tests.world import DAY, World

LIST = "/curriculum/scales/"
NUMBERS = Numbers(Decimal(1), Decimal(4), Decimal(1), Decimal(3))
LEVELS = {Decimal(1): Named("emerging"), Decimal(3): Named("proficient", "All of it.")}


def made(world: World, **values: Any) -> Scale:
    given: dict[str, Any] = {"owner": world.own.district, "name": "Ours", "numbers": NUMBERS, "levels": LEVELS}
    return create_scale(**{**given, "actor": world.curriculum_lead, "day": DAY, **values})


def draft(world: World) -> Framework:
    framework: Framework = world.own.framework
    framework.status = FrameworkStatus.DRAFT
    framework.save()
    return framework


def names(scale: Scale) -> list[tuple[str, str, str]]:
    rows = scale.levels.order_by("value")
    return [(f"{row.value:.2f}", row.name, row.description) for row in rows]


def sent(html: str) -> dict[str, str]:
    """What the browser would send of the form as it stands."""
    fields = re.findall(r'<input type="(?:text|number)" name="([^"]+)"(?: value="([^"]*)")?', html)
    return dict(fields)


def test_ready_made_scale_is_shown_then_kept(world, as_person):
    client = as_person(world.curriculum_lead)
    shown = client.get(reverse("curriculum:scale-create"), {"from": "words"})
    data = sent(shown.content.decode())
    assert (data["low"], data["high"], data["step"], data["proficient"]) == ("1", "4", "1", "3")
    assert [data[f"name_{n}.00"] for n in range(1, 5)] == ["emerging", "developing", "proficient", "advanced"]

    response = client.post(
        reverse("curriculum:scale-create"),
        {**data, "owner": str(world.own.district.uuid), "words_3.00": "All of it.", "name_1.00": ""},
    )

    assert response.url == LIST
    scale = Scale.objects.get(name="Emerging, developing, proficient, advanced")
    assert (scale.owner, numbers_of(scale)) == (world.own.district, NUMBERS)
    assert names(scale) == [
        ("2.00", "developing", ""),
        ("3.00", "proficient", "All of it."),
        ("4.00", "advanced", ""),
    ]
    entry = Entry.objects.get(action="curriculum.create_scale")
    assert (entry.actor_id, entry.subject_uuid) == (world.curriculum_lead.pk, scale.uuid)


@pytest.mark.parametrize(("key", "count"), [("halves", 9), ("four", 4), ("words", 4), ("nonsense", 9)])
def test_ready_made_scales_can_be_kept_as_they_are(world, as_person, key, count):
    client = as_person(world.curriculum_lead)
    page = client.get(reverse("curriculum:scale-create"), {"from": key})
    data = sent(page.content.decode())

    client.post(reverse("curriculum:scale-create"), {**data, "owner": str(world.own.district.uuid), "name": "New"})

    assert page.content.decode().count('<data class="level"') == count
    assert Scale.objects.get(name="New").high == 4


@pytest.mark.parametrize("htmx", [{}, {"headers": {"HX-Request": "true"}}])
def test_other_numbers_are_shown_before_anything_is_kept(world, as_person, htmx):
    client = as_person(world.curriculum_lead)
    scales = Scale.objects.count()
    data = {"name": "New", "low": "0", "high": "2", "step": "0.5", "proficient": "1.5", "name_1.50": "Good enough"}

    page = client.post(reverse("curriculum:scale-create"), {**data, "step_to": "look"}, **htmx)

    html = page.content.decode()
    assert (page.status_code, html.count('<data class="level"'), Scale.objects.count()) == (200, 5, scales)
    assert "<strong>Good enough</strong>" in html
    assert ("<html" in html) == (not htmx)
    nothing = client.post(reverse("curriculum:scale-create"), {**data, "step": "0", "step_to": "look"})
    assert "there is no level, or far too many" in nothing.content.decode()


def test_names_change_at_any_time_and_levels_do_not(world, as_person):
    scale = world.own.framework.scale
    client = as_person(world.curriculum_lead)
    page = client.get(reverse("curriculum:scale-change", args=[scale.uuid]))
    assert "so which levels there are stays as it is" in page.content.decode()
    data = {"name": "Four", "name_3.00": "there", "words_3.00": "All of it.", "high": "3", "step": "1"}

    response = client.post(reverse("curriculum:scale-change", args=[scale.uuid]), data)

    assert response.url == LIST
    scale.refresh_from_db()
    assert (scale.name, scale.high, scale.step) == ("Four", 4, Decimal("0.5"))
    assert names(scale) == [("3.00", "there", "All of it.")]
    with pytest.raises(ScaleRefused, match="its levels stay as they are"):
        change_scale(scale=scale, name="x", numbers=NUMBERS, levels=LEVELS, actor=None, day=DAY)


def test_scale_of_drafts_alone_gets_other_levels(world, as_person):
    scale = made(world)
    level = ScaleLevel.objects.get(scale=scale, value=3)
    data = {"name": "Ours", "low": "0", "high": "3", "step": "1", "proficient": "3", "name_3.00": "there"}

    page = as_person(world.curriculum_lead).post(reverse("curriculum:scale-change", args=[scale.uuid]), data)

    assert page.url == LIST
    scale.refresh_from_db()
    assert numbers_of(scale) == Numbers(Decimal(0), Decimal(3), Decimal(1), Decimal(3))
    assert names(scale) == [("3.00", "there", "")]
    assert ScaleLevel.objects.get(scale=scale).pk == level.pk
    look = {**data, "high": "5", "step_to": "look"}
    page = as_person(world.curriculum_lead).post(reverse("curriculum:scale-change", args=[scale.uuid]), look)
    assert page.content.decode().count('<data class="level"') == 6


@pytest.mark.parametrize(
    ("numbers", "levels", "code"),
    [
        (("0", "0", "1", "0"), {}, "numbers"),
        (("-1", "4", "1", "3"), {}, "numbers"),
        (("0", "4", "0", "3"), {}, "numbers"),
        (("0", "4", "0.05", "3"), {}, "numbers"),
        (("0", "4", "0.75", "3"), {}, "step"),
        (("0", "4", "1", "2.5"), {}, "proficient"),
        (("0", "4", "1", "0"), {}, "proficient"),
        (("0", "4", "1", "3"), {"2": "some"}, "unnamed"),
        (("0", "4", "1", "3"), {"3": "all", "2.5": "some"}, "no_such_level"),
    ],
)
def test_numbers_that_make_no_scale_are_refused(world, numbers, levels, code):
    with pytest.raises(ScaleRefused) as refused:
        made(
            world,
            numbers=Numbers(*map(Decimal, numbers)),
            levels={Decimal(value): Named(name) for value, name in levels.items()},
        )

    assert (refused.value.code, Scale.objects.filter(name="Ours").exists()) == (code, False)


def test_refusal_is_said_on_the_page_and_what_was_typed_stays(world, as_person):
    data = {"owner": str(world.own.district.uuid), "name": "Ours", "low": "0", "high": "4", "step": "1"}
    data |= {"proficient": "3", "name_2.00": "half way"}

    page = as_person(world.curriculum_lead).post(reverse("curriculum:scale-create"), data)

    assert page.status_code == 422
    assert "Give the proficient level a name." in page.content.decode()
    assert 'value="half way"' in page.content.decode()


def test_draft_gets_another_scale_unless_its_guides_say_more(world, as_person):
    framework, scale = draft(world), made(world)
    url = reverse("curriculum:scale-choose", args=[framework.uuid])
    client = as_person(world.curriculum_lead)
    page = client.post(url, {"scale": str(scale.uuid)})
    assert "words for the level 0, which would not be there" in page.content.decode()

    world.own.targets[0].guide.filter(value=0).delete()
    page = client.post(url, {"scale": str(scale.uuid)})

    framework.refresh_from_db()
    assert (page.url, framework.scale) == (reverse("curriculum:framework-write", args=[framework.uuid]), scale)
    numbers = Numbers(Decimal(2), Decimal(4), Decimal(1), Decimal(3))
    with pytest.raises(ScaleRefused, match="words for the level 1"):
        change_scale(scale=scale, name="x", numbers=numbers, levels={Decimal(3): Named("all")}, actor=None, day=DAY)


def test_published_curriculum_keeps_its_scale_and_scales_of_others_are_not_chosen(world):
    framework, ours = world.own.framework, made(world)
    theirs = world.other_district.framework.scale
    with pytest.raises(ScaleRefused, match="is published"):
        choose_scale(framework=framework, scale=ours, actor=None, day=DAY)
    draft(world)
    with pytest.raises(ScaleRefused, match="belongs to others"):
        choose_scale(framework=framework, scale=theirs, actor=None, day=DAY)


def test_who_may_not_changes_nothing(world):
    ours = made(world)
    with pytest.raises(PermissionDenied):
        made(world, actor=world.teacher)
    with pytest.raises(PermissionDenied):
        change_scale(scale=ours, name="x", numbers=NUMBERS, levels=LEVELS, actor=world.far_administrator, day=DAY)
    with pytest.raises(PermissionDenied):
        choose_scale(framework=draft(world), scale=ours, actor=world.teacher, day=DAY)

    assert set(Scale.objects.filter(name__in=["Ours", "x"])) == {ours}


@pytest.mark.parametrize("count", [1, 30])
def test_list_shows_own_scales_in_constant_queries(world, as_person, count, django_assert_num_queries):
    theirs = world.other_district.framework.scale
    for number in range(count):
        made(world, name=f"Scale {number}")
    client = as_person(world.curriculum_lead)
    client.get(LIST)

    with django_assert_num_queries(6):
        page = client.get(LIST)

    shown = set(re.findall(r"/curriculum/scales/([0-9a-f-]{36})/", page.content.decode()))
    ours = Scale.objects.exclude(pk=theirs.pk)
    assert shown == {str(scale.uuid) for scale in ours if scale.owner_id in district_ids(world)}


def district_ids(world: World) -> set[int]:
    return {world.own.district.pk, world.own.school.pk, world.other_school.school.pk}


def test_without_a_scale_the_list_says_what_to_do(world, as_person):
    Framework.objects.filter(owner=world.own.district).update(scale=world.other_district.framework.scale)
    Scale.objects.filter(owner=world.own.district).delete()

    assert "Begin with a ready-made one below." in as_person(world.curriculum_lead).get(LIST).content.decode()
