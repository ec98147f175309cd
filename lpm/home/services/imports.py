"""Bringing in a file from a page: a row first, then a worker checks it, and applies it when told to."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from curriculum.imports import NO_RULES, Rules, import_curriculum, read_rules
from lpm.audit.services import record_entry
from lpm.lib.dates import school_day
from lpm.lib.enqueue import enqueue
from lpm.lib.files import open_bundle
from lpm.lib.imports import ImportRefused, Problem, Report
from lpm.lib.progress import tell_progress
from lpm.lib.safe_fetch import NOWHERE, FetchRefused, fetch
from lpm.notices.enums import NoticeKind
from lpm.notices.services import tell
from lpm.people.enums import ImportKind, ImportState
from lpm.people.imports import import_roster
from lpm.people.models import ImportRun, Organization, RosterDrop, User
from lpm.people.policy import Action
from lpm.people.services import district_id_of

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 5
STALE_AFTER = timedelta(seconds=60)
KEPT_FOR = timedelta(days=30)
UNDER_WAY = {
    ImportState.UPLOADED: ImportState.CHECKING,
    ImportState.CHECKING: ImportState.CHECKING,
    ImportState.QUEUED: ImportState.APPLYING,
    ImportState.APPLYING: ImportState.APPLYING,
}
FETCHED_ALSO_FROM = NOWHERE  # hosts of private networks; only tests name some
ENDED = [ImportState.REFUSED, ImportState.APPLIED]
BRINGING_IN = {ImportKind.CURRICULUM: Action.IMPORT_CURRICULUM, ImportKind.ROSTER: Action.IMPORT_ROSTER}


class NotReady(Exception):
    """The import is not at the point where it can be applied."""


class EndsNotAccepted(Exception):
    """So much would end that a person has to agree to it first."""


@transaction.atomic
def start_import(
    *,
    kind: ImportKind,
    organization: Organization,
    started_by: User,
    data: bytes = b"",
    file_name: str = "",
    url: str = "",
    drop: RosterDrop | None = None,
) -> ImportRun:
    """Keep the file and have it checked. Nothing else changes until ``apply_import``. Raises PermissionDenied.

    With ``url`` a worker fetches the file from there first; that is for curricula.

    One that came from a ``drop`` which applies itself is applied once it is checked, unless it asks something.
    """
    allowed = Organization.objects.visible_to(started_by, BRINGING_IN[kind], school_day(organization.time_zone))
    if not allowed.filter(pk=organization.pk).exists():
        raise PermissionDenied
    run = ImportRun(
        kind=kind,
        organization=organization,
        started_by=started_by,
        file_name=PurePath(file_name or url).name[:255],
        choices={"url": url} if url else {},
        drop=drop,
    )
    if not url:
        run.file.save(f"{run.uuid}{PurePath(file_name).suffix[:10]}", ContentFile(data), save=False)
    run.save(force_insert=True)
    _record("imports.uploaded", run, started_by)
    enqueue("home.process_import", run_id=run.pk)
    return run


@transaction.atomic
def apply_import(*, run: ImportRun, actor: User, accepts_ends: bool = False) -> None:
    """Have a checked import applied. Asking twice applies it once.

    ``accepts_ends`` is whether somebody said that so many people and places in classes may end. Raises ``NotReady``,
    ``EndsNotAccepted`` and PermissionDenied.
    """
    locked = ImportRun.objects.select_for_update(of=("self",)).select_related("organization").get(pk=run.pk)
    day = school_day(locked.organization.time_zone)
    if not ImportRun.objects.visible_to(actor, Action.RUN_IMPORT, day).filter(pk=run.pk).exists():
        raise PermissionDenied
    if locked.state in {ImportState.QUEUED, ImportState.APPLYING, ImportState.APPLIED}:
        return
    if locked.state != ImportState.CHECKED:
        raise NotReady
    if locked.report.get("asks") and not accepts_ends:
        raise EndsNotAccepted
    locked.accepts_ends = accepts_ends
    locked.state, locked.attempts, locked.touched_at = ImportState.QUEUED, 0, timezone.now()
    locked.confirmed_by = actor
    locked.save(update_fields=["state", "attempts", "touched_at", "confirmed_by", "accepts_ends"])
    _record("imports.confirmed", locked, actor)
    enqueue("home.process_import", run_id=run.pk)


@transaction.atomic
def choose_mapping(*, run: ImportRun, rules: Rules, actor: User) -> None:
    """Have a checked curriculum checked anew, with ``rules`` for what sorts of items become.

    Raises ``NotReady`` and PermissionDenied.
    """
    locked = ImportRun.objects.select_for_update(of=("self",)).select_related("organization").get(pk=run.pk)
    day = school_day(locked.organization.time_zone)
    if not ImportRun.objects.visible_to(actor, Action.RUN_IMPORT, day).filter(pk=run.pk).exists():
        raise PermissionDenied
    if locked.state != ImportState.CHECKED or locked.kind != ImportKind.CURRICULUM:
        raise NotReady
    told = [{"type": item_type, "depth": depth, "kind": kind} for (item_type, depth), kind in rules.items()]
    locked.choices = {**locked.choices, "rules": told}
    locked.state, locked.attempts, locked.touched_at = ImportState.UPLOADED, 0, timezone.now()
    locked.save(update_fields=["choices", "state", "attempts", "touched_at"])
    _record("imports.mapped", locked, actor)
    enqueue("home.process_import", run_id=run.pk)


def process_import(run_id: int) -> None:
    """Check or apply the import, whichever is next. Safe to call at any time, any number of times."""
    with only_worker(f"import:{run_id}") as is_mine:
        run = (
            ImportRun.objects.select_related("organization", "started_by", "confirmed_by", "drop")
            .filter(pk=run_id)
            .first()
        )
        if not is_mine or run is None or run.state not in UNDER_WAY:
            return
        _take_up(run)
        with override(_actor(run).language or run.organization.language):
            if run.attempts > MOST_ATTEMPTS:
                _refuse(run, _gave_up())
            else:
                _work(run)


def sweep_imports() -> int:
    """Send again what no worker finished, and delete what is older than it may be. Returns how many were sent."""
    stale = ImportRun.objects.filter(state__in=UNDER_WAY, touched_at__lt=timezone.now() - STALE_AFTER)
    ids = list(stale.order_by("pk").values_list("pk", flat=True))
    ImportRun.objects.filter(pk__in=ids, state__in=UNDER_WAY).update(touched_at=timezone.now())
    for run_id in ids:
        enqueue("home.process_import", run_id=run_id)
    old = ImportRun.objects.filter(touched_at__lt=timezone.now() - KEPT_FOR).exclude(state__in=UNDER_WAY)
    for run in old.order_by("pk"):
        run.file.delete(save=False)
        run.delete()
    return len(ids)


@contextmanager
def only_worker(name: str) -> Iterator[bool]:
    """Hold the lock ``name`` of the database, if nobody does; it falls with the connection, however that ends."""
    key = zlib.crc32(name.encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        is_mine = bool(cursor.fetchone()[0])
        try:
            yield is_mine
        finally:
            if is_mine:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _actor(run: ImportRun) -> User:
    """For whom the worker works: who sent the file, then who had it applied."""
    return run.confirmed_by or run.started_by


def _record(action: str, run: ImportRun, actor: User) -> None:
    record_entry(
        actor_id=actor.pk,
        action=action,
        subject_uuid=run.uuid,
        district_id=district_id_of(run.organization),
        kind=run.kind,
    )


def _take_up(run: ImportRun) -> None:
    run.state = UNDER_WAY[ImportState(run.state)]
    run.attempts += 1
    run.touched_at = timezone.now()
    run.save(update_fields=["state", "attempts", "touched_at"])
    tell_progress(str(run.uuid), 0)


def _work(run: ImportRun) -> None:
    is_check = run.state == ImportState.CHECKING
    try:
        _fetch(run)
        with transaction.atomic():
            report = _read(run, dry_run=is_check)
            done = ImportState.CHECKED if is_check else ImportState.APPLIED
            _end(run, report, ImportState.REFUSED if report.is_refused else done)
            if run.state == ImportState.CHECKED and run.drop and run.drop.applies_itself and not report.asks:
                apply_import(run=run, actor=run.started_by)
    except ImportRefused as refused:
        _refuse(run, *refused.problems)
    except FetchRefused as refused:
        _refuse(run, Problem(refused.code, str(refused)))
    except PermissionDenied:
        _refuse(run, _not_allowed())


def _fetch(run: ImportRun) -> None:
    """The file of a run that has an address only. No transaction is open while somebody else's server answers."""
    if run.file or not run.choices.get("url"):
        return
    allowed = Organization.objects.visible_to(run.started_by, BRINGING_IN[ImportKind(run.kind)], _day(run))
    if not allowed.filter(pk=run.organization_id).exists():
        raise PermissionDenied
    found = fetch(run.choices["url"], most_bytes=settings.IMPORT_MAX_BYTES, also_allowed=FETCHED_ALSO_FROM)
    run.file.save(f"{run.uuid}.json", ContentFile(found.content), save=False)
    run.save(update_fields=["file"])


