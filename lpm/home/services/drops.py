"""Rosters that another system leaves somewhere: looked for at the hour that was set, each taken once."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from lpm.audit.services import record_entry
from lpm.home.services.imports import only_worker, start_import
from lpm.lib.drops import DropUnreadable, Left, SftpPlace, parse_sftp, read_newest_by_sftp, read_newest_in_folder
from lpm.lib.enqueue import enqueue
from lpm.people.enums import ImportKind
from lpm.people.models import Organization, RosterDrop, User, district_id_of
from lpm.people.policy import Action

log = structlog.get_logger(__name__)
SFTP = "sftp://"


class DropRefused(Exception):
    """The place cannot be used; the text is a sentence for the person."""


@transaction.atomic
def set_drop(
    *,
    organization: Organization,
    place: str,
    host_key: str,
    hour: int,
    is_on: bool,
    applies_itself: bool,
    actor: User,
    day: date,
) -> RosterDrop:
    """Look into ``place`` every day at ``hour``, where the organization is. Raises DropRefused and PermissionDenied.

    The import then runs in the name of ``actor``, as long as they may bring in rosters there.
    """
    allowed = Organization.objects.visible_to(actor, Action.IMPORT_ROSTER, day)
    if not allowed.filter(pk=organization.pk).exists():
        raise PermissionDenied
    _check_place(place, host_key)
    _check_free(place, organization)
    values = {
        "place": place,
        "host_key": host_key,
        "hour": hour,
        "is_on": is_on,
        "applies_itself": applies_itself,
        "set_by": actor,
        "last_problem": "",
    }
    drop, _made = RosterDrop.objects.update_or_create(organization=organization, defaults=values)
    record_entry(
        actor_id=actor.pk,
        action="imports.drop_set",
        subject_uuid=drop.uuid,
        district_id=district_id_of(organization),
        hour=hour,
        is_on=is_on,
        applies_itself=applies_itself,
    )
    return drop


def _check_place(place: str, host_key: str) -> None:
    """A folder must lie where this installation keeps rosters; a server must be one that it talks to."""
    try:
        if place.startswith(SFTP):
            host = parse_sftp(place).host
            if host not in settings.ROSTER_SFTP_HOSTS:
                raise DropRefused(_("This installation does not fetch from that server. Ask who looks after it."))
            if not host_key:
                raise DropRefused(_("Enter the server’s public key, so that nobody can pass for it."))
        else:
            read_newest_in_folder(place, settings.ROSTER_DIR)
    except DropUnreadable as unreadable:
        raise DropRefused(str(unreadable)) from unreadable


def _check_free(place: str, organization: Organization) -> None:
    """What is left for one organization is not fetched for another: it may be of another district."""
    others = RosterDrop.objects.exclude(organization=organization).values_list("place", flat=True)
    if _meant(place) in map(_meant, others):
        raise DropRefused(_("This place is that of another organization. Ask who looks after the installation."))


def _meant(place: str) -> SftpPlace | Path:
    return parse_sftp(place) if place.startswith(SFTP) else (settings.ROSTER_DIR / place).resolve()


def sweep_drops() -> int:
    """Have every place looked into whose hour has come and that nobody looked into today. Returns how many."""
    now = timezone.now()
    drops = RosterDrop.objects.filter(is_on=True).select_related("organization")
    due = [drop.pk for drop in drops if _is_due(drop, now)]
    for drop_id in due:
        enqueue("home.look_into_drop", drop_id=drop_id)
    return len(due)


def _is_due(drop: RosterDrop, now: datetime) -> bool:
    here = now.astimezone(ZoneInfo(drop.organization.time_zone))
    if here.hour < drop.hour:
        return False
    looked = drop.last_looked_at
    return looked is None or looked.astimezone(here.tzinfo).date() < here.date()


def look_into_drop(drop_id: int) -> None:
    """Take the newest file, if it was not taken before, and have it checked. Safe to call any number of times."""
    with only_worker(f"drop:{drop_id}") as is_mine:
        drop = RosterDrop.objects.select_related("organization", "set_by").filter(pk=drop_id, is_on=True).first()
        if not is_mine or drop is None:
            return
        with override(drop.set_by.language or drop.organization.language):
            _look(drop)


def _look(drop: RosterDrop) -> None:
    problem = ""
    try:
        left = _read(drop)
        if left is not None and left.fingerprint != drop.last_fingerprint:
            _take(drop, left)
    except DropUnreadable as unreadable:
        problem = str(unreadable)
    except PermissionDenied:
        problem = _("Whoever set this up may not bring in rosters any more. Somebody else must set it up.")
    drop.last_looked_at, drop.last_problem = timezone.now(), problem
    drop.save(update_fields=["last_looked_at", "last_problem"])
    log.info("drop_looked_into", drop=str(drop.uuid), is_readable=not problem)


def _read(drop: RosterDrop) -> Left | None:
    if not drop.place.startswith(SFTP):
        return read_newest_in_folder(drop.place, settings.ROSTER_DIR)
    place = parse_sftp(drop.place)
    if place.host not in settings.ROSTER_SFTP_HOSTS:
        raise DropUnreadable(_("This installation does not fetch from that server. Ask who looks after it."))
    return read_newest_by_sftp(place, host_key=drop.host_key, key_file=Path(settings.ROSTER_SFTP_KEY))


@transaction.atomic
def _take(drop: RosterDrop, left: Left) -> None:
    """The import and the note that the file was taken are one: neither is lost, nor done twice."""
    start_import(
        kind=ImportKind.ROSTER,
        organization=drop.organization,
        started_by=drop.set_by,
        data=left.data,
        file_name=left.name,
        drop=drop,
    )
    drop.last_fingerprint = left.fingerprint
    drop.save(update_fields=["last_fingerprint"])
