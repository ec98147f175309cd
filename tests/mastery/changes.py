"""Changes of method and scale as tests make them: jobs are kept instead of handed over, and done when asked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from celery import current_app

from curriculum.models import Scale, ScaleLevel
from lpm.people.models import Organization, Student
from students.mastery.models import MasteryState, MethodRule, ScaleChange
from students.mastery.queries import find_differences
from students.mastery.services import record_mark
from students.mastery.services.ways import choose_method
from tests.world import DAY, World

D = Decimal


def keep_jobs(monkeypatch: Any) -> list[tuple[str, Any]]:
    jobs: list[tuple[str, Any]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, kwargs, **_: jobs.append((name, kwargs)))
    current_app.loader.import_default_modules()
    return jobs


def work(change: Any, task: str) -> Any:
    """``count`` or ``carry_out``, as a worker does it; the change as it is then."""
    kind = "rule" if isinstance(change, MethodRule) else "scale_change"
    current_app.tasks[f"mastery.{task}_change"](kind=kind, change_id=change.pk)
    change.refresh_from_db()
    return change


def sweep() -> None:
    current_app.tasks["mastery.sweep_changes"]()


def choose(world: World, method: str, organization: Organization | None = None, **more: Any) -> MethodRule:
    values = {"framework": world.own.framework, "actor": world.administrator, "day": DAY} | more
    return choose_method(organization=organization or world.own.district, method=method, **values)


def mark(world: World, place: int, *levels: str, student: Student | None = None, judges: bool = False) -> None:
    for level in levels:
        record_mark(
            uuid=uuid4(),
            recorder=world.teacher,
            student=student or world.own.student,
            target=world.targets[place],
            level=D(level),
            performed_on=DAY,
            judges=judges,
            day=DAY,
        )


def levels_shown(student: Student) -> dict[str, Decimal | None]:
    return dict(MasteryState.objects.filter(student=student).values_list("target__code", "level"))


def differences() -> list[str]:
    return find_differences(list(Student.objects.select_related("school")), DAY)


def make_four(world: World) -> Scale:
    """1 to 4 in whole steps, proficient at 3, of the northern district."""
    numbers = {"low": D(1), "high": D(4), "step": D(1), "proficient": D(3)}
    scale = Scale.objects.create(owner=world.own.district, name="1 to 4", **numbers)
    for value, name in ((1, "emerging"), (2, "developing"), (3, "proficient"), (4, "advanced")):
        ScaleLevel.objects.create(scale=scale, value=D(value), name=name)
    return scale


def newest_change() -> ScaleChange:
    return ScaleChange.objects.latest("pk")
