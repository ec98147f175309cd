"""What a colleague judged meanwhile: both judgements stand, and both people are shown it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from lpm.people.models import User
from students.mastery.calculations import Cell
from students.mastery.models import Judgement
from students.mastery.queries import Known, judgements_in_force


class Judging(Protocol):
    """A level that somebody sets on a cell, whose record they knew up to ``seen_at`` (None: all of it)."""

    @property
    def cell(self) -> Cell: ...
    @property
    def level(self) -> Decimal | None: ...
    @property
    def seen_at(self) -> datetime | None: ...


def find_unseen(judging: Mapping[int, Judging], known: Known, person: User) -> dict[int, Judgement]:
    """By the same numbers: what was judged otherwise and not seen; no query where nothing was judged meanwhile."""
    blind = {
        number: one
        for number, one in judging.items()
        if one.seen_at is not None and known.is_judged_since(one.cell, one.seen_at)
    }
    if not blind:
        return {}
    standing = judgements_in_force({one.cell for one in blind.values()})
    found = {number: standing.get(one.cell) for number, one in blind.items()}
    return {
        number: judgement
        for number, judgement in found.items()
        if judgement is not None and _is_unseen(judgement, judging[number], person)
    }


def _is_unseen(judgement: Judgement, one: Judging, person: User) -> bool:
    by_colleague = judgement.judge_id not in {None, person.pk}
    is_other = judgement.level not in {None, one.level}
    return by_colleague and is_other and one.seen_at is not None and judgement.recorded_at > one.seen_at
