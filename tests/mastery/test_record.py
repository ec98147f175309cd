"""Recording a mark: rows in both logs, the state beside them, and everything that is refused."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pgtrigger
import pytest
import time_machine
from django.contrib.messages import get_messages
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from curriculum.models import ContentArea, Prerequisite, Target, Topic
from lpm.audit.models import RecordView
from lpm.people.models import Organization, Student
from students.mastery.models import AreaMastery, Assessment, Judgement, MasteryState, TopicMastery
from students.mastery.services import (
    IdentifierReused,
    MarkRefused,
    NotAllowed,
    record_mark,
    undo_mark,
)

D = Decimal


@pytest.fixture
def mark(world, school_day):
    """Record as the teacher of the own class; keyword arguments replace what is usual."""

    def record(level="3.0", **changed):
        usual = {
            "uuid": uuid4(),
            "recorder": world.people["teacher"],
            "student": world.places["own"].student,
            "target": world.targets[0],
            "level": D(level),
            "performed_on": school_day,
            "day": school_day,
            "group": world.places["own"].group,
        }
        return record_mark(**{**usual, **changed})

    return record


def state_of(world, target=0):
    return MasteryState.objects.get(student=world.places["own"].student, target=world.targets[target])


def test_a_mark_is_one_row_in_each_log_and_a_state(world, mark, school_day):
    recorded = mark("2.5")

    assessment, judgement = Assessment.objects.get(), Judgement.objects.get()
    assert (assessment.level, assessment.kind, assessment.performed_on) == (D("2.5"), "score", school_day)
    assert assessment.recorder == world.people["teacher"]
    assert (judgement.level, judgement.kind, judgement.based_on) == (D("2.5"), "set", assessment)
    state = state_of(world)
    assert (state.level, state.suggested, state.judged) == (D("2.5"), D("2.5"), D("2.5"))
    assert not state.is_proficient
    assert recorded.is_new


def test_suggested_and_judged_stay_apart(world, mark):
    mark("1.0")
    mark("3.0")

    state = state_of(world)
    assert state.judged == state.level == D("3.0")
    assert state.suggested_value == D("2.30")  # 0.35 * 1 + 0.65 * 3
    assert state.suggested == D("2.5")
    assert not state.is_flagged  # the judgement was made knowing this evidence


def test_roll_ups_and_place_follow(world, mark):
    mark("3.0")
    mark("2.0", target=world.targets[1])

    topic, area = TopicMastery.objects.get(), AreaMastery.objects.get()
    assert (topic.target_count, topic.proficient_count, topic.under_way_count) == (4, 1, 1)
    assert (area.target_count, area.proficient_count, area.under_way_count) == (4, 1, 1)
    assert topic.here == world.targets[1]


def test_the_same_mark_twice_is_there_once(world, mark):
    uuid = uuid4()
    first, second = mark("2.0", uuid=uuid), mark("2.0", uuid=uuid)

    assert (first.is_new, second.is_new) == (True, False)
    assert Assessment.objects.count() == Judgement.objects.count() == 1


@pytest.mark.parametrize(
    "changed", [{"level": D("2.5")}, {"target": 1}, {"recorder": "co_teacher"}, {"performed_on": -1}, {"group": None}]
)
def test_a_uuid_with_other_content_is_refused(changed, world, mark, school_day):
    uuid = uuid4()
    mark("2.0", uuid=uuid)
    if "target" in changed:
        changed = {"target": world.targets[1]}
    if "recorder" in changed:
        changed = {"recorder": world.people["co_teacher"]}
    if "performed_on" in changed:
        changed = {"performed_on": school_day - timedelta(days=1)}

    with pytest.raises(IdentifierReused):
        mark(**{"level": D("2.0"), **changed}, uuid=uuid) if "level" not in changed else mark(uuid=uuid, **changed)

    assert Assessment.objects.count() == Judgement.objects.count() == 1
    assert state_of(world).level == D("2.0")


@pytest.mark.parametrize("level", ["4.5", "-0.5", "2.3"])
def test_a_level_off_the_scale_is_refused(level, mark):
    with pytest.raises(MarkRefused) as refused:
        mark(level)

    assert refused.value.code == "level_off_scale"
    assert str(refused.value) == f"{level} is not a level here. Levels go from 0.0 to 4.0 in steps of 0.5."
    assert not Assessment.objects.exists()


def test_a_day_with_a_mistyped_year_is_refused(mark, school_day):
    with pytest.raises(MarkRefused) as refused:
        mark(performed_on=school_day.replace(year=202))

    assert refused.value.code == "too_long_ago"


def test_the_newest_judgement_is_in_force_also_when_clocks_differ(world, mark, school_day):
    with time_machine.travel(f"{school_day}T15:00:05+00:00"):
        mark("1.0")
    with time_machine.travel(f"{school_day}T15:00:02+00:00"):
        mark("3.0")

    assert state_of(world).level == D("3.0")


def test_undo_goes_by_the_day_of_the_students_school(world, mark, school_day):
    Organization.objects.filter(pk=world.own.district.pk).update(time_zone="Pacific/Auckland")
    only = mark("2.0").assessment

    undo_mark(uuid=uuid4(), recorder=world.people["teacher"], mark_uuid=only.uuid, day=school_day)

    assert state_of(world).level is None


def test_a_mark_on_a_target_retired_since_can_be_undone(world, mark, school_day):
    only = mark("2.0").assessment
    Target.objects.update(retired_on=school_day)

    undo_mark(uuid=uuid4(), recorder=world.people["teacher"], mark_uuid=only.uuid, day=school_day)

    assert state_of(world).level is None


def test_a_place_in_another_area_moves_with_its_prerequisite(world, mark):
    science = ContentArea.objects.create(
        framework=world.own.framework, case_identifier="science", title="Science", position=2
    )
    topic = Topic.objects.create(area=science, case_identifier="mixtures", title="Mixtures", position=1)
    first, second = (
        Target.objects.create(topic=topic, case_identifier=f"M{n}", statement=f"Step {n}", position=n) for n in (1, 2)
    )
    Prerequisite.objects.create(target=first, required=world.targets[0])
    mark("1.0", target=second)
    assert TopicMastery.objects.get(topic=topic).here == second

    mark("3.0")

    assert TopicMastery.objects.get(topic=topic).here == first


def test_a_future_day_is_refused(mark, school_day):
    with pytest.raises(MarkRefused) as refused:
        mark(performed_on=school_day + timedelta(days=1))

    assert refused.value.code == "future_date"
    assert not Assessment.objects.exists()


def test_a_mark_made_offline_may_carry_the_next_day_and_no_later(mark, school_day):
    mark(performed_on=school_day + timedelta(days=1), made_offline=True)

    with pytest.raises(MarkRefused):
        mark(performed_on=school_day + timedelta(days=2), made_offline=True)

    assert Assessment.objects.count() == 1


@pytest.mark.parametrize("who", ["leader", "student", "guardian", "substitute", "past_teacher", "far_teacher"])
def test_only_teachers_of_the_student_record(who, world, mark):
    with pytest.raises(NotAllowed):
        mark(recorder=world.people[who])

    assert not Assessment.objects.exists()


def test_a_target_of_another_district_is_refused(world, mark):
    with pytest.raises(NotAllowed) as refused:
        mark(target=world.places["other_district"].targets[0])

    assert refused.value.code == "target_not_in_use"


def test_evidence_dated_earlier_counts_as_earlier(world, mark, school_day):
    mark("3.0")
    mark("1.0", performed_on=school_day - timedelta(days=3))

    assert state_of(world).suggested_value == D("2.30")


def test_undo_brings_back_what_stood_before(world, mark, school_day):
    mark("2.0")
    second = mark("4.0").assessment

    undone = undo_mark(uuid=uuid4(), recorder=world.people["teacher"], mark_uuid=second.uuid, day=school_day)

    assert undone.state.level == state_of(world).level == D("2.0")
    assert Assessment.objects.count() == Judgement.objects.count() == 3
    assert Assessment.objects.get(voids=second).kind == "void"


def test_undo_of_the_only_mark_leaves_not_started(world, mark, school_day):
    only = mark("2.0").assessment

    undo_mark(uuid=uuid4(), recorder=world.people["teacher"], mark_uuid=only.uuid, day=school_day)

    assert state_of(world).status == "not_started"
    assert state_of(world).level is None


def test_undo_sent_twice_happens_once(world, mark, school_day):
    only, uuid = mark("2.0").assessment, uuid4()
    arguments = {"uuid": uuid, "recorder": world.people["teacher"], "mark_uuid": only.uuid, "day": school_day}

    first, second = undo_mark(**arguments), undo_mark(**arguments)

    assert (first.is_new, second.is_new) == (True, False)
    assert Assessment.objects.count() == 2


def test_a_mark_is_undone_once(world, mark, school_day):
    only = mark("2.0").assessment
    undo_mark(uuid=uuid4(), recorder=world.people["teacher"], mark_uuid=only.uuid, day=school_day)

    with pytest.raises(MarkRefused) as refused:
        undo_mark(uuid=uuid4(), recorder=world.people["teacher"], mark_uuid=only.uuid, day=school_day)

    assert refused.value.code == "already_undone"


@pytest.mark.parametrize(("who", "days"), [("co_teacher", 0), ("teacher", 1)])
def test_only_ones_own_marks_of_today_are_undone(who, days, world, mark, school_day):
    only = mark("2.0").assessment
    today = school_day + timedelta(days=days)

    with pytest.raises(MarkRefused) as refused, time_machine.travel(f"{today}T15:00:00+00:00"):
        undo_mark(uuid=uuid4(), recorder=world.people[who], mark_uuid=only.uuid, day=today)

    assert refused.value.code == "not_yours_today"


@pytest.mark.parametrize("model", [Assessment, Judgement])
@pytest.mark.parametrize("wrong", ["another_student", "a_void", "off_the_scale"])
def test_the_database_refuses_rows_that_make_no_sense(model, wrong, world, mark, school_day):
    only = mark("2.0").assessment
    undo_mark(uuid=uuid4(), recorder=world.people["teacher"], mark_uuid=only.uuid, day=school_day)
    void = model.objects.get(kind="void")
    row = model.objects.exclude(kind="void").get()
    row.pk, row.uuid = None, uuid4()
    if wrong == "another_student":
        mark("1.0")
        row.student, row.voids = world.places["other_class"].student, model.objects.latest("pk")
    elif wrong == "a_void":
        row.voids = void
    else:
        row.level = D("4.50")

    with pytest.raises(DatabaseError, match="of the record"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize("table", ["mastery_assessment", "mastery_judgement"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET level = 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_to_change_the_record(table, statement, mark):
    mark("2.0")

    connection.check_constraints()  # nothing pending that would refuse in the trigger's place
    with (
        pytest.raises(DatabaseError, match=r"append-only|Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))

    assert Assessment.objects.get().level == Judgement.objects.get().level == D("2.0")


def test_only_an_explicit_exception_passes_the_trigger(mark):
    mark("2.0")

    with pgtrigger.ignore("mastery.Assessment:append_only", "mastery.Judgement:append_only"):
        Judgement.objects.all().delete()
        Assessment.objects.all().delete()

    assert not Assessment.objects.exists()


class TestMarkPage:
    """The same through the web, as a script and as a plain form."""

    def post(self, as_person, world, who="teacher", accept="application/json", **changed):
        own = world.places["own"]
        data = {"uuid": uuid4(), "student": own.student.uuid, "target": own.targets[0].uuid, "level": "2.5"}
        address = reverse("mastery:mark-record", args=[own.group.uuid])
        client = as_person(world.people[who])
        return client.post(address, {**data, **changed}, headers={"accept": accept})

    def test_a_script_is_answered_with_the_state(self, as_person, world):
        uuid = uuid4()
        response = self.post(as_person, world, uuid=uuid)

        assert response.status_code == 201
        assert response.json() == {
            "uuid": str(uuid),
            "code": "",
            "level": "2.5",
            "status": "level",
            "confirmed": True,
            "flagged": False,
            "automatic": False,
            "contested": False,
            "due": False,
            "proficient": False,
            "newest": "2.5",
            "suggested": "2.5",
        }
        assert self.post(as_person, world, uuid=uuid).status_code == 200
        assert Assessment.objects.count() == 1

    def test_a_plain_form_goes_back_to_the_grid(self, as_person, world):
        response = self.post(as_person, world, accept="text/html")

        assert response.status_code == 302
        assert response.url == f"/groups/{world.places['own'].group.uuid}/?topic={world.topic.uuid}"

    @pytest.mark.parametrize(
        ("changed", "status", "code"),
        [
            ({"level": "4.5"}, 422, "level_off_scale"),
            ({"level": "high"}, 422, "invalid"),
            ({"level": ""}, 422, "invalid"),
            ({"level": "NaN"}, 422, "invalid"),
            ({"uuid": "7"}, 422, "invalid"),
            ({"performed_on": "2026-11-20"}, 422, "future_date"),
            ({"performed_on": "tomorrow"}, 422, "invalid"),
        ],
    )
    def test_bad_marks_get_a_sentence_and_a_code(self, as_person, world, changed, status, code):
        response = self.post(as_person, world, **changed)

        assert (response.status_code, response.json()["code"]) == (status, code)
        assert response.json()["sentence"].endswith(".")
        assert not Assessment.objects.exists()

    def test_a_uuid_used_with_other_content_is_a_conflict(self, as_person, world):
        uuid = uuid4()
        self.post(as_person, world, uuid=uuid)

        response = self.post(as_person, world, uuid=uuid, level="3.0")

        assert (response.status_code, response.json()["code"]) == (409, "uuid_reused")
        assert Assessment.objects.get().level == D("2.5")

    def test_a_mark_made_by_somebody_else_waits_for_them(self, as_person, world):
        response = self.post(as_person, world, person=world.people["co_teacher"].uuid)

        assert (response.status_code, response.json()["code"]) == (403, "other_person")
        assert not Assessment.objects.exists()
        assert self.post(as_person, world, person=world.people["teacher"].uuid).status_code == 201

    def test_undo_offers_todays_own_mark_only(self, as_person, world, school_day):
        own = world.places["own"]
        address = f"/groups/{own.group.uuid}/mark?student={own.student.uuid}&target={own.targets[0].uuid}"
        self.post(as_person, world)
        assert "Undo" in as_person(world.people["teacher"]).get(address).content.decode()
        assert "Undo" not in as_person(world.people["co_teacher"]).get(address).content.decode()

        with time_machine.travel(f"{school_day + timedelta(days=1)}T15:00:00+00:00"):
            assert "Undo" not in as_person(world.people["teacher"]).get(address).content.decode()

    def test_a_refused_plain_form_keeps_what_was_typed(self, as_person, world):
        response = self.post(as_person, world, accept="text/html", performed_on="2026-11-20")

        assert response.status_code == 422
        assert "A level cannot be dated in the future" in response.content.decode()
        assert 'value="2.5"' in response.content.decode()

    def test_after_the_session_ended_the_form_comes_back_filled_in(self, client, world):
        own, uuid = world.places["own"], uuid4()
        data = {"uuid": uuid, "student": own.student.uuid, "target": own.targets[0].uuid, "level": "2.5"}

        response = client.post(reverse("mastery:mark-record", args=[own.group.uuid]), data)
        response = client.post(response.url, {"username": "teacher", "password": "stones on a trail"})
        form = client.get(response.url).content.decode()

        assert str(uuid) in form
        assert 'value="2.5"' in form
        assert "checked" in form


@pytest.mark.parametrize("page", ["group-grid", "mark-form"])
def test_looking_at_a_student_is_in_the_audit_once_a_day(page, as_person, world, school_day):
    own = world.places["own"]
    client = as_person(world.people["co_teacher"])
    query = {"student": own.student.uuid, "target": own.targets[0].uuid} if page == "mark-form" else {}

    for _ in range(2):
        client.get(reverse(f"mastery:{page}", args=[own.group.uuid]), query)

    view = RecordView.objects.get(student_uuid=own.student.uuid)
    assert (view.viewer, view.count, view.day) == (world.people["co_teacher"], 2, school_day)


class TestUndoPage:
    """Taking back through the web."""

    def undo(self, as_person, world, mark_uuid, who="teacher", accept="application/json", **changed):
        address = reverse("mastery:mark-undo", args=[world.places["own"].group.uuid])
        data = {"uuid": uuid4(), "mark": mark_uuid, **changed}
        return as_person(world.people[who]).post(address, data, headers={"accept": accept})

    def test_a_script_is_answered_with_what_stands_now(self, as_person, world, mark):
        mark("2.0")
        response = self.undo(as_person, world, mark("4.0").assessment.uuid)

        assert (response.status_code, response.json()["level"]) == (201, "2.0")

    def test_a_plain_form_goes_back_to_the_grid_with_a_sentence(self, as_person, world, mark):
        response = self.undo(as_person, world, mark("2.0").assessment.uuid, accept="text/html")
        assert response.url.startswith(f"/groups/{world.places['own'].group.uuid}/?topic=")

        response = self.undo(as_person, world, uuid4(), accept="text/html")
        assert [str(message) for message in get_messages(response.wsgi_request)] == [
            "This mark is not there, or not yours to take back."
        ]

    @pytest.mark.parametrize(
        ("changed", "status", "code"), [({}, 404, "no_such_mark"), ({"uuid": "seven"}, 422, "invalid")]
    )
    def test_bad_requests_get_a_sentence_and_a_code(self, as_person, world, changed, status, code):
        response = self.undo(as_person, world, uuid4(), **changed)

        assert (response.status_code, response.json()["code"]) == (status, code)


class TestCellWithoutScript:
    """A cell is a button named ``row.column`` that leads to the page of its mark."""

    def pick(self, as_person, world, cell, axes=None):
        own = world.places["own"]
        client = as_person(world.people["teacher"])
        grid = client.get(reverse("mastery:group-grid", args=[own.group.uuid])).context["grid"]
        query = {cell: "", "topic": world.topic.uuid, "axes": axes or grid.fingerprint}
        return client.get(reverse("mastery:cell-pick", args=[own.group.uuid]), query)

    def test_it_leads_to_the_student_and_the_target(self, as_person, world):
        student = Student.objects.get(family_name="Classmate")  # the second row, by name

        response = self.pick(as_person, world, "0.2")

        assert response.url.endswith(f"?student={student.uuid}&target={world.targets[2].uuid}")

    def test_a_grid_that_changed_meanwhile_is_shown_again(self, as_person, world):
        response = self.pick(as_person, world, "0.2", axes="another")

        assert response.url == reverse("mastery:group-grid", args=[world.places["own"].group.uuid])

    @pytest.mark.parametrize("cell", ["9.0", "0.9"])
    def test_a_cell_that_is_not_there_is_not_found(self, cell, as_person, world):
        assert self.pick(as_person, world, cell).status_code == 404


def test_a_student_of_another_group_is_not_found(as_person, world):
    own, far = world.places["own"], world.places["other_class"]
    address = reverse("mastery:mark-form", args=[own.group.uuid])
    client = as_person(world.people["teacher"])

    for student, target in [(far.student, own.targets[0]), (own.student, world.places["other_district"].targets[0])]:
        assert client.get(address, {"student": student.uuid, "target": target.uuid}).status_code == 404


def test_a_topic_that_the_school_does_not_use_is_not_found(as_person, world):
    own, far = world.places["own"], world.places["other_district"]

    response = as_person(world.people["teacher"]).get(
        reverse("mastery:group-grid", args=[own.group.uuid]), {"topic": far.topic.uuid}
    )

    assert response.status_code == 404
