"""From one school year to the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from lpm.audit.services import record_entry
from lpm.lib.grades import next_grade
from lpm.people.enums import OrganizationKind
from lpm.people.models import Enrollment, Organization, SchoolStay, SchoolYear, Staffing, Student, User, district_id_of
from lpm.people.policy import Action
from lpm.people.queries.year import ROLLED_OVER, Turn, find_turn, years_to_begin
from lpm.people.services.transfers import end_ties, place_students
from lpm.people.signals import records_changed

BATCH = 10_000


class CannotBegin(Exception):
    """The year cannot begin. The text is a sentence for the person."""


@dataclass(frozen=True)
class Way:
    """Where the students of one grade of one school go: to the next grade, at ``school_id`` if it is not their own.

    Those who finish leave the district with the old year; those who stay are left as they are.
    """

    finishes: bool = False
    stays: bool = False
    school_id: int | None = None


@dataclass(frozen=True)
class RolledOver:
    """How many rows changed."""

    moved_up: int = 0
    moved_school: int = 0
    finished: int = 0
    stayed: int = 0
    enrollments: int = 0
    staffing: int = 0
    groups: int = 0

    @property
    def is_nothing(self) -> bool:
        return not any(asdict(self).values())


Ways = Mapping[tuple[int, str], Way]  # by the school's primary key and the grade


@transaction.atomic
def roll_over(
    *,
    organization: Organization,
    beginning: SchoolYear,
    actor: User | None,
    day: date,
    ways: Ways | None = None,
    held: Collection[UUID] = (),
    takes_rostered: bool = False,
) -> RolledOver:
    """Begin the school year ``beginning`` everywhere under ``organization``.

    Enrollments and staffing in the groups of the old year end on its last day, as do the groups where they are open;
    what ended before stays as it is, and nothing is deleted. Students go one grade up, as ``ways`` says for their
    school and grade, but for those ``held`` and those whose grade stands outside the order. Students of a roster have
    their grades from it, unless ``takes_rostered``.

    Doing it again changes nothing more: what is ended is not open, and whoever is in the new year has a stay that
    began after the old one; the audit tells where it was done, so that groups made since are let be. Raises
    PermissionDenied, and CannotBegin.
    """
    _check_may(organization, actor, day)
    one_turn_at_a_time(district_id_of(organization) or organization.pk)
    turn = _check_turn(organization, beginning, day)
    ways = ways or {}
    _check_ways(organization, ways, actor, day)
    seats = {model: turn.seats(model).update(ends_on=turn.last_day) for model in (Enrollment, Staffing)}
    groups = turn.groups().filter(ends_on__isnull=True).update(ends_on=turn.last_day)
    done = _move_students(turn, _sort_students(turn, ways, set(held), takes_rostered), day)
    done = replace(done, enrollments=seats[Enrollment] + done.enrollments, staffing=seats[Staffing], groups=groups)
    if not done.is_nothing:
        record_entry(
            actor_id=actor.pk if actor else None,
            action=ROLLED_OVER,
            subject_uuid=organization.uuid,
            district_id=district_id_of(organization),
            school_year=str(beginning.uuid),
            **asdict(done),
        )
    return done


def _check_may(organization: Organization, actor: User | None, day: date) -> None:
    if actor is None:
        return
    if not Organization.objects.visible_to(actor, Action.ROLL_OVER, day).filter(pk=organization.pk).exists():
        raise PermissionDenied


def one_turn_at_a_time(district_id: int) -> None:
    """Wait until nobody else begins a year in the district; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"rollover {district_id}"])


def _check_turn(organization: Organization, beginning: SchoolYear, day: date) -> Turn:
    if not years_to_begin(organization, day).filter(pk=beginning.pk).exists():
        raise CannotBegin(_("This school year is not the next one here."))
    turn = find_turn(organization, beginning)
    if day < turn.last_day:
        raise CannotBegin(_("The old school year is not over yet. Come back on its last day, or later."))
    return turn


