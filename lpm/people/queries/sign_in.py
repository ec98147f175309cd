"""Who somebody is that wants to come in, and by which rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q

from lpm.people.access import in_force
from lpm.people.enums import BadgePurpose, Role
from lpm.people.models import (
    Badge,
    Caseload,
    Group,
    Guardianship,
    PeopleSettings,
    RoleGrant,
    SchoolYear,
    Staffing,
    Student,
    User,
)

MOST_OF_ONE_NAME = 5  # each has its password tried
LEADING = [Role.LEADER, Role.ADMINISTRATOR, Role.PRIVACY_OFFICER]
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


@dataclass(frozen=True)
class SessionRules:
    """``lasts`` from sign-in on, whatever is done meanwhile; ``stays`` when the browser is closed."""

    lasts: timedelta
    stays: bool
    needs_second_factor: bool


def people_called(name: str) -> list[User]:
    """Those with an open account whose sign-in name is ``name``, or whose e-mail address."""
    named = list(User.objects.named(name).filter(is_active=True).order_by("pk")[:MOST_OF_ONE_NAME])
    return list(dict.fromkeys([*named, *people_of_email(name)]))


def people_of_email(email: str, username: str = "") -> list[User]:
    """Those with an open account and that address; ``username`` tells people apart who share one."""
    if "@" not in email:
        return []
    people = User.objects.filter(email__iexact=email, is_active=True)
    if username:
        people = people.filter(pk__in=User.objects.named(username).values("pk"))
    return list(people.order_by("pk")[:MOST_OF_ONE_NAME])


def session_rules(user: User, *, own_device: bool, day: date) -> SessionRules:
    """Whoever leads has no session that outlives the day, on whichever device. A family's lasts the longest."""
    places = _places_led(user, day)
    leads = bool(places) or user.is_operator
    settings = _settings_in_force(user.organization_id, day, "shared_hours", "own_days", "family_days")
    stays = own_device and not leads
    own_days = settings["family_days" if stays and _is_family_alone(user, day) else "own_days"]
    lasts = timedelta(days=own_days) if stays else timedelta(hours=settings["shared_hours"])
    return SessionRules(lasts, stays, user.is_operator or _second_factor_wanted(places, day))


def needs_second_factor(user: User, day: date) -> bool:
    """Operators always; leaders, administrators and privacy officers where the settings say so."""
    return user.is_operator or _second_factor_wanted(_places_led(user, day), day)


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists())


def _is_family_alone(user: User, day: date) -> bool:
    """Whether somebody is a guardian and nothing else: no student, and nobody of the staff."""
    guards = Guardianship.objects.filter(in_force(day), guardian=user)
    works = [rows.filter(in_force(day), user=user) for rows in (Staffing.objects, RoleGrant.objects)]
    others = [*works, Caseload.objects.filter(in_force(day), manager=user), Student.objects.filter(user=user)]
    return guards.exists() and not any(rows.exists() for rows in others)


def _places_led(user: User, day: date) -> list[int]:
    grants = RoleGrant.objects.filter(in_force(day), user=user, role__in=LEADING)
    return list(grants.values_list("organization_id", flat=True))


def _second_factor_wanted(places: list[int], day: date) -> bool:
    wanted = "leaders_need_second_factor"
    return any(_settings_in_force(place, day, wanted)[wanted] for place in places)


def _settings_in_force(organization_id: int | None, day: date, *fields: str) -> dict[str, Any]:
    said = PeopleSettings.objects.in_force(organization_id, day, *fields) if organization_id else {}
    return {field: said.get(field, PeopleSettings.DEFAULTS[field]) for field in fields}


def sessions_of(user: User) -> list[UserSession]:
    """Where somebody is signed in, the newest first; those that are over are cleared away."""
    return sorted(UserSession.objects.purge_and_list(user), key=lambda session: session.created_at, reverse=True)


def badges_allowed(school_id: int, day: date) -> bool:
    return bool(_settings_in_force(school_id, day, "badges_allowed")["badges_allowed"])


def end_of_school_year(school_id: int, day: date) -> date | None:
    """The last day of the year at the school, or of its district; None when none is on."""
    years = SchoolYear.objects.filter(organization__below__descendant=school_id, starts_on__lte=day, ends_on__gte=day)
    return years.order_by("organization__below__depth").values_list("ends_on", flat=True).first()


@dataclass(frozen=True)
class BadgeRow:
    """A student of a group; ``expires_on`` of the badge that opens their pages, None when there is none."""

    student: Student
    has_account: bool
    expires_on: date | None


def badge_rows(group: Group, user: User, day: date) -> list[BadgeRow]:
    """The students of the group, by the names that ``user`` knows; in 2 queries."""
    students = Student.objects.enrolled_in(group.pk, day).unmerged().select_related("user").by_name()
    badges = dict(
        Badge.objects.filter(badge_is_good(day), user__student__in=students.order_by())
        .order_by("made_at")
        .values_list("user_id", "expires_on")
    )
    return [
        BadgeRow(student, _has_account(student), badges.get(student.user_id or 0))
        for student in students.named_for(user)
    ]


def _has_account(student: Student) -> bool:
    return student.user is not None and student.user.is_active


def badge_is_good(day: date) -> Q:
    return Q(purpose=BadgePurpose.SIGN_IN, revoked_at=None, expires_on__gte=day)


def badge_still_good(badge: str | UUID, day: date) -> bool:
    return Badge.objects.filter(badge_is_good(day), uuid=badge).exists()
