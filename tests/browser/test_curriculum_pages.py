"""The pages of the curriculum, each as somebody who needs it, with long words in them, and where there is nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from curriculum.enums import ChangeKind, FrameworkStatus, Subject, TrialState
from curriculum.models import (
    ContentArea,
    Framework,
    FrameworkAdoption,
    Revision,
    RevisionTrial,
    Target,
    Topic,
    Translation,
    Wording,
)
from curriculum.services import (
    Edit,
    NewTarget,
    add_comment,
    answer_comment,
    create_framework,
    end_targets,
    make_edits,
    name_writer,
    open_revision,
    publish_revision,
)
from tests.browser.conftest import HEIGHT, scrolls_sideways, violations
from tests.browser.test_people_pages import address, contrast
from tests.world import World

LONG = (
    "Explain why a fraction a/b is equivalent to a fraction (n × a)/(n × b) by using visual fraction models, with "
    "attention to how the number and size of the parts differ even though the two fractions are of the same size"
)
TITLE = "Northern Hills mathematics and scientific reasoning"
# Who opens what; ``full`` below has what the addresses name.
PAGES: dict[str, list[str]] = {
    "student": [
        "framework-list", "framework-show", "framework-steps", "area-show", "topic-show", "topic-poster", "topic-cards",
        "target-show", "target-card", "search", "revision-list", "revision-show", "target-past",
    ],
    "teacher": ["topic-show", "target-show", "comment-list", "unpack-show"],
    "leader": ["wording-list", "wording-topic"],
    "curriculum_lead": [
        "framework-list", "framework-show", "draft-list", "framework-create", "framework-write", "topic-write",
        "target-change", "revision-list", "revision-preview", "revision-change", "revision-end", "revision-publish",
        "adoption-choose", "adoption-list", "adoption-add", "adoption-end", "translation-list", "translation-edit",
        "comment-desk", "framework-share", "scale-create",
    ],
}  # fmt: skip
DRAFT = [
    "framework-write",
    "framework-change",
    "framework-publish",
    "writer-list",
    "area-change",
    "topic-change",
    "scale-choose",
]
NOTHING_TO_READ = ["framework-show", "framework-steps", "revision-list", "comment-list"]
NOTHING_TO_WRITE = ["framework-write", "framework-publish", "translation-list"]


@pytest.fixture
def full(world: World) -> dict[str, Any]:
    """The curriculum with a bit of everything; what its addresses name, by the name in the address."""
    own = world.own
    day = date.fromisoformat(str(own.group.starts_on)) + timedelta(days=80)
    Framework.objects.filter(pk=own.framework.pk).update(title=TITLE, version="2026-27", notes="Read by rows.")
    Topic.objects.filter(pk=own.topic.pk).update(title="Equivalent fractions and decimals", description=LONG)
    Target.objects.filter(pk=own.targets[1].pk).update(statement=LONG, short_title="", code="4.NF.A.1.b.ii")
    Target.objects.create(topic=own.topic, part_of=own.targets[1], statement=LONG, code="4.NF.A.1.c", position=1)
    add_words(world, day)
    past = add_past(world, day)
    return {**add_revision(world, day), **add_draft(world, day), **add_offer(world), "past": past}


def add_words(world: World, day: date) -> None:
    own, one = world.own, world.targets[1]
    Wording.objects.create(target=one, organization=own.school, i_can="I can show that two fractions are the same")
    Wording.objects.create(target=one, organization=own.school, group=own.group, i_can="We cut pies fairly")
    Translation.objects.create(target=one, language="es", i_can="Puedo explicar por qué son iguales", text=LONG)
    asked = add_comment(framework=own.framework, text=LONG, author=world.teacher, day=day, target=one)
    answer_comment(comment=asked, text="It is.", author=world.curriculum_lead, day=day, settles=True)
    add_comment(framework=own.framework, text="Is this in the right order?", author=world.teacher, day=day)


def add_past(world: World, day: date) -> Revision:
    """Published: one target reworded, one split."""
    lead, own = world.curriculum_lead, world.own
    revision = open_revision(framework=own.framework, title="Equivalent fractions in steps", actor=lead, day=day)
    Revision.objects.filter(pk=revision.pk).update(note="Families asked for shorter sentences, and teachers agreed.")
    edits = [Edit(Subject.TARGET, world.targets[0].uuid, {"statement": "Takes step 1 with ratios"})]
    make_edits(framework=own.framework, edits=edits, actor=lead, day=day)
    split(revision, world.targets[3], world, day)
    return publish_revision(revision=revision, actor=None, day=day)


def split(revision: Revision, target: Target, world: World, day: date) -> None:
    new = [NewTarget(f"{LONG}, {n} of 2", code=f"{target.code}{n}") for n in "ab"]
    who: dict[str, Any] = {"actor": world.curriculum_lead, "day": day}
    end_targets(revision=revision, kind=ChangeKind.SPLIT, sources=[target], new=new, **who)


def add_revision(world: World, day: date) -> dict[str, Any]:
    """Being written: an area reworded, an order changed, a target split; tried on last year."""
    lead, own = world.curriculum_lead, world.own
    revision = open_revision(framework=own.framework, title="Clearer words for everybody", actor=lead, day=day)
    edits = [
        Edit(Subject.AREA, own.topic.area.uuid, {"domain": "habits"}),
        Edit(Subject.TARGET, world.targets[1].uuid, {"statement": LONG.replace("visual", "drawn"), "position": 1}),
        Edit(Subject.TARGET, world.targets[0].uuid, {"position": 2}),
    ]
    make_edits(framework=own.framework, edits=edits, actor=lead, day=day)
    split(revision, world.targets[2], world, day)
    counts = ["students", "levels_before", "levels_after", "proficient_before", "proficient_after", "not_carried"]
    RevisionTrial.objects.create(
        revision=revision, state=TrialState.DONE, starts_on=day, ends_on=day, result=dict.fromkeys(counts, 4)
    )
    return {"revision": revision, "area": own.topic.area, "topic": own.topic, "target": world.targets[1]}


def add_draft(world: World, day: date) -> dict[str, Any]:
    """A draft that somebody else writes too, and one with nothing in it."""
    who: dict[str, Any] = {"actor": world.curriculum_lead, "day": day}
    new: dict[str, Any] = {"owner": world.own.district, "language": "en", "scale": None}
    draft = create_framework(title=f"{TITLE}, for the youngest", **new, **who)
    empty = create_framework(title="An empty one", **new, **who)
    area = ContentArea.objects.create(framework=draft, case_identifier="a", title="Number and operations", position=1)
    topic = Topic.objects.create(area=area, case_identifier="t", title="Place value", code="NBT", position=1)
    for n in (1, 2, 3):
        Target.objects.create(topic=topic, case_identifier=f"d{n}", statement=LONG, code=f"NBT.{n}", position=n)
    writer = name_writer(framework=draft, user=world.teacher, **who)
    return {"draft": draft, "empty": empty, "writer": writer}


def add_offer(world: World) -> dict[str, Any]:
    """One in use with nothing in it, and one that is not used yet."""
    own = world.own
    both = {"owner": own.district, "scale": own.framework.scale, "status": FrameworkStatus.PUBLISHED}
    bare = Framework.objects.create(title="Of nothing yet", case_identifier="bare", **both)
    FrameworkAdoption.objects.create(framework=bare, organization=own.district, adopted_on=own.group.starts_on)
    offered = Framework.objects.create(title=f"{TITLE}, second edition", case_identifier="offered", **both)
    adoption = FrameworkAdoption.objects.get(framework=own.framework, organization=own.district)
    return {"bare": bare, "offered": offered, "adoption": adoption}


def place(world: World, full: dict[str, Any], name: str, **other: Any) -> str:
    """The address of the page; what it is about beside the world's own, where that is something else."""
    about: dict[str, Any] = {"framework": world.own.framework}
    if name == "revision-show":
        about["revision"] = full["past"]
    elif name == "target-past":
        about["target"] = world.targets[0]
    elif name == "adoption-add":
        about.update(organization=world.own.district, framework=full["offered"])
    elif name == "adoption-list":
        about["organization"] = world.own.district
    url = address(world, full, f"curriculum:{name}", **{**about, **other})
    return f"{url}?q=fractions" if name == "search" else url


