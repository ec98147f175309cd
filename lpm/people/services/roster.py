"""What a roster import applies through. The import writes one audit entry for all of it: ``record_roster``.

Rows of a source belong to the roster, which sets their values and dates. A row that somebody made by hand, or that
another source sent, is used as it stands. Nothing is deleted, nobody gets a role and no password is set.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import CharField, F, Model, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from lpm.audit.services import record_entry
from lpm.lib.imports import Counts, Report
from lpm.people.models import (
    Demographics,
    Enrollment,
    Group,
    Guardianship,
    Organization,
    RosterSource,
    Sorted,
    Staffing,
    Student,
    User,
    district_id_of,
)
from lpm.people.policy import Action
from lpm.people.services.organizations import BATCH
from lpm.people.services.stays import settle_stays
from lpm.people.signals import records_changed, roster_received

K = TypeVar("K")
M = TypeVar("M", bound=Model)
UPDATE_BATCH = 500  # an update carries a CASE branch for each row and field


def keep_as_made(row: Any) -> None:
    """For new rows that need nothing more."""


def check_may_bring_in(*, organization: Organization | None, actor: User | None, day: date) -> None:
    """Raises PermissionDenied. Nobody (the shell, the demo) may; a person may where a right of theirs says so."""
    if actor is None:
        return
    allowed = Organization.objects.visible_to(actor, Action.IMPORT_ROSTER, day)
    if organization is None or not allowed.filter(pk=organization.pk).exists():
        raise PermissionDenied(_("You may not bring in people and classes here."))


def one_at_a_time(*, organization: Organization | None) -> None:
    """Wait until no other import into ``organization`` is under way; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"roster {organization and organization.pk}"],
        )


@transaction.atomic
def receive_roster(*, organization: Organization, name: str) -> RosterSource:
    """The source called ``name`` that sends rosters for ``organization``, made when it is the first time."""
    return RosterSource.objects.get_or_create(organization=organization, name=name)[0]


@transaction.atomic
def write_rows(
    *,
    model: type[M],
    source: RosterSource,
    found: Mapping[K, M],
    wanted: Mapping[K, Mapping[str, Any]],
    counts: Counts,
    prepare: Callable[[M], None] = keep_as_made,
) -> dict[K, M]:
    """Bring the rows ``found`` to the values ``wanted`` (attribute → value), and make those that are missing.

    Only attributes that are named are looked at; a row that has them all is not written. ``prepare`` is called with
    each new row before it is saved. Returns the row of every wanted key.
    """
    new = {key: model(source=source, **values) for key, values in wanted.items() if key not in found}
    for row in new.values():
        prepare(row)
        _fill(row)
    model._base_manager.bulk_create(new.values(), batch_size=BATCH)
    changed = _change_rows(model, [(found[key], values) for key, values in wanted.items() if key in found])
    counts.add += len(new)
    counts.change += changed
    counts.same += len(wanted) - len(new) - changed
    return {key: new[key] if key in new else found[key] for key in wanted}


@transaction.atomic
def write_demographics(*, wanted: Mapping[int, tuple[int, Mapping[str, Any]]], counts: Counts) -> None:
    """Bring what students are counted by to the values wanted: student → district, attribute → value. 3 queries."""
    found = Demographics.objects.in_bulk(list(wanted), field_name="student_id")
    new = [
        Demographics(student_id=student, district_id=district, **values)
        for student, (district, values) in wanted.items()
        if student not in found
    ]
    Demographics.objects.bulk_create(new, batch_size=BATCH)
    changed = _change_rows(Demographics, [(row, wanted[student][1]) for student, row in found.items()])
    counts.add += len(new)
    counts.change += changed
    counts.same += len(found) - changed


def differing(row: Model, values: Mapping[str, Any]) -> set[str]:
    """The attributes in which the row does not hold the value."""
    return {name for name, value in values.items() if getattr(row, name) != value}


