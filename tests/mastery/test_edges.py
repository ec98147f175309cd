"""Edges of the record that no page reaches by itself."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

from django.utils import timezone

from students.mastery.calculations import Conversion, State
from students.mastery.enums import MasteryStatus
from students.mastery.models import Assessment, GridView, MasterySettings
from students.mastery.queries.changes import _differ
from students.mastery.queries.chosen import _since
from students.mastery.queries.effects import converted
from students.mastery.queries.ways import Chosen
from students.mastery.services import NotAllowed, record_mark
from students.mastery.services.record.take_back import _Void, _void_all
from students.mastery.services.views import delete_view


def test_not_started_and_no_evidence_are_the_same_news():
    assert not _differ(State(MasteryStatus.NOT_STARTED), State(MasteryStatus.NO_EVIDENCE))


def test_a_choice_counts_from_the_first_row_that_says_the_same(world, school_day):
    said = {"organization": world.own.district, "valid_from": school_day}
    now, same, other = (MasterySettings(foundations_first=value, **said) for value in (True, True, False))

    assert _since("foundations_first", now, [same, other, same]) is same


def test_a_method_without_a_level_stays_as_it_is_on_another_scale():
    chosen = Chosen("highest", {})

    assert converted(chosen, Conversion(timezone.now(), {Decimal(1): Decimal(2)})) is chosen


def test_a_head_removes_the_view_of_a_school(world, school_day):
    view = GridView.objects.create(district=world.own.district, school=world.own.school, name="Autumn")

    delete_view(view=view, person=world.leader, day=school_day)

    assert not GridView.objects.exists()


def test_who_lost_the_right_before_the_lock_takes_nothing_back(world, school_day):
    own = world.own
    record_mark(
        uuid=uuid4(),
        recorder=world.teacher,
        student=own.student,
        target=own.targets[0],
        level=Decimal(3),
        performed_on=school_day,
        day=school_day,
    )
    void = _Void(uuid4(), Assessment.objects.get(), "undone")

    answers = _void_all({0: void}, world.teacher, permitted=set(), day=school_day)

    assert isinstance(answers[0], NotAllowed)
    assert Assessment.objects.count() == 1
