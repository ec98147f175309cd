"""Who goes to school, and who is at home with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from lpm.demo.calculations.names import (
    Origin,
    Usernames,
    pick_family_name,
    pick_given_name,
    pick_language,
    pick_origin,
)

GRADES = ("KG", *(f"{number:02}" for number in range(1, 13)))
OFFERED = {"es", "fr"}  # languages in which the application speaks, beside English
LONGEST_LIST = 3  # children of a family
ARRIVES_NEW, ARRIVES_LATE = 0.04, 0.02  # of the students: at the beginning of this year; in March of the last one


@dataclass(frozen=True)
class Adult:
    """``word`` is how a roster says what they are to the child; ``home`` is the number of their home."""

    key: str
    username: str
    given_name: str
    family_name: str
    language: str = ""
    word: str = "parent"
    home: int = 0
    has_email: bool = True
    is_restricted: bool = False
    may_write: bool = False


@dataclass(frozen=True)
class Child:
    """``grade`` is the place in GRADES this year; 13 left school last summer. ``arrives`` is the year, counted back,
    and the week of it in which the child came to the district; None: before there was any record."""

    key: str
    username: str
    given_name: str
    family_name: str
    grade: int
    sex: str
    language: str
    races: tuple[str, ...]
    is_hispanic: bool
    programmes: tuple[str, ...] = ()
    preferred_name: str = ""
    pronouns: str = ""
    arrives: tuple[int, int] | None = None

    def grade_in(self, back: int) -> str | None:
        """The code of the grade so many years ago; None where they were not at school."""
        number = self.grade - back
        return GRADES[number] if 0 <= number < len(GRADES) else None

    def is_there(self, back: int, week: int) -> bool:
        """Whether they had arrived by that week of that year."""
        if self.grade_in(back) is None:
            return False
        return self.arrives is None or (-back, week) >= (-self.arrives[0], self.arrives[1])


@dataclass(frozen=True)
class Family:
    """``homes`` are the labels of their homes, "" where there is one alone."""

    town: int
    on_island: bool
    children: tuple[Child, ...]
    adults: tuple[Adult, ...]
    homes: tuple[str, ...] = ("",)
    language: str = "en"


@dataclass
class _Maker:
    """Gives out keys and sign-in names while families are made."""

    random: Random
    years: int
    usernames: Usernames
    adults: int = 0
    children: int = 0

    def adult(self, given_name: str, family_name: str, **more: object) -> Adult:
        self.adults += 1
        username = self.usernames.take(given_name, family_name)
        return replace(Adult(f"g{self.adults:05}", username, given_name, family_name), **more)  # type: ignore[arg-type]  # fields of Adult

    def child(self, given_name: str, family_name: str, grade: int, **more: object) -> Child:
        self.children += 1
        username = self.usernames.take(given_name, family_name)
        known = Child(
            f"s{self.children:05}", username, given_name, family_name, grade, "female", "en", ("white",), False
        )
        return replace(known, **more)  # type: ignore[arg-type]  # fields of Child


def make_families(*, students: int, towns: int, years: int, seed: str, usernames: Usernames) -> list[Family]:
    """Families with ``students`` children at school this year, and those who left it in the years before; those whom
    one can try the district as come first."""
    maker = _Maker(Random(f"{seed} families"), years, usernames)  # noqa: S311 (made-up people)
    families = list(_well_known(maker))
    present = sum(child.grade < len(GRADES) for family in families for child in family.children)
    while present < students:
        family = _family(maker, town=len(families) % towns, most=students - present)
        present += sum(child.grade < len(GRADES) for child in family.children)
        families.append(family)
    return families


def _well_known(maker: _Maker) -> Iterator[Family]:
    """At Lakeside, Harbor and the high school: small districts have them too."""
    yield Family(
        0,
        False,
        (maker.child("Amara", "Okeke", 5, races=("black",), language="en"),),
        (maker.adult("Ngozi", "Okeke"), maker.adult("Emeka", "Okeke")),
    )
    yield Family(
        0,
        False,
        (
            maker.child("Elijah", "Nkemelu", 6, sex="male", races=("black",)),
            maker.child("Adaeze", "Nkemelu", 3, races=("black",)),
        ),
        (
            maker.adult("Chinelo", "Nkemelu"),
            maker.adult("Ikenna", "Nkemelu", home=1, is_restricted=True, may_write=True),
        ),
        ("Mother’s home", "Father’s home"),
    )
    yield Family(
        0,
        False,
        (maker.child("June", "Soule", 1),),
        (maker.adult("Hollis", "Soule"), maker.adult("Petra", "Soule", has_email=False)),
    )
    yield Family(0, False, (maker.child("Silas", "Pinkham", 10, sex="male"),), (maker.adult("Thea", "Pinkham"),))
    spanish = {"language": "es", "is_hispanic": True}
    yield Family(
        0,
        False,
        (
            maker.child("Mateo", "Rosado", 6, sex="male", **spanish, programmes=("multilingual",)),
            maker.child("Paloma", "Rosado", 2, **spanish),
        ),
        (maker.adult("Carmen", "Rosado", language="es"), maker.adult("Leonel", "Rosado", language="es")),
        language="es",
    )
    yield Family(
        0,
        False,
        (maker.child("Josué", "Kabongo", 5, sex="male", races=("black",), language="fr"),),
        (maker.adult("Mireille", "Kabongo", language="fr"),),
        language="fr",
    )
    yield Family(
        0,
        False,
        (maker.child("Ana-Alejandra", "Featherstone-Villavicencio", 6, preferred_name="Alex", pronouns="they/them"),),
        (maker.adult("Marguerite-Josephine", "Featherstone-Villavicencio"),),
    )


def _family(maker: _Maker, town: int, most: int) -> Family:
    random = maker.random
    origin = pick_origin(random)
    name, language = pick_family_name(random, origin), pick_language(random, origin)
    count = random.choices([1, 2, LONGEST_LIST], [55, 34, 11])[0]
    grades = _grades(random, min(count, most), maker.years)
    children = tuple(_child(maker, origin, name, language, grade) for grade in grades)
    adults, homes = _adults(maker, origin, name, language)
    return Family(town, random.random() < 0.09, children, adults, homes, language)


def _grades(random: Random, count: int, years: int) -> list[int]:
    """Brothers and sisters are in different grades."""
    every = range(len(GRADES) + years - 1)
    return sorted(random.sample(every, count), reverse=True)


def _child(maker: _Maker, origin: Origin, name: str, language: str, grade: int) -> Child:
    random = maker.random
    sex = random.choices(["female", "male", "other"], [487, 503, 10])[0]
    preferred, pronouns = "", ""
    if sex == "other" or random.random() < 0.02:
        preferred, pronouns = (
            random.choice(["Ash", "Kit", "Quinn", "Remy", "Sky"]),
            random.choice(["they/them", "she/her", "he/him"]),
        )
    return maker.child(
        pick_given_name(random, origin, sex),
        name,
        grade,
        sex=sex,
        language=language,
        races=_races(random, origin),
        is_hispanic=origin.is_hispanic or random.random() < 0.01,
        programmes=tuple(_programmes(random, language)),
        preferred_name=preferred,
        pronouns=pronouns,
        arrives=_arrives(random, maker.years, grade),
    )


def _races(random: Random, origin: Origin) -> tuple[str, ...]:
    other = random.choice(["black", "indigenous", "asian", "white"])
    mixed = random.random() < 0.04 and other not in origin.races
    return (*origin.races, other) if mixed else origin.races


def _programmes(random: Random, language: str) -> Iterator[str]:
    shares = [("special_education", 0.17), ("section_504", 0.06), ("gifted", 0.05), ("meals", 0.38), ("migrant", 0.01)]
    if language != "en" and random.random() < 0.55:
        yield "multilingual"
    yield from (name for name, share in shares if random.random() < share)


def _arrives(random: Random, years: int, grade: int) -> tuple[int, int] | None:
    drawn = random.random()
    if drawn < ARRIVES_NEW and grade < len(GRADES):
        return 0, 0
    if drawn < ARRIVES_NEW + ARRIVES_LATE and years > 1:
        return 1, 27
    return None


def _adults(maker: _Maker, origin: Origin, name: str, language: str) -> tuple[tuple[Adult, ...], tuple[str, ...]]:
    """Two parents together, two in two homes (one may live with somebody else), one alone, or a grandmother."""
    random = maker.random
    said = {"language": language if language in OFFERED else ""}
    mother = maker.adult(pick_given_name(random, origin, "female"), name, **said, has_email=random.random() < 0.9)
    kind = random.choices(["together", "apart", "alone", "grandmother"], [60, 25, 10, 5])[0]
    if kind == "alone":
        return (mother,), ("",)
    if kind == "grandmother":
        return (replace(mother, word="guardian"),), ("",)
    other_name = name if random.random() < 0.7 else pick_family_name(random, origin)
    given = pick_given_name(random, origin, random.choices(["male", "female"], [96, 4])[0])
    father = maker.adult(given, other_name, **said, has_email=random.random() < 0.85)
    if kind == "together":
        return (mother, father), ("",)
    return _apart(maker, origin, mother, father), ("Mother’s home", "Father’s home")


def _apart(maker: _Maker, origin: Origin, mother: Adult, father: Adult) -> tuple[Adult, ...]:
    random = maker.random
    is_restricted = random.random() < 0.06
    father = replace(father, home=1, is_restricted=is_restricted, may_write=is_restricted and random.random() < 0.4)
    if random.random() > 0.3:
        return mother, father
    partner = maker.adult(pick_given_name(random, origin, "male"), pick_family_name(random, origin), word="guardian")
    return mother, partner, father


def children_of(families: Sequence[Family]) -> dict[str, tuple[Family, Child]]:
    """By the key of the child."""
    return {child.key: (family, child) for family in families for child in family.children}
