"""How much a revision touches, as those who keep it tell; and the school year to try it on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import ngettext

from curriculum.enums import ChangeKind, Subject
from curriculum.models import Change, Revision
from curriculum.queries.revisions.parts import Parts
from curriculum.signals import revision_previewing
from lpm.people.models import SchoolYear

ENDING = frozenset({ChangeKind.RETIRED, ChangeKind.SPLIT, ChangeKind.MERGED})
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Touched:
    """Counts in words, such as "210 students", of what there is on the targets; none of what there is none of."""

    target_count: int
    facts: list[str]


def count_touched(parts: Parts) -> tuple[Touched, Touched]:
    """Of the targets that end, and of those that are reworded or moved elsewhere and go on."""
    ends = [change for change in parts.changes if change.kind in ENDING]
    goes_on = [change for change in parts.changes if change.kind not in {*ENDING, ChangeKind.ADDED}]
    return _touched(ends, parts), _touched((change for change in goes_on if set(change.after) != {"position"}), parts)


def _touched(changes: Iterable[Change], parts: Parts) -> Touched:
    uuids = [str(change.subject_uuid) for change in changes if change.subject == Subject.TARGET]
    pks = [parts.targets[uuid].pk for uuid in uuids if uuid in parts.targets]
    if not pks:
        return Touched(0, [])
    counts: dict[str, int] = {}
    answers: Sequence[tuple[object, Any]] = revision_previewing.send(Revision, target_ids=pks)
    for _receiver, told in answers:
        counts |= told
    return Touched(len(pks), _in_words(counts))


def _in_words(counts: Mapping[str, int]) -> list[str]:
    told = {
        "students": ngettext("%(n)d student", "%(n)d students", counts.get("students", 0)),
        "levels": ngettext("%(n)d level", "%(n)d levels", counts.get("levels", 0)),
        "evidence": ngettext("%(n)d piece of evidence", "%(n)d pieces of evidence", counts.get("evidence", 0)),
        "plans": ngettext("%(n)d learning plan", "%(n)d learning plans", counts.get("plans", 0)),
    }
    return [words % {"n": counts[key]} for key, words in told.items() if counts.get(key)]


def past_year(revision: Revision, day: date) -> tuple[date, date]:
    """First and last day of the owner's last school year that is over; without one, of the year before ``day``."""
    years = SchoolYear.objects.filter(organization=revision.framework.owner_id, ends_on__lt=day)
    last = years.order_by("-ends_on", "-pk").first()
    return (last.starts_on, last.ends_on) if last else (day - YEAR, day - timedelta(days=1))
