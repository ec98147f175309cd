"""What somebody tries who means harm, or merely works on a page that is hours old."""

from __future__ import annotations

from datetime import date
from time import perf_counter
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curriculum.calculations.revisions import compare_words
from curriculum.enums import FrameworkStatus, Subject
from curriculum.imports import import_case
from curriculum.imports.reading import identifier_of, is_address
from curriculum.models import Change, Framework, FrameworkWriter, Prerequisite, Revision, Target, Topic, Translation
from curriculum.services import (
    Edit,
    RevisionRefused,
    make_edits,
    open_revision,
    publish_revision,
    try_revision,
    undo_changes,
)
from curriculum.services.writing import add_piece, end_writer, move_piece, name_writer, retire_piece, reword_piece
from lpm.lib.imports import ImportRefused
from lpm.people.access import in_force
from lpm.people.enums import OrganizationKind, Role
from lpm.people.services import create_organization
from tests.curriculum.packages import as_bytes, item, our_own, under
from tests.world import DAY, World, build_framework, grant, person

WHO: dict[str, Any] = {"actor": None, "day": DAY}


def begin(world: World) -> Revision:
    return open_revision(framework=world.own.framework, title="Clearer", **WHO)


def make_part(target: Target, whole: Target) -> None:
    target.part_of = whole
    target.save()


def another_topic(world: World) -> Topic:
    return Topic.objects.create(area=world.topic.area, case_identifier="elsewhere", title="Elsewhere", position=9)


# --- who may see what


def test_a_draft_from_above_is_not_shown_to_who_may_adopt(world, as_person):
    framework = build_framework(world.own.district, "Not yet told")
    Framework.objects.filter(pk=framework.pk).update(status=FrameworkStatus.DRAFT)
    somebody = person("Adopter", world.own.school)
    grant(somebody, world.own.school, Role.CURRICULUM_LEAD)
    client = as_person(somebody)
    address = reverse("curriculum:adoption-add", args=[world.own.school.uuid, framework.uuid])

    assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)


# --- pages that are hours old


def test_own_words_written_by_another_meanwhile_are_not_undone(world, as_person):
    Framework.objects.update(status=FrameworkStatus.DRAFT)
    framework = world.own.framework
    address = reverse("curriculum:framework-change", args=[framework.uuid])
    client = as_person(world.curriculum_lead)
    seen = client.get(address).context["seen"]
    Framework.objects.filter(pk=framework.pk).update(notes="By somebody else")

    sent = {"title": "Mine", "language": "en", "notes": "", "seen": seen}
    refused = client.post(address, sent)

    assert refused.status_code == 422
    assert set(Framework.objects.filter(pk=framework.pk).values_list("title", "notes")) == {
        (framework.title, "By somebody else")
    }
    again = client.post(address, {**sent, "seen": client.get(address).context["seen"]})
    assert again.status_code == 302
    assert Framework.objects.get(pk=framework.pk).title == "Mine"


@pytest.mark.parametrize("name", ["area", "topic"])
def test_an_area_or_topic_written_by_another_meanwhile_is_not_undone(name, world, as_person):
    Framework.objects.update(status=FrameworkStatus.DRAFT)
    row = world.topic if name == "topic" else world.topic.area
    address = reverse(f"curriculum:{name}-change", args=[world.own.framework.uuid, row.uuid])
    client = as_person(world.curriculum_lead)
    sent = {"title": "Mine", "domain": "content", "seen": client.get(address).context["seen"]}
    type(row).objects.filter(pk=row.pk).update(title="By somebody else")

    assert client.post(address, sent).status_code == 422

    row.refresh_from_db()
    assert row.title == "By somebody else"


def test_a_translation_written_by_another_meanwhile_is_not_undone(world, as_person):
    address = reverse("curriculum:translation-edit", args=[world.topic.uuid]) + "?language=es"
    client, target = as_person(world.curriculum_lead), world.targets[0]
    shown = {  # what the page holds, untouched
        field.html_initial_name: field.initial for field in client.get(address).context["form"] if field.name != "only"
    }
    Translation.objects.create(target=target, language="es", title="De otra persona")

    client.post(address, {**shown, f"{world.topic.uuid}.title": "Fracciones", f"{target.uuid}.title": ""})

    assert set(Translation.objects.values_list("title", flat=True)) == {"De otra persona", "Fracciones"}


# --- revisions that nobody could publish, or that leave something behind


def test_what_was_moved_under_something_new_goes_back_when_that_is_given_up(world):
    revision, target = begin(world), world.targets[0]
    who = {"framework": world.own.framework, **WHO}
    new = add_piece(subject=Subject.TOPIC, values={"title": "New", "area": str(world.topic.area.uuid)}, **who)
    move_piece(subject=Subject.TARGET, uuid=target.uuid, parent=new, **who)

    retire_piece(subject=Subject.TOPIC, uuid=new, **who)

    publish_revision(revision=revision, **WHO)
    target.refresh_from_db()
    assert (target.retired_on, target.topic) == (DAY, world.topic)


def test_a_way_through_what_has_ended_is_no_circle(world):
    Prerequisite.objects.all().delete()
    revision, (one, ended, last, *_others) = begin(world), world.targets
    Target.objects.filter(pk=ended.pk).update(retired_on=DAY)
    Prerequisite.objects.create(target=last, required=ended)
    Prerequisite.objects.create(target=ended, required=one)
    who = {"framework": world.own.framework, **WHO}

    reword_piece(subject=Subject.TARGET, uuid=one.uuid, values={"requires": [str(last.uuid)]}, **who)
    publish_revision(revision=revision, **WHO)

    assert list(Prerequisite.objects.filter(target=one).values_list("required", flat=True)) == [last.pk]


