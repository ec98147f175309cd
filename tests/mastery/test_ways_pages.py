"""The pages on which a district chooses how levels are made and shown."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curriculum.models import Framework, Topic
from curriculum.services import adopt_own
from lpm.audit.models import Entry, RecordView
from students.mastery.enums import ChangeState
from students.mastery.models import Crossing, MasterySettings, MethodRule, ScaleChange
from tests.mastery.changes import choose, keep_jobs, make_four, mark, newest_change, work
from tests.mastery.ways import choose_method as put_in_force
from tests.world import DAY, World, enroll

D = Decimal


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    return keep_jobs(monkeypatch)


@pytest.fixture
def client(world: World, as_person: Any) -> Any:
    return as_person(world.administrator)


def address(world: World, name: str = "ways-show", place: Any = None) -> str:
    given = {"organization": (place or world.own.district).uuid}
    if name == "scale-move":
        return reverse("mastery:scale-move", kwargs={"framework": world.own.framework.uuid})
    if name == "ways-show":
        given["framework"] = world.own.framework.uuid
    return reverse(f"mastery:{name}", kwargs=given)


def test_where_nobody_has_chosen_the_page_says_so(world: World, client: Any) -> None:
    listed, shown = client.get(address(world, "ways-list")), client.get(address(world))

    for page in (listed, shown):
        assert "Nobody has chosen yet" in page.text
        assert "Until somebody does: The newest piece of work counts 65%" in page.text
    assert "in force" not in shown.text
    world.own.framework.adoptions.update(ended_on=DAY)
    assert "No curriculum in use yet" in client.get(address(world, "ways-list")).text


def test_each_method_is_tried_on_five_students(world: World, client: Any) -> None:
    rows = client.get(address(world)).context["rows"]
    made = {row.method: [made and made.level for _name, _scores, made in row.examples] for row in rows}
    assert len(made) == 12
    assert made["highest"] == [3, D("3.5"), D("3.5"), 3, D("3.5")]
    assert made["power_law"][3] is None

    tried = client.post(address(world), {"method": "decaying", "decaying-weight": "99", "look": "1"})
    [row] = [row for row in tried.context["rows"] if row.method == "decaying"]
    assert (row.examples[2][2].value, "counts 99%" in row.sentence) == (D("2.01"), True)
    assert not MethodRule.objects.exists()

    wrong = client.post(address(world), {"method": "decaying", "decaying-weight": "30"})
    assert (wrong.status_code, MethodRule.objects.exists()) == (422, False)


def test_a_method_is_chosen_seen_and_applied(world: World, client: Any) -> None:
    mark(world, 0, "2", "4")
    ada = enroll(world.own.group, given_name="Ada", family_name="Alder")
    mark(world, 0, "4", "2", student=ada)

    answer = client.post(address(world), {"method": "n_times", "n_times-times": "1", "n_times-level": "2.50"})
    rule = MethodRule.objects.get()
    assert (answer.url, rule.method, rule.times, rule.level) == (show(rule), "n_times", 1, D("2.50"))
    assert "Nothing changes while we count" in client.get(show(rule)).text
    work(rule, "count")
    page = client.get(show(rule), HTTP_HX_REQUEST="true").text
    assert "2 of 2 levels would change" in page
    assert "1 student would cross proficient" in page
    assert "Ada Alder" in page
    assert "of Birch" not in page
    assert "<html" not in page
    looked = RecordView.objects.filter(page="method").values_list("viewer", "student_uuid")
    assert set(looked) == {(world.administrator.pk, ada.uuid)}

    early = client.post(decide(rule), {"step": "apply", "valid_from": DAY - timedelta(days=1)})
    assert (early.status_code, "Choose today or a day to come" in early.text) == (422, True)
    assert client.post(decide(rule), {"step": "apply", "valid_from": DAY}).url == show(rule)
    assert "still as before" in client.get(show(rule)).text
    assert "Levels are being made anew" in client.get(address(world)).text
    work(rule, "carry_out")
    assert "In force since Nov. 19, 2026" in client.get(show(rule)).text
    after = client.get(address(world))
    assert [row.method for row in after.context["rows"] if row.is_chosen] == ["n_times"]
    assert "Once 1 piece of work shows 2.5 or more" in after.text
    again = client.post(address(world), {"method": "n_times", "n_times-times": "1", "n_times-level": "2.50"})
    assert (again.status_code, "This is how it is already." in again.text) == (422, True)


def show(change: Any) -> str:
    return reverse("mastery:change-show", kwargs={"change": change.uuid})


def decide(change: Any) -> str:
    return reverse("mastery:change-decide", kwargs={"change": change.uuid})


def test_who_may_not_see_the_students_sees_their_number(world: World, as_person: Any) -> None:
    rule = choose(world, "mean")
    MethodRule.objects.filter(pk=rule.pk).update(state=ChangeState.COUNTED, level_count=3, changed_count=1)
    own = world.own
    Crossing.objects.create(rule=rule, district=own.district, student=own.student, up_count=1, down_count=0)

    page = as_person(world.curriculum_lead).get(show(rule)).text

    assert "1 student would cross proficient" in page
    assert "of Birch" not in page
    assert not RecordView.objects.exists()


def test_a_topic_gets_a_method_and_gives_it_back(world: World, client: Any) -> None:
    topic = {"topic": str(world.topic.uuid)}
    assert "This is the method of the whole curriculum" in client.get(address(world), topic).text
    put_in_force(world.own.district, world.own.framework, DAY, method="highest", topic=world.topic)
    assert "Fractions" in client.get(address(world)).text
    assert "Give this topic back" in client.get(address(world), topic).text

    back = client.post(address(world), topic)

    rule = MethodRule.objects.latest("pk")
    assert (back.url, rule.method, rule.topic) == (show(rule), "", world.topic)
    assert "The method of the curriculum again" in client.get(show(rule)).text
    assert "Another method for Fractions" in client.get(address(world)).text
    twice = client.post(address(world), topic, follow=True)
    assert "Another change of this curriculum is open" in twice.text
    assert client.get(address(world), {"topic": str(world.other_district.topic.uuid)}).status_code == 404


def test_what_waits_or_broke_is_said(world: World, client: Any) -> None:
    rule = choose(world, "mean")
    rows = MethodRule.objects.filter(pk=rule.pk)
    for state, words in (
        (ChangeState.WAITING, "Until then everything is as before"),
        (ChangeState.BROKEN, "Something went wrong three times"),
        (ChangeState.DROPPED, "Nothing was changed."),
    ):
        rows.update(state=state)
        assert words in client.get(show(rule)).text
    assert client.post(decide(rule), {"step": "retry"}).status_code == 422
    rows.update(state=ChangeState.BROKEN)
    assert client.post(decide(rule), {"step": "retry"}).status_code == 302
    assert client.post(decide(rule), {"step": "drop"}).status_code == 302
    assert rows.get().state == ChangeState.DROPPED
    assert client.post(decide(rule), {}).status_code == 422


def test_a_scale_is_chosen_with_what_each_level_becomes(world: World, client: Any) -> None:
    page = address(world, "scale-move")
    assert "No other scale yet" in client.get(page).text
    four = make_four(world)
    chosen = client.get(page, {"scale": four.uuid})
    assert "2.5 becomes" in chosen.text
    initial = {name: field.initial for name, field in chosen.context["form"].fields.items()}
    assert (initial["level_2.50"], initial["level_3.00"]) == ("2.00", "3.00")

    wrong = client.post(page, {"scale": four.uuid, **initial, "level_0.00": "4.00"})
    assert (wrong.status_code, "No level can become a lower one" in wrong.text) == (422, True)
    answer = client.post(page, {"scale": four.uuid, **initial})

    change = newest_change()
    assert (answer.url, change.after, change.steps.count()) == (show(change), four, 9)
    work(change, "count")
    shown = client.get(show(change)).text
    assert "Judged levels and evidence count by the new scale" in shown
    assert client.post(decide(change), {"step": "apply", "valid_from": DAY}).status_code == 302
    assert ScaleChange.objects.get().state == ChangeState.RUNNING
    assert "the scale 1 to 4" in client.get(address(world)).text
    theirs = {"framework": world.other_district.framework.uuid}
    assert client.get(reverse("mastery:scale-move", kwargs=theirs)).status_code == 404


def test_settings_hold_from_a_day_on_and_say_who_set_them(world: World, client: Any) -> None:
    page, later = address(world, "options-change"), DAY + timedelta(days=5)
    before = client.get(page)
    assert [(row[2].value, row[2].organization) for row in before.context["rows"]][:3] == [
        (False, None), (False, None), (10, None),
    ]  # fmt: skip
    assert "Cairn’s default" in before.text

    assert client.post(page, {"valid_from": DAY, "accepts_automatically": "true"}).status_code == 302
    assert client.post(page, {"valid_from": later, "student_minutes": "0"}).status_code == 302
    past = client.post(page, {"valid_from": DAY - timedelta(days=1)})
    wild = client.post(page, {"valid_from": DAY, "student_minutes": "5000", "recency_days": "3"})

    assert (past.status_code, wild.status_code) == (422, 422)
    assert set(wild.context["form"].errors) == {"student_minutes", "recency_days"}
    rows = MasterySettings.objects.order_by("valid_from").values_list(
        "valid_from", "accepts_automatically", "student_minutes"
    )
    assert list(rows) == [(DAY, True, None), (later, None, 0)]
    school = client.get(address(world, "options-change", world.own.school))
    option = school.context["rows"][0][2]
    assert (option.value, option.organization, option.since) == (True, world.own.district, DAY)
    assert option.by == world.administrator
    assert "Set for later" in school.text
    entry = Entry.objects.filter(action="mastery.change_settings").earliest("pk")
    assert entry.details == {"valid_from": str(DAY), "changes": {"accepts_automatically": [None, True]}}


def test_a_setting_of_levels_leaves_what_others_planned_and_a_plan_is_changed_from_its_day(
    world: World, client: Any
) -> None:
    page, later = address(world, "options-change"), DAY + timedelta(days=5)
    assert client.post(page, {"valid_from": DAY, "ready_limit": "4"}).status_code == 302
    assert client.post(page, {"valid_from": later, "ready_limit": "2"}).status_code == 302
    given = {"valid_from": DAY, "ready_limit": "4", "student_minutes": "0"}

    assert client.post(page, given).status_code == 302
    assert client.post(page, {**given, "valid_from": DAY + timedelta(days=9), "recency_days": "90"}).status_code == 302

    def said() -> list[Any]:
        rows = MasterySettings.objects.order_by("valid_from")
        return list(rows.values_list("ready_limit", "student_minutes", "recency_days"))

    assert said() == [(4, 0, None), (2, 0, None), (2, 0, 90)]
    assert f'href="?from={later}#decide"' in client.get(page).text
    form = client.get(page, {"from": str(later)}).context["form"]
    assert (form["valid_from"].value(), form["ready_limit"].value()) == (later, 2)
    assert client.post(f"{page}?from={later}", {**given, "valid_from": later}).status_code == 302
    assert said() == [(4, 0, None), (4, 0, None), (4, 0, 90)]


def test_queries_are_the_same_for_1_and_30(world: World, client: Any) -> None:
    rule = work(choose(world, "mean"), "count")
    own, counts = world.own, []
    for size in (1, 29):
        for n in range(size):
            Topic.objects.create(area=world.topic.area, case_identifier=f"t{size}-{n}", title=f"T{n}", position=n + 2)
            put_in_force(own.district, own.framework, DAY, topic=Topic.objects.latest("pk"))
            student = enroll(own.group, given_name=f"Child {n}", family_name="of Birch")
            Crossing.objects.create(rule=rule, district=own.district, student=student, up_count=1, down_count=0)
            framework = Framework.objects.create(
                owner=own.district, scale=own.framework.scale, title=f"F{size}-{n}", case_identifier=f"f{size}-{n}"
            )
            adopt_own(framework=framework, actor=None, day=DAY)
        pages = [address(world, "ways-list"), address(world), show(rule), address(world, "options-change")]
        counts.append([queries(client, page) for page in pages])

    assert counts == [[7, 8, 9, 7]] * 2


def queries(client: Any, page: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page).status_code == 200
    return len(captured)