def of_draft(full: dict[str, Any]) -> dict[str, Any]:
    target = Target.objects.filter(topic__area__framework=full["draft"])[0]
    return {"framework": full["draft"], "area": target.topic.area, "topic": target.topic, "target": target}


def look(page: Page, url: str, name: str) -> None:
    """One load: on a phone in the light all of axe; on a wide screen in the dark what differs there, contrast."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": HEIGHT})
    answer = page.goto(url)
    assert (name, answer and answer.status) == (name, 200)
    assert (name, violations(page)) == (name, [])
    assert (name, "narrow", scrolls_sideways(page)) == (name, "narrow", False)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1280, "height": HEIGHT})
    assert (name, "contrast", contrast(page)) == (name, "contrast", [])
    assert (name, "wide", scrolls_sideways(page)) == (name, "wide", False)


def test_pages_are_accessible_and_fit(world, full, page_as):
    for who, names in PAGES.items():
        page = page_as(world.people[who], reduced_motion="reduce")
        for name in names:
            look(page, place(world, full, name), f"{who} {name}")


def test_pages_of_a_draft_and_of_nothing_yet(world, full, page_as):
    page = page_as(world.curriculum_lead, reduced_motion="reduce")
    for name in DRAFT:
        look(page, place(world, full, name, **of_draft(full)), f"draft {name}")
    for name in NOTHING_TO_READ:
        look(page, place(world, full, name, framework=full["bare"]), f"nothing {name}")
    for name in NOTHING_TO_WRITE:
        look(page, place(world, full, name, framework=full["empty"]), f"empty {name}")
