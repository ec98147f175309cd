"""Pages of revisions: what would change, what it touches, and what changed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from curriculum.enums import Carries, ChangeKind, RevisionStatus, Subject, TrialState
from curriculum.models import Crosswalk, Framework, Prerequisite, Revision, RevisionTrial, Target, Topic
from curriculum.services import Edit, end_targets, make_edits, open_revision, publish_revision, schedule_revision
from curriculum.signals import revision_previewing
from lpm.people.models import SchoolYear
from tests.world import DAY, World


@pytest.fixture
def revision(world: World) -> Revision:
    return open_revision(framework=world.own.framework, title="Clearer fractions", actor=None, day=DAY)


@pytest.fixture
def lead(world: World, as_person: Any) -> Any:
    return as_person(world.people["curriculum_lead"])


def at(name: str, of: Revision | Framework | Target) -> str:
    return reverse(f"curriculum:{name}", args=[of.uuid])


def text(response: Any, status: int = 200) -> str:
    """What the page says, in one line."""
    assert response.status_code == status
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")] if "<main" in html else html
    return " ".join(strip_tags(re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL)).split())


def edit(world: World, *edits: Edit) -> None:
    make_edits(framework=world.own.framework, edits=edits, actor=None, day=DAY)


def reword(world: World, target: Target, **values: Any) -> None:
    edit(world, Edit(Subject.TARGET, target.uuid, values))


def publish(revision: Revision) -> Revision:
    return publish_revision(revision=revision, actor=None, day=DAY)


def test_a_revision_is_begun_and_described(world: World, lead: Any) -> None:
    framework = world.own.framework
    assert "Nothing has changed yet" in text(lead.get(at("revision-list", framework)))
    assert "Give the revision a name." in text(lead.post(at("revision-begin", framework), {"title": ""}), 422)
    response = lead.post(at("revision-begin", framework), {"title": "Clearer"})
    revision = Revision.objects.get(framework=framework)
    assert response.url == at("revision-preview", revision)
    assert "is open already" in text(lead.post(at("revision-begin", framework), {"title": "Other"}), 422)
    assert "Being written Clearer" in text(lead.get(at("revision-list", framework)))

    lead.post(at("revision-change", revision), {"title": "Clearer words", "note": "Families asked."})
    revision.refresh_from_db()
    assert (revision.title, revision.note) == ("Clearer words", "Families asked.")
    assert "No change yet" in text(lead.get(at("revision-preview", revision)))
    assert "Families asked." in lead.get(at("revision-change", revision)).content.decode()
    lead.post(at("revision-withdraw", revision))
    assert "not open any more" in text(lead.post(at("revision-change", revision), {"title": "Other"}), 422)


def test_changes_are_told_in_words(world: World, revision: Revision, lead: Any) -> None:
    one, two, three, four = world.targets
    other = Topic.objects.create(area=world.topic.area, case_identifier="other", title="Decimals", position=2)
    edit(world, Edit(Subject.FRAMEWORK, world.own.framework.uuid, {"version": "2"}))
    edit(world, Edit(Subject.AREA, world.topic.area.uuid, {"domain": "habits"}))
    edit(world, Edit(Subject.TOPIC, other.uuid, {"title": "Decimal numbers", "guide": {"3.00": "All of it"}}))
    reword(world, one, statement="Takes step 1 with ratios", guide={"3.00": ""}, grades=["06"])
    reword(world, two, topic=str(other.uuid), requires=[])
    edit(world, Edit(Subject.TARGET, three.uuid, {"position": 4}), Edit(Subject.TARGET, four.uuid, {"position": 3}))
    edit(world, Edit(Subject.TOPIC, world.topic.uuid, {"position": 5}))
    page = text(lead.get(at("revision-preview", revision)))
    told = page[page.index("The curriculum as a whole") :]

    assert told == (
        "The curriculum as a whole reworded The curriculum as a whole Undo The curriculum as a whole Version 2 "
        "Mathematics reworded Mathematics Undo Mathematics Kind of learning content knowledgehabits of mind "
        "moved New order: 1 topic moves Undo New order: 1 topic moves "
        "Fractions moved New order: 2 targets move Undo New order: 2 targets move "
        "reworded FR.1 Step 1 Undo FR.1 Step 1 Statement Takes step 1 with fractionsratios "
        "Grades Grade 5Grade 6 Scoring guide, level 3.0 Step 1 at 3 "
        "reworded FR.2 Step 2 Undo FR.2 Step 2 Measurement topic FractionsDecimals Comes after FR.1 Step 1 "
        "Decimals reworded Decimals Undo Decimals Title DecimalsDecimal numbers Scoring guide, level 3.0 All of it"
    )
    html = lead.get(at("revision-preview", revision)).content.decode()
    assert "Takes step 1 with <del>fractions</del><ins>ratios</ins>" in html


def test_a_split_is_made_on_a_page(world: World, revision: Revision, lead: Any) -> None:
    one, two = world.targets[:2]
    address = f"{at('revision-end', revision)}?target={one.uuid}"
    assert "checked" in lead.get(address).content.decode()
    data = {"kind": "split", "sources": [one.uuid], "statement_1": "Half", "code_1": "FR.1a", "code_2": "FR.1b"}
    assert "Say what this target is." in text(lead.post(address, data), 422)
    assert "at least two that take its place" in text(lead.post(address, {**data, "code_2": ""}), 422)
    response = lead.post(address, {**data, "statement_2": "Other half", "i_can_2": "I can do the other half"})
    assert response.url == at("revision-preview", revision)
    assert set(revision.changes.values_list("kind", "after__code")) == {
        ("split", None),
        ("added", "FR.1a"),
        ("added", "FR.1b"),
    }

    page = text(lead.get(at("revision-preview", revision)))
    assert "FR.1 Step 1 FR.1a Half new evidence, and the level a teacher decided" in page
    assert "What was shown counts on: FR.1a HalfFR.1b Other half" in page
    assert "FR.1a Half (new)" in text(lead.get(address))
    new = revision.changes.get(after__code="FR.1a").subject_uuid
    retire = {"kind": "retired", "sources": [two.uuid], "existing": [new], "carries": "nothing"}
    assert lead.post(address, retire).status_code == 302
    assert Crosswalk.objects.get(source=two).carries == Carries.NOTHING
    lead.post(at("revision-undo", revision), {"subject": [two.uuid]})
    response = lead.post(at("revision-undo", revision), {"subject": [new]}, follow=True)
    assert "Other changes need what this one adds." in text(response)
    response = lead.post(at("revision-undo", revision), {"subject": [two.uuid]}, follow=True)
    assert "not in the revision any more" in text(response)
    assert revision.changes.count() == 3


def test_targets_are_looked_for_by_topic(world: World, revision: Revision, lead: Any) -> None:
    other = Topic.objects.create(area=world.topic.area, case_identifier="other", title="Decimals", position=2)
    for chosen in (f"topic={other.uuid}", "topic=nonsense", f"onward={other.uuid}"):
        assert lead.get(f"{at('revision-end', revision)}?{chosen}").status_code == 200
    empty = text(lead.get(f"{at('revision-end', revision)}?topic={other.uuid}"))
    assert "No targets in this topic" in empty


def test_what_it_touches_is_told(world: World, revision: Revision, lead: Any) -> None:
    one, two, three, _four = world.targets
    end_targets(revision=revision, kind=ChangeKind.RETIRED, sources=[one], actor=None, day=DAY)
    reword(world, two, statement="In other words")
    reword(world, three, position=9)
    asked: list[list[int]] = []

    def tell(target_ids: list[int], **kwargs: Any) -> dict[str, int]:
        asked.append(target_ids)
        return {"students": 2, "plans": 1}

    revision_previewing.connect(tell)
    try:
        page = text(lead.get(at("revision-preview", revision)))
    finally:
        revision_previewing.disconnect(tell)
    assert asked == [[one.pk], [two.pk]]
    assert "1 target ends. On record there: 2 students" in page
    assert "1 learning plan. All of it stays." in page
    assert "1 target goes on, reworded or elsewhere." in page


def test_it_is_tried_on_last_year(world: World, revision: Revision, lead: Any) -> None:
    days = {"starts_on": DAY - timedelta(days=400), "ends_on": DAY - timedelta(days=100)}
    SchoolYear.objects.create(organization=world.own.district, title="Last", ends_in=2026, **days)
    html = lead.get(at("revision-preview", revision)).content.decode()
    assert all(f'value="{day}"' in html for day in days.values())
    assert "This field is required" in text(lead.post(at("revision-try", revision), {}), 422)
    assert lead.post(at("revision-try", revision), days).url == at("revision-preview", revision)
    trial = RevisionTrial.objects.get(revision=revision)

    def look() -> Any:
        return lead.get(at("revision-preview", revision), headers={"HX-Request": "true"})

    assert 'hx-trigger="every 2s"' in look().content.decode()
    trial.state = TrialState.BROKEN
    trial.save()
    assert "Try it again." in text(look())
    trial.state = TrialState.DONE
    trial.result = {
        "students": 12,
        "levels_before": 40,
        "levels_after": 38,
        "proficient_before": 20,
        "proficient_after": 19,
        "not_carried": 1,
    }
    trial.save()
    done = look()
    assert "every 2s" not in done.content.decode()
    assert "12 students have levels" in text(done)
    assert "Proficient: 20 as it is, 19 with the revision." in text(done)


def test_it_is_published_now_or_later(world: World, revision: Revision, lead: Any) -> None:
    address, one = at("revision-publish", revision), world.targets[0]
    assert "There is no change" in text(lead.post(address, {"when": "now"}), 422)
    reword(world, one, statement="In other words")
    assert "1 change comes into force" in text(lead.get(address))
    assert "Choose the day." in text(lead.post(address, {"when": "later"}), 422)
    day = DAY + timedelta(days=30)
    assert lead.post(address, {"when": "later", "publish_on": day}).url == at("revision-list", world.own.framework)
    revision.refresh_from_db()
    assert (revision.status, revision.publish_on) == (RevisionStatus.SCHEDULED, day)
    Revision.objects.filter(pk=revision.pk).update(publish_on=DAY - timedelta(days=1))
    assert "could not be published on its day" in text(lead.get(at("revision-preview", revision)))

    assert lead.post(at("revision-reopen", revision)).url == at("revision-preview", revision)
    lead.post(address, {"when": "now"})
    one.refresh_from_db()
    revision.refresh_from_db()
    assert (one.statement, revision.status) == ("In other words", RevisionStatus.PUBLISHED)
    response = lead.post(at("revision-withdraw", revision), follow=True)
    assert "not open any more" in text(response)


def test_it_is_withdrawn(world: World, revision: Revision, lead: Any) -> None:
    assert "is withdrawn" in text(lead.post(at("revision-withdraw", revision), follow=True))
    revision.refresh_from_db()
    assert revision.status == RevisionStatus.WITHDRAWN


@pytest.mark.parametrize("name", ["student", "guardian", "teacher"])
def test_readers_see_what_changed_and_not_what_is_written(name: str, world: World, as_person: Any) -> None:
    framework, one = world.own.framework, world.targets[0]
    for title, statement in [("First", "Second wording"), ("Second", "Third wording")]:
        told = open_revision(framework=framework, title=title, actor=None, day=DAY)
        reword(world, one, statement=statement)
        publish(told)
    written = open_revision(framework=framework, title="Still secret", actor=None, day=DAY)
    reader = as_person(world.people[name])

    listed = text(reader.get(at("revision-list", framework)))
    assert "Second Nov. 19, 2026 First Nov. 19, 2026" in listed
    assert "Still secret" not in listed
    shown = reader.get(at("revision-show", told)).content.decode()
    assert "<del>Second</del><ins>Third</ins> wording" in shown
    assert f"{at('target-past', one)}?on={DAY - timedelta(days=1)}" in shown
    assert "Changed before on Nov. 19, 2026" in text(reader.get(at("revision-show", told)))
    assert reader.get(at("revision-show", written)).status_code == 404
    assert reader.get(at("revision-preview", told)).status_code == 404
    schedule: dict[str, Any] = {"publish_on": DAY + timedelta(days=3), "actor": None, "day": DAY}
    reword(world, one, statement="Fourth wording")
    schedule_revision(revision=written, **schedule)
    assert "To come on Nov. 22, 2026" in text(reader.get(at("revision-show", written)))


def test_what_a_target_said_is_read_by_day(world: World, revision: Revision, as_person: Any) -> None:
    target, reader = world.targets[0], as_person(world.people["guardian"])
    reword(world, target, statement="In other words")
    pages = {"target": at("target-show", target), "framework": at("framework-show", world.own.framework)}
    assert at("target-past", target) not in reader.get(pages["target"]).content.decode()
    assert at("revision-list", world.own.framework) not in reader.get(pages["framework"]).content.decode()
    publish(revision)
    assert at("target-past", target) in reader.get(pages["target"]).content.decode()
    assert at("revision-list", world.own.framework) in reader.get(pages["framework"]).content.decode()
    assert "It says the same today." in text(reader.get(at("target-past", target), {"on": "2026-99-99"}))
    assert "What it said on Nov. 18, 2026" in text(reader.get(at("target-past", target)))
    levels = re.findall(r'value="([\d.]+)">', reader.get(at("target-past", target)).content.decode())
    assert levels == ["4.0", "3.0", "2.0", "1.0", "0.0"]
    assert "What it said on Nov. 19, 2026" in text(reader.get(at("target-past", world.targets[3])))
    before = text(reader.get(at("target-past", target), {"on": str(DAY - timedelta(days=1))}))
    assert "Takes step 1 with fractions" in before
    assert "Changed since, on Nov. 19, 2026" in before
    assert "In other words" not in before
    new = Edit(
        Subject.TARGET,
        (fresh := Target(statement="New")).uuid,
        {"topic": str(world.topic.uuid), "statement": "New", "position": 9, "grades": []},
        ChangeKind.ADDED,
    )
    second = open_revision(framework=world.own.framework, title="More", actor=None, day=DAY)
    edit(world, new)
    publish(second)
    past = reader.get(at("target-past", fresh), {"on": str(DAY - timedelta(days=1))})
    assert "It was not there yet" in text(past)


@pytest.mark.parametrize("count", [1, 30])
def test_the_pages_take_as_many_queries_however_much_changes(
    count: int, world: World, revision: Revision, lead: Any, django_assert_num_queries: Any
) -> None:
    topic = world.topic
    rows = [
        Target(topic=topic, case_identifier=f"n{n}", statement=f"Target {n}", code=f"N.{n}", position=n)
        for n in range(2 * count)
    ]
    Target.objects.bulk_create(rows)
    Prerequisite.objects.bulk_create([Prerequisite(target=row, required=world.targets[0]) for row in rows])
    edit(
        world,
        *(
            Edit(Subject.TARGET, row.uuid, {"statement": "New", "guide": {"3.00": "All"}, "requires": []})
            for row in rows[:count]
        ),
    )
    end_targets(
        revision=revision,
        kind=ChangeKind.RETIRED,
        sources=rows[count:],
        existing=[world.targets[1].uuid],
        actor=None,
        day=DAY,
    )
    lead.get(at("revision-preview", revision))
    with django_assert_num_queries(23):
        assert "New order" not in text(lead.get(at("revision-preview", revision)))
    Revision.objects.filter(pk=revision.pk).update(status=RevisionStatus.SCHEDULED, publish_on=DAY)
    with django_assert_num_queries(14):
        lead.get(at("revision-show", revision))
    common: dict[str, Any] = {"framework": world.own.framework, "status": RevisionStatus.PUBLISHED}
    Revision.objects.bulk_create([Revision(title=f"Earlier {n}", **common) for n in range(count)])
    with django_assert_num_queries(8):
        lead.get(at("revision-list", world.own.framework))