def _day(run: ImportRun) -> date:
    return school_day(run.organization.time_zone)


def _read(run: ImportRun, *, dry_run: bool) -> Report:
    with run.file.open("rb") as file:
        data = file.read()
    common: dict[str, Any] = {
        "actor": _actor(run),
        "dry_run": dry_run,
        "on_progress": lambda percent: tell_progress(str(run.uuid), percent),
    }
    if run.kind == ImportKind.CURRICULUM:
        rules = read_rules(run.choices["rules"]) if run.choices.get("rules") else NO_RULES
        return import_curriculum(data=data, file_name=run.file_name, owner=run.organization, rules=rules, **common)
    return import_roster(
        files=open_bundle(data), organization=run.organization, day=_day(run), allow_ends=run.accepts_ends, **common
    )


def _refuse(run: ImportRun, *problems: Problem) -> None:
    _end(run, Report(problems=list(problems)), ImportState.REFUSED)


def _end(run: ImportRun, report: Report, state: ImportState) -> None:
    run.state, run.report, run.touched_at = state, report.as_json(), timezone.now()
    if state in ENDED:
        run.ended_at = run.touched_at
    run.save(update_fields=["state", "report", "touched_at", "ended_at"])
    log.info("import_step", run=str(run.uuid), state=state)
    if state in ENDED or _waits_for_somebody(run):
        _tell(run)


def _waits_for_somebody(run: ImportRun) -> bool:
    """A file that nobody sent from a page was checked, and is not applied by itself."""
    return run.drop is not None and (bool(run.report.get("asks")) or not run.drop.applies_itself)


def _tell(run: ImportRun) -> None:
    """Whoever started it, and looks at the page of it no more."""
    key, path = f"{run.uuid}:{run.state}", reverse("home:import-show", args=[run.uuid])
    tell(people=[run.started_by], kind=NoticeKind.IMPORT, key=key, path=path, file=run.file_name, outcome=run.state)


def _gave_up() -> Problem:
    return Problem("gave_up", _("This file could not be brought in, after several tries. Nothing was changed."))


def _not_allowed() -> Problem:
    return Problem("not_allowed", _("Whoever asked for this may not bring the file in any more. Nothing was changed."))
