"""How somebody stands to organizations, groups and students: asked in a query, or read once and kept for a request.

A rule of access leads from a row to something of which a ``Fact`` holds for a person. Asked in a query, it is a
condition with joins. Within a request (``remembered``) what the facts hold of is read in one query, and the same rules
are conditions by keys, which cost the database and us a tenth.

Nothing is kept beyond the request. When it writes to the tables of people, what was known is forgotten, and nothing is
kept until its transaction is over: what a rollback takes back must not be remembered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection
from django.db.models import CharField, F, Model, Q, QuerySet, Value

from lpm.lib.statements import SOME_DAY, SOMEBODY, Statement

if TYPE_CHECKING:
    from lpm.people.models import User

Rule = Callable[["User", date], Q]
Condition = Callable[[date], Q]

NOBODY = Q(pk__in=())
TABLES = "people_"
READING = ("SELECT", "(SELECT")
OWN_COLUMNS = frozenset({"", "school__", "organization__"})


class OfRow(Q):
    """Says something of the row's own columns: no join multiplies rows, and no subquery is needed."""


class OfSome(OfRow):
    """Names the rows by their keys: there are such rows, and nobody need ask whether."""


@dataclass(frozen=True, eq=False)
class Fact:
    """What may hold of rows of ``model`` for somebody. ``rule`` says it of the row at a prefix.

    Where there are ``kinds`` of it, the rule takes those asked for, and ``kind`` is the lookup that tells them apart.
    """

    model: str
    rule: Callable[..., Rule]
    kinds: tuple[str, ...] = ()
    kind: str = ""
    is_of_operators: bool = False  # and of the minute

    def holds(self, prefix: str, kinds: tuple[str, ...]) -> Rule:
        return self.rule(prefix, kinds) if self.kinds else self.rule(prefix)

    def rows(self, number: int, user: User, day: date) -> QuerySet[Any, Any]:
        """Number, kind and key of each row of which it holds."""
        kind = F(self.kind) if self.kind else Value("", CharField())
        model: type[Model] = apps.get_model("people", self.model)
        found = model._base_manager.filter(self.holds("", self.kinds)(user, day))
        return found.order_by().values_list(Value(number), kind, "pk")


@dataclass(frozen=True, eq=False)
class Through:
    """The rule that ``fact`` holds of what is at ``path`` from the row, one of its ``kinds``, and ``also`` besides."""

    fact: Fact
    path: str = ""
    kinds: tuple[str, ...] = ()
    also: Condition | None = None

    def __call__(self, user: User, day: date) -> Q:
        condition = self.fact.holds(self.path, self.kinds)(user, day)
        return condition & self.also(day) if self.also else condition


def among(path: str, keys: Collection[int], also: Q | None) -> Q:
    """What is at ``path`` from the row is one of ``keys``."""
    condition = {f"{path or 'pk__'}in": sorted(keys)}
    if also is not None:
        is_plain = isinstance(also, OfRow) and path in OWN_COLUMNS
        return (OfRow(**condition) if is_plain else Q(**condition)) & also
    if path not in OWN_COLUMNS:
        return Q(**condition)
    return OfRow(**condition) if path else OfSome(**condition)


@cache
def statement_of(facts: tuple[Fact, ...]) -> Statement:
    """What reads ``facts``: to make it takes us longer than it takes the database to answer."""
    someone: Any = SOMEBODY
    first, *others = [fact.rows(number, someone, SOME_DAY) for number, fact in enumerate(facts)]
    return Statement.of(first.union(*others, all=True))


class Standing:
    """What facts hold of, for one person on one day."""

    def __init__(self, user: User, day: date, *, in_haste: bool) -> None:
        self.user, self.day, self.in_haste = user, day, in_haste
        self.held: dict[Fact, set[tuple[str, int]]] = {}

    def read(self, facts: Collection[Fact], at_once: Collection[Fact]) -> None:
        """What is not known yet, in one query; of an operator in two. With it the facts of ``at_once``: a second
        query costs more than they do, but who is in haste may need none."""
        missing = [fact for fact in facts if fact not in self.held]
        if missing and (self.held or not self.in_haste):
            missing += [fact for fact in at_once if fact not in self.held and fact not in missing]
        self.held.update((fact, set()) for fact in missing)
        if lasting := tuple(fact for fact in missing if not fact.is_of_operators):
            self._keep(lasting, statement_of(lasting).fetch({SOMEBODY: self.user.pk, SOME_DAY: self.day}))
        for fact in missing:
            if fact.is_of_operators and self.user.is_operator:
                self._keep((fact,), fact.rows(0, self.user, self.day))

    def _keep(self, facts: Sequence[Fact], found: Iterable[tuple[int, str, int]]) -> None:
        for number, kind, key in found:
            self.held[facts[number]].add((kind, key))

    def keys(self, rule: Through) -> set[int]:
        return {key for kind, key in self.held[rule.fact] if not rule.kinds or kind in rule.kinds}


