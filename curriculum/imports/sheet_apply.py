"""Bringing a spreadsheet into the database: its rows beside what is stored, then as any other curriculum."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from django.conf import settings
from django.db import transaction

from curriculum.enums import FrameworkStatus
from curriculum.imports.apply import Arrival, CaseReport, bring_in, too_large
from curriculum.imports.compare import is_on
from curriculum.imports.mapping import NO_RULES, Curriculum
from curriculum.imports.package import CaseDocument
from curriculum.imports.sheet import read_sheet
from curriculum.imports.sheet_map import Standing, framework_identifier, map_rows
from curriculum.imports.sheet_rows import Levels, read_rows, title_of
from curriculum.imports.stored import Stored
from curriculum.models import Framework, Scale
from lpm.lib.csv import Table
from lpm.lib.imports import Findings, Progress, no_progress
from lpm.people.models import Organization, User


def import_sheet(
    *,
    data: bytes,
    file_name: str,
    owner: Organization,
    actor: User | None,
    dry_run: bool = False,
    on_progress: Progress = no_progress,
) -> CaseReport:
    """Bring the spreadsheet in ``data`` (CSV or XLSX) into ``owner``'s curriculum, as ``import_case`` does a package.

    The framework is the owner's of the title that the sheet says, or else of the name of the file.
    Raises ImportRefused, with nothing written, and PermissionDenied.
    """
    if len(data) > settings.IMPORT_MAX_BYTES:
        raise too_large()
    table = read_sheet(data, file_name)
    on_progress(30)
    with transaction.atomic():
        report = bring_in(lambda: _SheetArrival(table, owner), owner, actor, dry_run, on_progress)
    on_progress(100)
    return report


def curriculum_of(stored: Stored) -> Curriculum:
    """What a framework holds and uses, in order: parts behind their target."""
    assert stored.framework
    areas = sorted(stored.areas.values(), key=lambda area: (area.position, area.pk))
    places = {area.pk: place for place, area in enumerate(areas)}
    topics = sorted(stored.topics.values(), key=lambda topic: (places[topic.area_id], topic.position, topic.pk))
    order = {topic.pk: place for place, topic in enumerate(topics)}
    targets = {target.pk: target for target in stored.targets.values() if target.retired_on is None}
    ranks = {
        target.pk: (order[target.topic_id], whole.position, whole.pk, target != whole, target.position, target.pk)
        for target in targets.values()
        if (whole := targets.get(target.part_of_id or 0, target))
    }
    rows = sorted(targets.values(), key=lambda target: ranks[target.pk])
    used = {target.case_identifier for target in rows}
    guide = [stored.guide_row(level) for level in stored.guide.values()]
    return Curriculum(
        document=_document(stored.framework),
        areas=tuple(stored.area_row(area) for area in areas if area.retired_on is None),
        topics=tuple(stored.topic_row(topic) for topic in topics if topic.retired_on is None),
        targets=tuple(stored.target_row(target) for target in rows),
        prerequisites=tuple(edge for edge in stored.prerequisites if used.issuperset(edge)),
        guide=tuple(row for row in guide if row.target in used),
        problems=(),
    )


def levels_of(scale: Scale) -> Levels:
    """What columns of levels may be called, by number and by name."""
    named = scale.levels.all() if scale.pk else ()
    names = {words.casefold(): row.value for row in named for words in (row.name, row.said_name)}
    return Levels(scale.name, partial(is_on, scale), names)


def _document(framework: Framework) -> CaseDocument:
    return CaseDocument(
        identifier=framework.case_identifier,
        title=framework.title,
        creator=framework.creator,
        version=framework.version,
        language=framework.language,
        notes=framework.notes,
        case_version=framework.case_version,
    )


class _SheetArrival(Arrival):
    """The objects of a package that the framework came with are no part of a sheet, and stay."""

    def __init__(self, table: Table, owner: Organization) -> None:
        self._table = table
        self._title = title_of(table)
        super().__init__(owner, self._find(owner), NO_RULES)

    def _find(self, owner: Organization) -> Framework | None:
        """By the title as it is now, else as it was when the sheet was first brought in."""
        rows = Framework.objects.select_related("scale", "owner").filter(owner=owner)
        titled = rows.filter(title__iexact=self._title).exclude(status=FrameworkStatus.RETIRED).order_by("pk").first()
        return titled or rows.filter(case_identifier=framework_identifier(owner.uuid, self._title)).first()

    def _read(self) -> Curriculum:
        self.stored = replace(self.stored, objects={})
        findings = Findings()
        rows = read_rows(self._table, levels_of(self.scale_or_default), findings)
        curriculum = map_rows(rows, self._standing(), findings)
        return replace(curriculum, problems=tuple(findings.listed()))

    def _standing(self) -> Standing:
        stored = self.stored
        ended = frozenset(
            identifier
            for held in (stored.areas, stored.topics, stored.targets)
            for identifier, row in held.items()
            if row.retired_on
        )
        held = curriculum_of(stored) if stored.framework else None
        return Standing(self._title, self.owner.uuid, held, ended)

    def _base(self) -> Curriculum | None:
        """What is here: whatever the sheet says otherwise is meant."""
        return curriculum_of(self.stored) if self.stored.framework else None
