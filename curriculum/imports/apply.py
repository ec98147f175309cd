"""Bringing a CASE package into the database: compare with what is stored, then one service call."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from curriculum import services
from curriculum.imports.case import read_package
from curriculum.imports.compare import Plan
from curriculum.imports.mapping import Curriculum, map_package
from curriculum.imports.stored import Stored
from curriculum.models import Framework, Scale
from lpm.lib.dates import school_day
from lpm.lib.imports import Counts, ImportRefused, Progress, Report, no_progress, refusal
from lpm.people.models import Organization, User


@dataclass
class CaseReport(Report):
    """``identifier`` is the framework's in CASE; ``framework`` its uuid here, None while it is not stored."""

    framework: str | None = None
    identifier: str = ""


def import_case(
    *,
    data: bytes,
    owner: Organization,
    actor: User | None,
    dry_run: bool = False,
    on_progress: Progress = no_progress,
) -> CaseReport:
    """Bring the CASE package in ``data`` (see ``read_package``) into ``owner``'s curriculum, all or nothing.

    With ``dry_run`` the report is the same and nothing is written. A framework that is there already, by the
    identifier of its document, gets the new texts and order; what the new file lacks stays and is told.
    ``on_progress`` hears percents. Raises ImportRefused, with nothing written, and PermissionDenied.
    """
    if len(data) > settings.IMPORT_MAX_BYTES:
        raise _too_large()
    curriculum = map_package(read_package(data))
    on_progress(30)
    with transaction.atomic():
        report = _bring_in(curriculum, owner, actor, dry_run, on_progress)
    on_progress(100)
    return report


def _bring_in(
    curriculum: Curriculum, owner: Organization, actor: User | None, dry_run: bool, on_progress: Progress
) -> CaseReport:
    day = school_day(owner.time_zone)
    services.check_may_bring_in(owner=owner, actor=actor, day=day)
    if not dry_run:
        _wait_for_others(owner)
    framework = (
        Framework.objects.select_related("scale")
        .filter(owner=owner, case_identifier=curriculum.document.identifier)
        .first()
    )
    scale = framework.scale if framework else services.scale_for(owner)
    plan = Plan(curriculum, Stored.of(framework), owner, scale or services.default_scale(owner))
    on_progress(60)
    if any(problem.refuses for problem in plan.problems):
        raise ImportRefused(*plan.problems)
    if plan.changes and not dry_run:
        if scale is None:
            plan.framework.scale = services.create_default_scale(owner=owner, actor=actor)
        services.bring_in_curriculum(framework=plan.framework, changes=plan.changes, actor=actor, day=day)
    return _report(plan, scale, dry_run)


def _wait_for_others(owner: Organization) -> None:
    """Two imports for one organization go one after the other."""
    Organization.objects.select_for_update(no_key=True).get(pk=owner.pk)


def _report(plan: Plan, scale: Scale | None, dry_run: bool) -> CaseReport:
    framework = plan.framework
    scales = Counts(same=1) if scale else Counts(add=1)
    return CaseReport(
        title=framework.title,
        counts={"scales": scales, **plan.counts},
        problems=list(plan.problems),
        applied=not dry_run,
        framework=str(framework.uuid) if framework.pk else None,
        identifier=framework.case_identifier,
    )


def _too_large() -> ImportRefused:
    megabytes = settings.IMPORT_MAX_BYTES // 1024**2
    return refusal(
        "too_large",
        _("This file is larger than %(size)d megabytes. Nothing was brought in.") % {"size": megabytes},
    )