def _check_ways(organization: Organization, ways: Ways, actor: User | None, day: date) -> None:
    """Students are sent to schools of the district alone, where the actor may begin the year too."""
    wanted = {way.school_id for way in ways.values() if way.school_id is not None}
    known = schools_to_send_to(organization, actor, day)
    if wanted - {school.pk for school in known}:
        raise PermissionDenied


def schools_to_send_to(organization: Organization, actor: User | None, day: date) -> list[Organization]:
    """The schools of the district to which the actor may send students at the turn of the year."""
    district = district_id_of(organization) or organization.pk
    schools = Organization.objects.filter(lineage__ancestor=district, kind=OrganizationKind.SCHOOL)
    if actor is not None:
        schools = schools.visible_to(actor, Action.ROLL_OVER, day)
    return list(schools.by_name())


@dataclass
class Sorted:
    """Where each student goes, by primary key; ``up`` by the grade and, for those who change it, the school."""

    up: dict[tuple[str, int | None], list[int]]
    finished: list[int]
    stayed: list[int]
    left_schools: set[int]


def _sort_students(turn: Turn, ways: Ways, held: set[UUID], takes_rostered: bool) -> Sorted:
    found = Sorted(defaultdict(list), [], [], set())
    rows = turn.waiting(takes_rostered).order_by("pk").select_for_update(no_key=True, of=("self",))
    for pk, uuid, school, grade in rows.values_list("pk", "uuid", "school_id", "grade"):
        following = next_grade(grade)
        way = ways.get((school, grade), Way(finishes=following is None))
        if uuid not in held and way.finishes:
            found.finished.append(pk)
            found.left_schools.add(school)
        elif uuid in held or way.stays or following is None or following == grade:
            found.stayed.append(pk)
        else:
            goes_to = way.school_id if way.school_id != school else None
            found.up[following, goes_to].append(pk)
            if goes_to is not None:
                found.left_schools.add(school)
    return found


def _move_students(turn: Turn, found: Sorted, day: date) -> RolledOver:
    moved: list[int] = []
    for (grade, school), pks in found.up.items():
        Student.objects.filter(pk__in=pks).update(grade=grade)
        if school is not None:
            place_students(student_ids=pks, school_id=school)
            moved += pks
    Student.objects.filter(pk__in=found.finished).update(left_on=turn.last_day)
    ended = end_ties(student_ids=moved, school_ids=found.left_schools, last_day=turn.last_day)
    ended += end_ties(student_ids=found.finished, last_day=turn.last_day)
    up = [pk for pks in found.up.values() for pk in pks]
    done = RolledOver(
        moved_up=len(up),
        moved_school=len(moved),
        finished=len(found.finished),
        stayed=len(found.stayed),
        enrollments=ended,
    )
    _turn_stays(turn, [*up, *found.stayed], found.finished)
    if moved:
        schools = found.left_schools | {school for _grade, school in found.up if school is not None}
        records_changed.send(sender=Student, student_ids=moved, day=day, school_ids=schools)
    return done


def _turn_stays(turn: Turn, going_on: list[int], finished: list[int]) -> None:
    """A stay for each year, also of those who stay in their grade; ``settle_stays`` would let theirs go on.

    That a stay began is what tells, ever after, that the student is in the new year.
    """
    stays = SchoolStay.objects.filter(student__in=[*going_on, *finished], ends_on__isnull=True)
    stays.update(ends_on=turn.last_day)
    rows = Student.objects.filter(pk__in=going_on).values_list("pk", "district_id", "school_id", "grade")
    new = [
        SchoolStay(student_id=pk, district_id=district, school_id=school, grade=grade, starts_on=turn.first_day)
        for pk, district, school, grade in rows
    ]
    SchoolStay.objects.bulk_create(new, batch_size=BATCH)
