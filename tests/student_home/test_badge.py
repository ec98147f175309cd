"""A student who came in with a badge: no page of theirs leads to one that a badge does not open."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lpm.people.models import Student
from lpm.people.services.badges import make_badges
from students.mastery.services import record_remark
from students.mastery.services.showing import ask_to_show
from tests.mastery.strands import build_habits, habits_of, rate
from tests.student_home.pages import LONG_AGO, mark, path_of, text, topic_of
from tests.world import DAY, World


def learn(world: World) -> None:
    """Something of everything that a page of the student shows."""
    mark(world, world.targets[0], "1", at=LONG_AGO)
    mark(world, world.targets[0], "3")
    mark(world, world.targets[1], "2")
    for habit in habits_of(build_habits(world.own.district)):
        rate(world, habit, "2.0")
    asked = {"actor": world.student, "student": world.own.student, "day": DAY, "done_since": "I read it again."}
    ask_to_show(uuid=uuid4(), target=world.targets[2], **asked)
    with time_machine.travel(timezone.now() - timedelta(hours=1), tick=True):
        record_remark(
            uuid=uuid4(), student=world.own.student, target=world.targets[1], author=world.teacher, day=DAY, reason="",
            text="Now try a whole number.", language="en", is_for_family=True,
        )  # fmt: skip


def come_in(world: World) -> Client:
    [badge] = make_badges(group=world.own.group, student_uuids=[world.own.student.uuid], actor=world.teacher, day=DAY)
    client = Client()
    assert client.post(reverse("people:badge-sign-in"), {"code": badge.code}).status_code == 302
    return client


def refused(client: Client, page: str) -> set[str]:
    """The links and forms of a page that answer 403."""
    response: Any = client.get(page)
    assert response.status_code == 200
    html = re.sub(r"<template.*?</template>", "", response.content.decode(), flags=re.DOTALL)
    body = html[html.index("<body") :]
    links = {way for way in re.findall(r'<a\b[^>]*?\bhref="([^"#]+)', body) if not way.startswith("?")}
    forms = {way for way in re.findall(r'<form\b[^>]*?\baction="([^"]+)', body) if way != reverse("home:sign-out")}
    assert links
    found = {way for way in links if client.get(way.replace("&amp;", "&")).status_code == 403}
    return found | {way for way in forms if client.post(way).status_code == 403}


@pytest.mark.parametrize("is_early_reader", [False, True])
def test_a_badge_meets_no_closed_door(is_early_reader, world):
    learn(world)
    Student.objects.filter(pk=world.own.student.pk).update(is_early_reader=is_early_reader)
    own, client = path_of(world.own.student), come_in(world)
    early = reverse("student:early", args=[world.own.student.uuid])
    pages = [own, early, f"{own}?as_of={DAY - timedelta(days=1)}"]
    if not is_early_reader:
        ways = [f"?target={target.uuid}" for target in world.targets]
        pages += [topic_of(world.own.student, world.topic) + way for way in ["", *ways]]
    assert {page: refused(client, page) for page in pages} == {page: set() for page in pages}


def test_a_badge_opens_the_page_of_an_early_reader(world):
    learn(world)
    Student.objects.filter(pk=world.own.student.pk).update(is_early_reader=True)
    client = come_in(world)
    for page in (path_of(world.own.student), reverse("student:early", args=[world.own.student.uuid])):
        said = text(client.get(page))
        assert "Tell your teacher when you want to show this. Hear it" in said
        assert "I want to show this" not in said


def test_with_a_password_the_same_pages_lead_further(world, as_person):
    learn(world)
    client = as_person(world.student)
    html = client.get(path_of(world.own.student)).content.decode()
    why = reverse("mastery:why-show", args=[world.own.student.uuid, world.targets[0].uuid])
    assert (f'href="{why}"' in html, "Say how you see it" in html) == (True, True)
    html = client.get(topic_of(world.own.student, world.topic)).content.decode()
    assert ("I am ready to show this" in html, "Everything behind this level" in html) == (True, True)
