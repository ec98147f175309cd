"""What the builders share: the plan, what is there of it already, and whom to tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from curriculum.models import ContentArea, Target
from lpm.demo.calculations.plan import Plan
from lpm.people.enums import OrganizationKind
from lpm.people.models import Group, Organization, Student, User

Say = Callable[[str], None]


@dataclass
class Making:
    """The district under way. What is looked up here is read when somebody first asks, and kept: a builder asks only
    for what those before it have made."""

    plan: Plan
    say: Say

    @property
    def day(self) -> date:
        return self.plan.day

    @cached_property
    def district(self) -> Organization:
        return Organization.objects.get(kind=OrganizationKind.DISTRICT)

    @cached_property
    def schools(self) -> Mapping[str, Organization]:
        """By the key of the plan, as are all of these."""
        rows = Organization.objects.filter(kind=OrganizationKind.SCHOOL, parent=self.district)
        return {row.sourced_id: row for row in rows.select_related("parent")}

    @cached_property
    def users(self) -> Mapping[str, User]:
        rows = User.objects.filter(district=self.district, source__isnull=False)
        return {row.sourced_id: row for row in rows.select_related("organization")}

    @cached_property
    def students(self) -> Mapping[str, Student]:
        """Those who have not come yet, by the plan, are not among them."""
        rows = Student.objects.filter(district=self.district).select_related("school")
        return {row.sourced_id: row for row in rows}

    @cached_property
    def groups(self) -> Mapping[str, Group]:
        rows = Group.objects.filter(district=self.district, source__isnull=False)
        return {row.sourced_id: row for row in rows.select_related("school")}

    @cached_property
    def targets(self) -> Mapping[str, Target]:
        """By code."""
        return {row.code: row for row in Target.objects.current().select_related("topic__area")}

    @cached_property
    def areas(self) -> list[ContentArea]:
        return list(ContentArea.objects.order_by("position", "pk"))

    def person(self, username: str) -> User:
        return User.objects.select_related("organization").get(username=username)
