"""What the pages of groups read: who is in one, who may be put in, a pasted list, a substitute's morning."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lpm.lib.text import sort_key
from lpm.people.access import TEACHING_ROLES, in_force
from lpm.people.calculations.class_list import Found, Known, Line, Match, match_lines, parse_list
from lpm.people.enums import OrganizationKind, Role, StaffRole
from lpm.people.models import (
    Enrollment,
    Group,
    Guardianship,
    Organization,
    RoleGrant,
    SchoolYear,
    Staffing,
    Student,
    Term,
    User,
)
from lpm.people.policy import OFFICES, Action, Relation
from lpm.people.querysets import StudentQuerySet

NOW, COMING, BEFORE = range(3)
MOST_CHOICES = 400  # a form carries 1,000 fields at most, and each new student takes a while


# --- groups


def terms_of(school: Organization, day: date, group: Group | None = None) -> QuerySet[Term]:
    """The terms of the school, and of those above it, that are not over; and those of ``group``."""
    years = Organization.objects.filter(below__descendant=school).values("school_years")
    wanted = Q(school_year__in=years, ends_on__gte=day)
    if group is not None:
        wanted |= Q(pk__in=group.terms.values("pk"))
    return Term.objects.filter(wanted).order_by("starts_on", "-ends_on", "pk")


def end_of_year(school: Organization, day: date) -> date | None:
    """The last day of the school year under way, of the nearest organization that has one."""
    years = SchoolYear.objects.filter(organization__below__descendant=school, starts_on__lte=day, ends_on__gte=day)
    return years.order_by("organization__below__depth", "pk").values_list("ends_on", flat=True).first()


def schools_for_groups(user: User, day: date) -> Any:
    """The schools in which somebody may make a group because they teach there."""
    rows = Organization.objects.visible_to(user, Action.CREATE_GROUP, day, through=[Relation.SCHOOL_TEACHER])
    return rows.filter(kind=OrganizationKind.SCHOOL).by_name()


def seats_of(group: Group, user: User, day: date) -> Any:
    """Who is, will be and was in the group, as far as the person may know who they are; with ``place``."""
    rows = Enrollment.objects.visible_to(user, Action.VIEW_PROFILE, day).filter(group=group)
    return _placed(rows, day).with_student_for(user).order_by("place", "student__sort_key", "starts_on", "pk")


def staff_of(group: Group, day: date, roles: Iterable[StaffRole]) -> Any:
    """With ``place``."""
    rows = _placed(Staffing.objects.filter(group=group, role__in=roles), day).select_related("user")
    return rows.order_by("place", "starts_on", "user__sort_key", "pk")


def _placed(rows: Any, day: date) -> Any:
    """With ``place``: NOW, COMING or BEFORE."""
    cases = [When(in_force(day), then=Value(NOW)), When(starts_on__gt=day, then=Value(COMING))]
    return rows.annotate(place=Case(*cases, default=Value(BEFORE), output_field=IntegerField()))


def substitutable(group: Group, user: User, day: date) -> list[Group]:
    """The group, and the others of its teachers for which the person may name a substitute."""
    teachers = Staffing.objects.filter(in_force(day), group=group, role__in=TEACHING_ROLES).values("user")
    seats = Staffing.objects.filter(in_force(day), user__in=teachers, role__in=TEACHING_ROLES).values("group")
    managed = Group.objects.visible_to(user, Action.MANAGE_GROUP, day)
    going_on = Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    return list(managed.filter(Q(pk=group.pk) | Q(pk__in=seats) & going_on).select_related("school").by_name())


# --- people to choose from


def enrollable(user: User, group: Group, day: date) -> StudentQuerySet[Student]:
    """The students of the group's district whom the person may put into a group."""
    rows = may_enroll(user, group, day).filter(district=group.district_id)
    here = rows.filter(Q(left_on__isnull=True) | Q(left_on__gte=day))
    return here.named_for(user).select_related("school")


