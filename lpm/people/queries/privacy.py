"""Who can see a student's record, and who has seen it; what a privacy officer has to look after."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lpm.audit.models import RecordView
from lpm.people import access
from lpm.people.models import (
    Group,
    Guardianship,
    OperatorSession,
    Organization,
    PeopleSettings,
    Student,
    User,
)
from lpm.people.policy import HEADS, OPENED_BY, POLICY, Action, Relation

DAYS_ON_A_PAGE = 50
DAYS_DRAWN = 56
MOST_NAMES = 200

TITLES: dict[Relation, str | Promise] = {
    Relation.SELF: gettext_lazy("The student"),
    Relation.GUARDIAN: gettext_lazy("Guardians"),
    Relation.TEACHER: gettext_lazy("Teachers"),
    Relation.SUBSTITUTE: gettext_lazy("Substitutes"),
    Relation.CASE_MANAGER: gettext_lazy("Case managers and language teachers"),
    Relation.COUNSELOR: gettext_lazy("Counselors and therapists"),
    Relation.LEADER: gettext_lazy("School leaders"),
    Relation.ADMINISTRATOR: gettext_lazy("District administrators"),
    Relation.PRIVACY_OFFICER: gettext_lazy("Privacy officers"),
    Relation.OPERATOR: gettext_lazy("Operators of the installation"),
}
MEANINGS: dict[Relation, str | Promise] = {
    Relation.SELF: gettext_lazy("Sees their own record."),
    Relation.GUARDIAN: gettext_lazy(
        "Adults in contact with the student, until the student comes of age, or longer if the student says so."
    ),
    Relation.TEACHER: gettext_lazy("Teach or co-teach a group of the student, and some days before and after it."),
    Relation.SUBSTITUTE: gettext_lazy("Stand in for a teacher today, and only on the days named."),
    Relation.CASE_MANAGER: gettext_lazy("Have the student on their caseload, from one day to another."),
    Relation.COUNSELOR: gettext_lazy("Have the student on their caseload. Families are not told of it."),
    Relation.LEADER: gettext_lazy("Lead the student’s school."),
    Relation.ADMINISTRATOR: gettext_lazy("Run the district."),
    Relation.PRIVACY_OFFICER: gettext_lazy("See to it that records are kept as the law says."),
    Relation.OPERATOR: gettext_lazy(
        "Look after the computers. They see the district for some hours, for a reason that is written down."
    ),
}
PAGES: dict[str, str | Promise] = {
    "home": gettext_lazy("the list on their first page"),
    "path": gettext_lazy("the path"),
    "topic": gettext_lazy("a topic"),
    "family": gettext_lazy("the family page"),
    "grid": gettext_lazy("the grid of a group"),
    "mark": gettext_lazy("a level of one target"),
    "api": gettext_lazy("by a program"),
    "messages": gettext_lazy("messages about the student"),
    "letter": gettext_lazy("the weekly letter to the family"),
}


class Reader(Enum):
    """How much somebody is told of who sees a record: all by name; who can by name; by role alone."""

    FULL = "full"
    HEAD = "head"
    FAMILY = "family"


# Who else is in touch with a student, and whom they confide in, is nobody's business but the privacy officer's.
CONFIDED = frozenset({Relation.GUARDIAN, Relation.COUNSELOR})


def find_reader(user: User, student: Student, day: date) -> Reader:
    """In at most 2 queries."""
    rows = Student.objects.filter(pk=student.pk)
    if rows.visible_to(user, Action.VIEW_ACCESS_IN_FULL, day).exists():
        return Reader.FULL
    if rows.visible_to(user, Action.VIEW_ACCESS, day, through=HEADS).exists():
        return Reader.HEAD
    return Reader.FAMILY


# --- who can


class AnyUser(OuterRef):
    """Stands where a rule of access expects a user, in a query over all users: each is asked about in turn."""

    is_operator = True  # asked again of whoever is found


def seeing_guardianships(day: date) -> QuerySet[Guardianship]:
    """Those by which somebody sees a record: the rules of access, asked about every guardian at once. Whether the
    school has the part for families on is not asked."""
    sees = Q(pk__in=())
    guardian: Any = AnyUser("guardian")
    for rule in access.STUDENT_RULES[Relation.GUARDIAN]:
        sees |= Q(Exists(Student.objects.filter(rule(guardian, day), pk=OuterRef("student"))))
    return Guardianship.objects.filter(sees, guardian__is_active=True)


@dataclass(frozen=True)
class Circle:
    """Everybody whom one relation lets see the record. ``count`` is None where the reader is not told."""

    relation: Relation
    count: int | None
    places: list[str] = field(default_factory=list)
    people: list[User] = field(default_factory=list)

    @property
    def title(self) -> str:
        return str(TITLES[self.relation])

    @property
    def meaning(self) -> str:
        return str(MEANINGS[self.relation])


def find_circles(student: Student, reader: Reader, user: User, day: date) -> list[Circle]:
    """Who can see the record today, relation by relation of the policy; those with nobody are left out.

    One query for each relation: the rules of ``access``, asked about everybody.
    """
    parts = OPENED_BY[Action.VIEW_STUDENT]
    closed = {relation for relation, part in parts.items() if part not in student.school.parts}
    open_to = [one for one in access.STUDENT_RULES if one in POLICY[Action.VIEW_STUDENT] - closed]
    if reader == Reader.FAMILY:
        open_to.remove(Relation.COUNSELOR)
    found = [_circle(relation, student, reader, user, day) for relation in open_to]
    return [circle for circle in found if circle.count != 0]


def _circle(relation: Relation, student: Student, reader: Reader, user: User, day: date) -> Circle:
    people: list[Any] = list(find_seers(student, relation, day))
    places = sorted({name for person in people for name in person.groups or []})
    if reader == Reader.FAMILY:
        is_told = relation != Relation.GUARDIAN or student.user_id == user.pk
        return Circle(relation, len(people) if is_told else None, places)
    return Circle(relation, len(people), places, people[:MOST_NAMES])


def find_seers(student: Student, relation: Relation, day: date) -> QuerySet[User]:
    """Everybody whom ``relation`` lets see the student, with ``groups``: the names of the groups it is about."""
    is_seen = Q(pk__in=())
    for rule in access.STUDENT_RULES[relation]:
        is_seen |= Q(Exists(Student.objects.filter(rule(_any_user(), day), pk=student.pk)))
    users = User.objects.filter(is_seen, is_active=True).annotate(groups=_groups(student, relation, day))
    if relation == Relation.OPERATOR:
        users = users.filter(is_operator=True)
    return users.order_by("sort_key", "pk")


def _groups(student: Student, relation: Relation, day: date) -> ArraySubquery:
    seated = access.in_window(day, "enrollments__", "group__school__") & Q(enrollments__student=student)
    taught = Q(pk__in=())
    for rule in access.GROUP_RULES.get(relation, []) if relation not in ROLES else []:
        taught |= rule(_any_user(), day)
    return ArraySubquery(Group.objects.filter(seated).filter(taught).order_by("sort_key").values("name"))


ROLES = frozenset({Relation.LEADER, Relation.ADMINISTRATOR, Relation.OFFICE, Relation.CURRICULUM_LEAD,
                   Relation.PRIVACY_OFFICER, Relation.OPERATOR})  # fmt: skip


def _any_user() -> Any:
    return AnyUser("pk")


# --- who has


@dataclass(frozen=True)
class Look:
    """On one day somebody, or everybody of one role, looked at the record. ``name`` is "" where it is not told."""

    day: date
    relation: str
    is_outside: bool
    pages: list[str]
    count: int
    name: str = ""
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def title(self) -> str:
        return relation_title(self.relation)


def relation_title(relation: str) -> str:
    """The words for a relation as a look keeps it: its name in the policy."""
    known = {one.name: title for one, title in TITLES.items()}
    return str(known.get(relation) or _("Somebody whose reason is not known"))


def page_title(page: str) -> str:
    return str(PAGES.get(page, page))


def looks_at(student: Student, reader: Reader) -> QuerySet[RecordView]:
    """The looks at the record, and at those merged into it, that the reader is told of."""
    uuids = Student.objects.records_of([student.pk]).values("uuid")
    looks = RecordView.objects.filter(student_uuid__in=uuids).annotate(is_outside=_is_outside())
    if reader == Reader.FULL:
        return looks
    guardians = Guardianship.objects.filter(student=student).values("guardian")
    told = looks.exclude(relation__in=["", *(relation.name for relation in CONFIDED)])
    return told.exclude(viewer__in=guardians)


def _is_outside() -> Case:
    """Whether somebody looked who belongs to no school of the district: a disclosure. Families are no outsiders."""
    inside = Q(viewer__district=F("district_id")) | Q(relation=Relation.GUARDIAN.name)
    return Case(When(inside, then=Value(False)), default=Value(True), output_field=BooleanField())


def read_looks(student: Student, reader: Reader, number: str | int) -> tuple[list[Look], Page[Any]]:
    """The looks on one page of days, the newest first; and that page. In 3 queries."""
    looks = looks_at(student, reader)
    days = looks.order_by("-day").values_list("day", flat=True).distinct()
    page = Paginator(days, DAYS_ON_A_PAGE).get_page(number)
    shown = looks.filter(day__in=list(page.object_list))
    return (_by_name(shown) if reader == Reader.FULL else _by_role(shown)), page


def _by_role(looks: QuerySet[Any]) -> list[Look]:
    rows = (
        looks.values("day", "relation", "is_outside")
        .annotate(total=Sum("count"), pages=ArrayAgg("page", distinct=True))
        .order_by("-day", "relation", "is_outside")
    )
    return [Look(row["day"], row["relation"], row["is_outside"], _pages(row["pages"]), row["total"]) for row in rows]


def _by_name(looks: QuerySet[RecordView]) -> list[Look]:
    rows: Any = looks.select_related("viewer").order_by("-day", "-last_at", "-pk")
    return [
        Look(
            day=row.day,
            relation=row.relation,
            is_outside=row.is_outside,
            pages=_pages([row.page]),
            count=row.count,
            name=row.viewer.name,
            first_at=row.first_at,
            last_at=row.last_at,
        )
        for row in rows
    ]


def _pages(pages: Iterable[str]) -> list[str]:
    return [page_title(page) for page in sorted(pages)]


def read_days(student: Student, reader: Reader, day: date) -> dict[str, dict[date, int]]:
    """For drawing: by role, how many looks on each of the last 8 weeks; in 1 query."""
    recent = looks_at(student, reader).filter(day__gt=day - timedelta(days=DAYS_DRAWN))
    found: dict[str, dict[date, int]] = {}
    rows = recent.values("relation", "day").annotate(total=Sum("count")).order_by("relation", "day")
    for row in rows:
        found.setdefault(relation_title(row["relation"]), {})[row["day"]] = row["total"]
    return found


# --- of age


def of_age(students: Any, day: date) -> Any:
    """Those of ``students`` who have come of age, as their school has it."""
    return students.exclude(access.under_age(day))


def read_choices(student: Student, day: date) -> list[Guardianship]:
    """The guardians who could go on seeing a student of age, if the student allows."""
    current = Guardianship.objects.filter(access.in_force(day), student=student, is_restricted=False)
    return list(current.select_related("guardian").order_by("guardian__sort_key", "pk"))


# --- operators


def find_open_session(user: Any) -> OperatorSession | None:
    """The session in which an operator looks at a district now. No query for anybody else."""
    if not getattr(user, "is_operator", False):
        return None
    now = timezone.now()
    sessions = OperatorSession.objects.filter(operator=user, starts_at__lte=now, ends_at__gt=now)
    return sessions.select_related("organization").order_by("-starts_at").first()


def read_sessions(organization: Organization) -> QuerySet[OperatorSession]:
    """Every session over the organization or something under it, the newest first."""
    sessions = OperatorSession.objects.filter(organization__lineage__ancestor=organization)
    return sessions.select_related("operator", "organization").order_by("-starts_at", "-pk")


# --- what has to be looked after


def years_before(day: date, years: int) -> date:
    """The same day ``years`` earlier; February 29 counts as the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def find_expired(organizations: Collection[Organization], day: date) -> list[Student]:
    """Students of the organizations who left longer ago than their school keeps records; one query for each place.

    Where no time is set, nobody's is up. Merged records go with the one that speaks for them.
    """
    found: list[Student] = []
    for place in organizations:
        kept = PeopleSettings.objects.in_force(place.pk, day, "retention_years").get("retention_years")
        if kept is not None:
            gone = Student.objects.unmerged().filter(school=place, left_on__lt=years_before(day, kept))
            found += gone.select_related("district").order_by("left_on", "pk")
    return found


def count_without_birth_date(students: Any) -> int:
    """Of ``students``: those still here of whom nobody can tell when they come of age."""
    count: int = students.unmerged().filter(born_on=None, left_on=None).count()
    return count
