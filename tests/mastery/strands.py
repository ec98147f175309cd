"""Habits beside the content of a curriculum, with words of their own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from curriculum.enums import Domain
from curriculum.models import ContentArea, Framework, Scale, ScaleLevel, Target, Topic
from curriculum.services import adopt_own
from lpm.people.models import Organization
from students.mastery.enums import AssessmentKind
from students.mastery.models import StrandPause
from students.mastery.services import Recorded, record_mark
from tests.world import DAY, World

WORDS = ("rarely yet", "sometimes", "often", "consistently")


def build_habits(owner: Organization, count: int = 2, domain: Domain = Domain.HABITS) -> ContentArea:
    """A curriculum of habits alone: levels 1 to 4, each with a word."""
    scale = Scale.objects.create(owner=owner, name="Habits", low=Decimal(1), high=Decimal(4), proficient=Decimal(3))
    for value, name in enumerate(WORDS, start=1):
        ScaleLevel.objects.create(scale=scale, value=Decimal(value), name=name)
    framework = Framework.objects.create(owner=owner, scale=scale, title="How we work", case_identifier="habits")
    area = ContentArea.objects.create(
        framework=framework, case_identifier="habits", title="Self-directed learner", domain=domain, position=1
    )
    topic = Topic.objects.create(area=area, case_identifier="habits", title="Plans and keeps at it", position=1)
    for n in range(1, count + 1):
        Target.objects.create(
            topic=topic,
            case_identifier=f"habit {n}",
            code=f"H.{n}",
            short_title=f"Habit {n}",
            statement=f"Shows habit {n}",
            i_can=f"I show habit {n}",
            position=n,
        )
    adopt_own(framework=framework, actor=None, day=DAY)
    return area


def habits_of(area: ContentArea) -> list[Target]:
    return list(Target.objects.filter(topic__area=area).order_by("position"))


def rate(world: World, target: Target, level: str, **more: Any) -> Recorded:
    """By the teacher, unless the student says it of themselves."""
    is_own = more.get("kind") == AssessmentKind.SELF
    values: dict[str, Any] = {
        "uuid": uuid4(),
        "recorder": world.people["student" if is_own else "teacher"],
        "student": world.own.student,
        "target": target,
        "level": Decimal(level),
        "performed_on": DAY,
        "day": DAY,
    }
    return record_mark(**{**values, **more})


def pause(world: World, area: ContentArea, starts_on: date = DAY, ends_on: date | None = None) -> StrandPause:
    return StrandPause.objects.create(
        district=world.own.district,
        student=world.own.student,
        area=area,
        starts_on=starts_on,
        ends_on=ends_on,
        reason="Written in the plan of November",
        decided_by=world.people["teacher"],
    )
