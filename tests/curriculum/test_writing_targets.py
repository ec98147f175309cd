"""The editors of targets and topics, publishing a draft, and who writes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from curriculum.enums import FrameworkStatus, Subject
from curriculum.models import (
    Change,
    Framework,
    FrameworkAdoption,
    FrameworkWriter,
    GuideLevel,
    Prerequisite,
    Revision,
    Target,
    Topic,
)
from curriculum.services import EditRefused
from curriculum.services.writing import add_piece, create_framework, end_writer, name_writer, publish_framework
from lpm.audit.models import Entry
from lpm.people.enums import OrganizationKind
from tests.curriculum.test_writing import HTMX, page, text
from tests.world import DAY, World


@pytest.fixture
def draft(world: World) -> Framework:
    framework: Framework = world.own.framework
    framework.status = FrameworkStatus.DRAFT
    framework.save()
    FrameworkAdoption.objects.filter(framework=framework).delete()
    return framework


@pytest.fixture
def lead(world: World, as_person) -> Client:
    client: Client = as_person(world.curriculum_lead)
    return client


def guide(**words: str) -> dict[str, str]:
    """The fields of a guide as the first target has them, with other words for some: ``L30`` is 3.0."""
    said = {f"level_{n}.00": f"Step 1 at {n}" for n in range(5)}
    return said | {f"level_{name[1]}.{name[2]}0": text for name, text in words.items()}


def typed(target: Target, **values: Any) -> dict[str, Any]:
    """What the editor sends when nobody has touched anything."""
    now = {name: getattr(target, name) for name in ("code", "short_title", "statement", "i_can", "grades")}
    before = [str(row.required.uuid) for row in target.prerequisites.select_related("required")]
    return {**now, "part_of": "", "requires": before, "step": "save", **values}


def editor(target: Target) -> str:
    return page("target-change", target.topic.area.framework, target=target)


def test_the_editor_shows_the_general_words_beside_what_is_empty(draft, world, lead):
    said = text(lead.get(editor(world.targets[1])))
    assert "3.0 proficient In general: In general: proficient" in said
    assert "Levels in between 3.5" in said
    assert "What comes before it FR.1 Step 1" in said
    assert "Save, then FR.3" in said
    assert "Nothing: one can begin here." in text(lead.get(editor(world.targets[0])))


@pytest.mark.parametrize("rows", [1, 30])
def test_the_editor_asks_the_database_the_same_number_of_times(rows, draft, world, lead, django_assert_num_queries):
    for n in range(rows - 1):
        more = Target.objects.create(topic=world.topic, case_identifier=f"{n}", statement="Does", position=n + 5)
        Prerequisite.objects.create(target=world.targets[0], required=more)
    lead.get(editor(world.targets[0]))
    with django_assert_num_queries(10):
        lead.get(editor(world.targets[0]))


def test_nothing_is_written_when_nothing_was_touched(draft, world, lead):
    lead.post(editor(world.targets[0]), typed(world.targets[0], **guide(), statement="Takes step 1 with fractions\r\n"))
    assert not Entry.objects.filter(action="curriculum.edit").exists()


def test_a_target_is_written(draft, world, lead):
    target = world.targets[0]
    words = {"code": "N.1", "short_title": "Élan", "statement": "Says\r\nit", "i_can": "I can", "grades": ["04", "05"]}

    response = lead.post(editor(target), typed(target, **words, **guide(L40="", L30="All", L25="Half")))

    target.refresh_from_db()
    assert response.url == page("topic-write", draft, topic=world.topic) + f"#p-{target.uuid}"
    assert {name: getattr(target, name) for name in words} == {**words, "statement": "Says\nit"}
    assert target.search_text == "n.1 elan says it i can"
    assert dict(target.guide.values_list("value", "description")) == {
        Decimal(0): "Step 1 at 0",
        Decimal(1): "Step 1 at 1",
        Decimal(2): "Step 1 at 2",
        Decimal("2.5"): "Half",
        Decimal(3): "All",
    }


def test_saving_leads_on_to_the_next(draft, world, lead):
    first, second, _third, last = world.targets
    assert lead.post(editor(first), typed(first, **guide(), step="next")).url == editor(second)
    assert lead.post(editor(last), typed(last, step="next")).url.startswith(
        page("topic-write", draft, topic=world.topic)
    )


def test_a_target_of_no_words_is_shown_again(draft, world, lead):
    response = lead.post(editor(world.targets[0]), typed(world.targets[0], statement=" ", i_can="Still here"))
    said = response.content.decode()
    assert "Write what is learned." in text(response, 422)
    assert "Still here" in said


def test_words_that_somebody_changed_in_between_are_not_lost(draft, world, lead):
    target = world.targets[1]
    seen = lead.get(editor(target)).context["seen"]
    Target.objects.filter(pk=target.pk).update(statement="Somebody else’s")

    response = lead.post(editor(target), typed(target, i_can="Mine", seen=seen))

    assert "Somebody else has changed this since you opened it." in text(response, 422)
    assert "Mine" in response.content.decode()
    assert Target.objects.get(pk=target.pk).statement == "Somebody else’s"


def test_what_comes_before_is_looked_for_and_kept(draft, world, lead):
    target, other = world.targets[3], world.targets[0]
    response = lead.post(editor(target), typed(target, step="search", q="step 1", statement="Not saved"))
    said = text(response)
    assert "FR.3 Step 3" in said  # still ticked
    assert said.index("Find") < said.rindex("FR.1 Step 1")
    assert "Not saved" in response.content.decode()
    part = lead.post(editor(target), typed(target, step="search", q="Fractions"), headers=HTMX)
    assert part.content.decode().lstrip().startswith('<fieldset class="stack tight"')
    none = lead.post(editor(target), typed(target, step="search", q="volcano"))
    assert "No other target has these words." in text(none)

    lead.post(editor(target), typed(target, requires=[other.uuid]))

    assert set(Prerequisite.objects.filter(target=target).values_list("required__code", flat=True)) == {"FR.1"}
    assert Target.objects.get(pk=target.pk).statement == "Takes step 4 with fractions"


@pytest.mark.parametrize("is_open", [False, True])
def test_a_circle_is_refused_by_name(is_open, draft, world, lead):
    if is_open:
        Framework.objects.filter(pk=draft.pk).update(status=FrameworkStatus.PUBLISHED)
        Revision.objects.create(framework=draft, title="Next year")
    first, second = world.targets[:2]

    response = lead.post(editor(first), typed(first, **guide(), requires=[second.uuid]))

    assert "a target would come before itself. The way round is FR.1 → FR.2 → FR.1." in text(response, 422)
    assert not Prerequisite.objects.filter(target=first).exists()
    assert not Change.objects.exists()


def test_identities_that_are_none_are_refused(draft, world, lead):
    assert lead.post(editor(world.targets[0]), typed(world.targets[0], requires=["x"])).status_code == 422


def test_a_target_becomes_a_part_and_whole_again(draft, world, lead):
    first, second, third = world.targets[:3]
    lead.post(editor(second), typed(second, part_of=first.uuid))
    second.refresh_from_db()
    assert (second.part_of, second.position) == (first, 1)

    lead.post(editor(third), typed(third, part_of=first.uuid))
    third.refresh_from_db()
    assert (third.part_of, third.position) == (first, 2)
    assert lead.post(editor(first), typed(first, **guide(), part_of=world.targets[3].uuid)).status_code == 422

    lead.post(editor(second), typed(second, part_of=""))
    second.refresh_from_db()
    assert (second.part_of, second.position) == (None, 5)


def test_retiring_in_a_draft_lets_go_of_what_came_after(draft, world, lead):
    lead.post(page("piece-retire", draft), {"target": world.targets[1].uuid})
    assert set(Prerequisite.objects.filter(target__in=world.targets).values_list("required__code", "target__code")) == {
        ("FR.1", "FR.2"),
        ("FR.3", "FR.4"),
    }


def test_a_topic_has_words_and_a_guide_of_its_own(draft, world, lead):
    topic = world.topic
    here = page("topic-change", draft, topic=topic)
    assert "Move to…" in text(lead.get(here))

    lead.post(here, {"title": "Parts", "code": "P", "description": "All", "level_3.00": "Knows them"})

    topic.refresh_from_db()
    assert (topic.title, topic.code, topic.description) == ("Parts", "P", "All")
    assert list(GuideLevel.objects.filter(topic=topic).values_list("value", "description")) == [
        (Decimal(3), "Knows them")
    ]


def test_in_use_the_editor_shows_what_waits(world, lead):
    framework, target = world.own.framework, world.targets[0]
    revision = Revision.objects.create(framework=framework, title="Next year")

    lead.post(editor(target), typed(target, i_can="I can now", **guide(L30="New words")))
    lead.post(page("framework-change", framework), {"title": "Renamed", "language": "en"})

    html = lead.get(editor(target)).content.decode()
    assert "I can now" in html
    assert "New words" in html
    assert Target.objects.get(pk=target.pk).i_can == "I can take step 1"
    after = {change.subject: change.after for change in Change.objects.filter(revision=revision)}
    assert after == {
        "target": {"i_can": "I can now", "guide": {"3.00": "New words"}},
        "framework": {"title": "Renamed"},
    }
    assert "Renamed" in text(lead.get(page("framework-write", framework)))


# --- publishing a draft


def test_publishing_shows_what_could_still_be_written(draft, world, lead):
    Target.objects.filter(pk=world.targets[2].pk).update(i_can="")
    Topic.objects.create(area=world.topic.area, case_identifier="e", title="Empty one", position=2)
    said = text(lead.get(page("framework-publish", draft)))
    assert "1 content area 2 topics 4 targets" in said
    assert "1 target without an “I can” sentence FR.3 Step 3" in said
    assert "3 targets without a scoring guide FR.2 Step 2 FR.3 Step 3 FR.4 Step 4" in said
    assert "1 topic without targets Empty one" in said


def test_an_empty_draft_leads_back_to_writing(draft, world, lead):
    Target.objects.all().delete()
    html = lead.get(page("framework-publish", draft)).content.decode()
    assert "Nothing to publish yet" in html
    assert "Publish it" not in html


def test_a_draft_is_published_and_used(draft, world, lead):
    lead.post(page("framework-publish", draft))

    draft.refresh_from_db()
    assert (draft.status, draft.published_on) == ("published", DAY)
    adoption = FrameworkAdoption.objects.get(framework=draft)
    assert (adoption.organization, adoption.adopted_by) == (world.own.district, world.curriculum_lead)
    assert Entry.objects.get(action="curriculum.publish").subject_uuid == draft.uuid
    assert "This curriculum is published already." in text(lead.get(page("framework-publish", draft)))


def test_an_empty_draft_is_not_published(draft, world, lead):
    Target.objects.filter(topic=world.topic).delete()
    said = text(lead.post(page("framework-publish", draft), follow=True))
    assert "There is nothing in it yet." in said
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_published_one_is_not_published_again(world):
    with pytest.raises(EditRefused):
        publish_framework(framework=world.own.framework, actor=None, day=DAY)


def test_a_consortium_offers_what_it_publishes(draft, world):
    draft.owner.kind = OrganizationKind.CONSORTIUM
    draft.owner.save()
    publish_framework(framework=draft, actor=None, day=DAY)
    assert not FrameworkAdoption.objects.filter(framework=draft).exists()


def test_a_draft_is_seen_by_those_who_write_it_alone(draft, world, as_person):
    here = reverse("curriculum:framework-show", kwargs={"framework": draft.uuid})
    assert as_person(world.teacher).get(here).status_code == 404
    assert as_person(world.teacher).get(page("framework-write", draft)).status_code == 404


# --- who writes


def test_a_writer_is_named_and_writes_until_the_end(draft, world, lead, as_person):
    FrameworkWriter.objects.all().delete()
    here = page("writer-list", draft)
    assert "Nobody is named yet." in text(lead.get(here))
    assert "Teacher Person" in text(lead.post(here, {"step": "search", "q": "teacher"}))
    teacher = as_person(world.teacher)

    lead.post(here, {"step": "save", "user": world.teacher.uuid})

    writer = FrameworkWriter.objects.get()
    assert (writer.user, writer.starts_on, writer.ends_on, writer.named_by) == (
        world.teacher,
        DAY,
        None,
        world.curriculum_lead,
    )
    assert "Northern mathematics" in text(teacher.get(reverse("curriculum:draft-list")))
    assert "Publish…" not in text(teacher.get(page("framework-write", draft)))
    assert teacher.post(editor(world.targets[1]), typed(world.targets[1], code="N")).status_code == 302
    assert teacher.post(page("framework-publish", draft)).status_code == 404
    assert teacher.get(here).status_code == 404

    lead.post(page("writer-end", draft, writer=writer))

    assert teacher.get(page("framework-write", draft)).status_code == 404
    assert lead.post(page("writer-end", draft, writer=writer)).status_code == 404
    told = Entry.objects.filter(action__contains="_writer").order_by("pk").values_list("action", "details")
    assert list(told) == [(f"curriculum.{verb}_writer", {"writer": str(writer.uuid)}) for verb in ("name", "end")]


@pytest.mark.parametrize("who", ["student", "guardian", "far_teacher", "operator"])
def test_only_staff_here_are_named(who, draft, world, lead):
    response = lead.post(page("writer-list", draft), {"step": "save", "user": world.people[who].uuid})
    assert response.status_code == 422
    with pytest.raises(EditRefused):
        name_writer(framework=draft, user=world.people[who], actor=None, day=DAY)


def test_a_writer_is_not_named_for_days_that_are_over(draft, world, lead):
    values = {"step": "save", "user": world.teacher.uuid, "ends_on": DAY - timedelta(days=1)}
    assert "The last day is over already." in text(lead.post(page("writer-list", draft), values), 422)


# --- services ask again


def test_services_refuse_those_who_may_not(draft, world):
    teacher = world.teacher
    writer = FrameworkWriter.objects.create(framework=draft, user=world.co_teacher)
    new: dict[str, Any] = {"title": "A", "language": "en", "scale": None}
    far: dict[str, Any] = {**new, "scale": world.other_district.framework.scale}
    for refused in (
        lambda: create_framework(owner=world.own.district, **new, actor=teacher, day=DAY),
        lambda: publish_framework(framework=draft, actor=teacher, day=DAY),
        lambda: name_writer(framework=draft, user=teacher, actor=teacher, day=DAY),
        lambda: end_writer(writer=writer, actor=teacher, day=DAY),
        lambda: create_framework(owner=world.own.district, **far, actor=None, day=DAY),
        lambda: add_piece(
            framework=draft, subject=Subject.TOPIC, values={"area": str(draft.uuid)}, actor=None, day=DAY
        ),
    ):
        with pytest.raises((PermissionDenied, EditRefused)):
            refused()
