"""How a level is made where: the nearest organization that says so, from the day it says."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from students.mastery.models import MasterySettings
from students.mastery.queries import MethodChoice, method_for


def choose(organization, day, **fields):
    return MasterySettings.objects.create(organization=organization, valid_from=day, **fields)


def test_without_settings_the_newest_counts_65_percent(world, school_day):
    assert method_for(world.own.school.pk, school_day) == MethodChoice("decaying", None)


def test_each_field_comes_from_the_nearest_organization_that_sets_it(world, school_day):
    choose(world.own.district, school_day, method="decaying", weight=Decimal("0.80"))
    choose(world.own.school, school_day, method="decaying")

    assert method_for(world.own.school.pk, school_day) == MethodChoice("decaying", Decimal("0.80"))


def test_settings_hold_from_their_day_on(world, school_day):
    choose(world.own.district, school_day - timedelta(days=9), weight=Decimal("0.70"))
    choose(world.own.district, school_day, weight=Decimal("0.90"))

    assert method_for(world.own.school.pk, school_day - timedelta(days=10)).weight is None
    assert method_for(world.own.school.pk, school_day - timedelta(days=1)).weight == Decimal("0.70")
    assert method_for(world.own.school.pk, school_day).weight == Decimal("0.90")


def test_another_school_is_not_touched(world, school_day):
    choose(world.own.school, school_day, weight=Decimal("0.90"))

    assert method_for(world.other_school.school.pk, school_day).weight is None
