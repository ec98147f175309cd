"""Where a student who comes during the year may start."""

from __future__ import annotations

from dataclasses import dataclass

from curriculum.models import Target, Topic
from curriculum.querysets import TopicQuerySet
from lpm.people.models import Student
from students.mastery.enums import MasteryStatus
from students.mastery.models import MasteryState, TopicMastery


@dataclass(frozen=True)
class StartTopic:
    """A topic, with the target at which the student stands in it; None before anything was said or shown."""

    topic: Topic
    here: Target | None


@dataclass(frozen=True)
class EntryStep:
    """One target of a topic. ``is_usual``: it is the first that is meant for the student's grade."""

    target: Target
    status: str
    is_here: bool
    is_usual: bool

    @property
    def is_assumed(self) -> bool:
        return self.status == MasteryStatus.ASSUMED


def read_start_topics(student: Student, topics: TopicQuerySet[Topic]) -> list[StartTopic]:
    """All of ``topics``, in order, in 2 queries."""
    rows = TopicMastery.objects.filter(student=student).select_related("here")
    here = {row.topic_id: row.here for row in rows}
    return [StartTopic(topic, here.get(topic.pk)) for topic in topics.in_order()]


def read_entry_steps(student: Student, topic: Topic) -> list[EntryStep]:
    """The targets along the progression, in 3 queries."""
    targets = list(Target.objects.filter(topic=topic).current().in_order())
    states = dict(MasteryState.objects.filter(student=student, target__in=targets).values_list("target_id", "status"))
    here = TopicMastery.objects.filter(student=student, topic=topic).values_list("here_id", flat=True).first()
    usual = next((target.pk for target in targets if student.grade and student.grade in target.grades), None)
    return [EntryStep(target, states.get(target.pk, ""), target.pk == here, target.pk == usual) for target in targets]
