"""What each relation of the policy means, in lookups and dates: the one place where it is written.

Each rule returns a condition on rows of one model; a relation may have several. ``permitted`` collects the rules of
the relations that the policy gives an action. No rule means no rows.

Most rules lead from a row to an organization, a group or a student of which a ``Fact`` holds for the person. They are
asked in the query itself; within a request, where they are asked again and again, by the keys of what each fact holds
of, which are few and read once (``standing.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Q
from django.utils import timezone

from lpm.people.access.dates import in_force, in_window, under_age
from lpm.people.access.standing import NOBODY, Condition, Fact, OfRow, Rule, Through, conditions_of
from lpm.people.enums import CaseloadKind, CaseloadScope, ImportKind, Part, Role, StaffRole
from lpm.people.policy import OPENED_BY, POLICY, Action, Relation

if TYPE_CHECKING:
    from lpm.people.models import User

Rules = Mapping[Relation, Sequence[Rule]]

HERE_OR_ABOVE, HERE_OR_BELOW = "lineage__ancestor__", "below__descendant__"  # from an organization


def permitted(
    rules: Rules, user: User, action: Action, day: date, through: Collection[Relation] = tuple(Relation)
) -> list[Q]:
    """The conditions of the relations among ``through`` that give ``action``; any of them is enough."""
    if not user.is_authenticated or not user.is_active:
        return []
    giving = [relation for relation in rules if relation in POLICY[action] and relation in through]
    parts = OPENED_BY.get(action, {})
    asked = [opened(rule, parts.get(relation)) for relation in giving for rule in rules[relation]]
    return conditions_of(asked, user, day, USUAL)


@cache
def opened(rule: Rule, part: Part | None) -> Rule:
    """The rule where the student's school has ``part`` on; None: everywhere."""
    if part is None:
        return rule
    if isinstance(rule, Through):
        assert rule.also is None
        return Through(rule.fact, rule.path, rule.kinds, _is_on(part))
    return lambda user, day: rule(user, day) & _is_on(part)(day)


@cache
def _is_on(part: Part) -> Condition:
    """The student's school has it on. Not by a join, which a lock would take along."""

    def condition(day: date) -> Q:
        schools = apps.get_model("people", "Organization")._base_manager.filter(parts__contains=[part])
        return OfRow(school__in=schools.order_by().values("pk"))

    return condition


def _granted(prefix: str, roles: Collection[str]) -> Rule:
    """Holds one of ``roles`` over the organization at ``prefix`` or over one above it."""
    grant = f"{prefix}{HERE_OR_ABOVE}grants__"

    def rule(user: User, day: date) -> Q:
        return Q(**{f"{grant}user": user, f"{grant}role__in": roles}) & in_force(day, grant)

    return rule


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


def _in_contact(prefix: str) -> Rule:
    """Is an unrestricted guardian of the student at ``prefix``."""
    contact = f"{prefix}guardianships__"

    def rule(user: User, day: date) -> Q:
        return Q(**{f"{contact}guardian": user, f"{contact}is_restricted": False}) & in_force(day, contact)

    return rule


def _guarded(user: User, day: date) -> Q:
    return _in_contact("")(user, day) & (under_age(day) | Q(guardianships__student_allows=True))


def _heard(user: User, day: date) -> Q:
    """Is a restricted guardian whom the school lets write all the same; for as long as any guardian may."""
    contact = Q(guardianships__guardian=user, guardianships__is_restricted=True, guardianships__may_write=True)
    return contact & in_force(day, "guardianships__") & under_age(day)


def _on_caseload(scopes: Collection[CaseloadScope], kinds: Collection[str]) -> Rule:
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


def _learns(prefix: str) -> Rule:
    """Has a seat in a group of the organization at ``prefix``."""
    group = f"{prefix}groups__"
    seat = f"{group}enrollments__"

    def rule(user: User, day: date) -> Q:
        return Q(**{f"{seat}student__user": user}) & in_window(day, seat, "group__school__") & in_window(day, group)

    return rule


def _holds_role(prefix: str) -> Rule:
    """Holds any role over the organization at ``prefix``."""

    def rule(user: User, day: date) -> Q:
        return Q(**{f"{prefix}grants__user": user}) & in_force(day, f"{prefix}grants__")

    return rule


def _belongs(prefix: str) -> Rule:
    """Is somebody of the organization at ``prefix``."""
    return lambda user, day: Q(**{f"{prefix}members": user})


