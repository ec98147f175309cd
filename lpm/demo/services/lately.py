"""The last days, for those whom one can try the district as: what each of them comes upon at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from curriculum.models import Target
from lpm.demo.calculations.schools import Section
from lpm.demo.services.making import Making
from lpm.people.models import Student
from students.mastery.enums import AssessmentKind, RequestState
from students.mastery.models import Assessment, MasteryState, ReadyRequest, Remark, WordsTranslation
from students.mastery.services import PastMark, PastRemark, PastRequest, record_history
from students.mastery.services.walk import Attendance, note_absences

ZONE = ZoneInfo("America/New_York")
TEACHER = "t-thibodeau"
ENOUGH = 3  # marks that a substitute offers
READ = 2  # counted back: what was recorded on that school day, families may read


@dataclass(frozen=True)
class Shown:
    """What a student showed on the next target of a topic to the teacher who leads their class; ``said`` are the
    words of the teacher, ``told`` the same in another language, put so by a person; ``back`` counts school days."""

    pupil: str
    topic: str
    level: str
    kind: AssessmentKind = AssessmentKind.SCORE
    said: str = ""
    language: str = ""
    told: tuple[str, str] = ("", "")
    back: int = 1


@dataclass(frozen=True)
class Word:
    """A word for the family of a student, about the next target of a topic; long enough ago that they may read it."""

    pupil: str
    topic: str
    text: str
    told: tuple[str, str] = ("", "")


AMARA, ELIJAH, JUNE, MATEO, JOSUE, ALEX = "s00001", "s00002", "s00004", "s00006", "s00008", "s00009"
SHOWN = (
    Shown(AMARA, "FR", "2.5", AssessmentKind.SELF, "I can do it when I draw it first."),
    Shown(AMARA, "FR", "2.5", said="You drew the parts before you worked with them. Say why the parts have to match."),
    Shown(JUNE, "RS", "2.5", said="You heard that a word did not fit, and read it again."),
    Shown(
        JOSUE,
        "OP",
        "2.5",
        said="Tu expliques bien chaque étape. Il reste à vérifier le résultat.",
        language="fr",
        told=("en", "You explain each step well. What is left is to check the result."),
        back=READ,
    ),
    Shown(
        MATEO,
        "OP",
        "2.0",
        said="Ya lo haces con el dibujo. La próxima vez, sin él.",
        language="es",
        told=("en", "You can do it with the drawing already. Next time, without it."),
        back=READ,
    ),
)
WORDS = (
    Word(JUNE, "RS", "A whole page read aloud this week! Tell at home what happens on the next one."),
    Word(
        MATEO,
        "OP",
        "Mateo helped two others with this today, and was patient.",
        ("es", "Mateo ayudó hoy a dos compañeros con esto, y con paciencia."),
    ),
    Word(
        JOSUE,
        "OP",
        "A big step this week: Josué asked for a harder one.",
        ("fr", "Un grand pas cette semaine : Josué en a demandé un plus difficile."),
    ),
    Word(ELIJAH, "OP", "Elijah kept at this for the whole hour. Let him show you at home."),
)
DONE = "I drew the two fractions again, and this time I can say why the parts have to match."
OFFERED = ("2.0", "3.0", "2.5")


def record_lately(making: Making) -> None:
    """Written down after all else, on the last days with school."""
    marks = {shown: _mark(making, shown, minute) for minute, shown in enumerate(SHOWN)}
    remarks = {word: _remark(making, word) for word in WORDS}
    record_history(
        marks=[*marks.values(), *_offered(making)],
        remarks=list(remarks.values()),
        requests=list(_asked(making)),
        day=making.day,
    )
    _note_absence(making)
    said: list[tuple[Assessment | Remark, tuple[str, str]]] = [
        *((Assessment.objects.get(uuid=mark.uuid), shown.told) for shown, mark in marks.items()),
        *((Remark.objects.get(student=row.student, text=word.text), word.told) for word, row in remarks.items()),
    ]
    WordsTranslation.objects.bulk_create(_told(making, row, told) for row, told in said if all(told))


def _note_absence(making: Making) -> None:
    group = making.groups[_class_of(making, ALEX).key]
    attendance = Attendance(group, making.plan.last_school_day, absent=[making.students[ALEX]])
    note_absences(attendance=attendance, noter=making.users[TEACHER], day=making.day)


def _mark(making: Making, shown: Shown, minute: int) -> PastMark:
    student, section = making.students[shown.pupil], _class_of(making, shown.pupil)
    is_own = shown.kind == AssessmentKind.SELF
    return PastMark(
        student=student,
        target=_next_target(making, student, shown.topic),
        level=Decimal(shown.level),
        recorder=making.users[shown.pupil if is_own else section.teachers[0]],
        group=None if is_own else making.groups[section.key],
        performed_on=making.plan.school_days[-shown.back],
        recorded_at=_evening(making, minute, shown.back),
        kind=shown.kind,
        comment=shown.said,
        language=shown.language or "en",
    )


def _remark(making: Making, word: Word) -> PastRemark:
    student = making.students[word.pupil]
    return PastRemark(
        student=student,
        target=_next_target(making, student, word.topic),
        author=making.users[_class_of(making, word.pupil).teachers[0]],
        text=word.text,
        language="en",
        is_for_family=True,
        recorded_at=_evening(making, 20, READ),
    )


def _asked(making: Making) -> Iterator[PastRequest]:
    """Amara is ready, and waits; unless she has asked for the same before."""
    student = making.students[AMARA]
    target = _next_target(making, student, "FR")
    if not ReadyRequest.objects.filter(student=student, target=target, state=RequestState.WAITING).exists():
        yield PastRequest(student, target, DONE, _evening(making, 40))


def _offered(making: Making) -> Iterator[PastMark]:
    """What the substitute saw in the class, for its teacher to accept."""
    section = next(one for one in making.plan.sections[0] if one.teachers[0] == TEACHER)
    pupils = [key for key in section.pupils if key != AMARA and key in making.students]
    for minute, (key, level) in enumerate(zip(pupils[:ENOUGH], OFFERED, strict=False), start=30):
        student = making.students[key]
        yield PastMark(
            student=student,
            target=_next_target(making, student, "FR"),
            level=Decimal(level),
            recorder=making.person("standin"),
            group=making.groups[section.key],
            performed_on=making.plan.last_school_day,
            recorded_at=_evening(making, minute),
            kind=AssessmentKind.OFFERED,
        )


def _class_of(making: Making, pupil: str) -> Section:
    """In which they learn mathematics, or everything."""
    classes = (one for one in making.plan.sections[0] if pupil in one.pupils and not one.is_advisory)
    return next(one for one in classes if one.subject in {"", "MATH"})


def _next_target(making: Making, student: Student, topic: str) -> Target:
    """The one after the last that the student has met, or the last of all."""
    there = sorted(
        (target for code, target in making.targets.items() if code.rpartition(".")[0] == topic),
        key=lambda target: target.position,
    )
    met = MasteryState.objects.filter(student=student, target__in=there, is_proficient=True)
    keys = set(met.values_list("target", flat=True))
    last = max((target.position for target in there if target.pk in keys), default=-1)
    return next((target for target in there if target.position > last), there[-1])


def _evening(making: Making, minute: int, back: int = 1) -> datetime:
    """Later than anything else that was recorded on the day."""
    return datetime.combine(making.plan.school_days[-back], time(18, minute), tzinfo=ZONE)


def _told(making: Making, row: Assessment | Remark, told: tuple[str, str]) -> WordsTranslation:
    """Written down half an hour after the words."""
    language, text = told
    return WordsTranslation(
        district=making.district,
        student=row.student,
        language=language,
        text=text,
        translator=making.users[TEACHER],
        written_at=row.recorded_at + timedelta(minutes=30),
        **{"remark" if isinstance(row, Remark) else "assessment": row},
    )
