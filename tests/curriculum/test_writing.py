"""Writing a curriculum on its pages: drafts, the outline, the order of things."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from curriculum.calculations.outline import next_code
from curriculum.enums import Domain, FrameworkStatus
from curriculum.models import Change, ContentArea, Framework, FrameworkAdoption, Revision, Scale, Target, Topic
from tests.world import DAY, World, build_framework

HTMX = {"HX-Request": "true"}
LIST = reverse("curriculum:draft-list")
NEW = reverse("curriculum:framework-create")


@pytest.fixture
def draft(world: World) -> Framework:
    framework: Framework = world.own.framework
    framework.status = FrameworkStatus.DRAFT
    framework.save()
    return framework


@pytest.fixture
def lead(world: World, as_person) -> Client:
    client: Client = as_person(world.curriculum_lead)
    return client


def page(name: str, framework: Framework, **objects: Any) -> str:
    named = {key: row.uuid for key, row in objects.items()}
    return reverse(f"curriculum:{name}", kwargs={"framework": framework.uuid, **named})


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")] if "<main" in html else html
    return " ".join(strip_tags(re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL)).split())


def order(topic: Topic) -> list[str]:
    rows = Target.objects.filter(topic=topic, part_of__isnull=True, retired_on__isnull=True)
    return list(rows.order_by("position", "pk").values_list("code", flat=True))


def moving(target: Target, **place: Any) -> dict[str, Any]:
    return {"target": target.uuid, **place}


# --- the list, and a new one


def test_the_list_holds_what_one_writes_drafts_first(world, lead):
    build_framework(world.own.district, "Arts").save()
    begun = Framework.objects.get(title="Arts")
    begun.status = FrameworkStatus.DRAFT
    begun.save()
    Revision.objects.create(framework=world.own.framework, title="Next year")

    said = text(lead.get(LIST))

    assert "Arts North draft Northern mathematics North in use being revised" in said
    assert "Southern" not in said
    assert "Begin a curriculum" in said


def test_the_list_of_somebody_who_writes_none_says_so(world, as_person):
    said = text(as_person(world.teacher).get(LIST))
    assert "Nothing to write yet When a curriculum lead names you as a writer" in said
    assert "Begin a curriculum" not in said


def test_the_list_of_a_lead_without_any_leads_on(world, as_person):
    Framework.objects.filter(owner=world.other_district.district).update(owner=world.own.district)
    assert "Begin a curriculum of your own" in text(as_person(world.far_administrator).get(LIST))


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_asks_the_database_the_same_number_of_times(rows, world, lead, django_assert_num_queries):
    for n in range(rows - 1):
        build_framework(world.own.district, f"Framework {n}", target_count=1)
    lead.get(LIST)
    with django_assert_num_queries(5):
        lead.get(LIST)


def test_a_curriculum_is_begun_as_a_draft(world, lead):
    response = lead.post(NEW, {"title": "Ciencias", "owner": world.own.district.uuid, "language": "es", "scale": ""})

    framework = Framework.objects.get(title="Ciencias")
    assert response.url == page("framework-write", framework)
    assert (framework.status, framework.language, framework.owner) == ("draft", "es", world.own.district)
    assert framework.scale.owner == world.own.district
    assert framework.case_identifier == str(UUID(int=framework.uuid.int, version=4))
    assert not FrameworkAdoption.objects.filter(framework=framework).exists()
    said = text(lead.get(response.url))
    assert "Nothing in it yet" in said
    assert "Publish…" in said


def test_a_curriculum_is_begun_on_a_scale_of_its_own_choice(world, lead):
    mine = Scale.objects.create(owner=world.own.district, name="A to D")
    lead.post(NEW, {"title": "A", "owner": world.own.district.uuid, "language": "en", "scale": mine.uuid})
    assert Framework.objects.get(title="A").scale == mine


def test_the_first_curriculum_of_a_district_brings_its_scale(world, as_person):
    Framework.objects.filter(owner=world.own.district).update(scale=world.other_district.framework.scale)
    Scale.objects.filter(owner=world.own.district).delete()
    client = as_person(world.administrator)
    client.post(NEW, {"title": "A", "owner": world.own.school.uuid, "language": "en"})
    assert Framework.objects.get(title="A").scale.owner == world.own.school


def test_a_curriculum_belongs_where_one_may_publish(world, lead):
    far = world.other_district.district
    response = lead.post(NEW, {"title": "A", "owner": far.uuid, "language": "en"})
    assert "Select a valid choice" in text(response, 422)
    assert not Framework.objects.filter(title="A").exists()


# --- the outline


def test_the_outline_shows_areas_topics_and_targets_folded(draft, lead):
    said = text(lead.get(page("framework-write", draft)))
    assert "Northern mathematics North draft 4 targets" in said
    assert "Fractions 4 targets FR.1 Step 1 FR.2 Step 2 FR.3 Step 3 FR.4 Step 4" in said
    assert "<details open" not in lead.get(page("framework-write", draft)).content.decode()


@pytest.mark.parametrize("rows", [1, 30])
def test_the_outline_asks_the_database_the_same_number_of_times(rows, draft, world, lead, django_assert_num_queries):
    for n in range(rows - 1):
        area = ContentArea.objects.create(framework=draft, case_identifier=f"{n}", title="Area", position=n + 2)
        topic = Topic.objects.create(area=area, case_identifier=f"{n}", title=f"Topic {n}", position=1)
        Target.objects.create(topic=topic, case_identifier=f"more {n}", statement="Does", position=1)
    lead.get(page("framework-write", draft))
    with django_assert_num_queries(8):
        lead.get(page("framework-write", draft))


def test_a_curriculum_in_use_says_that_it_changes_by_a_revision(world, lead):
    said = text(lead.get(page("framework-write", world.own.framework)))
    assert "This curriculum is in use. It changes by a revision" in said
    assert "Begin a revision" in said
    assert "Add a content area" not in said


def test_an_area_and_a_topic_are_added(draft, lead):
    lead.post(page("area-add", draft), {"title": "Habits of mind", "domain": "habits"})
    area = ContentArea.objects.get(title="Habits of mind")
    assert (area.framework, area.domain, area.position) == (draft, Domain.HABITS, 2)

    response = lead.post(page("topic-add", draft), {"area": area.uuid, "code": "RL", "title": "Reflective learner"})

    topic = Topic.objects.get(title="Reflective learner")
    assert response.url == page("framework-write", draft)
    assert (topic.area, topic.code, topic.position) == (area, "RL", 1)


def test_an_area_or_topic_without_a_name_is_not_added(draft, world, lead):
    assert "Give the area a name." in text(lead.post(page("area-add", draft), {"domain": "content"}), 422)
    response = lead.post(page("topic-add", draft), {"area": world.topic.area.uuid, "title": " "})
    assert "Give the topic a name." in text(response, 422)


def test_a_topic_under_an_area_of_others_is_not_added(draft, world, lead):
    far = world.other_district.topic.area
    assert lead.post(page("topic-add", draft), {"area": far.uuid, "title": "Mine"}).status_code == 422
    assert not Topic.objects.filter(title="Mine").exists()


def test_an_area_is_renamed_and_retired_with_what_is_under_it(draft, world, lead):
    area = world.topic.area
    lead.post(page("area-change", draft, area=area), {"title": "Maths", "domain": "reasoning"})
    area.refresh_from_db()
    assert (area.title, area.domain) == ("Maths", "reasoning")

    lead.post(page("piece-retire", draft), {"area": area.uuid})

    area.refresh_from_db()
    assert area.retired_on == DAY
    assert Topic.objects.get(pk=world.topic.pk).retired_on == DAY
    assert set(Target.objects.filter(topic=world.topic).values_list("retired_on", flat=True)) == {DAY}
    assert "Nothing in it yet" in text(lead.get(page("framework-write", draft)))


def test_the_words_of_the_curriculum(draft, lead):
    values = {"title": "Mathematics", "creator": "Us", "version": "2", "language": "en", "notes": "a\r\nb"}
    assert lead.post(page("framework-change", draft), values).url == page("framework-write", draft)
    draft.refresh_from_db()
    assert (draft.title, draft.creator, draft.version, draft.notes) == ("Mathematics", "Us", "2", "a\nb")


# --- a topic and its order


def test_a_topic_shows_its_targets_with_their_parts(draft, world, lead):
    whole = world.targets[0]
    Target.objects.create(
        topic=world.topic, case_identifier="p", code="FR.1.a", statement="A", position=1, part_of=whole
    )
    said = text(lead.get(page("topic-write", draft, topic=world.topic)))
    assert "FR.1 Step 1 “I can take step 1” FR.1.a A" in said
    assert said.index("FR.1.a") < said.index("FR.2")


@pytest.mark.parametrize("rows", [1, 30])
def test_a_topic_asks_the_database_the_same_number_of_times(rows, draft, world, lead, django_assert_num_queries):
    for n in range(rows - 1):
        Target.objects.create(topic=world.topic, case_identifier=f"more {n}", statement="Does", position=n + 5)
    lead.get(page("topic-write", draft, topic=world.topic))
    with django_assert_num_queries(7):
        lead.get(page("topic-write", draft, topic=world.topic))


def test_a_topic_of_another_curriculum_is_not_there(draft, world, lead):
    far = world.other_district
    assert lead.get(page("topic-write", draft, topic=far.topic)).status_code == 404
    assert lead.get(page("target-change", draft, target=far.targets[0])).status_code == 404
    assert lead.post(page("piece-move", draft), moving(far.targets[0])).status_code == 404
    assert lead.post(page("piece-move", draft), {}).status_code == 404
    both = {"target": world.targets[0].uuid, "topic": world.topic.uuid}
    assert lead.post(page("piece-retire", draft), both).status_code == 404
    assert lead.post(page("piece-retire", draft), {"target": "nobody"}).status_code == 404


def test_the_next_target_is_typed_with_its_code_proposed(draft, world, lead):
    here = page("topic-write", draft, topic=world.topic)
    assert 'value="FR.5"' in lead.get(here).content.decode()
    add = page("target-add", draft, topic=world.topic)

    assert lead.post(add, {"code": "FR.5", "statement": "Divides"}).url == f"{here}#new"
    response = lead.post(add, {"code": "", "statement": "Estimates"}, headers=HTMX)

    assert response.headers["HX-Trigger"] == '{"announce": {"value": "Estimates is added."}}'
    assert response.content.decode().lstrip().startswith('<div id="order"')
    assert order(world.topic) == ["FR.1", "FR.2", "FR.3", "FR.4", "FR.5", ""]
    assert Target.objects.get(statement="Divides").search_text == "fr.5 divides"


def test_a_target_of_no_words_is_not_added(draft, world, lead):
    response = lead.post(page("target-add", draft, topic=world.topic), {"code": "FR.5", "statement": " "})
    assert "Write what is learned." in text(response, 422)
    assert len(order(world.topic)) == 4


@pytest.mark.parametrize(
    ("place", "expected"),
    [("1", "2134"), ("3", "1324"), ("4", "1342"), ("0", "2134"), ("99", "1342"), ("", "1342"), ("2", "1234")],
)
def test_a_target_goes_to_its_place(place, expected, draft, world, lead):
    lead.post(page("piece-move", draft), moving(world.targets[1], place=place))
    assert order(world.topic) == [f"FR.{n}" for n in expected]


def test_a_move_is_announced_and_answered_with_the_new_order(draft, world, lead):
    response = lead.post(page("piece-move", draft), moving(world.targets[0], place=2), headers=HTMX)
    assert response.headers["HX-Trigger"] == '{"announce": {"value": "FR.1 is now 2 of 4."}}'
    assert re.findall(r"<b>(FR\.\d)</b>", response.content.decode()) == ["FR.2", "FR.1", "FR.3", "FR.4"]
    response = lead.post(page("piece-move", draft), {"topic": world.topic.uuid, "place": 1}, headers=HTMX)
    assert response.headers["HX-Trigger"] == '{"announce": {"value": "FR is now 1 of 1."}}'


def test_a_target_goes_to_another_topic_with_its_parts(draft, world, lead):
    whole, other = (
        world.targets[1],
        Topic.objects.create(area=world.topic.area, case_identifier="other", title="Other", position=2),
    )
    part = Target.objects.create(
        topic=world.topic, case_identifier="p", code="P", statement="A", position=1, part_of=whole
    )
    old = page("topic-write", draft, topic=world.topic)

    response = lead.post(page("piece-move", draft), moving(whole, parent=other.uuid, place=1))

    assert response.url == f"{old}#p-{whole.uuid}"
    part.refresh_from_db()
    assert (order(world.topic), order(other), part.topic) == (["FR.1", "FR.3", "FR.4"], ["FR.2"], other)
    assert lead.post(page("piece-move", draft), moving(part, parent=world.topic.uuid)).status_code == 302
    assert Target.objects.get(pk=part.pk).topic == other  # a part stays with its target


def test_a_topic_goes_to_another_area(draft, world, lead):
    other = ContentArea.objects.create(framework=draft, case_identifier="o", title="Other", position=2)
    lead.post(page("piece-move", draft), {"topic": world.topic.uuid, "parent": other.uuid})
    assert Topic.objects.get(pk=world.topic.pk).area == other


def test_in_use_all_of_it_waits_and_is_shown_as_it_will_be(world, lead):
    framework, topic = world.own.framework, world.topic
    revision = Revision.objects.create(framework=framework, title="Next year")
    lead.post(page("target-add", framework, topic=topic), {"code": "FR.5", "statement": "Divides"})
    lead.post(page("piece-move", framework), moving(world.targets[3], place=1))
    lead.post(page("piece-retire", framework), {"target": world.targets[1].uuid})

    html = lead.get(page("topic-write", framework, topic=topic)).content.decode()

    assert order(topic) == ["FR.1", "FR.2", "FR.3", "FR.4"]
    assert set(Change.objects.values_list("revision", flat=True)) == {revision.pk}
    assert re.findall(r"<b>(FR\.\d)</b>", html) == ["FR.4", "FR.1", "FR.2", "FR.3", "FR.5"]
    said = text(lead.get(page("topic-write", framework, topic=topic)))
    assert "What you change waits in the revision “Next year” until it is published." in said
    assert "FR.4 Step 4 changed" in said
    assert "FR.2 Step 2 ends" in said
    assert "FR.5 Divides new" in said


def test_the_code_after_another():
    assert [next_code(codes) for codes in ([], ["A"], ["FR.9"], ["FR.09"], ["X", "5.NF.3"])] == [
        "",
        "",
        "FR.10",
        "FR.10",
        "5.NF.4",
    ]


def test_the_workshop_leads_to_all_that_belongs_to_writing(draft, world, as_person):
    def ways(who: str) -> set[str]:
        html = as_person(world.people[who]).get(page("framework-write", draft)).content.decode()
        return set(re.findall(r'<a [^>]*href="([^"]*)"', html.split("<main")[1].split("</main>")[0]))

    common = {page(name, draft) for name in ("framework-change", "comment-desk", "translation-list", "framework-sheet")}
    of_lead = {page(name, draft) for name in ("writer-list", "scale-choose", "framework-publish")}
    assert ways("curriculum_lead") >= common | of_lead
    assert ways("writer") & (common | of_lead) == common


def test_nothing_is_typed_where_nothing_is_saved(draft, world, lead):
    topic, target = world.topic, world.targets[0]
    pages = [
        page("framework-change", draft),
        page("area-change", draft, area=topic.area),
        page("topic-change", draft, topic=topic),
        page("target-change", draft, target=target),
    ]
    assert all('<fieldset class="stack" disabled' not in lead.get(one).content.decode() for one in pages)
    draft.status = FrameworkStatus.PUBLISHED
    draft.save()
    assert all('<fieldset class="stack" disabled' in lead.get(one).content.decode() for one in pages)
