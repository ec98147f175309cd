"""Bringing a curriculum from a file into the database: compare with what is stored, then one service call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from curriculum import services
from curriculum.enums import FrameworkStatus, ItemKind, RevisionStatus
from curriculum.imports.case import read_package, read_value
from curriculum.imports.compare import Plan, case_object
from curriculum.imports.mapping import NO_RULES, Curriculum, Rules, Sort, SortOfItem, map_package, propose_mapping
from curriculum.imports.objects import value_of
from curriculum.imports.package import CasePackage
from curriculum.imports.proposal import edits_of
from curriculum.imports.stored import Stored, object_row
from curriculum.models import Framework, MappingRule, Revision, Scale
from lpm.lib.dates import school_day
from lpm.lib.imports import Counts, ImportRefused, Problem, Progress, Report, no_progress, refusal
from lpm.people.models import Organization, User

SHOWN_SORTS = 100
LONGEST_NAME = 80
LONGEST_TITLE = 200


@dataclass
class CaseReport(Report):
    """``identifier`` is the framework's in CASE; ``framework`` its uuid here, None while it is not stored.

    ``sorts`` is what each sort of item becomes (see ``SortOfItem``), ``results`` how many areas, topics, targets and
    parts that gives. ``proposes`` says that a revision takes all of it up, ``revision`` is the uuid of that.
    """

    framework: str | None = None
    identifier: str = ""
    proposes: bool = False
    revision: str | None = None
    sorts: list[dict[str, Any]] = field(default_factory=list)
    results: dict[str, int] = field(default_factory=dict)


class Arrival:
    """What a file says, on its way into the curriculum of ``owner``; ``framework`` is the one it is about, if there."""

    def __init__(self, owner: Organization, framework: Framework | None, rules: Rules) -> None:
        self.owner = owner
        self.framework = framework
        self.remembered = remembered_rules(self.framework)
        self.rules = {**self.remembered, **rules}
        self.scale = self.framework.scale if self.framework else services.scale_for(owner)
        self.stored = Stored.of(self.framework)
        curriculum = self._read()
        self.results = {
            "areas": len(curriculum.areas),
            "topics": len(curriculum.topics),
            "targets": sum(not row.part_of for row in curriculum.targets),
            "parts": sum(bool(row.part_of) for row in curriculum.targets),
        }
        self.plan = Plan(curriculum, self.stored, owner, self.scale_or_default, self._base())
        self.is_published = self.framework is not None and self.framework.status != FrameworkStatus.DRAFT
        self.edits = edits_of(self.plan, self.stored) if self.is_published else []
        self._plan_rules()

    @property
    def scale_or_default(self) -> Scale:
        return self.scale or services.default_scale(self.owner)

    def sorts(self) -> Sequence[SortOfItem]:
        """What each sort of item becomes, where a person may say it."""
        return ()

    def _read(self) -> Curriculum:
        raise NotImplementedError

    def _base(self) -> Curriculum | None:
        """What the last file said."""
        raise NotImplementedError

    def _plan_rules(self) -> None:
        changes = self.plan.changes.rules
        known = {(rule.item_type, rule.depth): rule for rule in _rules_of(self.framework)}
        for (item_type, depth), kind in self.rules.items():
            rule = known.get((item_type, depth))
            if rule is None:
                changes.add.append(
                    MappingRule(framework=self.plan.framework, item_type=item_type, depth=depth, kind=kind)
                )
            elif rule.kind != kind:
                rule.kind = kind
                changes.change.append(rule)


class _PackageArrival(Arrival):
    """A CASE package; the framework is that of its document's identifier."""

    def __init__(self, package: CasePackage, rules: Rules, owner: Organization) -> None:
        self.package = package
        frameworks = Framework.objects.select_related("scale", "owner")
        known = frameworks.filter(owner=owner, case_identifier=package.document.identifier).first()
        super().__init__(owner, known, rules)

    def sorts(self) -> Sequence[SortOfItem]:
        return propose_mapping(self.package, self.rules)

    def _read(self) -> Curriculum:
        return map_package(self.package, self.rules)

    def _base(self) -> Curriculum | None:
        """What the last file said; None if it is not kept, or cannot be read any more, or was not taken up."""
        revisions = Revision.objects.filter(framework=self.framework, is_imported=True).order_by("-pk")
        newest = revisions.values_list("status", flat=True).first()
        if not self.stored.objects or newest == RevisionStatus.WITHDRAWN:
            return None
        value = value_of(map(object_row, self.stored.objects.values()))
        try:
            return map_package(read_value(value), self.remembered)
        except ImportRefused:
            return None


def remembered_rules(framework: Framework | None) -> dict[Sort, ItemKind]:
    return {(rule.item_type, rule.depth): ItemKind(rule.kind) for rule in _rules_of(framework)}


def _rules_of(framework: Framework | None) -> list[MappingRule]:
    return list(MappingRule.objects.filter(framework=framework).order_by("pk")) if framework else []


def import_case(
    *,
    data: bytes,
    owner: Organization,
    actor: User | None,
    rules: Rules | None = None,
    dry_run: bool = False,
    on_progress: Progress = no_progress,
) -> CaseReport:
    """Bring the CASE package in ``data`` (see ``read_package``) into ``owner``'s curriculum, all or nothing.

    With ``dry_run`` the report is the same and nothing is written. ``rules`` say what sorts of items become, beside
    and before those remembered from the last time. A framework that is there already, by the identifier of its
    document, gets what the file changes: a draft at once, where what the file lacks stays and is told; a published
    one by a revision that is proposed. ``on_progress`` hears percents. Raises ImportRefused, with nothing written,
    and PermissionDenied.
    """
    if len(data) > settings.IMPORT_MAX_BYTES:
        raise too_large()
    package = read_package(data)
    on_progress(30)
    with transaction.atomic():
        report = bring_in(
            lambda: _PackageArrival(package, rules or NO_RULES, owner), owner, actor, dry_run, on_progress
        )
    on_progress(100)
    return report


