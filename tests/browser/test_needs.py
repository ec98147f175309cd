"""A teacher looks who needs a target and makes a seminar of a column; a student finds it. On a phone and a computer."""

from __future__ import annotations

import re
from decimal import Decimal

from django.urls import reverse

from lpm.lib.dates import school_day
from lpm.lib.ids import uuid7
from lpm.people.models import Student
from students.mastery.models import Seminar
from students.mastery.services import record_mark
from tests.browser.test_showing import LONG, long_names, looked_at

__all__ = ["long_names"]


def test_from_a_column_to_a_seminar(world, long_names, page_as):
    day, own = school_day("America/New_York"), world.own.student
    ben = Student.objects.get(family_name="Classmate")
    for student, level in ((own, "2.5"), (ben, "3.0")):
        record_mark(
            uuid=uuid7(),
            student=student,
            target=world.targets[0],
            level=Decimal(level),
            performed_on=day,
            recorder=world.co_teacher,
            day=day,
        )

    teacher = page_as(world.teacher, reduced_motion="reduce")
    teacher.goto(reverse("home:home"))
    looked_at(teacher, "needs-home")
    teacher.get_by_role("link", name=re.compile("have not heard from")).click()
    looked_at(teacher, "needs-forgotten")
    teacher.goto(reverse("mastery:needs-show") + f"?target={world.targets[0].uuid}")
    looked_at(teacher, "needs")
    column = teacher.locator(".columns > li").filter(has_text=LONG)
    column.get_by_role("button", name="Seminar for these").click()
    teacher.get_by_role("textbox", name="Where").fill("The room with the big window, second floor")
    looked_at(teacher, "seminar-new")
    teacher.get_by_role("button", name="Make it").click()
    teacher.get_by_text("Made. The students see when and where").wait_for()
    looked_at(teacher, "needs-made")
    teacher.get_by_role("link", name=Seminar.objects.get().group.name).click()
    teacher.get_by_label("Those, and others of my students who join by themselves").check()
    looked_at(teacher, "seminar")
    teacher.get_by_role("button", name="Save").click()
    teacher.get_by_text("Changed. The students see it so now.").wait_for()

    page = page_as(world.classmate, width=390, reduced_motion="reduce")
    page.goto(reverse("student:path", args=[ben.uuid]))
    page.get_by_role("button", name=re.compile("^Join ")).click()
    page.get_by_text("You are on the list.").wait_for()
    looked_at(page, "seminar-card")