@dataclass
class Memory:
    """What is known within a request: how people stand, and what was found to be theirs."""

    depth: int  # of the blocks of transactions around the request
    in_haste: bool
    is_unsettled: bool = False
    standings: dict[tuple[int, bool, date], Standing] = field(default_factory=dict)
    allowed: set[object] = field(default_factory=set)

    def standing_of(self, user: User, day: date) -> Standing:
        return self.standings.setdefault((user.pk, user.is_operator, day), Standing(user, day, in_haste=self.in_haste))


_memory: ContextVar[Memory | None] = ContextVar("memory", default=None)


@contextmanager
def remembered(*, in_haste: bool = False) -> Iterator[None]:
    """Within it, how somebody stands is read once, and again when something was written to the tables of people.

    ``in_haste``, what one rule asks is read first, and all else only if another one asks.
    """
    before = _memory.set(Memory(_depth(), in_haste))
    try:
        with connection.execute_wrapper(_forget_when_written):
            yield
    finally:
        _memory.reset(before)


@contextmanager
def unremembered() -> Iterator[None]:
    """Within it every rule is asked in the query itself, for a statement that somebody else may ask as well."""
    before = _memory.set(None)
    try:
        yield
    finally:
        _memory.reset(before)


def _depth() -> int:
    return len(connection.atomic_blocks)


def _forget_when_written(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    text = str(sql)
    if not text.startswith(READING) and TABLES in text and (memory := _memory.get()):
        _memory.set(Memory(memory.depth, memory.in_haste, is_unsettled=True))
    return execute(sql, params, many, context)


def _known() -> Memory | None:
    memory = _memory.get()
    if memory is None or not memory.is_unsettled:
        return memory
    if _depth() > memory.depth:
        return None
    _memory.set(Memory(memory.depth, memory.in_haste))
    return _memory.get()


def was_allowed(*question: object) -> bool:
    """Whether ``note_allowed`` heard the same within the request."""
    memory = _known()
    return memory is not None and question in memory.allowed


def note_allowed(*question: object) -> None:
    if memory := _known():
        memory.allowed.add(question)


def conditions_of(rules: Sequence[Rule], user: User, day: date, at_once: Collection[Fact] = ()) -> list[Q]:
    """What rows must meet one of, for ``user`` to have them by one of ``rules``; none that no row can meet.

    ``at_once`` are facts that are read with the first of them.
    """
    memory = _known()
    if memory is None:
        conditions = [rule(user, day) for rule in _merged(rules)]
    else:
        conditions = _by_keys(_merged(rules), memory.standing_of(user, day), at_once)
    return [condition for condition in conditions if condition is not NOBODY]


def _merged(rules: Sequence[Rule]) -> list[Rule]:
    """Kinds of one fact at one place are looked for at once."""
    merged: dict[object, Rule] = {}
    for rule in rules:
        if not isinstance(rule, Through):
            merged[rule] = rule
            continue
        place = (rule.fact, rule.path, rule.also)
        known = merged.get(place)
        kinds = (*known.kinds, *rule.kinds) if isinstance(known, Through) else rule.kinds
        merged[place] = Through(rule.fact, rule.path, kinds, rule.also)
    return list(merged.values())


def _by_keys(rules: Sequence[Rule], standing: Standing, at_once: Collection[Fact]) -> list[Q]:
    led = [rule for rule in rules if isinstance(rule, Through)]
    if led:
        standing.read(dict.fromkeys(rule.fact for rule in led), at_once)
    conditions = [rule(standing.user, standing.day) for rule in rules if not isinstance(rule, Through)]
    keys: dict[tuple[str, Condition | None], set[int]] = defaultdict(set)
    for rule in led:
        keys[rule.path, rule.also] |= standing.keys(rule)
    for (path, also), found in keys.items():
        if found:
            conditions.append(among(path, found, also(standing.day) if also else None))
    return conditions
