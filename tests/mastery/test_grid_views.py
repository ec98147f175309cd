"""Saved views: any targets by any students, under a name; a school's is seen by its teachers."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from curriculum.models import FrameworkAdoption, Scale, Target, Topic
from lpm.audit.models import Entry
from lpm.lib.ids import uuid7
from lpm.people.models import Group
from students.mastery.enums import GridFilter, GridMode
from students.mastery.models import GridView
from students.mastery.services import ViewContent, ViewRefused, create_view, record_mark
from tests.world import DAY, build_framework, enroll, teach


def keep(world, who="teacher", is_for_school=False, **fields):
    content = {"name": "Mine", "mode": GridMode.LEVELS, "topics": [world.topic]}
    if not is_for_school and "students" not in fields:
        content["groups"] = [world.own.group]
    person = world.people[who]
    kept = ViewContent(**{**content, **fields})
    return create_view(person=person, school=world.own.school, content=kept, day=DAY, is_for_school=is_for_school)


def found(pattern, page):
    (only,) = re.findall(pattern, page)
    return only


def page_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def rows(page):
    """Students with the group that marks belong to."""
    return sorted(re.findall(r'<tr data-s="[^"]*"(?: data-g="([^"]*)")?>.*?title="([^"]*)"', page))


def columns(page):
    return re.findall(r'data-t="([^"]*)"', page)


def show(client, view, **query):
    return page_of(client.get(reverse("mastery:view-show", args=[view.uuid], query=query)))


def second_class(world):
    """Another class of the teacher, with one student."""
    group = Group.objects.create(
        district=world.own.district, school=world.own.school, kind="class", name="Elm", starts_on=DAY
    )
    teach(world.teacher, group)
    return group, enroll(group, given_name="Zoe", family_name="of Elm")


def second_topic(world):
    topic = Topic.objects.create(area=world.topic.area, case_identifier="t2", title="Angles", position=2)
    return topic, Target.objects.create(topic=topic, case_identifier="a1", code="AN.1", statement="Angles", position=1)


def test_a_view_is_kept_by_the_form_and_opens_with_what_was_chosen(world, as_person):
    group, zoe = second_class(world)
    topic, target = second_topic(world)
    client = as_person(world.teacher)
    address = reverse("mastery:view-create", args=[group.uuid], query={"topic": topic.uuid})
    form = page_of(client.get(address))
    assert re.findall(r'name="(?:groups|students|topics)" value="([^"]*)"[^>]*checked', form) == [
        str(group.uuid),
        str(topic.uuid),
    ]
    assert 'name="is_for_school"' not in form
    sent = {"name": "Two classes", "mode": "evidence", "filter": "", "groups": [group.uuid], "topics": [topic.uuid]}
    sent |= {"students": [world.own.student.uuid], "codes": "FR.2, FR.1", "is_default": "on"}

    response = client.post(address, sent)

    view = GridView.objects.get()
    assert response.url == reverse("mastery:view-show", args=[view.uuid])
    page = show(client, view)
    assert rows(page) == sorted([(str(world.own.group.uuid), "Amara of Birch"), (str(group.uuid), zoe.name)])
    assert columns(page) == [str(one.uuid) for one in (*world.targets[:2], target)]
    assert re.findall(r'scope="colgroup" colspan="(\d)">\s*<span>(\w+)', page) == [("2", "Fractions"), ("1", "Angles")]
    settings = json.loads(found(r'<script id="grid-settings" type="application/json">(.*?)</script>', page))
    assert settings["mode"] == "evidence"
    assert settings["urls"]["changes"] == reverse("mastery:view-changes", args=[view.uuid])
    assert settings["group"] in {str(group.uuid), str(world.own.group.uuid)}
    assert Entry.objects.filter(action="mastery.create_view", subject_uuid=view.uuid).count() == 1


def test_a_form_that_cannot_be_kept_says_why(world, as_person):
    client = as_person(world.teacher)
    address = reverse("mastery:view-create", args=[world.own.group.uuid])
    sent = {"name": "V", "mode": "levels", "groups": [world.own.group.uuid]}

    unknown = page_of(client.post(address, sent | {"codes": "FR.1 XX.9"}), 422)
    nothing = page_of(client.post(address, sent), 422)
    strange = page_of(client.post(address, sent | {"codes": "FR.1", "students": [world.other_class.student.uuid]}), 422)

    assert "No target here has the code XX.9." in unknown
    assert "Choose at least one topic or target." in nothing
    assert 'aria-invalid="true"' in strange
    assert GridView.objects.count() == 0


def test_a_view_shows_only_students_that_the_person_still_sees_as_staff(world, as_person):
    view = keep(world)
    view.groups.add(world.other_class.group)
    view.students.add(world.other_school.student)

    assert [name for _group, name in rows(show(as_person(world.teacher), view))] == [
        "Amara of Birch", "Ben Classmate", "Gwen Grown",
    ]  # fmt: skip


def test_rows_on_which_nothing_may_be_recorded_are_to_look_at(world, as_person):
    view = keep(world, who="leader", groups=[world.own.group])

    page = show(as_person(world.leader), view)

    assert {group for group, _name in rows(page)} == {""}
    assert "<td><button" not in page
    assert 'id="sync"' not in page


def test_a_cell_of_a_view_leads_to_its_mark_in_the_students_group(world, as_person):
    view = keep(world)
    client = as_person(world.teacher)
    axes = found(r'name="axes" value="([^"]*)"', show(client, view))
    address = reverse("mastery:view-pick", args=[view.uuid])

    picked = client.get(address, {"axes": axes, "0.1": ""})
    stale = client.get(address, {"axes": "old", "0.1": ""})

    assert picked.url.startswith(reverse("mastery:mark-form", args=[world.own.group.uuid]))
    assert f"target={world.targets[1].uuid}" in picked.url
    assert stale.url == reverse("mastery:view-show", args=[view.uuid])


def test_changes_and_accepting_in_a_view(world, as_person):
    view = keep(world)
    record_mark(
        uuid=uuid7(), recorder=world.teacher, student=world.own.student, target=world.targets[0],
        level=Decimal(2), performed_on=DAY, day=DAY, judges=False,
    )  # fmt: skip
    client = as_person(world.teacher)
    query = {"since": f"{DAY}T00:00:00+00:00"}

    changed = client.get(reverse("mastery:view-changes", args=[view.uuid], query=query)).json()
    seen_at = found(r'name="seen_at" value="([^"]*)"', show(client, view))
    done = page_of(client.post(reverse("mastery:view-accept", args=[view.uuid]), {"seen_at": seen_at}, follow=True))

    assert [[one[0], one[1]] for one in changed["cells"]] == [[str(world.own.student.uuid), str(world.targets[0].uuid)]]
    assert "1 level accepted." in done


def test_a_schools_view_is_given_by_its_leader_and_shows_each_teacher_their_own(world, as_person):
    client = as_person(world.leader)
    sent = {"name": "Ours", "mode": "evidence", "topics": [world.topic.uuid], "is_for_school": "on", "is_default": "on"}
    client.post(reverse("mastery:view-create", args=[world.own.group.uuid]), sent)
    view = GridView.objects.get()

    seen = {
        name: as_person(world.people[name]).get(reverse("mastery:view-show", args=[view.uuid])).status_code
        for name in ("teacher", "substitute", "leader", "student", "guardian", "past_teacher", "far_teacher")
    }

    assert (view.owner, view.school, list(view.groups.all())) == (None, world.own.school, [])
    inside = {name for name, status in seen.items() if status == 200}
    assert inside == {"teacher", "substitute", "leader"}
    page = show(as_person(world.teacher), view)
    assert [name for _group, name in rows(page)] == ["Amara of Birch", "Ben Classmate", "Gwen Grown"]
    assert rows(show(client, view)) == []
    assert "From your school" in page_of(as_person(world.teacher).get(reverse("mastery:view-list")))
    assert as_person(world.teacher).get(reverse("mastery:view-change", args=[view.uuid])).status_code == 404


def test_a_view_is_changed_and_removed_by_its_owner_alone(world, as_person):
    view = keep(world, students=[world.own.student], topics=[], targets=world.targets[:1], is_default=True)
    first = keep(world, name="Other", is_default=True)
    view.refresh_from_db()
    assert (view.is_default, first.is_default) == (False, True)
    client = as_person(world.teacher)
    change = reverse("mastery:view-change", args=[view.uuid])
    form = page_of(client.get(change))
    assert re.findall(r'name="(?:groups|students|topics)" value="([^"]*)"[^>]*checked', form) == [
        str(world.own.student.uuid)
    ]
    sent = {"name": "New", "mode": "practice", "filter": "below", "students": [world.own.student.uuid], "codes": "FR.3"}

    assert client.post(change, sent).url == reverse("mastery:view-show", args=[view.uuid])
    assert "Choose at least one group or student." in page_of(client.post(change, sent | {"students": []}), 422)
    for name in ("co_teacher", "leader"):
        assert as_person(world.people[name]).post(change, sent).status_code == 404
    view.refresh_from_db()
    assert (view.name, view.mode, view.filter, list(view.targets.all())) == (
        "New", GridMode.PRACTICE, GridFilter.BELOW, [world.targets[2]],
    )  # fmt: skip
    removed = client.post(reverse("mastery:view-delete", args=[view.uuid]), follow=True)
    assert "New is removed. Nothing that was recorded is gone." in page_of(removed)
    assert list(GridView.objects.all()) == [first]


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("no_name", {"name": " "}),
        ("no_students", {"groups": []}),
        ("no_targets", {"topics": []}),
        ("not_allowed", {"groups": ["other_class"]}),
        ("not_allowed", {"students": ["other_class"]}),
        ("names_students", {"is_for_school": True, "who": "leader", "groups": ["own"]}),
        ("not_allowed", {"is_for_school": True}),
        ("not_allowed", {"who": "student"}),
    ],
)
def test_a_view_that_is_refused(code, fields, world):
    for name, model in (("groups", "group"), ("students", "student")):
        if name in fields:
            fields = fields | {name: [getattr(world.places[place], model) for place in fields[name]]}

    with pytest.raises(ViewRefused) as refused:
        keep(world, **fields)

    assert refused.value.code == code
    assert GridView.objects.count() == 0


def test_targets_of_two_scales_or_too_many_or_not_in_use_make_no_view(world):
    other = build_framework(world.own.district, "Other", target_count=1)
    FrameworkAdoption.objects.filter(framework=other).update(ended_on=DAY)
    unused = Topic.objects.get(area__framework=other)
    with pytest.raises(ViewRefused, match="at least one topic"):
        keep(world, topics=[unused])
    FrameworkAdoption.objects.filter(framework=other).update(ended_on=None)
    Scale.objects.filter(pk=other.scale_id).update(high=Decimal(5))
    with pytest.raises(ViewRefused, match="different levels"):
        keep(world, topics=[world.topic, unused])
    Target.objects.bulk_create(
        Target(topic=world.topic, case_identifier=f"m{n}", statement=f"M{n}", position=10 + n) for n in range(200)
    )
    with pytest.raises(ViewRefused, match="at most 200"):
        keep(world)


def test_fifty_views_are_enough(world):
    place = {"district": world.own.district, "school": world.own.school, "owner": world.teacher}
    GridView.objects.bulk_create(GridView(name=f"V{n}", **place) for n in range(50))

    with pytest.raises(ViewRefused, match="Remove one first"):
        keep(world)


@pytest.mark.parametrize("count", [1, 30])
def test_a_view_asks_the_database_the_same_number_of_times(count, world, as_person, django_assert_num_queries):
    group, _zoe = second_class(world)
    for n in range(count):
        enroll(group, given_name=f"S{n}", family_name="of Elm")
    view = keep(world, groups=[group], students=[world.own.student])
    client = as_person(world.teacher)
    show(client, view)

    with django_assert_num_queries(15):
        show(client, view)


def test_the_list_without_views_says_what_they_are_for(world, as_person):
    page = page_of(as_person(world.teacher).get(reverse("mastery:view-list")))

    assert "No views yet" in page
    assert re.findall(r'href="[^"]*/views/new">([^<]*)<', page) == ["Birch"]
