"""Building the district, one part after the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.apps import apps
from django.db import connection, transaction

from lpm.demo.calculations.plan import make_plan
from lpm.demo.services.counts import count_schools
from lpm.demo.services.curriculum import bring_in_curriculum
from lpm.demo.services.history import record_learning
from lpm.demo.services.homes import settle_homes
from lpm.demo.services.lately import record_lately
from lpm.demo.services.letters import queue_family_letters
from lpm.demo.services.making import Making, Say
from lpm.demo.services.messages import write_messages
from lpm.demo.services.people import bring_in_people, name_people
from lpm.demo.services.showing import plan_showing
from lpm.demo.services.staff import give_roles
from lpm.lib.dates import school_day

Builder = Callable[[Making], None]
APPS = ("people", "curriculum", "mastery")

# Every part of Cairn adds its own to the district here: a function of what is under way, with the line that is said
# while it works. Those further down find what those above them made.
BUILDERS: tuple[tuple[str, Builder], ...] = (
    ("People and classes", bring_in_people),
    ("Roles, caseloads, substitutes", give_roles),
    ("Homes", settle_homes),
    ("Curriculum", bring_in_curriculum),
    ("Learning", record_learning),
    ("The last days", record_lately),
    ("Sessions and seminars", plan_showing),
    ("Messages", write_messages),
    ("Letters to families", queue_family_letters),
    ("Progress of the schools", count_schools),
    ("People to try it as", name_people),
)


def no_words(line: str) -> None:
    """For callers that have nobody to tell."""


@transaction.atomic
def build_district(
    *, students: int = 600, years: int = 2, seed: str = "tide", day: date | None = None, say: Say = no_words
) -> None:
    """An empty database becomes Penobscot Bay Schools. Same size, years, seed and day: the same district.

    ``students`` are those at school now. Raises ValueError for a size that makes no district.
    """
    day = day or school_day("America/New_York")
    making = Making(make_plan(students=students, years=years, seed=seed, day=day), say)
    for words, build in BUILDERS:
        say(f"  {words}")
        build(making)
        _look_at_tables()


def _look_at_tables() -> None:
    """Else the database plans as if they were still empty."""
    tables = [model._meta.db_table for label in APPS for model in apps.get_app_config(label).get_models()]
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")
