"""People who work in an organization: everybody with an account there who is no student, and not only a guardian."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.db.models.functions import Lower

from lpm.lib.text import sort_key
from lpm.people.access import in_force
from lpm.people.models import Caseload, Guardianship, Organization, RoleGrant, Staffing, Student, User
from lpm.people.policy import Action

LONGEST_NAME = 40  # of a proposed sign-in name


def staff(users: Any) -> Any:
    """Those of ``users`` who are no students, and not only guardians."""
    me = OuterRef("pk")
    is_student = Exists(Student.objects.filter(user=me))
    is_guardian = Exists(Guardianship.objects.filter(guardian=me))
    works = (
        Exists(RoleGrant.objects.filter(user=me))
        | Exists(Staffing.objects.filter(user=me))
        | Exists(Caseload.objects.filter(manager=me))
    )
    return users.filter(~is_student, ~is_guardian | works)


def staff_list(users: Any, organization: Organization, text: str) -> Any:
    """Those who belong to ``organization`` or below, and have every word of ``text`` in their names or sign-in."""
    found = staff(users).filter(organization__lineage__ancestor=organization)
    for word in text.split():
        key = sort_key(word)
        found = found.filter(Q(sort_key__contains=key) | Q(username__icontains=word) | Q(email__icontains=word))
    return found.by_name()


def with_work(users: Any, viewer: User, day: date) -> Any:
    """With ``roles`` and ``groups`` of the day, as far as ``viewer`` sees them; 2 queries more, however many."""
    grants = RoleGrant.objects.visible_to(viewer, Action.VIEW_DIRECTORY, day).filter(in_force(day))
    places = Organization.objects.visible_to(viewer, Action.VIEW_DIRECTORY, day)
    teaching = Staffing.objects.filter(in_force(day), in_force(day, "group__"), group__school__in=places)
    return users.select_related("organization").prefetch_related(
        Prefetch("grants", grants.select_related("organization").order_by("role", "pk"), "roles"),
        Prefetch("staffing", teaching.select_related("group").order_by("group__sort_key", "pk"), "groups"),
    )


@dataclass(frozen=True)
class Work:
    """``grants`` newest first, past ones too; ``staffing`` now or to come; how many students on the caseload."""

    grants: list[RoleGrant]
    staffing: list[Staffing]
    caseload_count: int


def work_of(person: User, viewer: User, day: date) -> Work:
    """As far as ``viewer`` sees it; in 3 queries."""
    grants = RoleGrant.objects.visible_to(viewer, Action.VIEW_DIRECTORY, day).filter(user=person)
    places = Organization.objects.visible_to(viewer, Action.VIEW_DIRECTORY, day)
    not_over = Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    teaching = Staffing.objects.filter(not_over, user=person, group__school__in=places)
    teaching = teaching.filter(Q(group__ends_on__isnull=True) | Q(group__ends_on__gte=day))
    students = Caseload.objects.visible_to(viewer, Action.VIEW_PROFILE, day).filter(in_force(day), manager=person)
    return Work(
        list(grants.select_related("organization").order_by("-starts_on", "-pk")),
        list(teaching.select_related("group__school").order_by("group__sort_key", "pk")),
        students.values("student").distinct().count(),
    )


def propose_username(given_name: str, family_name: str, district_id: int | None) -> str:
    """First letter and family name, such as jmoore; with the next number when somebody of the district has it."""
    stem = _stem(given_name)[:1] + _stem(family_name)
    stem = stem[:LONGEST_NAME] or "person"
    alike = User.objects.filter(district=district_id, username__istartswith=stem)
    taken = set(alike.values_list(Lower("username"), flat=True))
    if stem not in taken:
        return stem
    return next(name for n in range(2, len(taken) + 3) if (name := f"{stem}{n}") not in taken)


def _stem(name: str) -> str:
    return "".join(letter for letter in sort_key(name) if letter.isalnum())
