"""The schools, who works in them, and the classes of a year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from random import Random

from lpm.demo.calculations.families import GRADES, Child, Family
from lpm.demo.calculations.names import Usernames, pick_family_name, pick_given_name, pick_origin

DISTRICT = "pbs"
MATH, ELA, SCIENCE = "MATH", "ELA", "SCI"
SUBJECTS = {MATH: "Math", ELA: "English", SCIENCE: "Science"}
TOWNS = ("", "Marsh Cove", "Gull Rock", "Spruce Point", "Northeast Ledge", "Granite Neck", "Tidewater", "Otter Creek")
BIRDS = ("Osprey", "Heron", "Puffin", "Eider", "Loon", "Plover", "Tern", "Gannet", "Egret", "Kestrel")
TREES = (
    *("Cedar", "Birch", "Spruce", "Maple", "Tamarack", "Oak", "Hemlock", "Alder", "Rowan", "Aspen", "Willow", "Elm"),
    *("Ash", "Juniper", "Hazel", "Linden"),
)
CLASS, ADVISORY = 22, 15  # places
TEACHERS_PER_STUDENT = 45 / 600
FEWEST_TEACHERS = 9


@dataclass(frozen=True)
class Kind:
    """A kind of school: its grades, the bands of grades that learn together, and its share of the teachers.

    ``by_subject``: a class is for one subject, and there are advisories; else one class is for all of it.
    """

    code: str
    name: str
    bands: tuple[tuple[int, ...], ...]
    share: float
    by_subject: bool

    @property
    def grades(self) -> tuple[int, ...]:
        return tuple(grade for band in self.bands for grade in band)


ELEMENTARY = Kind("h", "Harbor Elementary School", ((0,), (1,), (2,), (3,), (4,)), 0.27, by_subject=False)
MIDDLE = Kind("m", "Lakeside Middle School", ((5, 6), (7, 8)), 0.29, by_subject=True)
HIGH = Kind("u", "Penobscot Bay High School", ((9, 10), (11, 12)), 0.36, by_subject=True)
ISLAND = Kind("i", "Heron Island School", ((0, 1, 2, 3), (4, 5, 6, 7, 8)), 0.08, by_subject=False)
KINDS = (ELEMENTARY, MIDDLE, HIGH, ISLAND)


@dataclass(frozen=True)
class School:
    key: str
    town: int
    kind: Kind

    @property
    def name(self) -> str:
        place = TOWNS[self.town] if self.town < len(TOWNS) else f"Harbor {self.town}"
        return f"{place} {self.kind.name.split(' ', 1)[1]}" if self.town else self.kind.name


@dataclass(frozen=True)
class Worker:
    """Somebody who works at a school, or, where it is "", in the district. ``role`` is a word of OneRoster."""

    key: str
    username: str
    given_name: str
    family_name: str
    school: str
    role: str = "teacher"
    subject: str = ""


@dataclass(frozen=True)
class Section:
    """A class or an advisory of a year; ``subject`` is "" where it is for everything. The first teacher leads."""

    key: str
    title: str
    school: str
    subject: str
    is_advisory: bool
    grades: tuple[str, ...]
    teachers: tuple[str, ...]
    pupils: tuple[str, ...]


WELL_KNOWN = (
    Worker("t-thibodeau", "mthibodeau", "Marguerite", "Thibodeau", "0m", subject=MATH),
    Worker("t-osei", "dosei", "Daniel", "Osei", "0m", subject=ELA),
    Worker("t-doiron", "ldoiron", "Luc", "Doiron", "0u", subject=SCIENCE),
    Worker("t-haugland", "khaugland", "Kirsten", "Haugland", "0h"),
    Worker("t-quintanilla", "rquintanilla", "Rafael", "Quintanilla", "0i"),
    Worker("p-arsenault", "darsenault", "Denise", "Arsenault-Wyeth", "0m", "principal"),
    Worker("p-merrow", "hmerrow", "Harlan", "Merrow", "0h", "principal"),
    Worker("p-delacruz", "idelacruz", "Inés", "de la Cruz-Bracken", "0u", "principal"),
    Worker("p-tolman", "wtolman", "Winnie", "Tolman", "0i", "principal"),
    Worker("c-greeley", "pgreeley", "Priscilla", "Greeley", "0m", "counselor"),
    Worker("c-hale", "ghale", "Gideon", "Hale", "0m", "counselor"),
    Worker("c-vasquez", "lvasquez", "Lucía", "Vásquez", "0m", "counselor"),
    Worker("d-whitaker", "superintendent", "Rosalind", "Whitaker-Beal", "", "districtAdministrator"),
    Worker("d-nadeau", "curriculum", "Colette", "Nadeau", "", "districtAdministrator"),
    Worker("d-caldwell", "registrar", "Ines", "Caldwell", "", "districtAdministrator"),
    Worker("d-lindqvist", "privacy", "Tomasz", "Lindqvist", "", "districtAdministrator"),
    Worker("o-roy", "office", "Paulette", "Roy", "0m", "siteAdministrator"),
    Worker("s-abbott", "standin", "Wren", "Abbott", "0m", "siteAdministrator"),
)


def make_schools(towns: int) -> list[School]:
    return [School(f"{town}{kind.code}", town, kind) for town in range(towns) for kind in KINDS]


def kind_for(family: Family, grade: int) -> Kind:
    """Children of the islands go to school there, up to grade 8."""
    kinds = (ISLAND, HIGH) if family.on_island else (ELEMENTARY, MIDDLE, HIGH)
    return next(kind for kind in kinds if grade in kind.grades)


def school_of(family: Family, child: Child, back: int) -> str | None:
    """The key of the school of that year; None where the child went to none."""
    code = child.grade_in(back)
    return f"{family.town}{kind_for(family, GRADES.index(code)).code}" if code else None


def make_workers(schools: Sequence[School], students: int, usernames: Usernames, seed: str) -> list[Worker]:
    """Those whom one can try the district as, and enough teachers for so many students."""
    random = Random(f"{seed} staff")  # noqa: S311 (made-up people)
    towns = len({school.town for school in schools})
    count = max(FEWEST_TEACHERS, round(students * TEACHERS_PER_STUDENT / towns))
    workers = list(WELL_KNOWN)
    for school in schools:
        known = [one for one in workers if one.school == school.key and one.role == "teacher"]
        wanted = max(len(SUBJECTS) if school.kind.by_subject else 1, round(count * school.kind.share))
        while len(known) < wanted:
            known.append(_worker(random, usernames, school, "teacher", known))
            workers.append(known[-1])
        if school.town > 0:
            workers.append(_worker(random, usernames, school, "principal", known))
    return workers


def _worker(random: Random, usernames: Usernames, school: School, role: str, colleagues: Sequence[Worker]) -> Worker:
    """A teacher takes the subject that has the fewest."""
    origin = pick_origin(random)
    given_name = pick_given_name(random, origin, random.choice(["female", "female", "male"]))
    family_name = pick_family_name(random, origin)
    taught = [one.subject for one in colleagues]
    subject = min(SUBJECTS, key=taught.count) if school.kind.by_subject and role == "teacher" else ""
    key = f"{role[0]}-{school.key}-{len(colleagues):03}"
    return Worker(key, usernames.take(given_name, family_name), given_name, family_name, school.key, role, subject)


def make_sections(
    *, schools: Sequence[School], workers: Sequence[Worker], families: Sequence[Family], back: int, seed: str
) -> list[Section]:
    """The classes of the year so many years ago, with those who were in them at some time of it."""
    pupils: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for family in families:
        for child in family.children:
            if (key := school_of(family, child, back)) and child.is_there(back, 99):
                pupils[key][child.grade - back].append(child.key)
    found: list[Section] = []
    for school in schools:
        random = Random(f"{seed} classes {school.key} {back}")  # noqa: S311 (made-up classes)
        teachers = [one for one in workers if one.school == school.key and one.role == "teacher"]
        found += _sections_of(random, school, teachers, pupils[school.key], back)
    return found


def _sections_of(
    random: Random, school: School, teachers: Sequence[Worker], pupils: dict[int, list[str]], back: int
) -> Iterator[Section]:
    bands = [(band, sorted(key for grade in band for key in pupils[grade])) for band in school.kind.bands]
    if not school.kind.by_subject:
        yield from _classes(random, school, "", teachers, bands, back)
        return
    for subject in SUBJECTS:
        own = [one for one in teachers if one.subject == subject]
        yield from _classes(random, school, subject, own, bands, back)
    everybody = [(school.kind.grades, sorted(key for _band, keys in bands for key in keys))]
    yield from _classes(random, school, "ADV", teachers, everybody, back)


def _classes(
    random: Random,
    school: School,
    subject: str,
    teachers: Sequence[Worker],
    bands: Sequence[tuple[tuple[int, ...], list[str]]],
    back: int,
) -> Iterator[Section]:
    """Each band in classes of about the same size; the teachers take them one after the other. Whoever comes first in
    the band (the well-known) is in its first class."""
    places = ADVISORY if subject == "ADV" else CLASS
    split = [
        (band, place, part)
        for band, keys in bands
        for place, part in enumerate(_split(random, keys, ceil(len(keys) / places)))
    ]
    for number, (band, place, part) in enumerate(split):
        lead = number * len(teachers) // len(split)
        spare = len(split) + number  # more teachers than classes: the others help
        together = [teachers[lead].key]
        if len(teachers) > len(split) and spare < len(teachers):
            together.append(teachers[spare].key)
        yield Section(
            key=f"{back}-{school.key}-{subject.lower() or 'all'}-{number:03}",
            title=_title(subject, band, place),
            school=school.key,
            subject="" if subject == "ADV" else subject,
            is_advisory=subject == "ADV",
            grades=tuple(GRADES[grade] for grade in band),
            teachers=tuple(dict.fromkeys(together)),
            pupils=tuple(part),
        )


def _split(random: Random, keys: Sequence[str], count: int) -> list[list[str]]:
    """The first few stay together in the first part, the others are mixed."""
    if not keys:
        return []
    known, others = list(keys[:5]), list(keys[5:])
    random.shuffle(others)
    mixed = [*known, *others]
    size = ceil(len(mixed) / count)
    return [mixed[start : start + size] for start in range(0, len(mixed), size)]


def _title(subject: str, band: tuple[int, ...], place: int) -> str:
    if subject == "ADV":
        return f"{TREES[place % len(TREES)]} Advisory{_again(place, len(TREES))}"
    words = f"{_grades(band)} {SUBJECTS.get(subject, '')}".strip()
    return f"{words}, {BIRDS[place % len(BIRDS)]}{_again(place, len(BIRDS))}"


def _again(place: int, names: int) -> str:
    return f" {place // names + 1}" if place >= names else ""


def _grades(band: tuple[int, ...]) -> str:
    names = ["K" if grade == 0 else str(grade) for grade in (band[0], band[-1])]
    if len(band) == 1:
        return "Kindergarten" if band[0] == 0 else f"Grade {names[0]}"
    return f"Grades {names[0]} and {names[1]}" if len(band) == 2 else f"Grades {names[0]} to {names[1]}"