def may_enroll(user: User, group: Group, day: date) -> StudentQuerySet[Student]:
    """The students whom the person may put into a group. Who taught a student until just now still sees the record
    for some days, but does not keep a student who went to another school, or left."""
    rows = Student.objects.visible_to(user, Action.ENROLL_STUDENT, day)
    office = Student.objects.visible_to(user, Action.ENROLL_STUDENT, day, through=OFFICES)
    here = Q(school=group.school_id) & (Q(left_on__isnull=True) | Q(left_on__gte=day))
    taught = Staffing.objects.filter(overlapping(day, None), user=user, role__in=TEACHING_ROLES).values("group")
    still = Enrollment.objects.filter(overlapping(day, None), student=OuterRef("pk"), group__in=taught)
    return rows.filter(here | Q(pk__in=office.values("pk")) | Exists(still))


def staff_of_school(school: Organization, day: date) -> QuerySet[User]:
    """Staff who belong to the school or to what is above it, or who teach there."""
    above = Organization.objects.filter(below__descendant=school).values("pk")
    teaching = Staffing.objects.filter(in_force(day), user=OuterRef("pk"), group__school=school)
    return _staff(User.objects.filter(Q(organization__in=above) | Q(Exists(teaching))))


def staff_of_district(district_id: int) -> QuerySet[User]:
    return _staff(User.objects.filter(district=district_id))


def _staff(users: QuerySet[User]) -> QuerySet[User]:
    """Those who work for a school: no students, and nobody who is a guardian and nothing else."""
    teaches = Exists(Staffing.objects.filter(user=OuterRef("pk")))
    has_role = Exists(RoleGrant.objects.filter(user=OuterRef("pk")))
    guards = Exists(Guardianship.objects.filter(guardian=OuterRef("pk")))
    people = users.filter(is_active=True, is_operator=False, student__isnull=True)
    return people.filter(~Q(guards) | Q(teaches) | Q(has_role))


def named_like(people: Any, text: str) -> Any:
    """Those of the users or students whose names have all the words of ``text``, from the beginning of a word on."""
    for word in sort_key(text).split():
        people = people.filter(
            Q(sort_key__startswith=word) | Q(sort_key__contains=f" {word}") | Q(given_name__istartswith=word)
        )
    return people.by_name()


# --- a pasted class list


@dataclass(frozen=True)
class Choice:
    """A student whom a doubtful line may mean; ``label`` tells them apart from the others."""

    student: Student
    label: str


@dataclass(frozen=True)
class ListRow:
    line: Line
    found: Found
    student: Student | None
    choices: tuple[Choice, ...] = ()
    answer: str = ""  # what was chosen: a student's uuid, "new", or nothing

    @property
    def may_be_new(self) -> bool:
        """Both names are needed to add somebody."""
        return bool(self.line.given and self.line.family)


@dataclass(frozen=True)
class ClassList:
    """A pasted list, with who is meant by each line; ``fingerprint`` changes when any of that does.

    ``later`` are the lines beyond what one form can ask about.
    """

    rows: list[ListRow]
    doubtful: list[ListRow]
    unknown: list[ListRow]
    later: list[ListRow]
    fingerprint: str

    def having(self, found: Found) -> list[ListRow]:
        return [row for row in self.rows if row.found == found]


def read_list(
    *, text: str, group: Group, starts_on: date | None, ends_on: date | None, user: User, day: date
) -> ClassList:
    """In one query, however long the list: the students whom the person may put in, and whether they are there."""
    there = Enrollment.objects.filter(overlapping(starts_on, ends_on), group=group, student=OuterRef("pk"))
    students = {row.pk: row for row in enrollable(user, group, day).annotate(is_there=Exists(there))}
    matches = match_lines(parse_list(text), [_known(student) for student in students.values()])
    rows = [_list_row(match, students) for match in matches]
    asked = [row for row in rows if row.found == Found.DOUBTFUL]
    asked += [row for row in rows if row.found == Found.UNKNOWN]
    shown = asked[:MOST_CHOICES]
    return ClassList(
        rows=rows,
        doubtful=[row for row in shown if row.found == Found.DOUBTFUL],
        unknown=[row for row in shown if row.found == Found.UNKNOWN],
        later=asked[MOST_CHOICES:],
        fingerprint=_fingerprint(matches),
    )


def overlapping(starts_on: date | None, ends_on: date | None) -> Q:
    """Rows in force on a day from ``starts_on`` to ``ends_on``; None is open."""
    begun = Q(starts_on__isnull=True) | Q(starts_on__lte=ends_on) if ends_on else Q()
    lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on) if starts_on else Q()
    return begun & lasting


