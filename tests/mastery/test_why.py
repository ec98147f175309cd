"""Why this level: what each reader is told about one number."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from curriculum.models import Scale
from students.mastery.enums import AssessmentKind, ChangeState, JudgementKind
from students.mastery.models import Judgement, MasterySettings, ScaleChange, ScaleStep
from students.mastery.queries import Why, find_target, read_why, sight_of, why_as_dict
from students.mastery.services import record_decision, record_mark, record_remark
from tests.mastery.ways import choose_method
from tests.world import DAY, World

NOW = "2026-11-19T15:00:00+00:00"
SHOWN = {"teacher", "student", "guardian"}


def mark(world: World, level: str | None, days_ago: int, **fields: Any) -> None:
    day = DAY - timedelta(days=days_ago)
    values: dict[str, Any] = {
        "recorder": world.teacher,
        "student": world.own.student,
        "target": world.targets[0],
        "judges": False,
    }
    with time_machine.travel(f"{day}T15:00:00+00:00", tick=True):
        record_mark(uuid=uuid4(), level=level and Decimal(level), performed_on=day, day=day, **{**values, **fields})


def decide(world: World, kind: JudgementKind, level: str | None = None, days_ago: int = 1, note: str = "") -> Judgement:
    day = DAY - timedelta(days=days_ago)
    with time_machine.travel(f"{day}T16:00:00+00:00", tick=True):
        return record_decision(
            uuid=uuid4(),
            judge=world.teacher,
            student=world.own.student,
            target=world.targets[0],
            kind=kind,
            level=level and Decimal(level),
            note=note,
            day=day,
        ).judgement


def why_for(world: World, name: str) -> Why:
    target = find_target(world.targets[0].uuid, world.own.school.pk)
    assert target is not None
    return read_why(world.own.student, target, sight_of(world.people[name], world.own.student, DAY, timezone.now()))


def page(world: World, client: Client, **query: str) -> str:
    response = client.get(reverse("mastery:why-show", args=[world.own.student.uuid, world.targets[0].uuid]), query)
    assert response.status_code == 200
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(strip_tags(re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL)).split()).replace("&#x27;", "'")


def test_why_of_a_target_that_nobody_looked_at(world, as_person):
    said = page(world, as_person(world.student))
    assert "No evidence yet. That is not a zero" in said
    assert "1 more piece of work at 3.0 makes this 3.0. A teacher can also decide." in said
    assert "What they look for at 3.0: Step 1 at 3" in said
    assert "What was shown" not in said


def test_a_suggested_level_says_what_it_rests_on_and_what_would_change_it(world, as_person):
    mark(world, "2", 9, accommodations=("scribe", "extra_time"))
    mark(world, "2.5", 5)
    for name in SHOWN:
        said = page(world, as_person(world.people[name]))
        assert "Nobody has confirmed it yet. It is worked out from the evidence." in said
        assert "2 pieces of evidence count. The level is 2.5." in said
        assert "2.0 Nov. 10, 2026, Teacher Person With: scribe, extra time. The level is judged just the same." in said
        assert "The newest piece of work counts 65%, and older work counts less and less." in said
        assert "The evidence comes to 2.33, which is level 2.5." in said
        assert "1 more piece of work at 3.0 makes this 3.0." in said
        assert ("has not chosen a way of counting yet" in said) == (name == "teacher")


def test_a_judged_level_says_who_decided_and_what_they_look_for(world, as_person):
    mark(world, "3", 9, judges=True)
    said = page(world, as_person(world.guardian))
    assert "Teacher Person looked at the work and decided on Nov. 10, 2026. The teacher has the last word." in said
    assert "A teacher decides, after seeing more. What they look for at 4.0: Step 1 at 4" in said
    assert "more piece" not in said


def test_a_confirmed_level_and_one_accepted_by_itself(world, as_person):
    mark(world, "3", 9)
    decide(world, JudgementKind.CONFIRMED, "3")
    assert "Teacher Person confirmed on Nov. 18, 2026 what the evidence suggested." in page(
        world, as_person(world.guardian)
    )
    MasterySettings.objects.create(
        organization=world.own.school, valid_from=DAY - timedelta(days=30), accepts_automatically=True
    )
    step = {"target": world.targets[1]}
    mark(world, "3", 9, **step)
    mark(world, "3", 8, **step)
    target = find_target(world.targets[1].uuid, world.own.school.pk)
    assert target is not None
    why = read_why(world.own.student, target, sight_of(world.guardian, world.own.student, DAY, timezone.now()))
    assert (why.state.is_automatic, why.is_decided, why.decided and why.decided.by) == (True, False, "")


def test_what_does_not_count_is_shown_and_says_why(world):
    mark(world, "1", 9, kind=AssessmentKind.PRACTICE)
    mark(world, None, 8, kind=AssessmentKind.PRACTICE)
    mark(world, "4", 7, kind=AssessmentKind.SELF, recorder=world.student)
    mark(world, "2", 6)
    mark(world, "3", 5)
    mark(world, "4", 0, kind=AssessmentKind.OFFERED, recorder=world.substitute)
    choose_method(world.own.district, world.own.framework, DAY, method="most_recent")
    kinds = ["practice", "practice", "self", "score", "score"]
    for name in SHOWN:
        why = why_for(world, name)
        offered = ["offered"] if name == "teacher" else []
        assert [dot.kind for dot in why.dots] == kinds + offered
        assert [dot.counts for dot in why.dots] == [False, False, False, False, True] + [False] * len(offered)
        assert why.dots[3].why_not == "Not among the pieces of work that count here."
        assert why.state.level == 3
        assert (why.is_chosen, why.counted_count) == (True, 1)
        assert len(why.drawn) == len(why.dots) - 1


def test_levels_from_before_a_change_of_scale_say_what_they_were(world):
    mark(world, "3", 9)
    scale = world.own.framework.scale
    old = Scale.objects.create(owner=world.own.district, name="0 to 3")
    change = ScaleChange.objects.create(
        framework=world.own.framework, before=old, after=scale, valid_from=DAY - timedelta(days=5),
        state=ChangeState.DONE, applied_at=timezone.now() - timedelta(days=5),
    )  # fmt: skip
    ScaleStep.objects.create(change=change, before=Decimal(3), after=Decimal(4))
    [dot] = why_for(world, "teacher").dots
    assert (dot.level, dot.was) == (Decimal(4), Decimal(3))


def test_foundations_come_first_where_the_school_wants_it(world):
    MasterySettings.objects.create(organization=world.own.school, valid_from=DAY, foundations_first=True)
    mark(world, "3", 9)
    mark(world, "2", 2, goal=Decimal(2))
    assert [dot.is_foundation for dot in why_for(world, "student").dots] == [False, True]


def test_why_a_target_is_set_aside_is_for_the_staff(world, as_person):
    decide(world, JudgementKind.EXCUSED, note="A reason that stays inside")
    for name in SHOWN:
        said = page(world, as_person(world.people[name]))
        is_staff = name == "teacher"
        assert ("A reason that stays inside" in said) == is_staff
        assert ("Excused by Teacher Person on Nov. 18, 2026." in said) == is_staff
        assert ("Excused since Nov. 18, 2026." in said) != is_staff
        assert "What would change it" not in said


def test_a_starting_point_further_on_says_who_set_it(world, as_person):
    row = {"district": world.own.district, "student": world.own.student, "target": world.targets[0]}
    at = timezone.now() - timedelta(days=3)
    Judgement.objects.create(kind="assumed", judge=world.teacher, recorded_at=at, **row)
    said = page(world, as_person(world.guardian))
    assert "The starting point is further on, so nobody has to show this. Teacher Person set it on" in said


def test_remarks_reach_whom_they_are_meant_for(world, as_person):
    mark(world, "3", 3, judges=True)
    words = {"For us alone": False, "For all of you": True}
    with time_machine.travel("2026-11-17T15:00:00+00:00", tick=True):
        for text, is_for_family in words.items():
            record_remark(
                uuid=uuid4(), student=world.own.student, target=world.targets[0], author=world.teacher, text=text,
                is_for_family=is_for_family, day=date(2026, 11, 17), reason="" if is_for_family else "observed",
            )  # fmt: skip
    record_remark(
        uuid=uuid4(), student=world.own.student, target=world.targets[0], author=world.teacher, day=DAY,
        text="Just now", is_for_family=True,
    )  # fmt: skip
    told = {name: [note.words.text for note in why_for(world, name).notes] for name in SHOWN}
    assert told == {
        "teacher": ["Just now", "For all of you", "For us alone"],
        "student": ["For all of you"],
        "guardian": ["For all of you"],
    }
    assert "saw it in class For us alone Teacher Person, Nov. 17, 2026 · for the staff" in page(
        world, as_person(world.teacher)
    )


def test_two_who_judged_without_seeing_one_another_are_both_told(world, as_person):
    mark(world, "2", 5, judges=True)
    unseen = timezone.now() - timedelta(days=6)
    mark(world, "3", 4, judges=True, recorder=world.co_teacher, seen_at=unseen)
    assert "Teacher Person judged it at 2.0 on Nov. 14, 2026" in page(world, as_person(world.teacher))
    assert "without seeing one another" not in page(world, as_person(world.guardian))


def test_a_lower_level_reads_without_blame_and_a_lower_suggestion_is_not_told_to_the_family(world, as_person):
    mark(world, "3", 9, judges=True)
    mark(world, "1", 5)
    assert "What was shown since then points to 1.5." in page(world, as_person(world.student))
    said = page(world, as_person(world.guardian))
    assert "There is newer work since then. A teacher will look at it again." in said
    assert "The evidence comes to" not in said
    topic = reverse("student:topic", args=[world.own.student.uuid, world.topic.uuid])
    assert "points to" not in as_person(world.guardian).get(topic).content.decode()
    decide(world, JudgementKind.SET, "2")
    for name in SHOWN:
        said = page(world, as_person(world.people[name]))
        assert ("This looked different this time." in said) == (name != "teacher")


def test_a_proficient_target_left_alone_is_worth_another_look_and_stays(world, as_person):
    mark(world, "3", 60, judges=True)
    for step, days in [(1, 60), (2, 3)]:
        mark(world, "3", days, judges=True, target=world.targets[step])
    topic = reverse("student:topic", args=[world.own.student.uuid, world.topic.uuid])
    path = reverse("student:path", args=[world.own.student.uuid])
    client = as_person(world.student)
    assert "worth another look" not in client.get(topic).content.decode()
    MasterySettings.objects.create(organization=world.own.district, valid_from=DAY, recency_days=30)
    assert "Worth another look: last shown on Sept. 20, 2026. The level stays." in page(world, client)
    assert client.get(topic).content.decode().count("worth another look") == 2
    assert "2 targets worth another look" in client.get(path).content.decode()
    assert why_for(world, "student").state.level == 3


def test_a_part_of_the_page_for_a_script_and_no_page_without_the_target(world, as_person):
    mark(world, "2", 4)
    client = as_person(world.teacher)
    address = reverse("mastery:why-show", args=[world.own.student.uuid, world.targets[0].uuid])
    html = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert (html.strip().startswith("<section"), "<main" in html) == (True, False)
    far = world.other_district.targets[0].uuid
    for target in (far, uuid4()):
        assert client.get(reverse("mastery:why-show", args=[world.own.student.uuid, target])).status_code == 404


def test_the_same_for_programs(world):
    mark(world, "2", 9, accommodations=("scribe",), comment="With a pencil")
    mark(world, "3", 5)
    told = why_as_dict(why_for(world, "teacher"))
    assert json.loads(json.dumps(told)) == told
    assert {name: told[name] for name in ("level", "is_confirmed", "suggested", "suggested_value", "onward")} == {
        "level": "2.5",
        "is_confirmed": False,
        "suggested": "2.5",
        "suggested_value": "2.65",
        "onward": {"count": 1, "at": "3.0", "becomes": "3.0"},
    }
    assert told["evidence"][0] == {
        "level": "2.0", "was": None, "performed_on": "2026-11-10", "recorder": "Teacher Person", "kind": "score",
        "counts": True, "why_not": None, "accommodations": ["scribe"], "comment": "With a pencil", "shown_on": None,
        "language": "en", "translations": [],
    }  # fmt: skip
    assert why_as_dict(why_for(world, "student"))["evidence"][0]["comment"] is None
    decide(world, JudgementKind.SET, "3")
    assert why_as_dict(why_for(world, "teacher"))["decided"] == {
        "kind": "set", "level": "3.0", "by": "Teacher Person", "on": "2026-11-18", "note": None,
    }  # fmt: skip


@pytest.mark.parametrize("rows", [1, 30])
def test_why_asks_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        mark(world, "2", 40 - n)
    address = reverse("mastery:why-show", args=[world.own.student.uuid, world.targets[0].uuid])
    client = as_person(world.student)
    client.get(address)
    with django_assert_num_queries(14):
        client.get(address)
