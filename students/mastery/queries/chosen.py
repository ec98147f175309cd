"""What an organization has chosen for its levels, as pages show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from curriculum.models import Framework
from lpm.audit.models import Entry
from lpm.people.models import Organization, User
from students.mastery.calculations import METHODS, explain
from students.mastery.enums import ChangeState
from students.mastery.models import MasterySettings, MethodRule, ScaleChange
from students.mastery.queries.effects import OPEN, Tried
from students.mastery.queries.ways import DEFAULT_METHOD, parameters_of

HISTORY = 10


@dataclass(frozen=True)
class Choice:
    """A method in force, in words; without a rule nobody has chosen one."""

    name: str
    sentence: str
    rule: MethodRule | None = None
    is_own: bool = False


@dataclass(frozen=True)
class Chosen:
    """What holds for one curriculum at an organization. ``topics`` have a method of their own."""

    framework: Framework
    choice: Choice
    topics: Sequence[Choice] = ()
    open: Sequence[Tried] = ()
    past: Sequence[Tried] = field(default=())


def read_chosen(organization: Organization, day: date, frameworks: Sequence[Framework]) -> list[Chosen]:
    """For each of the curricula, in 3 queries."""
    ids = [framework.pk for framework in frameworks]
    rules = MethodRule.objects.filter(framework__in=ids, organization__below__descendant=organization)
    rules = rules.select_related("organization", "topic", "framework", "chosen_by")
    order = ("organization__below__depth", "-valid_from", "-applied_at", "-pk")
    known = list(rules.exclude(state=ChangeState.DROPPED).order_by(*order))
    scales = ScaleChange.objects.filter(framework__in=ids).exclude(state=ChangeState.DROPPED)
    changes = list(scales.select_related("before", "after", "framework", "chosen_by").order_by("-valid_from", "-pk"))
    return [_chosen(framework, organization, day, known, changes) for framework in frameworks]


def _chosen(
    framework: Framework,
    organization: Organization,
    day: date,
    rules: Iterable[MethodRule],
    changes: Iterable[ScaleChange],
) -> Chosen:
    mine = [rule for rule in rules if rule.framework_id == framework.pk]
    nearest: dict[int | None, MethodRule] = {}
    for rule in mine:
        if rule.applied_at is not None and rule.valid_from <= day:
            nearest.setdefault(rule.topic_id, rule)
    own: list[Any] = [rule for rule in mine if rule.organization_id == organization.pk]
    decided = [*own, *(change for change in changes if change.framework_id == framework.pk)]
    past = [change for change in decided if change.applied_at is not None]
    return Chosen(
        framework=framework,
        choice=said(nearest.pop(None, None), organization),
        topics=sorted(
            (said(rule, organization) for rule in nearest.values() if rule.method),
            key=lambda choice: choice.rule.topic.title if choice.rule and choice.rule.topic else "",
        ),
        open=[change for change in decided if change.state in (*OPEN, ChangeState.BROKEN)],
        past=sorted(past, key=lambda change: (change.valid_from, change.applied_at), reverse=True)[:HISTORY],
    )


def said(rule: MethodRule | None, organization: Organization) -> Choice:
    """A rule in words; without one, what holds until somebody chooses."""
    method = rule.method if rule else DEFAULT_METHOD
    parameters = parameters_of(rule) if rule else {}
    is_own = rule is not None and rule.organization_id == organization.pk
    return Choice(str(METHODS[method].name), explain(method, **parameters), rule, is_own)


@dataclass(frozen=True)
class Option:
    """A setting as it is in force: by whose decision, since when and who wrote it down; nobody's is the default."""

    name: str
    value: Any
    organization: Organization | None = None
    since: date | None = None
    by: User | None = None


def options_in_force(organization: Organization, day: date) -> list[Option]:
    """Every field of MasterySettings, in 2 queries."""
    rows = MasterySettings.objects.filter(organization__below__descendant=organization, valid_from__lte=day)
    heard = list(rows.select_related("organization").order_by("organization__below__depth", "-valid_from"))
    speaking: dict[int, MasterySettings] = {}
    for row in heard:
        speaking.setdefault(row.organization_id, row)
    writers = _writers(speaking.values())
    return [_option(name, speaking, heard, writers) for name in MasterySettings.DEFAULTS]


def _option(
    name: str, speaking: dict[int, MasterySettings], heard: Iterable[MasterySettings], writers: dict[Any, User | None]
) -> Option:
    for row in speaking.values():
        if (value := getattr(row, name)) is not None:
            since = _since(name, row, heard)
            by = writers.get((row.organization.uuid, since.valid_from.isoformat()))
            return Option(name, value, row.organization, since.valid_from, by)
    return Option(name, MasterySettings.DEFAULTS[name])


def _since(name: str, row: MasterySettings, heard: Iterable[MasterySettings]) -> MasterySettings:
    """The first of the rows of that organization which say the same, from the newest back."""
    first = row
    for older in heard:
        if older.organization_id == row.organization_id:
            if getattr(older, name) != getattr(row, name):
                break
            first = older
    return first


def _writers(rows: Iterable[MasterySettings]) -> dict[Any, User | None]:
    """Who wrote down what holds from a day on at an organization: the audit knows."""
    places = Q(subject_uuid__in={row.organization.uuid for row in rows})
    entries = Entry.objects.filter(places, action="mastery.change_settings").select_related("actor").order_by("pk")
    return {(entry.subject_uuid, entry.details.get("valid_from")): entry.actor for entry in entries}


def own_options(organization: Organization, day: date) -> MasterySettings | None:
    """What the organization itself says as of ``day``."""
    rows = MasterySettings.objects.filter(organization=organization, valid_from__lte=day)
    return rows.order_by("-valid_from").first()


def planned_options(organization: Organization, day: date) -> list[MasterySettings]:
    """What the organization, and those above it, have decided for days after ``day``."""
    rows = MasterySettings.objects.filter(organization__below__descendant=organization, valid_from__gt=day)
    return list(rows.select_related("organization").order_by("valid_from", "organization__below__depth"))