def _known(student: Any) -> Known:
    return Known(
        pk=student.pk,
        given=student.given_name,
        family=student.family_name,
        preferred=student.first_name,
        grade=student.grade,
        born_on=student.born_on,
        is_there=student.is_there,
    )


def _list_row(match: Match, students: Mapping[int, Student]) -> ListRow:
    candidates = [students[pk] for pk in match.candidates]
    student = students[match.pk] if match.pk else None
    return ListRow(match.line, match.found, student, choices=tuple(_choices(candidates)))


def _choices(candidates: Sequence[Student]) -> Iterable[Choice]:
    """With the birth date only where name, grade and school do not tell students apart."""
    labels = Counter(map(_label, candidates))
    for student in candidates:
        label = _label(student)
        if labels[label] > 1 and student.born_on:
            label = _("%(who)s, born %(day)s") % {"who": label, "day": date_format(student.born_on)}
        yield Choice(student, label)


def _label(student: Student) -> str:
    words = [student.name]
    if student.grade:
        words.append(_("grade %(grade)s") % {"grade": student.grade.lstrip("0") or student.grade})
    return ", ".join([*words, student.school.name])


def _fingerprint(matches: Iterable[Match]) -> str:
    said = repr([(match.line.number, match.found.value, match.pk, match.candidates) for match in matches])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


# --- a substitute's day


@dataclass(frozen=True)
class MorningGroup:
    """A group of the day: who is in it, and whom to ask."""

    group: Group
    students: list[Student]
    teachers: list[User]
    leaders: list[User]


def read_morning(user: User, day: date) -> list[MorningGroup]:
    """The groups in which somebody stands in on ``day``, and nothing of another day; in 4 queries."""
    groups = stood_in(user, day).select_related("school").by_name()
    teaching = Staffing.objects.filter(in_force(day), role__in=TEACHING_ROLES, user__is_active=True)
    shown = list(
        groups.prefetch_related(
            Prefetch("staffing", teaching.select_related("user").order_by("user__sort_key", "pk"), "teachers")
        )
    )
    students = _met_today(user, shown, day)
    leaders = _leaders({group.school_id for group in shown}, day)
    return [
        MorningGroup(
            group=group,
            students=list(students[group.pk].values()),
            teachers=list({row.user_id: row.user for row in group.teachers}.values()),
            leaders=leaders[group.school_id],
        )
        for group in shown
    ]


def _met_today(user: User, groups: Collection[Group], day: date) -> dict[int, dict[int, Student]]:
    """The students of each group whom somebody who stands in may see, by name and as this reader knows them."""
    students = Student.objects.visible_to(user, Action.VIEW_STUDENT, day, through=[Relation.SUBSTITUTE])
    seated: Any = students.filter(in_force(day, "enrollments__"), enrollments__group__in=groups)
    found: dict[int, dict[int, Student]] = defaultdict(dict)
    for student in seated.annotate(seated_in=F("enrollments__group")).named_for(user).by_name():
        found[student.seated_in][student.pk] = student
    return found


def stood_in(user: User, day: date) -> Any:
    """The groups in which somebody stands in for a teacher on ``day``."""
    return Group.objects.visible_to(user, Action.VIEW_GROUP, day, through=[Relation.SUBSTITUTE])


def _leaders(school_ids: set[int], day: date) -> dict[int, list[User]]:
    """Who leads each school, or what is nearest above it."""
    found: dict[int, list[User]] = defaultdict(list)
    if not school_ids:
        return found
    grants = (
        RoleGrant.objects.filter(
            in_force(day), role=Role.LEADER, user__is_active=True, organization__below__descendant__in=school_ids
        )
        .annotate(school=F("organization__below__descendant"), depth=F("organization__below__depth"))
        .select_related("user")
        .order_by("depth", "user__sort_key", "pk")
    )
    nearest: dict[int, int] = {}
    for grant in grants:
        if nearest.setdefault(grant.school, grant.depth) == grant.depth and grant.user not in found[grant.school]:
            found[grant.school].append(grant.user)
    return found
