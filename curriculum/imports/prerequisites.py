"""Bringing in what comes before what: a graph of codes, joined with the targets of a framework."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.calculations.circles import closing
from curriculum.imports.prerequisites_read import StepsRead, code_key, read_graph
from curriculum.imports.reading import read_json
from curriculum.models import Framework
from curriculum.queries.writing import Workshop, read_steps, read_workshop
from curriculum.services import EditRefused
from curriculum.services.prerequisites import add_prerequisites
from lpm.lib.imports import Counts, Report, refusal
from lpm.people.models import User

NAMED = 20
Step = tuple[UUID, UUID]  # what comes before, what it opens


@dataclass
class PrerequisiteReport(Report):
    """``counts`` are of steps. ``unjoined`` names the first codes that are no target's, ``unjoined_count`` has all;
    ``steps_unjoined`` is how many steps that leaves out. ``circles`` names each step that would close one.
    ``undirected`` is how many links say no order. ``revision`` is the uuid of the revision that takes it up."""

    unjoined: list[str] = field(default_factory=list)
    unjoined_count: int = 0
    steps_unjoined: int = 0
    circles: list[str] = field(default_factory=list)
    undirected: int = 0
    revision: str | None = None


def import_prerequisites(
    *, data: bytes, framework: Framework, actor: User | None, day: date, dry_run: bool = False
) -> PrerequisiteReport:
    """Join the graph in ``data`` (see ``read_graph``) by code and add what is new: to a draft at once, to a published
    framework in its open revision, or in one that is begun for it. Nothing is ever taken away.

    Raises ImportRefused, with nothing written, and PermissionDenied.
    """
    read = read_graph(read_json(data))
    with transaction.atomic():
        workshop = read_workshop(framework)
        join = _Join(workshop, read)
        report = join.report
        report.applied = not dry_run
        if join.new and not dry_run:
            try:
                revision = add_prerequisites(framework=framework, steps=join.new, actor=actor, day=day)
            except EditRefused as refused:
                raise refusal(refused.code, str(refused)) from None
            report.revision = str(revision.uuid) if revision else None
    return report


class _Join:
    """The steps of the graph between targets of the framework: ``new`` are those to add."""

    def __init__(self, workshop: Workshop, read: StepsRead) -> None:
        self.targets = {piece.uuid: piece for piece in workshop.outline.targets() if not piece.ends}
        self.report = PrerequisiteReport(title=workshop.framework.title, undirected=read.undirected)
        self._by_key: defaultdict[tuple[str, ...], list[UUID]] = defaultdict(list)
        for piece in self.targets.values():
            if piece.code:
                self._by_key[code_key(piece.code)].append(piece.uuid)
        before = read_steps(workshop)
        standing = [(required, target) for target, rows in before.items() for required in rows]
        joined = self._joined(read)
        known = set(standing)
        fresh = [step for step in joined if step not in known]
        left_out = dict.fromkeys(closing(fresh, standing=standing))
        self.new = [step for step in fresh if step not in left_out]
        self.report.circles = [" → ".join(self.targets[end].name for end in step) for step in left_out]
        self.report.counts["prerequisites"] = Counts(add=len(self.new), same=len(joined) - len(fresh))

    def _joined(self, read: StepsRead) -> list[Step]:
        missing: Counter[str] = Counter()
        steps: dict[Step, None] = {}
        for step in read.steps:
            ends = [self._find(code) for code in step]
            missing.update(code for code, end in zip(step, ends, strict=True) if end is None)
            if ends[0] and ends[1]:
                steps[ends[0], ends[1]] = None
            else:
                self.report.steps_unjoined += 1
        self.report.unjoined, self.report.unjoined_count = list(missing)[:NAMED], len(missing)
        return list(steps)

    def _find(self, code: str) -> UUID | None:
        """The one target of the code; none where several have it."""
        found = self._by_key.get(code_key(code), [])
        return found[0] if len(found) == 1 else None


def choose_framework(identifier: str | None) -> Framework:
    """By its uuid here or its identifier in CASE; without one the only framework there is. Raises ImportRefused."""
    rows = Framework.objects.exclude(status="retired").select_related("owner", "scale").order_by("pk")
    if identifier is None:
        found = list(rows[:2])
        if len(found) == 1:
            return found[0]
        raise refusal("which_framework", _("Say which curriculum (--framework and its identifier). Nothing changed."))
    is_ours = [row for row in rows if identifier.strip().lower() in {str(row.uuid), row.case_identifier.lower()}]
    if len(is_ours) != 1:
        sentence = _("There is no curriculum, or more than one, with the identifier %(identifier)s.")
        raise refusal("which_framework", sentence % {"identifier": identifier})
    return is_ours[0]
