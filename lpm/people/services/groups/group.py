from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from lpm.audit.services import record_entry
from lpm.people.enums import GroupKind, StaffRole
from lpm.people.models import Group, Organization, Staffing, Term, User, district_id_of
from lpm.people.policy import Action, Relation
from lpm.people.services.roles import WrongDates


class FromRoster(Exception):
    """The row comes from a roster, which would set it again; it is changed where the roster is made."""


@transaction.atomic
def create_group(
    *,
    school: Organization,
    kind: GroupKind,
    name: str,
    starts_on: date | None,
    ends_on: date | None,
    terms: Collection[Term],
    actor: User | None,
    day: date,
) -> Group:
    """Make a group; somebody who teaches at the school becomes its teacher.

    Raises PermissionDenied, WrongDates.
    """
    _check_may_create(school, actor, day)
    check_dates(starts_on, ends_on)
    group = Group.objects.create(
        district_id=_district_id(school), school=school, kind=kind, name=name, starts_on=starts_on, ends_on=ends_on
    )
    group.terms.set(terms)
    if actor and _may_create(school, actor, day, [Relation.SCHOOL_TEACHER]):
        Staffing.objects.create(group=group, user=actor, role=StaffRole.TEACHER, starts_on=_earlier(day, starts_on))
    note(group, "people.create_group", actor, kind=kind, terms=len(terms))
    return group


@transaction.atomic
def change_group(
    *,
    group: Group,
    kind: GroupKind,
    name: str,
    starts_on: date | None,
    ends_on: date | None,
    terms: Collection[Term],
    actor: User | None,
    day: date,
) -> Group:
    """Raises PermissionDenied, FromRoster, WrongDates."""
    group = lock_group(group, actor, day)
    check_own(group)
    check_dates(starts_on, ends_on)
    group.kind, group.name, group.starts_on, group.ends_on = kind, name, starts_on, ends_on
    group.save(update_fields=["kind", "name", "starts_on", "ends_on"])
    group.terms.set(terms)
    note(group, "people.change_group", actor, kind=kind, terms=len(terms))
    return group


def lock_group(group: Group, actor: User | None, day: date) -> Group:
    """The row, held until the transaction ends: two people at once cannot both put somebody in.

    Raises PermissionDenied.
    """
    if not may_manage(group, actor, day):
        raise PermissionDenied
    return Group.objects.select_for_update().get(pk=group.pk)


def may_manage(group: Group, actor: User | None, day: date, through: Collection[Relation] = tuple(Relation)) -> bool:
    """``actor`` None is the shell, which may."""
    if actor is None:
        return True
    return Group.objects.visible_to(actor, Action.MANAGE_GROUP, day, through=through).filter(pk=group.pk).exists()


def check_own(row: Group | Staffing | object) -> None:
    """Raises FromRoster."""
    if getattr(row, "source_id", None):
        raise FromRoster


def check_dates(starts_on: date | None, ends_on: date | None) -> None:
    """Raises WrongDates."""
    if starts_on and ends_on and ends_on < starts_on:
        raise WrongDates(f"{ends_on} lies before {starts_on}.")


def note(group: Group, action: str, actor: User | None, **details: object) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=group.uuid,
        district_id=group.district_id,
        **details,
    )


def _district_id(school: Organization) -> int:
    found = district_id_of(school)
    assert found is not None  # every school lies in a district
    return found


def _check_may_create(school: Organization, actor: User | None, day: date) -> None:
    if actor and not _may_create(school, actor, day, tuple(Relation)):
        raise PermissionDenied


def _may_create(school: Organization, actor: User, day: date, through: Collection[Relation]) -> bool:
    schools = Organization.objects.visible_to(actor, Action.CREATE_GROUP, day, through=through)
    return schools.filter(pk=school.pk).exists()


def _earlier(day: date, starts_on: date | None) -> date:
    return min(day, starts_on) if starts_on else day
