"""What it costs that the record follows a revised curriculum."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from curriculum.enums import ChangeKind
from curriculum.models import Target
from curriculum.services import end_targets, open_revision, publish_revision
from curriculum.services.endings import NewTarget
from lpm.people.models import Student
from students.mastery.models import MasteryState
from students.mastery.queries import count_touched, states_as_of
from students.mastery.services import rebuild_framework
from tests.benchmarks.data import Class
from tests.benchmarks.measure import Figure, sample, summarize

RUNS = 5


def follow_revision(made: Class, day: date) -> Iterator[Figure]:
    """Two targets of the large topic become one: what that touches, following it, and a view of the day before."""
    framework = made.large.area.framework
    targets = list(Target.objects.filter(topic=made.large).current().in_order().select_related("topic")[:2])
    pks = [target.pk for target in targets]
    touched = MasteryState.objects.filter(target__in=pks).count()

    def preview() -> bytes:
        return repr(count_touched(pks)).encode()

    yield summarize("revision previewed", touched, [sample(preview) for _ in range(RUNS)])
    revision = open_revision(framework=framework, title="Better", actor=None, day=day)
    end_targets(
        revision=revision,
        kind=ChangeKind.MERGED,
        sources=targets,
        new=[NewTarget("Both together")],
        actor=None,
        day=day,
    )
    publish_revision(revision=revision, actor=None, day=day)

    def follow() -> bytes:
        rebuild_framework(framework_id=framework.pk)
        return b""

    yield summarize("revision followed", touched, [sample(follow) for _ in range(RUNS)])
    students = list(Student.objects.filter(enrollments__group=made.whole).select_related("school"))

    def look_back() -> bytes:
        return str(len(states_as_of(students, day))).encode()

    cells = len(states_as_of(students, day))
    yield summarize("class as of a day, with all levels", cells, [sample(look_back) for _ in range(RUNS)])
