"""The rosters of the years, as the office would have sent them; and those whom one can try the district as."""

from __future__ import annotations

from dataclasses import dataclass

from lpm.demo.calculations.calendar import Year
from lpm.demo.calculations.roster import NAME, bulk_roster, delta_roster
from lpm.demo.services.making import Making
from lpm.people.enums import OrganizationKind
from lpm.people.imports import import_roster
from lpm.people.models import User
from lpm.people.services import create_organization
from lpm.people.services.calendar import Span, add_closures

CONSORTIUM = "Midcoast Learning Consortium"
WEEKS = 42


@dataclass(frozen=True)
class Person:
    """Somebody to try the district as. The caption says what there is to see."""

    username: str
    caption: str


PEOPLE = [
    Person("mthibodeau", "Teacher of Grades 5 and 6 Math"),
    Person("aokeke", "Student in Grade 5"),
    Person("cnkemelu", "Parent of two children"),
    Person("jsoule", "Student in Grade 1, with the pages for early readers"),
    Person("spinkham", "Student in Grade 10"),
    Person("crosado", "Parent whose language is Spanish"),
    Person("mkabongo", "Parent whose language is French"),
    Person("inkemelu", "Parent with restricted contact, who may write to teachers"),
    Person("ldoiron", "Advisor and teacher of science at the high school"),
    Person("pgreeley", "Case manager"),
    Person("darsenault", "Principal of Lakeside Middle School"),
    Person("superintendent", "Superintendent: the schools of the district side by side"),
    Person("consortium", "Leader of the consortium"),
    Person("curriculum", "Curriculum lead: writes and revises the curriculum"),
    Person("registrar", "District administrator: brings in people and curriculum"),
    Person("office", "School office: new students, families, groups"),
    Person("privacy", "Privacy officer: who has seen what"),
    Person("standin", "Substitute, for the day on which this district was made"),
]


def bring_in_people(making: Making) -> None:
    """Each year a complete roster when it begins, and in March the changes."""
    consortium = create_organization(kind=OrganizationKind.CONSORTIUM, name=CONSORTIUM, parent=None)
    create_organization(kind=OrganizationKind.DISTRICT, name=NAME, parent=consortium)
    for year in making.plan.years:
        _bring_in(making, year)
        spans = [Span(one.title, one.first, one.last) for one in year.holidays]
        add_closures(organization=making.district, spans=spans, actor=None, day=making.day)


def _bring_in(making: Making, year: Year) -> None:
    begins = year.starts_on
    import_roster(
        files=bulk_roster(making.plan, year), organization=making.district, actor=None, day=begins, allow_ends=True
    )
    for week in range(1, WEEKS):
        day = year.day_of(week)
        if day < making.day and (files := delta_roster(making.plan, year, week)):
            import_roster(files=files, organization=making.district, actor=None, day=day)


def name_people(making: Making) -> None:
    """The captions, by which they may be tried with one click; there is no password anybody could guess."""
    for person in PEOPLE:
        User.objects.filter(username=person.username).update(demo_caption=person.caption)