# What may hold of an organization, a group or a student for somebody.
GRANTED = Fact("Organization", _granted, kinds=tuple(Role), kind=f"{HERE_OR_ABOVE}grants__role")
LOOKED_INTO = Fact("Organization", _looks_in, is_of_operators=True)
TAUGHT_AT_NOW = Fact("Organization", lambda prefix: _teaches_now(f"{prefix}groups__"))
TAUGHT = Fact("Group", _teaches)
STOOD_IN_FOR = Fact("Group", _substitutes)
GUARDED = Fact("Student", lambda prefix: _guarded)
ON_CASELOAD = Fact(
    "Student", lambda prefix, kinds: _on_caseload([CaseloadScope.RECORD], kinds), tuple(CaseloadKind), "caseloads__kind"
)
ON_ANY_CASELOAD = Fact("Student", lambda prefix: _on_caseload(list(CaseloadScope), list(CaseloadKind)))

WORKED_AT = Fact("Organization", lambda prefix: _works(f"{prefix}groups__"))
LEARNED_AT = Fact("Organization", _learns)
OF_CHILDREN = Fact("Organization", lambda prefix: _in_contact(f"{prefix}students__"))
ROLE_HELD = Fact("Organization", _holds_role)
BELONGED_TO = Fact("Organization", _belongs)

# Nearly every page asks for several of these.
USUAL = [GRANTED, LOOKED_INTO, TAUGHT_AT_NOW, TAUGHT, STOOD_IN_FOR, GUARDED, ON_CASELOAD, ON_ANY_CASELOAD]


def _by_role(prefix: str) -> Rules:
    """The relations that come from a role granted over the organization at ``prefix`` or over one above it."""
    return {
        Relation.LEADER: [Through(GRANTED, prefix, (Role.LEADER,))],
        Relation.ADMINISTRATOR: [Through(GRANTED, prefix, (Role.ADMINISTRATOR,))],
        Relation.OFFICE: [Through(GRANTED, prefix, (Role.OFFICE,))],
        Relation.CURRICULUM_LEAD: [Through(GRANTED, prefix, (Role.CURRICULUM_LEAD,))],
        Relation.PRIVACY_OFFICER: [Through(GRANTED, prefix, (Role.PRIVACY_OFFICER,))],
    }


SEATS = "enrollments__"

STUDENT_RULES: Rules = {
    Relation.SELF: [lambda user, day: OfRow(user=user)],
    Relation.GUARDIAN: [Through(GUARDED)],
    Relation.HEARD_GUARDIAN: [_heard],
    Relation.TEACHER: [
        Through(TAUGHT, f"{SEATS}group__", also=lambda day: in_window(day, SEATS, "group__school__")),
    ],
    Relation.SUBSTITUTE: [Through(STOOD_IN_FOR, f"{SEATS}group__", also=lambda day: in_force(day, SEATS))],
    Relation.CASE_MANAGER: [Through(ON_CASELOAD, "", (CaseloadKind.CASE_MANAGER, CaseloadKind.LANGUAGE_TEACHER))],
    Relation.COUNSELOR: [Through(ON_CASELOAD, "", (CaseloadKind.COUNSELOR, CaseloadKind.THERAPIST))],
    Relation.CASELOAD: [Through(ON_ANY_CASELOAD)],
    Relation.SCHOOL_TEACHER: [Through(TAUGHT_AT_NOW, "school__")],
    Relation.OPERATOR: [Through(LOOKED_INTO, "school__")],
    **_by_role("school__"),
}

GROUP_RULES: Rules = {
    Relation.TEACHER: [Through(TAUGHT)],
    Relation.SUBSTITUTE: [Through(STOOD_IN_FOR)],
    Relation.OPERATOR: [Through(LOOKED_INTO, "school__")],
    **_by_role("school__"),
}

ORGANIZATION_RULES: Rules = {
    **_by_role(""),
    Relation.SCHOOL_TEACHER: [Through(TAUGHT_AT_NOW)],
    Relation.OPERATOR: [Through(LOOKED_INTO)],
    Relation.STAFF: [
        Through(ROLE_HELD, HERE_OR_BELOW),
        Through(ROLE_HELD, HERE_OR_ABOVE),
        Through(WORKED_AT, HERE_OR_BELOW),
    ],
    Relation.MEMBER: [
        Through(BELONGED_TO, HERE_OR_BELOW),
        Through(BELONGED_TO, HERE_OR_ABOVE),
        Through(ROLE_HELD, HERE_OR_BELOW),
        Through(ROLE_HELD, HERE_OR_ABOVE),
        Through(LEARNED_AT, HERE_OR_BELOW),
        Through(WORKED_AT, HERE_OR_BELOW),
        Through(OF_CHILDREN, HERE_OR_BELOW),
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
    Relation.ADMINISTRATOR: [Through(GRANTED, "organization__", (Role.ADMINISTRATOR,))],
    Relation.CURRICULUM_LEAD: [
        Through(GRANTED, "organization__", (Role.CURRICULUM_LEAD,), also=lambda day: Q(kind=ImportKind.CURRICULUM))
    ],
}
