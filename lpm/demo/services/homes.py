"""Where students live and with whom. Rows by the thousand, written together."""

from __future__ import annotations

from collections.abc import Iterator

from lpm.demo.calculations.families import Family
from lpm.demo.calculations.roster import languages_of
from lpm.demo.services.making import Making
from lpm.people.models import Guardianship, Household, Student, User

BATCH = 2000
EARLY_READERS = ("KG", "01")


def settle_homes(making: Making) -> None:
    homes = dict(_make_homes(making))
    _tie_guardians(making, homes)
    for language, keys in languages_of(making.plan).items():
        User.objects.filter(district=making.district, sourced_id__in=keys).update(language=language)
    Student.objects.filter(district=making.district, grade__in=EARLY_READERS).update(is_early_reader=True)


def _make_homes(making: Making) -> Iterator[tuple[tuple[str, int], Household]]:
    """By the key of the family's first adult, and the number of the home."""
    wanted = [(family, number) for family in making.plan.families for number in range(len(family.homes))]
    rows = [_home(making, family, number) for family, number in wanted]
    Household.objects.bulk_create(rows, batch_size=BATCH)
    live = Household.students.through
    links = [
        live(household_id=row.pk, student_id=making.students[child.key].pk)
        for (family, _number), row in zip(wanted, rows, strict=True)
        for child in family.children
        if child.key in making.students
    ]
    live.objects.bulk_create(links, batch_size=BATCH)
    for (family, number), row in zip(wanted, rows, strict=True):
        yield (family.adults[0].key, number), row


def _home(making: Making, family: Family, number: int) -> Household:
    language = next((adult.language for adult in family.adults if adult.home == number), "")
    return Household(district=making.district, label=family.homes[number], language=language)


def _tie_guardians(making: Making, homes: dict[tuple[str, int], Household]) -> None:
    adults = {adult.key: (family, adult) for family in making.plan.families for adult in family.adults}
    rows = list(Guardianship.objects.filter(district=making.district).select_related("guardian"))
    for row in rows:
        family, adult = adults[row.guardian.sourced_id]
        row.household = homes[family.adults[0].key, adult.home]
        row.is_restricted, row.may_write = adult.is_restricted, adult.may_write
    Guardianship.objects.bulk_update(rows, ["household", "is_restricted", "may_write"], batch_size=500)
