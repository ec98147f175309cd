"""What each relation of the policy means, in lookups and dates: the one place where it is written.

Each rule returns a condition on rows of one model; a relation may have several. ``permitted`` collects the rules of
the relations that the policy gives an action. No rule means no rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from django.db.models import DateField, DateTimeField, DurationField, Expression, ExpressionWrapper, F, Func, Q, Value
from django.db.models.functions import Cast
from django.utils import timezone

from lpm.people.enums import CaseloadKind, CaseloadScope, ImportKind, Role, StaffRole
from lpm.people.policy import POLICY, Action, Relation

if TYPE_CHECKING:
    from lpm.people.models import User

Rule = Callable[["User", date], Q]
Rules = Mapping[Relation, Sequence[Rule]]

NOBODY = Q(pk__in=())
HERE_OR_ABOVE, HERE_OR_BELOW = "lineage__ancestor__", "below__descendant__"  # from an organization


def permitted(
    rules: Rules, user: User, action: Action, day: date, through: Collection[Relation] = tuple(Relation)
) -> list[Q]:
    """The conditions of the relations among ``through`` that give ``action``; any of them is enough."""
    if not user.is_authenticated or not user.is_active:
        return []
    giving = [relation for relation in rules if relation in POLICY[action] and relation in through]
    conditions = [rule(user, day) for rule in _together(rule for relation in giving for rule in rules[relation])]
    return [condition for condition in conditions if condition is not NOBODY]


def _together(rules: Iterable[Rule]) -> list[Rule]:
    """Roles over the same organization are looked for at once."""
    granted: dict[str, Granted] = {}
    others: list[Rule] = []
    for rule in rules:
        if isinstance(rule, Granted):
            known = granted.get(rule.prefix)
            granted[rule.prefix] = Granted(rule.prefix, (*(known.roles if known else ()), *rule.roles))
        else:
            others.append(rule)
    return [*others, *granted.values()]


def in_force(day: date, prefix: str = "") -> Q:
    """``starts_on`` to ``ends_on``, both inclusive; an open end is in force for ever."""
    return _dated(prefix, day, day)


def in_window(day: date, prefix: str = "", school: str = "school__") -> Q:
    """In force on ``day``, or soon to be, or until just now, as the school at ``prefix`` + ``school`` has it.

    Opened early for planning, closed late for reports (``PeopleSettings``).
    """
    opens = ExpressionWrapper(Value(day) + F(f"{prefix}{school}opens_before"), DateField())
    closes = ExpressionWrapper(Value(day) - F(f"{prefix}{school}closes_after"), DateField())
    return _dated(prefix, opens, closes)


def _dated(prefix: str, latest_start: date | Expression, earliest_end: date | Expression) -> Q:
    return (Q(**{f"{prefix}starts_on__isnull": True}) | Q(**{f"{prefix}starts_on__lte": latest_start})) & (
        Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": earliest_end})
    )


def under_age(day: date) -> Q:
    """Students who have not reached the age at which rights pass to them. Without a birth date nobody can tell: a
    child is assumed, and the office is shown who they are."""
    return Q(born_on__isnull=True) | Q(born_on__gt=birthday_before(day, F("school__age_of_rights")))


def birthday_before(day: date, years: F) -> ExpressionWrapper[Cast]:
    """The latest birth date of somebody who is ``years`` old on ``day``; on February 29 the 28th counts."""
    age = Func(years, function="make_interval", template="%(function)s(years => %(expressions)s)")
    age.output_field = DurationField()
    earlier = ExpressionWrapper(Value(day, DateField()) - age, DateTimeField())
    return ExpressionWrapper(Cast(earlier, DateField()), DateField())


@dataclass(frozen=True)
class Granted:
    """Holds one of ``roles`` over the organization at ``prefix`` or over one above it."""

    prefix: str
    roles: tuple[Role, ...]

    def __call__(self, user: User, day: date) -> Q:
        grant = f"{self.prefix}{HERE_OR_ABOVE}grants__"
        return Q(**{f"{grant}user": user, f"{grant}role__in": self.roles}) & in_force(day, grant)


def _by_role(prefix: str) -> Rules:
    """The relations that come from a role granted over the organization at ``prefix`` or over one above it."""
    return {
        Relation.LEADER: [Granted(prefix, (Role.LEADER,))],
        Relation.ADMINISTRATOR: [Granted(prefix, (Role.ADMINISTRATOR,))],
        Relation.OFFICE: [Granted(prefix, (Role.OFFICE,))],
        Relation.CURRICULUM_LEAD: [Granted(prefix, (Role.CURRICULUM_LEAD,))],
        Relation.PRIVACY_OFFICER: [Granted(prefix, (Role.PRIVACY_OFFICER,))],
    }


def _leads(prefix: str, roles: list[StaffRole], dated: Callable[[date, str, str], Q]) -> Rule:
    """Is there in one of ``roles``, while the group at ``prefix`` lasts and they are in it, as ``dated`` says."""

    def rule(user: User, day: date) -> Q:
        staffed = Q(**{f"{prefix}staffing__user": user, f"{prefix}staffing__role__in": roles})
        return staffed & dated(day, prefix, "school__") & dated(day, f"{prefix}staffing__", "group__school__")

    return rule


def _exactly(day: date, prefix: str, school: str) -> Q:
    """No window around it, whatever the school says."""
    return in_force(day, prefix)


TEACHING_ROLES = [StaffRole.TEACHER, StaffRole.CO_TEACHER]
_teaches = partial(_leads, roles=TEACHING_ROLES, dated=in_window)
_teaches_now = partial(_leads, roles=TEACHING_ROLES, dated=_exactly)
_substitutes = partial(_leads, roles=[StaffRole.SUBSTITUTE], dated=_exactly)
_works = partial(_leads, roles=list(StaffRole), dated=in_window)


def _taught(user: User, day: date) -> Q:
    return _teaches("enrollments__group__")(user, day) & in_window(day, "enrollments__", "group__school__")


def _substituted(user: User, day: date) -> Q:
    return _substitutes("enrollments__group__")(user, day) & in_force(day, "enrollments__")


def _in_contact(prefix: str) -> Rule:
    """Is an unrestricted guardian of the student at ``prefix``."""
    contact = f"{prefix}guardianships__"

    def rule(user: User, day: date) -> Q:
        return Q(**{f"{contact}guardian": user, f"{contact}is_restricted": False}) & in_force(day, contact)

    return rule


def _guarded(user: User, day: date) -> Q:
    return _in_contact("")(user, day) & (under_age(day) | Q(guardianships__student_allows=True))


def _on_caseload(*kinds: CaseloadKind, scopes: Collection[CaseloadScope] = (CaseloadScope.RECORD,)) -> Rule:
    """Has the student on a caseload of one of ``kinds`` that opens one of ``scopes``."""

    def rule(user: User, day: date) -> Q:
        listed = Q(caseloads__manager=user, caseloads__kind__in=kinds, caseloads__scope__in=scopes)
        return listed & in_force(day, "caseloads__")

    return rule


def _looks_in(prefix: str) -> Rule:
    """Has a session open over the organization at ``prefix`` or over one above it."""
    session = f"{prefix}{HERE_OR_ABOVE}operator_sessions__"

    def rule(user: User, day: date) -> Q:
        if not user.is_operator:
            return NOBODY
        now = timezone.now()
        return Q(**{f"{session}operator": user, f"{session}starts_at__lte": now, f"{session}ends_at__gt": now})

    return rule


def _learns(user: User, day: date) -> Q:
    seat = f"{HERE_OR_BELOW}groups__enrollments__"
    return (
        Q(**{f"{seat}student__user": user})
        & in_window(day, seat, "group__school__")
        & in_window(day, f"{HERE_OR_BELOW}groups__")
    )


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
    Relation.CASE_MANAGER: [_on_caseload(CaseloadKind.CASE_MANAGER, CaseloadKind.LANGUAGE_TEACHER)],
    Relation.COUNSELOR: [_on_caseload(CaseloadKind.COUNSELOR, CaseloadKind.THERAPIST)],
    Relation.CASELOAD: [_on_caseload(*CaseloadKind, scopes=list(CaseloadScope))],
    Relation.SCHOOL_TEACHER: [_teaches_now("school__groups__")],
    Relation.OPERATOR: [_looks_in("school__")],
    **_by_role("school__"),
}

GROUP_RULES: Rules = {
    Relation.TEACHER: [_teaches("")],
    Relation.SUBSTITUTE: [_substitutes("")],
    Relation.OPERATOR: [_looks_in("school__")],
    **_by_role("school__"),
}

ORGANIZATION_RULES: Rules = {
    **_by_role(""),
    Relation.SCHOOL_TEACHER: [_teaches_now("groups__")],
    Relation.OPERATOR: [_looks_in("")],
    Relation.STAFF: [_holds_role(HERE_OR_BELOW), _holds_role(HERE_OR_ABOVE), _works(f"{HERE_OR_BELOW}groups__")],
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

# Curricula, beside what their owner gives.
FRAMEWORK_RULES: Rules = {
    Relation.WRITER: [lambda user, day: Q(writers__user=user) & in_force(day, "writers__")],
}

# People with an account, by where they belong; and what hangs on an organization in the field of that name.
USER_RULES: Rules = _by_role("organization__")
GRANT_RULES: Rules = _by_role("organization__")

IMPORT_RULES: Rules = {
    Relation.ADMINISTRATOR: [Granted("organization__", (Role.ADMINISTRATOR,))],
    Relation.CURRICULUM_LEAD: [
        lambda user, day: Q(kind=ImportKind.CURRICULUM) & Granted("organization__", (Role.CURRICULUM_LEAD,))(user, day)
    ],
}
