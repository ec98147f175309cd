"""What was recorded in the years behind, town by town."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime

from lpm.demo.calculations.history import Asked, Chronicle, Entry, Mark, Missed, Said, make_chronicle
from lpm.demo.calculations.learning import Area, Progression
from lpm.demo.services.making import Making
from lpm.demo.services.unchecked import unchecked
from lpm.lib.grades import GRADES
from students.mastery.enums import AssessmentKind, JudgementKind, RequestState
from students.mastery.models import Absence
from students.mastery.services import PastDecision, PastMark, PastRemark, PastRequest, record_history

CHECKED = 200  # students
SUBJECTS = {"Mathematics": "MATH", "English language arts": "ELA", "Science": "SCI"}
NUMBERS = {code: number for number, code in enumerate(code for code in GRADES if code == "KG" or code.isdigit())}


def record_learning(making: Making) -> None:
    """Of a large district, the database checks the keys of all rows at the end, which takes a quarter of the time."""
    is_large = len(making.students) > CHECKED
    with unchecked("mastery_assessment", "mastery_judgement") if is_large else nullcontext():
        _record_towns(making, read_areas(making))


def _record_towns(making: Making, areas: Sequence[Area]) -> None:
    towns = making.plan.towns
    for town in towns:
        if len(towns) > 1:
            making.say(f"    Town {town + 1} of {len(towns)}")
        _record(making, make_chronicle(making.plan, town, areas))


def read_areas(making: Making) -> list[Area]:
    """The progressions as they were brought in."""
    topics: dict[int, dict[int, list[tuple[str, float | None]]]] = {}
    for target in sorted(making.targets.values(), key=lambda row: (row.topic.position, row.position)):
        grade = NUMBERS.get(target.grades[0]) if target.grades else None
        topics.setdefault(target.topic.area_id, {}).setdefault(target.topic_id, []).append((target.code, grade))
    return [
        Area(
            SUBJECTS.get(area.title, area.title),
            area.domain,
            tuple(_progression(steps) for steps in topics.get(area.pk, {}).values()),
        )
        for area in making.areas
    ]


def _progression(steps: list[tuple[str, float | None]]) -> Progression:
    return Progression(steps[0][0].rpartition(".")[0], tuple(code for code, _ in steps), tuple(at for _, at in steps))


def _record(making: Making, chronicle: Chronicle) -> None:
    marks = {id(mark): _mark(making, mark) for mark in chronicle.marks}
    record_history(
        marks=list(marks.values()),
        decisions=[_assumed(making, entry) for entry in chronicle.entries],
        remarks=[_remark(making, said) for said in chronicle.said],
        requests=[_request(making, asked, marks) for asked in chronicle.asked],
        day=making.day,
    )
    Absence.objects.bulk_create([_absence(making, missed) for missed in chronicle.missed], batch_size=2000)


def _absence(making: Making, missed: Missed) -> Absence:
    return Absence(
        district=making.district,
        student=making.students[missed.pupil],
        group=making.groups[missed.section],
        day=missed.day,
        noted_by=making.users[missed.by],
    )


def _mark(making: Making, mark: Mark) -> PastMark:
    return PastMark(
        student=making.students[mark.pupil],
        target=making.targets[mark.target],
        level=mark.level,
        recorder=making.users[mark.by],
        group=None if mark.kind == AssessmentKind.SELF else making.groups[mark.section],
        performed_on=mark.seen_on,
        recorded_at=mark.at,
        kind=AssessmentKind(mark.kind),
        judges=mark.judges,
        comment=mark.comment,
        language=mark.language,
    )


def _assumed(making: Making, entry: Entry) -> PastDecision:
    return PastDecision(
        student=making.students[entry.pupil],
        target=making.targets[entry.target],
        kind=JudgementKind.ASSUMED,
        judge=making.users[entry.by],
        recorded_at=entry.at,
    )


def _remark(making: Making, said: Said) -> PastRemark:
    return PastRemark(
        student=making.students[said.pupil],
        target=making.targets[said.target],
        author=making.users[said.by],
        text=said.text,
        language="en",
        is_for_family=said.is_for_family,
        recorded_at=said.at,
    )


def _request(making: Making, asked: Asked, marks: Mapping[int, PastMark]) -> PastRequest:
    answered_at: datetime | None = asked.answered_at
    return PastRequest(
        student=making.students[asked.pupil],
        target=making.targets[asked.target],
        done_since=asked.done_since,
        asked_at=asked.at,
        state=RequestState(asked.state),
        answered_by=making.users[asked.by] if asked.by else None,
        answered_at=answered_at,
        answer=marks[id(asked.mark)] if asked.mark else None,
        reply=asked.reply,
        reply_language="en" if asked.reply else "",
    )
