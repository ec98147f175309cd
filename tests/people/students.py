"""How the tests of students by hand read a page and add somebody."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from lpm.people.models import Student
from lpm.people.services.students import (
    add_student,
)
from tests.world import DAY, World

FIELDS = ("given_name", "family_name", "born_on", "grade")


def page(name: str, *rows: Any) -> str:
    return reverse(f"people:{name}", args=[row.uuid for row in rows])


def main_of(response: Any) -> str:
    assert response.status_code == 200
    html: str = response.content.decode()
    return html[html.index("<main") : html.index("</main>")]


def add(world: World, **values: Any) -> Student:
    defaults: dict[str, Any] = {"school": world.own.school, "given_name": "Émile", "family_name": "Zed"}
    return add_student(**{"actor": world.office, "day": DAY, **defaults, **values})


def called_differently(student: Student) -> None:
    Student.objects.filter(pk=student.pk).update(
        preferred_name="Kestrel",
        pronouns="they/them",
        family_preferred_name="Mara",
        family_pronouns="she/her",
        transcript_preferred_name="Amara Jane",
    )
