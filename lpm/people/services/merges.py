"""Two records of one child become one, and two again. The logs stay where they are, and are read together.

What a merge did is written down in ``StudentMerge.moved``: the name of a model → primary keys of the rows that went
from the absorbed record to the kept one, and beside that

- ``given``: enrollments of the kept record that the absorbed one has now, since a roster knows the other row;
- ``widened``: [enrollment, first and last day before, first and last day since];
- ``restricted``: guardianships of the kept record that are restricted since;
- ``silenced``: those whose guardian may not write any more since;
- ``filled``: fields that were empty and took the value of the absorbed record;
- ``counted_by``: what the kept record did not say of what students are counted by, likewise;
- ``confirmed``: whether the kept record was provisional until then;
- ``sourced``: whether it stands in the roster in place of the absorbed one;
- ``user``: the account that moved; ``closed``: the account that was closed, since the child has another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lpm.audit.services import record_entry
from lpm.people.models import (
    Caseload,
    Dated,
    Demographics,
    Enrollment,
    Guardianship,
    Household,
    Organization,
    SchoolStay,
    Student,
    StudentMerge,
    User,
)
from lpm.people.policy import Action
from lpm.people.services.stays import settle_stays
from lpm.people.signals import records_changed

D = TypeVar("D", bound=Dated)
HOMES = Household.students.through
FILLED = (
    "born_on",
    "preferred_name",
    "pronouns",
    "family_preferred_name",
    "family_pronouns",
    "transcript_preferred_name",
    "transcript_pronouns",
)
COUNTED_BY = ("sex", "races", "is_hispanic", "home_language", "programmes")
UNSAID: tuple[object, ...] = ("", [], None)


class MergeRefused(Exception):
    """Nothing was merged, or taken back; the text is a sentence for the person."""


@transaction.atomic
def merge_students(*, kept: Student, absorbed: Student, actor: User, day: date) -> StudentMerge:
    """``absorbed`` is from now on read as part of ``kept``, and speaks for nobody itself.

    Groups, guardians, caseloads, homes, earlier schools and the sign-in go over to ``kept`` where it has none of the
    same; where both have a guardian, the stricter rule holds. The logs are not touched; what is made from them is
    made again. Raises MergeRefused, PermissionDenied.
    """
    kept, absorbed = _lock(kept.pk, absorbed.pk)
    _check_may_merge(kept, absorbed, actor, day)
    chain = _take(Student.objects.filter(merged_into=absorbed), merged_into=kept)
    moved = {
        "Student": chain,
        **_move_rows(kept, absorbed),
        **_move_fields(kept, absorbed),
        "counted_by": _fill_counted_by(kept, absorbed),
    }
    absorbed.merged_into = kept
    absorbed.save(update_fields=["merged_into"])
    merge = StudentMerge.objects.create(
        district_id=kept.district_id, student=kept, absorbed=absorbed, moved=moved, merged_by=actor
    )
    _record("people.merge_students", merge, actor)
    _tell(merge, day)
    return merge


@transaction.atomic
def unmerge_students(*, merge: StudentMerge, actor: User, day: date) -> None:
    """Two records again: what still is as the merge left it goes back; what came later stays with the kept record.

    Raises MergeRefused, PermissionDenied.
    """
    merge = StudentMerge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    kept, absorbed = _lock(merge.student_id, merge.absorbed_id)
    _check_may_unmerge(merge, kept, absorbed, actor, day)
    _give_back(Student.objects.filter(merged_into=kept), merge.moved["Student"], merged_into=absorbed)
    absorbed.merged_into = None
    absorbed.save(update_fields=["merged_into"])
    _return_rows(merge.moved, kept, absorbed)
    _return_fields(merge.moved, kept, absorbed)
    _empty_counted_by(merge.moved.get("counted_by", []), kept, absorbed)
    merge.undone_by, merge.undone_at = actor, timezone.now()
    merge.save(update_fields=["undone_by", "undone_at"])
    _record("people.unmerge_students", merge, actor)
    _tell(merge, day)


def _lock(first: int, second: int) -> tuple[Student, Student]:
    """Both as they are now, held to the end of the transaction; always in the same order."""
    rows = Student.objects.filter(pk__in=[first, second]).order_by("pk").select_for_update(no_key=True, of=("self",))
    found = {row.pk: row for row in rows}
    return found[first], found[second]


def _check_may_merge(kept: Student, absorbed: Student, actor: User, day: date) -> None:
    if kept.pk == absorbed.pk:
        raise MergeRefused(_("This is one record, not two."))
    if kept.merged_into_id or absorbed.merged_into_id:
        raise MergeRefused(_("One of these records was merged before. Look at the list again."))
    if kept.district_id != absorbed.district_id:
        raise MergeRefused(_("These records belong to different districts."))
    permitted = Student.objects.visible_to(actor, Action.MANAGE_STUDENT, day)
    if permitted.filter(pk__in=[kept.pk, absorbed.pk]).count() < 2:
        raise PermissionDenied(_("You may not change both of these students."))


def _check_may_unmerge(merge: StudentMerge, kept: Student, absorbed: Student, actor: User, day: date) -> None:
    if merge.undone_at is not None:
        raise MergeRefused(_("These are two records again already."))
    if kept.merged_into_id:
        raise MergeRefused(_("This record was merged into another one since. Take that back first."))
    students = Student.objects.visible_to(actor, Action.MANAGE_STUDENT, day)
    schools = Organization.objects.visible_to(actor, Action.MANAGE_STUDENT, day)
    if not students.filter(pk=kept.pk).exists() or not schools.filter(pk=absorbed.school_id).exists():
        raise PermissionDenied(_("You may not change both of these students."))


# What hangs on a record


def _move_rows(kept: Student, absorbed: Student) -> dict[str, Any]:
    guarded = kept.guardianships.values("guardian")
    strict = absorbed.guardianships.filter(is_restricted=True).values("guardian")
    silent = absorbed.guardianships.filter(is_restricted=True, may_write=False).values("guardian")
    homes = HOMES._base_manager.filter(student=kept).values("household")
    return {
        "silenced": _take(kept.guardianships.filter(guardian__in=silent, may_write=True), may_write=False),
        "restricted": _take(kept.guardianships.filter(guardian__in=strict, is_restricted=False), is_restricted=True),
        "Guardianship": _take(absorbed.guardianships.exclude(guardian__in=guarded), student=kept),
        "Household": _take(HOMES._base_manager.filter(student=absorbed).exclude(household__in=homes), student=kept),
        "Caseload": _take_apart(Caseload.objects, kept, absorbed, lambda row: (row.manager_id, row.kind)),
        "SchoolStay": _take_apart(SchoolStay.objects, kept, absorbed, lambda row: None),
        **_move_enrollments(kept, absorbed),
    }


def _take(rows: QuerySet[Any, Any], **values: Any) -> list[int]:
    """Bring the rows to the values. Returns their primary keys."""
    pks = sorted(rows.values_list("pk", flat=True))
    rows.model._base_manager.filter(pk__in=pks).update(**values)
    return pks


def _take_apart(rows: Any, kept: Student, absorbed: Student, alike: Callable[[Any], Any]) -> list[int]:
    """Move the rows that share no day with a row of ``kept`` that is alike."""
    there = list(rows.filter(student=kept))
    apart = [row.pk for row in rows.filter(student=absorbed) if _meeting(row, there, alike) is None]
    return _take(rows.filter(pk__in=apart), student=kept)


def _meeting(row: D, others: Iterable[D], alike: Callable[[D], Any]) -> D | None:
    """The first of ``others`` that is alike and shares a day with the row."""
    return next((other for other in others if alike(other) == alike(row) and _overlap(row, other)), None)


def _overlap(one: Dated, other: Dated) -> bool:
    return (one.starts_on or date.min) <= (other.ends_on or date.max) and (other.starts_on or date.min) <= (
        one.ends_on or date.max
    )


def _move_enrollments(kept: Student, absorbed: Student) -> dict[str, Any]:
    """One row is enough for a group that both were in at a time: it lasts as long as the two did.

    It is the row that a roster knows, so that the roster goes on changing the one that counts.
    """
    there = list(kept.enrollments.all())
    taken, given, widened = [], [], []
    for row in absorbed.enrollments.order_by("pk"):
        other = _meeting(row, there, lambda seat: seat.group_id)
        if other is None:
            taken.append(row.pk)
            continue
        stays = row if row.source_id and not other.source_id else other
        if stays is row:
            taken.append(row.pk)
            given.append(other.pk)
            there.remove(other)
        if change := _widen(stays, row, other):
            widened.append(change)
    _take(Enrollment.objects.filter(pk__in=given), student=absorbed)
    return {
        "Enrollment": _take(Enrollment.objects.filter(pk__in=taken), student=kept),
        "given": given,
        "widened": widened,
    }


def _widen(row: Enrollment, one: Enrollment, other: Enrollment) -> list[Any] | None:
    """``row`` lasts as long as both did. Returns what that changed, as ``widened`` has it."""
    starts_on = None if one.starts_on is None or other.starts_on is None else min(one.starts_on, other.starts_on)
    ends_on = None if one.ends_on is None or other.ends_on is None else max(one.ends_on, other.ends_on)
    before = [row.starts_on, row.ends_on]
    if before == [starts_on, ends_on]:
        return None
    row.starts_on, row.ends_on = starts_on, ends_on
    row.save(update_fields=["starts_on", "ends_on"])
    return [row.pk, *(value and value.isoformat() for value in (*before, starts_on, ends_on))]


def _return_rows(moved: dict[str, Any], kept: Student, absorbed: Student) -> None:
    for model in (Caseload, SchoolStay, Enrollment, Guardianship):
        _give_back(model._base_manager.filter(student=kept), moved[model.__name__], student=absorbed)
    _give_back(HOMES._base_manager.filter(student=kept), moved["Household"], student=absorbed)
    _give_back(Enrollment.objects.filter(student=absorbed), moved["given"], student=kept)
    _give_back(kept.guardianships.filter(is_restricted=True), moved["restricted"], is_restricted=False)
    _give_back(kept.guardianships.filter(may_write=False), moved.get("silenced", []), may_write=True)
    for pk, starts_on, ends_on, wide_start, wide_end in reversed(moved["widened"]):
        still = Enrollment.objects.filter(starts_on=wide_start, ends_on=wide_end)
        _give_back(still, [pk], starts_on=starts_on, ends_on=ends_on)


def _give_back(still: QuerySet[Any, Any], pks: Sequence[int], **values: Any) -> None:
    """Bring back those of the rows that are still as the merge left them."""
    still.filter(pk__in=pks).update(**values)


# What a record itself holds


def _move_fields(kept: Student, absorbed: Student) -> dict[str, Any]:
    filled = [name for name in FILLED if not getattr(kept, name) and getattr(absorbed, name)]
    for name in filled:
        setattr(kept, name, getattr(absorbed, name))
    sourced = absorbed.source_id is not None and kept.source_id is None
    provisional = kept.is_provisional
    if sourced:
        _swap_source(absorbed, kept)
    kept.is_provisional = kept.is_provisional and absorbed.is_provisional
    return {
        "filled": filled,
        "sourced": sourced,
        "confirmed": provisional and not kept.is_provisional,
        **_move_sign_in(kept, absorbed),
    }


def _swap_source(giver: Student, taker: Student) -> None:
    """One row of a roster is one record: ``giver`` lets go of it before ``taker`` has it."""
    source, sourced_id = giver.source, giver.sourced_id
    giver.source, giver.sourced_id = None, ""
    giver.save(update_fields=["source", "sourced_id"])
    taker.source, taker.sourced_id = source, sourced_id


def _move_sign_in(kept: Student, absorbed: Student) -> dict[str, int | None]:
    """One child has one account: the one of ``kept``, where both have one; the other is closed."""
    account, closed = absorbed.user_id, None
    if kept.user_id is not None and account is not None:
        closed = account if User.objects.filter(pk=account, is_active=True).update(is_active=False) else None
        account = None
    elif account is not None:
        _swap_account(absorbed, kept)
    kept.save()
    return {"user": account, "closed": closed}


def _swap_account(giver: Student, taker: Student) -> None:
    account = giver.user_id
    giver.user_id = None
    giver.save(update_fields=["user"])
    taker.user_id = account


def _return_fields(moved: dict[str, Any], kept: Student, absorbed: Student) -> None:
    for name in moved["filled"]:
        if getattr(kept, name) == getattr(absorbed, name):
            setattr(kept, name, None if name == "born_on" else "")
    kept.is_provisional = kept.is_provisional or moved["confirmed"]
    if moved["sourced"]:
        _swap_source(kept, absorbed)
    if moved["user"] is not None and kept.user_id == moved["user"] and absorbed.user_id is None:
        _swap_account(kept, absorbed)
    kept.save()
    absorbed.save()
    if moved["closed"] is not None:
        User.objects.filter(pk=moved["closed"], is_active=False).update(is_active=True)


def _fill_counted_by(kept: Student, absorbed: Student) -> list[str]:
    """Returns the fields of which ``kept`` said nothing, and now says what ``absorbed`` does."""
    other = Demographics.objects.filter(student=absorbed).first()
    if other is None:
        return []
    row = Demographics.objects.filter(student=kept).first() or Demographics(student=kept, district_id=kept.district_id)
    filled = [name for name in COUNTED_BY if getattr(row, name) in UNSAID and getattr(other, name) not in UNSAID]
    for name in filled:
        setattr(row, name, getattr(other, name))
    if filled:
        row.save()
    return filled


def _empty_counted_by(filled: Sequence[str], kept: Student, absorbed: Student) -> None:
    """What still is as the merge filled it is unsaid again; a row that says nothing goes."""
    rows = Demographics.objects.filter(student__in=[kept, absorbed]).in_bulk(field_name="student_id")
    row, other = rows.get(kept.pk), rows.get(absorbed.pk)
    if row is None or other is None or not filled:
        return
    empty = Demographics()
    for name in filled:
        if getattr(row, name) == getattr(other, name):
            setattr(row, name, getattr(empty, name))
    if all(getattr(row, name) in UNSAID for name in COUNTED_BY):
        row.delete()
    else:
        row.save()


def _tell(merge: StudentMerge, day: date) -> None:
    """Stays first: the school says by which method levels are made."""
    pks = [merge.student_id, merge.absorbed_id, *merge.moved["Student"]]
    settle_stays(student_ids=pks, day=day)
    records_changed.send(sender=Student, student_ids=pks, day=day)


def _record(action: str, merge: StudentMerge, actor: User) -> None:
    record_entry(
        actor_id=actor.pk,
        action=action,
        subject_uuid=merge.student.uuid,
        district_id=merge.district_id,
        absorbed=str(merge.absorbed.uuid),
        counts={kind: len(rows) for kind, rows in merge.moved.items() if isinstance(rows, list)},
    )
