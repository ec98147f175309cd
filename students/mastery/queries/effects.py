"""What a change of method or scale touches, and what it would make of it. Nothing is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.utils import timezone

from curriculum.models import Framework, Target
from lpm.lib.dates import school_day
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization, Student
from students.mastery.calculations import Conversion
from students.mastery.enums import ChangeState
from students.mastery.models import MasteryState, MethodRule, ScaleChange
from students.mastery.queries.derive import read_logs, states_of
from students.mastery.queries.routes import read_routes
from students.mastery.queries.ways import Chosen, WaysBook, parameters_of, scale_range, ways_of

Tried = MethodRule | ScaleChange
STORED = ("student_id", "target_id", "level", "is_proficient")
OPEN = (ChangeState.COUNTING, ChangeState.COUNTED, ChangeState.WAITING, ChangeState.RUNNING)


def place_of(change: Tried) -> Organization:
    """Whose decision it is."""
    return change.organization if isinstance(change, MethodRule) else change.framework.owner


def targets_of(change: Tried) -> list[int]:
    """The targets whose levels are made by it, ended ones too: levels stay there."""
    rows = Target.objects.filter(topic__area__framework=change.framework_id)
    if isinstance(change, MethodRule) and change.topic_id:
        rows = rows.filter(topic=change.topic_id)
    return list(rows.values_list("pk", flat=True))


def students_of(change: Tried, target_ids: Collection[int]) -> list[int]:
    """Those with a state on one of the targets: of a method at or below the organization, of a scale everywhere."""
    states = MasteryState.objects.filter(target__in=target_ids)
    if isinstance(change, MethodRule):
        states = states.filter(student__school__lineage__ancestor=change.organization_id)
    return sorted(states.order_by().values_list("student_id", flat=True).distinct())


def open_changes(framework: Framework) -> list[Tried]:
    """What is counted, waits or is under way for the curriculum, of every organization; 2 queries."""
    rules = MethodRule.objects.filter(framework=framework, state__in=OPEN).order_by("pk")
    changes = ScaleChange.objects.filter(framework=framework, state__in=OPEN).order_by("pk")
    return [*rules.select_related("organization", "topic"), *changes.select_related("before", "after")]


def first_day_everywhere(organization: Organization) -> date:
    """The day that has come in each school at or below the organization; 1 query."""
    zones = set(Organization.objects.under(organization).order_by().values_list("time_zone", flat=True))
    return min(school_day(zone) for zone in zones)


@dataclass
class Effect:
    """How many levels there are, how many of them would be others, and for each student how many targets would come
    to be proficient and no longer be it."""

    level_count: int = 0
    changed_count: int = 0
    up: Counter[int] = field(default_factory=Counter)
    down: Counter[int] = field(default_factory=Counter)


def effect_on(change: Tried, students: Collection[Student], target_ids: Collection[int]) -> Effect:
    """What the change would make of the levels of the students (with their schools), against what is stored."""
    rows = MasteryState.objects.filter(student__in=[student.pk for student in students], target__in=target_ids)
    before = {(s, t): (level, is_met) for s, t, level, is_met in rows.values_list(*STORED)}
    routes = read_routes(target_ids)
    effect = Effect()
    for day, together in by_day(students):
        choice = trying(change, together, ways_of(together, day))
        logs = read_logs(list(choice), target_ids, routes=routes)
        for cell, state in states_of(logs, choice).items():
            level, is_met = before.get(cell, (None, False))
            effect.level_count += level is not None or state.level is not None
            effect.changed_count += level != state.level
            effect.up[cell[0]] += state.is_proficient and not is_met
            effect.down[cell[0]] += is_met and not state.is_proficient
    return effect


def by_day(students: Iterable[Student]) -> list[tuple[date, list[Student]]]:
    """The students (with their schools) by the day that it is at theirs."""
    days: dict[date, list[Student]] = defaultdict(list)
    for student in students:
        days[school_day(student.school.time_zone)].append(student)
    return list(days.items())


def trying(change: Tried, students: Iterable[Student], books: Mapping[int, WaysBook]) -> dict[int, WaysBook]:
    """The rules for each student if the change were in force; ``books`` are those that are."""
    if isinstance(change, ScaleChange):
        return {student: _on_scale(change, book) for student, book in books.items()}
    apart = nearer_schools(change)
    rows = [student for student in students if student.pk in books]
    return {row.pk: books[row.pk] if row.school_id in apart else _by_rule(change, books[row.pk]) for row in rows}


def nearer_schools(rule: MethodRule) -> set[int]:
    """Schools for which an organization between them and the rule's own decided for the same; 1 query."""
    below = MethodRule.objects.filter(framework=rule.framework_id, topic=rule.topic_id, applied_at__isnull=False)
    below = below.filter(organization__lineage__ancestor=rule.organization_id).exclude(
        organization=rule.organization_id
    )
    schools = Organization.objects.filter(lineage__ancestor__in=below.values("organization"))
    return set(schools.values_list("pk", flat=True))


def _by_rule(rule: MethodRule, book: WaysBook) -> WaysBook:
    key = (rule.framework_id, rule.topic_id)
    others = {known: chosen for known, chosen in book.chosen.items() if known != key}
    return replace(book, chosen={**others, key: Chosen(rule.method, parameters_of(rule))} if rule.method else others)


def _on_scale(change: ScaleChange, book: WaysBook) -> WaysBook:
    conversion, framework = Conversion(timezone.now(), levels_of(change)), change.framework_id
    return replace(
        book,
        chosen={key: converted(one, conversion) if key[0] == framework else one for key, one in book.chosen.items()},
        conversions={**book.conversions, framework: (*book.conversions.get(framework, ()), conversion)},
        scales={**book.scales, framework: scale_range(change.after)},
    )


def levels_of(change: ScaleChange) -> dict[Decimal, Decimal]:
    """What each level of the old scale becomes."""
    return {step.before: step.after for step in change.steps.all()}


def converted(chosen: Chosen, conversion: Conversion) -> Chosen:
    """A method that looks for a level looks for what it becomes."""
    level = chosen.parameters.get("level")
    if level is None:
        return chosen
    return replace(chosen, parameters={**chosen.parameters, "level": conversion.of(level)})


def uses(framework: Framework) -> list[int]:
    """The schools that use the curriculum."""
    adopters = framework.adoptions.filter(ended_on__isnull=True).values("organization")
    schools = Organization.objects.filter(kind=OrganizationKind.SCHOOL, lineage__ancestor__in=adopters)
    return list(schools.distinct().values_list("pk", flat=True))
