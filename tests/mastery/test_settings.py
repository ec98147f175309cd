"""How a level is made where: the nearest organization that says so, from the day it says."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from curriculum.models import Topic
from students.mastery.models import MasterySettings
from students.mastery.queries import measure_of, ways_for
from students.mastery.queries.ways import Chosen
from tests.mastery.ways import choose_method

D = Decimal


@pytest.fixture
def chosen(world):
    """What is chosen for the first target, at a school on a day."""

    def chosen_at(school, day, target=0):
        return ways_for(school.pk, day).chosen_for(measure_of(world.targets[target]))

    return chosen_at


def test_where_nobody_has_chosen_it_is_said(world, chosen, school_day):
    assert chosen(world.own.school, school_day) is None
    ways = ways_for(world.own.school.pk, school_day).on(measure_of(world.targets[0]))
    assert (ways.method, ways.parameters) == ("decaying", {})


def test_the_nearest_organization_decides(world, chosen, school_day):
    choose_method(world.own.district, world.own.framework, school_day, weight="0.80")
    assert chosen(world.own.school, school_day) == Chosen("decaying", {"weight": D("0.80")})

    choose_method(world.own.school, world.own.framework, school_day, method="highest")
    assert chosen(world.own.school, school_day) == Chosen("highest", {})
    assert chosen(world.other_school.school, school_day) == Chosen("decaying", {"weight": D("0.80")})


def test_a_choice_holds_from_its_day_on_and_only_when_it_is_applied(world, chosen, school_day):
    own = world.own
    choose_method(own.district, own.framework, school_day - timedelta(days=9), weight="0.70")
    choose_method(own.district, own.framework, school_day, weight="0.90")
    waiting = choose_method(own.district, own.framework, school_day, method="highest")
    type(waiting).objects.filter(pk=waiting.pk).update(applied_at=None)

    assert chosen(own.school, school_day - timedelta(days=10)) is None
    assert chosen(own.school, school_day - timedelta(days=1)) == Chosen("decaying", {"weight": D("0.70")})
    assert chosen(own.school, school_day) == Chosen("decaying", {"weight": D("0.90")})


def test_a_topic_may_have_a_method_of_its_own_and_give_it_back(world, chosen, school_day):
    own = world.own
    choose_method(own.district, own.framework, school_day, weight="0.80")
    other = Topic.objects.create(area=own.topic.area, case_identifier="other", title="Other", position=2)
    choose_method(own.district, own.framework, school_day, topic=other, method="median", last=3)
    assert chosen(own.school, school_day) == Chosen("decaying", {"weight": D("0.80")})
    choose_method(own.district, own.framework, school_day, topic=own.topic, method="median", last=3)
    assert chosen(own.school, school_day) == Chosen("median", {"last": D(3)})

    choose_method(own.district, own.framework, school_day, topic=own.topic, method="")
    assert chosen(own.school, school_day) == Chosen("decaying", {"weight": D("0.80")})


def test_another_framework_is_not_touched(world, chosen, school_day):
    choose_method(world.own.district, world.other_district.framework, school_day, weight="0.90")

    assert chosen(world.own.school, school_day) is None


def test_settings_of_order_and_acceptance_come_with_it(world, school_day):
    MasterySettings.objects.create(organization=world.own.district, valid_from=school_day, foundations_first=True)
    MasterySettings.objects.create(organization=world.own.school, valid_from=school_day, accepts_automatically=True)

    book = ways_for(world.own.school.pk, school_day)

    assert (book.foundations_first, book.accepts_automatically) == (True, True)