def bring_in(
    arrive: Callable[[], Arrival],
    owner: Organization,
    actor: User | None,
    dry_run: bool,
    on_progress: Progress,
) -> CaseReport:
    """Compare what arrives with what is there, and write or propose it; to be called in a transaction.

    ``arrive`` is called once nobody else brings in anything for ``owner``. Raises as ``import_case``.
    """
    day = school_day(owner.time_zone)
    services.check_may_bring_in(owner=owner, actor=actor, day=day)
    if not dry_run:
        _wait_for_others(owner)
    arrival = arrive()
    on_progress(60)
    report = _report(arrival, dry_run)
    if arrival.edits or _would_overtake(arrival):
        _propose(arrival, report, actor, day)
    else:
        _write(arrival, report, actor, day)
    return report


def _would_overtake(arrival: Arrival) -> bool:
    """Objects that nobody reads here wait as well, while a revision holds those of another file."""
    if not arrival.is_published or not arrival.plan.changes:
        return False
    return arrival.plan.framework.revisions.open().filter(is_imported=True).exists()


def _write(arrival: Arrival, report: CaseReport, actor: User | None, day: date) -> None:
    """A new framework, or a draft; of a published one, what nobody reads: objects beside its areas and targets."""
    if not arrival.is_published:
        arrival.plan.tell_what_stays()
    _refuse_problems(arrival, report)
    if arrival.plan.changes and report.applied:
        plan = arrival.plan
        if arrival.scale is None:
            plan.framework.scale = services.create_default_scale(owner=arrival.owner, actor=actor)
        services.bring_in_curriculum(framework=plan.framework, changes=plan.changes, actor=actor, day=day)
        report.framework = str(plan.framework.uuid)


def _propose(arrival: Arrival, report: CaseReport, actor: User | None, day: date) -> None:
    framework, plan = arrival.plan.framework, arrival.plan
    _refuse_problems(arrival, report)
    report.proposes = True
    if open_one := framework.revisions.open().first():
        _leave_to(open_one, arrival, report)
    elif report.applied:
        services.remember_mapping(framework=framework, rules=plan.changes.rules, actor=actor, day=day)
        report.revision = str(_proposed(arrival, actor, day).uuid)


def _proposed(arrival: Arrival, actor: User | None, day: date) -> Revision:
    document = arrival.plan.read.document
    title = _("%(title)s, version %(version)s") if document.version else _("%(title)s, from a newer file")
    facts = {"title": document.title[:LONGEST_NAME], "version": document.version[:LONGEST_NAME]}
    try:
        return services.propose_revision(
            framework=arrival.plan.framework,
            title=(title % facts)[:LONGEST_TITLE],
            edits=arrival.edits,
            crosswalk=(),
            objects=[case_object(row) for row in arrival.plan.read.objects],
            actor=actor,
            day=day,
        )
    except services.EditRefused as refused:
        raise refusal(refused.code, str(refused)) from None


def _leave_to(revision: Revision, arrival: Arrival, report: CaseReport) -> None:
    """One revision at a time: the open one that came of this very file is named, any other has to end first."""
    proposed = {(row.kind, row.position): object_row(row) for row in revision.case_objects.all()}
    brought = {(row.kind, row.position): row for row in arrival.plan.read.objects}
    if not revision.is_imported or not brought or proposed != brought:
        sentence = _("A revision of this curriculum is open: “%(title)s”. Publish it or withdraw it first.")
        raise refusal("revision_open", sentence % {"title": revision.title})
    report.revision = str(revision.uuid)
    report.counts = {}
    sentence = _("This file was brought in before: the revision “%(title)s” proposes what it changes.")
    report.problems.append(Problem("proposed_before", sentence % {"title": revision.title}, refuses=False))


def _refuse_problems(arrival: Arrival, report: CaseReport) -> None:
    report.problems = list(arrival.plan.problems)
    if report.is_refused:
        raise ImportRefused(*report.problems)


def _wait_for_others(owner: Organization) -> None:
    """Two imports for one organization go one after the other, and after whoever writes on its curricula."""
    Organization.objects.select_for_update(no_key=True).get(pk=owner.pk)
    list(Framework.objects.filter(owner=owner).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _report(arrival: Arrival, dry_run: bool) -> CaseReport:
    framework = arrival.plan.framework
    scales = Counts(same=1) if arrival.scale else Counts(add=1)
    return CaseReport(
        title=framework.title,
        counts={"scales": scales, **arrival.plan.counts},
        applied=not dry_run,
        framework=str(framework.uuid) if framework.pk else None,
        identifier=framework.case_identifier,
        sorts=[_told(sort) for sort in arrival.sorts()[:SHOWN_SORTS]],
        results=arrival.results,
    )


def _told(sort: SortOfItem) -> dict[str, Any]:
    told = asdict(sort)
    return {**told, "examples": list(sort.examples)}


def too_large() -> ImportRefused:
    megabytes = settings.IMPORT_MAX_BYTES // 1024**2
    return refusal(
        "too_large",
        _("This file is larger than %(size)d megabytes. Nothing was brought in.") % {"size": megabytes},
    )
