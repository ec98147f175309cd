"""What each relation of the policy means, in lookups and dates: the one place where it is written.

Each rule returns a condition on rows of one model; a relation may have several. ``permitted`` collects the rules of
the relations that the policy gives an action. No rule means no rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db.models import Q

from lpm.people.enums import ImportKind, Role, StaffRole
from lpm.people.policy import POLICY, Action, Relation

if TYPE_CHECKING:
    from lpm.people.models import User

Rule = Callable[["User", date], Q]
Rules = Mapping[Relation, Sequence[Rule]]

OPENS_BEFORE = timedelta(days=30)  # for planning
CLOSES_AFTER = timedelta(days=14)  # for reports
AGE_OF_RIGHTS = 18
HERE_OR_ABOVE, HERE_OR_BELOW = "lineage__ancestor__", "below__descendant__"  # from an organization


def permitted(
    rules: Rules, user: User, action: Action, day: date, through: Collection[Relation] = tuple(Relation)
) -> list[Q]:
    """The conditions of the relations among ``through`` that give ``action``; any of them is enough."""
    if not user.is_authenticated or not user.is_active:
        return []
    giving = [relation for relation in rules if relation in POLICY[action] and relation in through]
    return [rule(user, day) for relation in giving for rule in rules[relation]]


def in_force(day: date, prefix: str = "") -> Q:
    """``starts_on`` to ``ends_on``, both inclusive; an open end is in force for ever."""
    return _dated(prefix, day, day)


def in_window(day: date, prefix: str = "") -> Q:
    """In force on ``day``, or soon to be, or until just now."""
    return _dated(prefix, day + OPENS_BEFORE, day - CLOSES_AFTER)


def _dated(prefix: str, latest_start: date, earliest_end: date) -> Q:
    return (Q(**{f"{prefix}starts_on__isnull": True}) | Q(**{f"{prefix}starts_on__lte": latest_start})) & (
        Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": earliest_end})
    )


def birthday_before(day: date) -> date:
    """The latest birth date of somebody who has reached the age of rights on ``day``."""
    try:
        return day.replace(year=day.year - AGE_OF_RIGHTS)
    except ValueError:  # February 29
        return day.replace(year=day.year - AGE_OF_RIGHTS, day=28)


def _granted(prefix: str, role: Role) -> Rule:
    """Holds ``role`` over the organization at ``prefix`` or over one above it."""
    grant = f"{prefix}{HERE_OR_ABOVE}grants__"

    def rule(user: User, day: date) -> Q:
        return Q(**{f"{grant}user": user, f"{grant}role": role}) & in_force(day, grant)

    return rule


def _leads(prefix: str, roles: list[StaffRole], dated: Callable[[date, str], Q]) -> Rule:
    """Is there in one of ``roles``, while the group at ``prefix`` lasts and they are in it, as ``dated`` says."""

    def rule(user: User, day: date) -> Q:
        staffed = Q(**{f"{prefix}staffing__user": user, f"{prefix}staffing__role__in": roles})
        return staffed & dated(day, prefix) & dated(day, f"{prefix}staffing__")

    return rule


_teaches = partial(_leads, roles=[StaffRole.TEACHER, StaffRole.CO_TEACHER], dated=in_window)
_substitutes = partial(_leads, roles=[StaffRole.SUBSTITUTE], dated=in_force)
_works = partial(_leads, roles=list(StaffRole), dated=in_window)


def _taught(user: User, day: date) -> Q:
    return _teaches("enrollments__group__")(user, day) & in_window(day, "enrollments__")


def _substituted(user: User, day: date) -> Q:
    return _substitutes("enrollments__group__")(user, day) & in_force(day, "enrollments__")


def _in_contact(prefix: str) -> Rule:
    """Is an unrestricted guardian of the student at ``prefix``."""
    contact = f"{prefix}guardianships__"

    def rule(user: User, day: date) -> Q:
        return Q(**{f"{contact}guardian": user, f"{contact}is_restricted": False}) & in_force(day, contact)

    return rule


def _guarded(user: User, day: date) -> Q:
    under_age = Q(born_on__isnull=True) | Q(born_on__gt=birthday_before(day))
    return _in_contact("")(user, day) & under_age


def _on_caseload(user: User, day: date) -> Q:
    return Q(caseloads__manager=user) & in_force(day, "caseloads__")


def _learns(user: User, day: date) -> Q:
    seat = f"{HERE_OR_BELOW}groups__enrollments__"
    return Q(**{f"{seat}student__user": user}) & in_window(day, seat) & in_window(day, f"{HERE_OR_BELOW}groups__")


def _holds_role(prefix: str) -> Rule:
    """Holds any role over the organization at ``prefix``."""

    def rule(user: User, day: date) -> Q:
        return Q(**{f"{prefix}grants__user": user}) & in_force(day, f"{prefix}grants__")

    return rule


STUDENT_RULES: Rules = {
    Relation.SELF: [lambda user, day: Q(user=user)],
    Relation.GUARDIAN: [_guarded],
    Relation.TEACHER: [_taught],
    Relation.SUBSTITUTE: [_substituted],
    Relation.CASE_MANAGER: [_on_caseload],
    Relation.LEADER: [_granted("school__", Role.LEADER)],
    Relation.ADMINISTRATOR: [_granted("school__", Role.ADMINISTRATOR)],
}

GROUP_RULES: Rules = {
    Relation.TEACHER: [_teaches("")],
    Relation.SUBSTITUTE: [_substitutes("")],
    Relation.LEADER: [_granted("school__", Role.LEADER)],
    Relation.ADMINISTRATOR: [_granted("school__", Role.ADMINISTRATOR)],
}

ORGANIZATION_RULES: Rules = {
    Relation.LEADER: [_granted("", Role.LEADER)],
    Relation.ADMINISTRATOR: [_granted("", Role.ADMINISTRATOR)],
    Relation.CURRICULUM_LEAD: [_granted("", Role.CURRICULUM_LEAD)],
    Relation.MEMBER: [
        lambda user, day: Q(**{f"{HERE_OR_BELOW}members": user}),
        lambda user, day: Q(**{f"{HERE_OR_ABOVE}members": user}),
        _holds_role(HERE_OR_BELOW),
        _holds_role(HERE_OR_ABOVE),
        _learns,
        _works(f"{HERE_OR_BELOW}groups__"),
        _in_contact(f"{HERE_OR_BELOW}students__"),
    ],
}

IMPORT_RULES: Rules = {
    Relation.ADMINISTRATOR: [_granted("organization__", Role.ADMINISTRATOR)],
    Relation.CURRICULUM_LEAD: [
        lambda user, day: Q(kind=ImportKind.CURRICULUM) & _granted("organization__", Role.CURRICULUM_LEAD)(user, day)
    ],
}
