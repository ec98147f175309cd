"""The people of the tests: two districts, each with two schools, and one person in every relation.

``own`` is the place that most people here belong to. The other places are alike, and nobody of ``own`` has
anything to do with them, except where a name says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils import timezone

from curriculum.models import (
    ContentArea,
    Framework,
    FrameworkWriter,
    GuideLevel,
    Prerequisite,
    Scale,
    ScaleLevel,
    Target,
    Topic,
)
from curriculum.services import adopt_own
from lpm.people.enums import CaseloadKind, CaseloadScope, GroupKind, OrganizationKind, Role, StaffRole
from lpm.people.models import (
    Caseload,
    Enrollment,
    Group,
    Guardianship,
    OperatorSession,
    Organization,
    RoleGrant,
    Staffing,
    Student,
    User,
)
from lpm.people.services import create_organization

DAY = date(2026, 11, 19)  # a Thursday in term
PASSWORD = "stones on a trail"
LEVEL_NAMES = ["looking for a way in", "getting started", "developing", "proficient", "going further"]


@dataclass
class Place:
    """A class with a student in it, and where it is."""

    district: Organization
    school: Organization
    group: Group
    student: Student
    framework: Framework
    topic: Topic
    targets: list[Target]


@dataclass
class World:
    """``places`` by name: own, other_class, other_school, other_district. ``people`` by what they are."""

    places: dict[str, Place] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        for known in (vars(self).get("places", {}), vars(self).get("people", {})):  # neither, while it is unpickled
            if name in known:
                return known[name]
        raise AttributeError(name)

    @property
    def topic(self) -> Topic:
        return self.places["own"].topic

    @property
    def targets(self) -> list[Target]:
        return self.places["own"].targets


def build_world(day: date = DAY) -> World:
    world = World()
    north = create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)
    south = create_organization(kind=OrganizationKind.DISTRICT, name="South", parent=None)
    hill, lake = (
        create_organization(kind=OrganizationKind.SCHOOL, name=name, parent=north) for name in ("Hill", "Lake")
    )
    shore, _dune = (
        create_organization(kind=OrganizationKind.SCHOOL, name=name, parent=south) for name in ("Shore", "Dune")
    )
    northern, southern = (
        build_framework(north, "Northern mathematics"),
        build_framework(south, "Southern mathematics"),
    )
    world.places = {
        "own": build_place(hill, north, "Birch", northern, day),
        "other_class": build_place(hill, north, "Alder", northern, day),
        "other_school": build_place(lake, north, "Cedar", northern, day),
        "other_district": build_place(shore, south, "Palm", southern, day),
    }
    add_people(world, day)
    return world


def build_framework(owner: Organization, title: str, target_count: int = 4) -> Framework:
    scale = Scale.objects.create(owner=owner, name="0 to 4")
    for value, name in enumerate(LEVEL_NAMES):
        ScaleLevel.objects.create(scale=scale, value=Decimal(value), name=name, description=f"In general: {name}")
    framework = Framework.objects.create(owner=owner, scale=scale, title=title, case_identifier=f"case of {title}")
    area = ContentArea.objects.create(framework=framework, case_identifier="area", title="Mathematics", position=1)
    topic = Topic.objects.create(area=area, case_identifier="topic", title="Fractions", code="FR", position=1)
    targets = [
        Target.objects.create(
            topic=topic,
            case_identifier=f"{title} {n}",
            code=f"FR.{n}",
            short_title=f"Step {n}",
            statement=f"Takes step {n} with fractions",
            i_can=f"I can take step {n}",
            grades=["05"],
            position=n,
        )
        for n in range(1, target_count + 1)
    ]
    adopt_own(framework=framework, actor=None, day=DAY)
    for before, after in pairwise(targets):
        Prerequisite.objects.create(target=after, required=before)
    for value in range(5):
        GuideLevel.objects.create(target=targets[0], value=Decimal(value), description=f"Step 1 at {value}")
    return framework


def build_place(school: Organization, district: Organization, name: str, framework: Framework, day: date) -> Place:
    group = Group.objects.create(
        district=district,
        school=school,
        kind=GroupKind.CLASS,
        name=name,
        starts_on=day - timedelta(days=80),
        ends_on=day + timedelta(days=200),
    )
    student = enroll(group, given_name="Amara", family_name=f"of {name}", grade="05", born_on=date(2016, 3, 1))
    topic = Topic.objects.get(area__framework=framework)
    return Place(district, school, group, student, framework, topic, list(topic.targets.order_by("position")))


def enroll(group: Group, **names: object) -> Student:
    student = Student.objects.create(district=group.district, school=group.school, **names)
    Enrollment.objects.create(district=group.district, group=group, student=student)
    return student


def person(name: str, organization: Organization | None) -> User:
    user = User(
        username=name,
        given_name=name.replace("_", " ").title(),
        family_name="Person",
        organization=organization,
    )
    user.set_password(PASSWORD)
    user.save()
    return user


def add_people(world: World, day: date) -> None:
    own, people = world.places["own"], world.people

    def add(name: str, organization: Organization | None = own.school) -> User:
        people[name] = person(name, organization)
        return people[name]

    own.student.user = add("student")
    own.student.save()
    classmate = enroll(own.group, given_name="Ben", family_name="Classmate", born_on=date(2016, 5, 1))
    classmate.user = add("classmate")
    classmate.save()
    grown = enroll(own.group, given_name="Gwen", family_name="Grown", born_on=date(2008, 1, 1))
    grown.user = add("grown_student")
    grown.save()
    guard(add("guardian", own.district), own.student)
    guard(add("past_guardian", own.district), own.student, ends_on=day - timedelta(days=1))
    guard(add("restricted_guardian", own.district), own.student, is_restricted=True)
    guard(add("guardian_of_grown", own.district), grown)
    guard(add("guardian_from_nowhere", None), own.student)
    teach(add("teacher"), own.group)
    teach(add("co_teacher"), own.group, role=StaffRole.CO_TEACHER)
    teach(add("past_teacher"), own.group, ends_on=day - timedelta(days=15))
    teach(add("substitute"), own.group, role=StaffRole.SUBSTITUTE, starts_on=day, ends_on=day)
    teach(
        add("past_substitute"),
        own.group,
        role=StaffRole.SUBSTITUTE,
        starts_on=day - timedelta(days=1),
        ends_on=day - timedelta(days=1),
    )
    Caseload.objects.create(district=own.district, manager=add("case_manager"), student=own.student)
    grant(add("leader"), own.school, Role.LEADER)
    grant(add("past_leader"), own.school, Role.LEADER, ends_on=day - timedelta(days=1))
    teach(add("teacher_here_leader_there"), own.group)
    grant(people["teacher_here_leader_there"], world.places["other_school"].school, Role.LEADER)
    grant(add("administrator", own.district), own.district, Role.ADMINISTRATOR)
    grant(add("office"), own.school, Role.OFFICE)
    grant(add("privacy_officer", own.district), own.district, Role.PRIVACY_OFFICER)
    counsel = {"district": own.district, "student": own.student}
    Caseload.objects.create(**counsel, manager=add("counselor"), kind=CaseloadKind.COUNSELOR)
    Caseload.objects.create(
        **counsel, manager=add("narrow_caseload"), kind=CaseloadKind.THERAPIST, scope=CaseloadScope.PROFILE
    )
    guard(add("guardian_allowed", own.district), grown, student_allows=True)
    away = Group.objects.create(district=own.district, school=own.school, kind=GroupKind.SEMINAR, name="Fir")
    teach(add("school_teacher"), away)
    look_in(add("operator", None), own.district)
    look_in(add("past_operator", None), own.district, hours=-1)
    grant(add("curriculum_lead", own.district), own.district, Role.CURRICULUM_LEAD)
    FrameworkWriter.objects.create(framework=own.framework, user=add("writer"), starts_on=day)
    past_writer = {"starts_on": day - timedelta(days=9), "ends_on": day - timedelta(days=1)}
    FrameworkWriter.objects.create(framework=own.framework, user=add("past_writer"), **past_writer)
    add("stranger", None)
    far = world.places["other_district"]
    teach(add("teacher_from_afar", far.school), own.group)
    teach(add("far_teacher", far.school), far.group)
    grant(add("far_administrator", far.district), far.district, Role.ADMINISTRATOR)


def look_in(operator: User, organization: Organization, hours: int = 4) -> OperatorSession:
    operator.is_operator = True
    operator.save()
    begin = timezone.now() - timedelta(hours=2)
    return OperatorSession.objects.create(
        operator=operator,
        organization=organization,
        reason="Somebody cannot sign in",
        starts_at=begin,
        ends_at=begin + timedelta(hours=2 + hours),
    )


def guard(user: User, student: Student, **fields: object) -> Guardianship:
    return Guardianship.objects.create(district=student.district, guardian=user, student=student, **fields)


def teach(user: User, group: Group, **fields: object) -> Staffing:
    return Staffing.objects.create(user=user, group=group, **fields)


def grant(user: User, organization: Organization, role: Role, **fields: object) -> RoleGrant:
    return RoleGrant.objects.create(user=user, organization=organization, role=role, **fields)
