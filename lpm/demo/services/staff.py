"""Who leads, who looks after what, on whose caseload students are, and who stands in today."""

from __future__ import annotations

from collections.abc import Iterator

from lpm.demo.calculations.schools import MIDDLE, Worker
from lpm.demo.services.making import Making
from lpm.people.enums import CaseloadKind, CaseloadScope, Role
from lpm.people.models import Organization, Student, User
from lpm.people.services import create_user, grant_role
from lpm.people.services.caseloads import add_caseload
from lpm.people.services.groups import assign_substitute

OF_DISTRICT = {
    "superintendent": Role.LEADER,
    "curriculum": Role.CURRICULUM_LEAD,
    "registrar": Role.ADMINISTRATOR,
    "privacy": Role.PRIVACY_OFFICER,
}
WITH_COUNSELOR = 3  # students
WITH_CASE_MANAGER = 12  # at most; a larger district has more teachers who are that too


def give_roles(making: Making) -> None:
    start = making.plan.years[0].starts_on
    for username, role in OF_DISTRICT.items():
        grant_role(user=making.person(username), organization=making.district, role=role, starts_on=start)
    grant_role(user=making.person("office"), organization=making.schools["0m"], role=Role.OFFICE, starts_on=start)
    for worker in making.plan.workers:
        if worker.role == "principal":
            school = making.schools[worker.school]
            grant_role(user=making.users[worker.key], organization=school, role=Role.LEADER, starts_on=start)
    _add_leader_of_consortium(making)
    _add_substitute(making)
    _add_caseloads(making)


def _add_leader_of_consortium(making: Making) -> None:
    consortium = making.district.parent
    assert consortium
    user = create_user(username="consortium", given_name="Barnaby", family_name="Stinson", organization=consortium)
    for role in (Role.LEADER, Role.ADMINISTRATOR):
        grant_role(user=user, organization=consortium, role=role, starts_on=making.plan.years[0].starts_on)


def _add_substitute(making: Making) -> None:
    """Since the last day with school, on which they noted what they saw."""
    own = [one for one in making.plan.sections[0] if one.teachers[0] == "t-thibodeau"]
    assign_substitute(
        groups=[making.groups[own[0].key]],
        user=making.person("standin"),
        first_day=making.plan.last_school_day,
        last_day=making.day,
        actor=None,
        day=making.day,
    )


def _add_caseloads(making: Making) -> None:
    at_lakeside = 0
    for key, (_family, child) in making.plan.children.items():
        student = making.students.get(key)
        if student is None or student.left_on is not None:
            continue
        if "special_education" in child.programmes or key == "s00002":
            at_lakeside += student.school == making.schools[f"0{MIDDLE.code}"]
            manager = _case_manager(making, student.school, has_room=at_lakeside <= WITH_CASE_MANAGER)
            _put(making, student, manager, CaseloadKind.CASE_MANAGER)
        if "multilingual" in child.programmes:
            _put(making, student, making.person("lvasquez"), CaseloadKind.LANGUAGE_TEACHER)
    counselor = making.person("ghale")
    for student in Student.objects.filter(school=making.schools["0m"], left_on=None).by_name()[:WITH_COUNSELOR]:
        _put(making, student, counselor, CaseloadKind.COUNSELOR)


def _put(making: Making, student: Student, manager: User, kind: CaseloadKind) -> None:
    add_caseload(
        student=student,
        manager=manager,
        kind=kind,
        scope=CaseloadScope.RECORD,
        starts_on=making.plan.years[-1].starts_on,
        ends_on=None,
        actor=None,
        day=making.day,
    )


def _case_manager(making: Making, school: Organization, *, has_room: bool) -> User:
    """At Lakeside somebody who does nothing else; at the other schools one of the teachers."""
    if has_room and school.sourced_id == f"0{MIDDLE.code}":
        return making.person("pgreeley")
    return making.users[list(_teachers(making, school))[-1].key]


def _teachers(making: Making, school: Organization) -> Iterator[Worker]:
    return (one for one in making.plan.workers if one.school == school.sourced_id and one.role == "teacher")