def _change_rows(model: type[M], rows: Iterable[tuple[M, Mapping[str, Any]]]) -> int:
    """How many rows differed, and were written."""
    changed: list[M] = []
    fields: set[str] = set()
    for row, values in rows:
        if names := differing(row, values):
            changed.append(row)
            for name in names:
                setattr(row, name, values[name])
            fields |= names | _fill(row)
    if changed:
        model._base_manager.bulk_update(changed, sorted(fields), batch_size=UPDATE_BATCH)
    return len(changed)


def _fill(row: Model) -> set[str]:
    """Bulk writing skips ``save``. Returns the fields that were filled."""
    if not isinstance(row, Sorted):
        return set()
    row.fill_sort_key()
    return {"sort_key"}


@transaction.atomic
def free_usernames(*, users: Collection[User]) -> None:
    """Give up sign-in names that others are about to take; new names must follow in the same transaction."""
    if users:
        stand_in = Concat(Value("~"), Cast(F("uuid"), CharField()), output_field=CharField())
        User.objects.filter(pk__in=[user.pk for user in users]).update(username=stand_in)


@transaction.atomic
def end_rows(
    *,
    model: type[Enrollment | Staffing | Guardianship | Group],
    rows: Iterable[Model],
    last_day: date,
    counts: Counts,
) -> None:
    """The rows end with ``last_day``, unless they ended before."""
    pks = [row.pk for row in rows]
    if pks:
        still = Q(ends_on__isnull=True) | Q(ends_on__gt=last_day)
        counts.end += model._base_manager.filter(still, pk__in=pks).update(ends_on=last_day)


@transaction.atomic
def deactivate_users(*, users: Collection[User]) -> int:
    """They can sign in no more. Returns how many could until now."""
    there = User.objects.filter(pk__in=[user.pk for user in users], is_active=True) if users else None
    return there.update(is_active=False) if there is not None else 0


@transaction.atomic
def let_students_go(*, students: Collection[Student], last_day: date) -> int:
    """Their last day in the district is ``last_day``, unless it was before. Returns for how many that is new."""
    if not students:
        return 0
    still = Q(left_on__isnull=True) | Q(left_on__gt=last_day)
    return Student.objects.filter(still, pk__in=[row.pk for row in students]).update(left_on=last_day)


@transaction.atomic
def tell_moves(*, student_ids: Collection[int], moved: Collection[int], day: date) -> None:
    """Keep the history of where the students were, and have read anew the records of those who moved."""
    settle_stays(student_ids=student_ids, day=day)
    if moved:
        records_changed.send(sender=Student, student_ids=moved, day=day)


@transaction.atomic
def link_terms(*, source: RosterSource, terms: Mapping[int, Collection[int]]) -> set[int]:
    """Tie groups to terms (group → terms, by primary key). Returns the groups for which something changed.

    Terms that are not of ``source`` were tied by hand, and stay.
    """
    links = Group.terms.through
    there = {
        (link.group_id, link.term_id): link
        for link in links.objects.filter(group__in=terms.keys(), term__source=source)
    }
    wanted = {(group, term) for group, those in terms.items() for term in those}
    gone = there.keys() - wanted
    new = sorted(wanted - there.keys())
    if gone:
        links.objects.filter(pk__in=[there[pair].pk for pair in gone]).delete()
    links.objects.bulk_create([links(group_id=group, term_id=term) for group, term in new], batch_size=BATCH)
    return {group for group, _term in gone} | {group for group, _term in new}


@transaction.atomic
def record_roster(*, source: RosterSource, report: Report, actor: User | None) -> None:
    """One audit entry for a whole import, and a word to the apps above."""
    record_entry(
        actor_id=actor.pk if actor else None,
        action="people.import_roster",
        subject_uuid=source.organization.uuid,
        district_id=district_id_of(source.organization),
        source=str(source.uuid),
        counts={kind: asdict(counts) for kind, counts in report.counts.items()},
    )
    roster_received.send(sender=RosterSource, organization=source.organization)