def test_a_part_cannot_be_published_away_from_its_whole(world):
    revision, (whole, part, *_others) = begin(world), world.targets
    make_part(part, whole)
    elsewhere = another_topic(world)
    move_piece(framework=world.own.framework, subject=Subject.TARGET, uuid=whole.uuid, parent=elsewhere.uuid, **WHO)
    undo_changes(revision=revision, subjects=[whole.uuid], **WHO)

    with pytest.raises(RevisionRefused) as refused:
        publish_revision(revision=revision, **WHO)

    assert refused.value.code == "left_behind"
    assert str(part) in str(refused.value)


def test_a_part_of_a_part_cannot_be_published(world):
    revision, (whole, part, third, *_others) = begin(world), world.targets
    make_part(part, whole)
    edits = [
        Edit(Subject.TARGET, part.uuid, {"part_of": None}),
        Edit(Subject.TARGET, third.uuid, {"part_of": str(part.uuid)}),
    ]
    make_edits(framework=world.own.framework, edits=edits, **WHO)
    undo_changes(revision=revision, subjects=[part.uuid], **WHO)

    with pytest.raises(RevisionRefused) as refused:
        publish_revision(revision=revision, **WHO)

    assert refused.value.code == "left_behind"


def test_new_part_of_a_whole_that_was_moved_here_comes_to_stand_with_it(db):
    district = create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)
    import_case(data=as_bytes(our_own()), owner=district, actor=None)
    framework, whole = Framework.objects.get(), Target.objects.get(case_identifier="t2")
    elsewhere = Topic.objects.create(area=whole.topic.area, case_identifier="here", title="Here", position=9)
    revision = open_revision(framework=framework, title="Moved", **WHO)
    move_piece(framework=framework, subject=Subject.TARGET, uuid=whole.uuid, parent=elsewhere.uuid, **WHO)
    publish_revision(revision=revision, **WHO)
    newer = our_own()
    newer["CFItems"].append(item("t2b", "Another part", "Component"))
    newer["CFAssociations"].append(under("t2b", "t2"))

    report = import_case(data=as_bytes(newer), owner=district, actor=None)
    publish_revision(revision=Revision.objects.get(uuid=UUID(report.revision or "")), **WHO)

    parts = Target.objects.filter(part_of=whole).values_list("case_identifier", "topic__case_identifier")
    assert set(parts) == {("t2a", "here"), ("t2b", "here")}


def test_an_area_stands_under_nothing_else(world, as_person):
    begin(world)
    area = world.topic.area.uuid
    address = reverse("curriculum:piece-move", args=[world.own.framework.uuid])

    response = as_person(world.curriculum_lead).post(address, {"area": area, "parent": area})

    assert response.status_code == 302
    assert not Change.objects.exists()


# --- two at once


def test_bringing_in_a_file_waits_for_who_writes_on_the_curriculum(db):
    district = create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)
    import_case(data=as_bytes(our_own()), owner=district, actor=None)

    with CaptureQueriesContext(
        connection,
    ) as captured:
        import_case(data=as_bytes(our_own()), owner=district, actor=None)

    asked = [query["sql"] for query in captured]
    locked = next(n for n, sql in enumerate(asked) if "curriculum_framework" in sql and "FOR NO KEY UPDATE" in sql)
    read = next(n for n, sql in enumerate(asked) if 'FROM "curriculum_target"' in sql)
    assert locked < read


# --- writers


def test_a_writer_named_and_ended_on_one_day_writes_no_more(world, as_person):
    writer = name_writer(framework=world.own.framework, user=world.people["teacher"], **WHO)
    client = as_person(world.people["teacher"])
    address = reverse("curriculum:framework-write", args=[world.own.framework.uuid])
    assert client.get(address).status_code == 200

    end_writer(writer=writer, **WHO)

    assert client.get(address).status_code == 404
    assert not FrameworkWriter.objects.filter(in_force(DAY), pk=writer.pk).exists()


# --- days at the ends of the calendar


def test_days_at_the_ends_of_the_calendar_are_answered(world, as_person):
    client = as_person(world.people["teacher"])
    address = reverse("curriculum:target-past", args=[world.targets[0].uuid])
    for day in ("9999-12-31", "0001-01-01"):
        assert client.get(address, {"on": day}).status_code == 200


def test_a_trial_reaches_no_further_than_today(world):
    trial = try_revision(revision=begin(world), starts_on=DAY, ends_on=date.max, **WHO)
    assert (trial.starts_on, trial.ends_on) == (DAY, DAY)


# --- texts that are made to take for ever


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" ".join(f"old{n}" for n in range(900)), " ".join(f"new{n}" for n in range(900))),
        ("a b " * 450, "a b c " * 300),
    ],
)
def test_long_texts_are_compared_in_a_moment(old, new):
    start = perf_counter()
    pieces = compare_words(old, new)
    assert perf_counter() - start < 1.5
    assert "".join(piece.text for piece in pieces if piece.mark != "new") == old
    assert "".join(piece.text for piece in pieces if piece.mark != "gone") == new


def test_an_endless_address_is_read_in_a_moment():
    endless = "http://" + "a" * 60_000 + " b"
    start = perf_counter()
    assert identifier_of(endless) == endless
    assert not is_address(endless)
    assert perf_counter() - start < 1


def test_a_statement_longer_than_any_book_is_refused(db):
    district = create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)
    endless = our_own()
    endless["CFItems"][2]["fullStatement"] = " ".join(f"word{n}" for n in range(150_000))

    with pytest.raises(ImportRefused) as refused:
        import_case(data=as_bytes(endless), owner=district, actor=None)

    assert [problem.code for problem in refused.value.problems] == ["text_too_long"]
