"""A record to read, and what a page says of it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import time_machine
from django.urls import reverse
from django.utils.html import strip_tags

from curriculum.models import ContentArea, Target, Topic
from lpm.people.models import Student
from students.mastery.models import Assessment, Judgement
from students.mastery.services import Recorded, record_mark
from tests.world import DAY, World

TODAY = "2026-11-19T09:00:00+00:00"  # before school: the student and the family see it by now
LONG_AGO = "2026-10-01T15:00:00+00:00"


def mark(world: World, target: Target, level: str, student: Student | None = None, at: str = TODAY) -> Recorded:
    with time_machine.travel(at, tick=True):
        return record_mark(
            uuid=uuid4(),
            recorder=world.teacher,
            student=student or world.own.student,
            target=target,
            level=Decimal(level),
            performed_on=DAY if at == TODAY else DAY - timedelta(days=49),
            day=DAY if at == TODAY else DAY - timedelta(days=49),
        )


def text(response: Any) -> str:
    """What the page says, in one line."""
    assert response.status_code == 200
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(strip_tags(re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL)).split()).replace("&#x27;", "'")


def path_of(student: Student) -> str:
    return reverse("student:path", kwargs={"student": student.uuid})


def topic_of(student: Student, topic: Topic) -> str:
    return reverse("student:topic", kwargs={"student": student.uuid, "topic": topic.uuid})


def family_of(student: Student) -> str:
    return reverse("student:family", kwargs={"student": student.uuid})


def add_topic(world: World, title: str, target_count: int = 1) -> Topic:
    place = Topic.objects.filter(area=world.topic.area).count() + 1
    topic = Topic.objects.create(area=world.topic.area, case_identifier=title, title=title, position=place)
    for n in range(1, target_count + 1):
        Target.objects.create(
            topic=topic,
            case_identifier=f"{title} {n}",
            short_title=f"{title} step {n}",
            statement=f"Does {title} {n}",
            i_can=f"I can do {title} {n}",
            position=n,
        )
    return topic


def add_area(world: World, title: str) -> Topic:
    """An area with a topic and a target in it."""
    place = ContentArea.objects.filter(framework=world.own.framework).count() + 1
    area = ContentArea.objects.create(framework=world.own.framework, case_identifier=title, title=title, position=place)
    topic = area.topics.create(case_identifier=title, title=f"Topic of {title}", position=1)
    topic.targets.create(case_identifier=f"target of {title}", statement=f"Does {title}", position=1)
    return topic


def shown_without_judgement(world: World, level: str) -> None:
    """Evidence that no teacher has made a level of yet."""
    Assessment.objects.create(
        district=world.own.district,
        student=world.own.student,
        target=world.targets[0],
        level=Decimal(level),
        recorder=world.teacher,
        performed_on=DAY,
        recorded_at=datetime.fromisoformat(TODAY) + timedelta(minutes=1),
    )


def judged(world: World, kind: str, level: str | None = None) -> None:
    Judgement.objects.create(
        district=world.own.district,
        student=world.own.student,
        target=world.targets[0],
        kind=kind,
        level=level and Decimal(level),
        recorded_at=datetime.fromisoformat(TODAY),
    )
