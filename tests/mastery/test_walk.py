"""Walking the room: what the pages show, what a list saves, who was absent, and the sheet in its order."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from curriculum.models import Target
from lpm.audit.models import Entry
from lpm.lib.ids import uuid7
from lpm.people.models import Enrollment
from students.mastery.models import Absence, Assessment, Judgement, MasteryState
from students.mastery.queries.walk import has_halves, whole_levels
from students.mastery.services import MarkRefused, record_mark
from students.mastery.services.walk import Attendance, note_absences
from tests.mastery.changes import keep_jobs
from tests.mastery.test_hostile import go_over
from tests.world import DAY, enroll

LONG_AGO = DAY - timedelta(days=70)  # longer than a group is kept open after its end
PAGES = [("show", 1, 18), ("show", 30, 18), ("enter", 1, 18), ("enter", 30, 18), ("sheet", 1, 17), ("sheet", 30, 17)]
ORDER = ["Ben Classmate", "Gwen Grown", "Amara of Birch"]


def address(world, page="show", group=None, **query):
    path = reverse(f"mastery:walk-{page}", args=[(group or world.own.group).uuid])
    targets = query.pop("targets", [])
    asked = [f"target={world.targets[number].uuid}" for number in targets]
    return "?".join([path, "&".join([*asked, *(f"{name}={value}" for name, value in query.items())])])


def student(world, name):
    return next(one for one in world.own.group.enrollments.all() if one.student.name.startswith(name)).student


def mark(world, level, who="teacher", **fields):
    given = {"student": world.own.student, "target": world.targets[0], "performed_on": DAY, "group": world.own.group}
    return record_mark(
        uuid=uuid7(), recorder=world.people[who], level=Decimal(level), day=DAY, **{**given, **fields}
    ).assessment


def evidence():
    rows = Assessment.objects.order_by("recorded_at")
    return [(row.kind, row.student.given_name, row.target.code, row.level, row.performed_on) for row in rows]


def names_in(page):
    return re.findall(r'<b[^>]*>([A-Z][^<]*)</b>\s*<small class="s', page)


def standing_of(page, name):
    found = re.search(rf'>{name}</b>\s*<small class="standing">([^<]*)<', page)
    return found and found[1]


def settings_in(page):
    return json.loads(
        page.partition('<script id="walk-settings" type="application/json">')[2].partition("</script>")[0]
    )


def fields(world, *levels, **more):
    """The form of a list: (given name, target number, level, half)."""
    sent = {"walk": str(uuid4()), **more}
    for name, target, level, *half in levels:
        cell = f"{student(world, name).uuid}.{world.targets[target].uuid}"
        sent |= {f"level.{cell}": level} | ({f"half.{cell}": "on"} if half else {})
    return sent


# --- what is there to tap


def test_walk_shows_everybody_of_today_and_begins_empty(world, as_person):
    gone = enroll(world.own.group, given_name="Zoe", family_name="Gone")
    Enrollment.objects.filter(student=gone).update(ends_on=LONG_AGO)
    mark(world, "2.5")
    mark(world, "3.0", judges=False)

    page = as_person(world.teacher).get(address(world, targets=[0])).content.decode()

    assert names_in(page) == ORDER
    assert standing_of(page, "Amara of Birch") == "evidence 3.0, level 2.5"
    assert standing_of(page, "Ben Classmate") == "no evidence yet"
    assert re.findall(r'type="radio"\s*name="level[^>]*value="([^"]*)"', page)[:5] == [
        "0.0",
        "1.0",
        "2.0",
        "3.0",
        "4.0",
    ]
    assert not re.search(r'name="level[^>]*checked', page)
    assert "data-offline" in page
    looks = settings_in(page)["looks"]
    assert looks[str(world.own.student.uuid)][str(world.targets[0].uuid)]["newest"] == "3.0"


def test_walk_opens_where_the_group_was_last_and_offers_the_other_targets(world, as_person):
    client = as_person(world.teacher)
    assert "<h1>\n" in client.get(address(world)).content.decode()
    mark(world, "2.0", target=world.targets[2])

    page = client.get(address(world)).content.decode()

    assert settings_in(page)["targets"] == {str(world.targets[2].uuid): "FR.3"}
    assert [f"?target={target.uuid}" in page for target in world.targets] == [True] * 4
    by_topic = client.get(address(world, topic=world.topic.uuid)).content.decode()
    assert settings_in(by_topic)["targets"] == {str(world.targets[2].uuid): "FR.3"}
    assert client.get(address(world, target=uuid4())).status_code == 404
    assert client.get(address(world, target="x")).status_code == 404


def test_states_without_a_level_and_unconfirmed_ones_are_said(world, as_person):
    mark(world, "2.0", judges=False)
    mark(world, "2.0", judges=False, student=student(world, "Ben"), kind="practice")

    page = as_person(world.teacher).get(address(world, targets=[0])).content.decode()

    assert standing_of(page, "Amara of Birch") == "level 2.0, not confirmed"
    assert standing_of(page, "Ben Classmate") == "no evidence yet"


def test_a_substitute_walks_too_and_is_told_that_it_waits(world, as_person):
    page = as_person(world.substitute).get(address(world, targets=[0])).content.decode()

    assert settings_in(page)["offers"] is True
    assert "waits for a teacher to accept" in page
    assert 'id="practice"' not in page
    assert 'data-do="keep"' not in page


def test_nobody_and_nothing_to_walk_with(world, as_person):
    client = as_person(world.teacher)
    Enrollment.objects.filter(group=world.own.group).update(ends_on=LONG_AGO)
    assert "Nobody is in this group" in client.get(address(world)).content.decode()

    Target.objects.update(retired_on=DAY)

    for page in ("show", "sheet", "enter"):
        assert client.get(address(world, page)).status_code == 200


@pytest.mark.parametrize(("page", "count", "queries"), PAGES)
def test_pages_ask_the_database_the_same_number_of_times(
    page, count, queries, world, as_person, django_assert_num_queries
):
    for number in range(count):
        one = enroll(world.own.group, given_name=f"S{number}", family_name="of Birch")
        mark(world, "2.0", student=one)
        Absence.objects.create(
            district=one.district, student=one, group=world.own.group, day=DAY, noted_by=world.teacher
        )
    client = as_person(world.teacher)

    with django_assert_num_queries(queries):
        client.get(address(world, page, targets=[0]))


def test_levels_to_tap_are_the_whole_ones_of_any_scale(world):
    scale = world.own.framework.scale
    assert (whole_levels(scale), has_halves(scale)) == ([Decimal(n) for n in range(5)], True)

    scale.low, scale.high, scale.step = Decimal("0.5"), Decimal("3.25"), Decimal("0.25")
    assert (whole_levels(scale), has_halves(scale)) == ([Decimal(n) for n in (1, 2, 3)], True)

    scale.low, scale.high, scale.step = Decimal(2), Decimal(8), Decimal(2)
    assert (whole_levels(scale), has_halves(scale)) == ([Decimal(n) for n in (2, 4, 6, 8)], False)


# --- a whole list, without scripts


def seen_at_in(page):
    [found] = re.findall(r'name="seen_at"\s+value="([^"]+)"', page)
    return html.unescape(found)


def test_a_list_is_saved_as_evidence_alone_and_who_is_absent(world, as_person):
    client = as_person(world.teacher)
    sent = fields(world, ("Amara", 0, "2.0", "half"), ("Ben", 0, "3.0"))
    sent[f"absent.{student(world, 'Gwen').uuid}"] = "on"

    response = client.post(address(world, targets=[0]), sent)

    assert response.status_code == 302
    assert response.url == address(world, targets=[0])
    assert sorted(evidence()) == [
        ("score", "Amara", "FR.1", Decimal("2.50"), DAY),
        ("score", "Ben", "FR.1", Decimal("3.00"), DAY),
    ]
    assert not Judgement.objects.exists()
    assert [(row.student.given_name, row.day, row.noted_by) for row in Absence.objects.all()] == [
        ("Gwen", DAY, world.teacher)
    ]
    page = client.get(response.url).content.decode()
    assert "2 marks saved." in page
    assert len(re.findall(r'name="(?:level|half|absent)\.[^>]*checked', page)) == 1


def test_the_same_list_again_is_nothing_and_another_level_or_list_is_another_piece(world, as_person):
    client = as_person(world.teacher)
    sent = fields(world, ("Amara", 0, "3.0"))
    for form in (sent, sent, {**sent, **dict.fromkeys([name for name in sent if "level" in name], "2.0")}):
        assert client.post(address(world, targets=[0]), form).status_code == 302
    client.post(address(world, targets=[0]), fields(world, ("Amara", 0, "3.0")))

    assert [row[3] for row in evidence()] == [Decimal("3.00"), Decimal("2.00"), Decimal("3.00")]


def test_a_third_press_is_told_from_the_same_list_again(world, as_person):
    client = as_person(world.teacher)
    sent = fields(world, ("Amara", 0, "3.0"))
    [name] = [name for name in sent if "level" in name]
    for level in ("3.0", "2.0", "3.0", "3.0"):
        client.post(address(world, targets=[0]), {**sent, name: level})
    client.post(address(world, targets=[0]), {**sent, "practice": "on"})

    assert [(row[0], row[3]) for row in evidence()] == [
        ("score", 3), ("score", 2), ("score", 3), ("practice", 3),
    ]  # fmt: skip
    assert MasteryState.objects.get().newest == 3


def test_a_level_of_the_old_scale_is_not_taken_for_one_of_the_new(world, as_person, monkeypatch):
    keep_jobs(monkeypatch)
    client, place = as_person(world.teacher), address(world, targets=[0])
    before = client.get(place).content.decode()
    go_over(world)
    sent = fields(world, ("Amara", 0, "3.0"))

    old = client.post(place, sent | {"seen_at": seen_at_in(before)})
    new = client.post(place, sent | {"seen_at": seen_at_in(old.content.decode())})

    assert (old.status_code, new.status_code) == (422, 302)
    assert "The scale has changed since you noted this level." in old.content.decode()
    assert len(evidence()) == 1
    assert seen_at_in(client.get(address(world, "enter", targets=[0])).content.decode())
    assert client.post(place, sent | {"seen_at": "now"}).status_code == 422


def test_practice_and_a_list_without_levels(world, as_person):
    client = as_person(world.teacher)
    client.post(address(world, targets=[0]), fields(world, ("Amara", 0, "3.0"), practice="on"))
    response = client.post(address(world, targets=[0]), fields(world), follow=True)

    assert [row[0] for row in evidence()] == ["practice"]
    assert "Saved." in response.content.decode()


def test_what_a_substitute_saves_waits(world, as_person):
    sent = fields(world, ("Amara", 0, "3.0"))
    sent[f"absent.{student(world, 'Ben').uuid}"] = "on"

    as_person(world.substitute).post(address(world, targets=[0]), sent)

    assert [row[0] for row in evidence()] == ["offered"]
    assert Absence.objects.get().noted_by == world.substitute


def test_what_is_wrong_stays_in_the_form_and_the_rest_is_saved_once(world, as_person):
    client = as_person(world.teacher)
    sent = fields(world, ("Amara", 0, "9.0"), ("Ben", 0, "3.0"))

    refused = client.post(address(world, "enter", targets=[0]), sent)
    unreadable = client.post(address(world, "enter", targets=[0]), fields(world, ("Amara", 0, "three")))
    nameless = client.post(address(world, "enter", targets=[0]), {})

    assert [one.status_code for one in (refused, unreadable, nameless)] == [422, 422, 422]
    assert "Amara of Birch: 9.0 is not a level here" in refused.content.decode()
    assert 'value="9.0"' in refused.content.decode()
    assert f'value="{sent["walk"]}"' in refused.content.decode()
    assert "Amara of Birch: A level is a number such as 2.5." in unreadable.content.decode()
    corrected = {name: "2.0" if value == "9.0" else value for name, value in sent.items()}
    assert client.post(address(world, "enter", targets=[0]), corrected).status_code == 302
    assert sorted((row[1], row[3]) for row in evidence()) == [("Amara", Decimal("2.00")), ("Ben", Decimal("3.00"))]


# --- the sheet


def test_a_sheet_keeps_its_order_and_numbers_and_its_day(world, as_person):
    client = as_person(world.teacher)
    earlier = DAY - timedelta(days=75)
    enroll(world.own.group, given_name="Zoe", family_name="New")
    Enrollment.objects.filter(student__given_name="Zoe").update(starts_on=DAY)
    Enrollment.objects.filter(student__given_name="Ben").update(ends_on=LONG_AGO)
    query = {"targets": [0, 2], "day": earlier.isoformat()}

    sheet = client.get(address(world, "sheet", **query)).content.decode()
    enter = client.get(address(world, "enter", **query)).content.decode()

    numbered = re.findall(r'<td>(\d+)</td>\s*<th scope="row">\s*(?:<b>)?([^<]*)<', sheet)
    assert numbered == re.findall(r'<td>(\d+)</td>\s*<th scope="row">\s*(?:<b>)?([^<]*)<', enter)
    assert [name for _number, name in numbered][-2:] == ["Gwen Grown", "Amara of Birch"]
    assert [number for number, _name in numbered][-2:] == ["2", "3"]
    assert re.findall(r'data-t="([^"]*)"', enter) == [str(world.targets[n].uuid) for n in (0, 2)]

    client.post(address(world, "enter", **query), fields(world, ("Amara", 2, "2.5"), ("Gwen", 0, "4")))

    assert sorted(row[1:] for row in evidence()) == [
        ("Amara", "FR.3", Decimal("2.50"), earlier),
        ("Gwen", "FR.1", Decimal("4.00"), earlier),
    ]
    again = client.get(address(world, "enter", **query)).content.decode()
    assert re.findall(r"noted: ([\d., ]+)", again) == ["4.0", "2.5"]
    assert "noted:" not in as_person(world.co_teacher).get(address(world, "enter", **query)).content.decode()


def test_more_targets_than_fit_on_a_sheet_are_said(world, as_person):
    client, words = as_person(world.teacher), "There is room for 4 targets on a sheet."
    fifth = Target.objects.create(topic=world.topic, case_identifier="5", code="FR.5", statement="Step 5", position=5)
    four = {"targets": range(4)}
    for page in ("sheet", "enter"):
        assert words not in client.get(address(world, page, **four)).content.decode()
        assert words in client.get(address(world, page, **four, target=fifth.uuid)).content.decode()


def test_a_sheet_of_tomorrow_is_printed_but_not_entered(world, as_person):
    client = as_person(world.teacher)
    tomorrow = (DAY + timedelta(days=1)).isoformat()
    assert client.get(address(world, "sheet", targets=[0], day=tomorrow)).status_code == 200

    sent = fields(world, ("Amara", 0, "3.0"))
    response = client.post(address(world, "enter", targets=[0], day=tomorrow), sent)

    assert response.status_code == 422
    assert "cannot be dated in the future" in response.content.decode()
    assert (evidence(), Absence.objects.count()) == ([], 0)


# --- absent, one at a time


def absent(client, world, name="Amara", is_absent="true", **more):
    who = student(world, name) if isinstance(name, str) else name
    sent = {"uuid": uuid7(), "student": who.uuid, "is_absent": is_absent, **more}
    return client.post(reverse("mastery:walk-absent", args=[world.own.group.uuid]), sent)


def test_absent_is_a_tap_and_another_takes_it_back(world, as_person):
    client = as_person(world.teacher)

    assert [absent(client, world).json()["absent"] for _ in range(2)] == [True, True]
    assert [(row.student, row.group, row.day) for row in Absence.objects.all()] == [
        (world.own.student, world.own.group, DAY)
    ]
    earlier = (DAY - timedelta(days=2)).isoformat()
    assert absent(client, world, performed_on=earlier).status_code == 200
    assert absent(client, world, is_absent="false").json()["absent"] is False

    assert [row.day.isoformat() for row in Absence.objects.all()] == [earlier]
    entries = Entry.objects.filter(action="mastery.note_absences").order_by("pk")
    uuid = str(world.own.student.uuid)
    assert [(one.details["absent"], one.details["present"]) for one in entries] == [
        ([uuid], []), ([uuid], []), ([], [uuid]),
    ]  # fmt: skip


def test_absences_of_others_days_to_come_and_other_people_are_refused(world, as_person):
    client = as_person(world.teacher)
    tomorrow = (DAY + timedelta(days=1)).isoformat()
    cases = [
        absent(client, world, world.other_class.student),
        absent(client, world, performed_on=tomorrow),
        absent(client, world, performed_on="soon"),
        absent(client, world, person=world.co_teacher.uuid),
    ]

    assert [one.status_code for one in cases] == [404, 422, 422, 403]
    assert [one.json()["code"] for one in cases[1:]] == ["future_date", "invalid", "other_person"]
    assert not Absence.objects.exists()
    assert (
        absent(client, world, performed_on=tomorrow, made_offline="true").status_code == 200
    )  # a clock across midnight


@pytest.mark.parametrize(
    ("who", "group", "student"),
    [("leader", "own", "own"), ("teacher", "other_class", "other_class"), ("teacher", "own", "other_class")],
)
def test_absences_are_noted_by_those_who_record_there_of_their_students(who, group, student, world):
    attendance = Attendance(world.places[group].group, DAY, [world.places[student].student])

    with pytest.raises(MarkRefused) as refused:
        note_absences(attendance=attendance, noter=world.people[who], day=DAY)

    assert refused.value.code == "not_allowed"
    assert not Absence.objects.exists()
