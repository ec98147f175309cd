"""Why a student has this level on a target: everything it rests on, for whoever sees the number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from curriculum.models import Target, Topic
from lpm.lib.dates import school_day
from lpm.lib.levels import level_value
from lpm.people.models import Student
from students.mastery.calculations import METHODS, Onward, ScaleRange, State, Ways, explain, what_would_change
from students.mastery.calculations.place import ASIDE
from students.mastery.calculations.release import is_decided
from students.mastery.calculations.state import DECIDES_LEVEL, converted, counted_of, in_order, levels_of
from students.mastery.calculations.why import is_due_another_look, least_scores, looks_at, next_level, touched_on
from students.mastery.enums import Accommodation, AssessmentKind, JudgementKind, MasteryStatus, RemarkReason
from students.mastery.models import Assessment, Judgement, Remark
from students.mastery.queries.record import Cell, Choice, Guide, read_cell, read_guide, score_row
from students.mastery.queries.seen import Reader, Sight
from students.mastery.queries.ways import measure_of
from students.mastery.queries.words import Translations, Words, read_translations, words_as_dict, words_of


@dataclass(frozen=True)
class Dot:
    """One piece of evidence: ``level`` on the scale in force, ``was`` on the one it was recorded on, if that is
    another. ``why_not`` says why it does not count; "" where it does. ``words`` are for the staff. ``uuid`` is that of
    the row."""

    level: Decimal | None
    performed_on: date
    recorder: str
    kind: str
    why_not: str = ""
    was: Decimal | None = None
    is_foundation: bool = False
    accommodations: tuple[str, ...] = ()
    words: Words | None = None
    shown_on: Target | None = None
    uuid: UUID | None = None

    @property
    def counts(self) -> bool:
        return not self.why_not


@dataclass(frozen=True)
class Said:
    """What somebody decided: ``kind`` as in the log, ``by`` whom ("" where it is not to be told), and for the staff
    the note."""

    kind: str
    level: Decimal | None
    by: str
    on: date
    note: str = ""


@dataclass(frozen=True)
class Note:
    """A remark: one-tap reason, words, or both."""

    reason: str
    words: Words
    author: str
    on: date
    is_for_family: bool


@dataclass(frozen=True)
class Why:
    """What stands behind one number.

    ``dots`` oldest first. ``suggested_value`` is what the method makes of the evidence, to two places; None where
    there is none, or where it is not yet to be told. ``how`` says the method in a sentence, ``is_chosen`` whether
    anybody chose it. ``decided`` is the judgement in force, ``unseen`` a colleague's that its maker had not seen.
    ``onward`` is what would change a suggested level, ``looked_for`` the next line of the scoring guide.
    ``due_since``: proficient, and left alone since then for longer than the school wants.
    """

    student: Student
    target: Target
    sight: Sight
    state: State
    scale: ScaleRange
    guide: Guide
    dots: list[Dot]
    method: str
    how: str
    is_chosen: bool
    least: int
    suggested_value: Decimal | None
    suggested: Decimal | None
    decided: Said | None
    unseen: Said | None
    is_lower: bool
    onward: Onward | None
    looked_for: Choice | None
    due_since: date | None
    notes: list[Note]

    @property
    def is_staff(self) -> bool:
        return self.sight.is_staff

    @property
    def is_decided(self) -> bool:
        return is_decided(self.state)

    @property
    def is_aside(self) -> bool:
        return self.state.status in ASIDE

    @property
    def drawn(self) -> list[Dot]:
        return [dot for dot in self.dots if dot.level is not None]

    @property
    def counted_count(self) -> int:
        return sum(dot.counts for dot in self.dots)


def find_target(uuid: UUID, school_id: int) -> Target | None:
    """A target of a curriculum that the school uses, ended ones too, with all that ``read_why`` needs. 3 queries."""
    rows = Target.objects.filter(topic__in=Topic.objects.used_by(school_id), uuid=uuid)
    rows = rows.select_related("topic__area__framework__scale")
    return rows.prefetch_related("guide", "topic__area__framework__scale__levels").first()


def read_why(student: Student, target: Target, sight: Sight) -> Why:
    """In 8 queries, 9 where other targets lead to this one, and 1 more where somebody wrote something; ``target`` as
    ``find_target`` gives it."""
    cell = read_cell(student, target, sight)
    state, ways = cell.seen.state, cell.seen.ways
    guide = read_guide(target, state.level)
    zone = student.school.time_zone
    decided = next((row for row in cell.judgements if row.pk == state.judgement_id), None)
    due = is_due_another_look(state, sight.day, sight.looks.recency_days)
    tells = tells_suggestion(state, sight)
    remarks = _read_remarks(student, _targets_of(cell, target), sight)
    commented = cell.evidence if sight.is_staff else []
    translations = read_translations([*commented, *remarks], sight.until)
    return Why(
        student=student,
        target=target,
        sight=sight,
        state=state,
        scale=ways.scale,
        guide=guide,
        dots=_dots(cell, target, sight, translations),
        method=ways.method,
        how=explain(ways.method, **ways.parameters),
        is_chosen=cell.book.chosen_for(measure_of(target)) is not None,
        least=least_scores(ways),
        suggested_value=state.suggested_value if tells else None,
        suggested=state.suggested if tells else None,
        decided=_said(decided, zone, sight) if decided else None,
        unseen=_said(decided.unseen, zone, sight) if decided and decided.unseen and sight.is_staff else None,
        is_lower=_is_lower(cell.judgements, state),
        onward=_onward(cell, state, ways),
        looked_for=_looked_for(guide, state, ways),
        due_since=touched_on(state) if due else None,
        notes=[_note(row, zone, translations) for row in remarks],
    )


def _targets_of(cell: Cell, target: Target) -> set[int]:
    """The target, and those that ended whose rows count here."""
    judged, shown = {row.target_id for row in cell.judgements}, {row.target_id for row in cell.evidence}
    return {target.pk, *judged, *shown}


def tells_suggestion(state: State, sight: Sight) -> bool:
    """A suggestion below the level is not told to a family: no teacher decided it."""
    if sight.reader != Reader.FAMILY or state.level is None or state.suggested is None:
        return True
    return state.suggested >= state.level


def _dots(cell: Cell, target: Target, sight: Sight, translations: Translations) -> list[Dot]:
    ways = cell.seen.ways
    rows = in_order(converted([score_row(row) for row in cell.evidence], ways), ways)
    now = {row.id: row for row in rows}
    counted = counted_of(rows)
    looked_at = dict(zip((row.id for row in counted), looks_at(levels_of(counted), ways), strict=True))
    return [
        Dot(
            level=now[row.pk].level,
            performed_on=row.performed_on,
            recorder=row.recorder.name if row.recorder else "",
            kind=row.kind,
            why_not=_why_not(row, looked_at.get(row.pk, False)),
            was=row.level if row.level != now[row.pk].level else None,
            is_foundation=ways.foundations_first and row.goal is not None and row.goal < ways.scale.proficient,
            accommodations=tuple(str(Accommodation(name).label) for name in row.accommodations),
            words=words_of(row, translations) if sight.is_staff and row.comment else None,
            shown_on=row.target if row.target_id != target.pk else None,
            uuid=row.uuid,
        )
        for row in cell.evidence
    ]


def _why_not(row: Assessment, is_looked_at: bool) -> str:
    words = {
        AssessmentKind.PRACTICE: _("A practice check: shown, and never counted."),
        AssessmentKind.SELF: _("What the student says: shown beside, and never counted."),
        AssessmentKind.OFFERED: _("Seen by a substitute. It counts when a teacher accepts it."),
    }
    if row.kind in words:
        return words[AssessmentKind(row.kind)]
    return "" if is_looked_at else _("Not among the pieces of work that count here.")


def _said(row: Judgement, zone: str, sight: Sight) -> Said:
    """Who set a target aside, and why, is for the staff."""
    tells = sight.is_staff or row.kind != JudgementKind.EXCUSED
    by = row.judge.name if row.judge and tells else ""
    return Said(row.kind, row.level, by, school_day(zone, row.recorded_at), row.note if sight.is_staff else "")


def _is_lower(judgements: Iterable[Judgement], state: State) -> bool:
    """Whether a teacher decided a lower level than the one decided before."""
    earlier = [row for row in judgements if row.kind in DECIDES_LEVEL and row.pk != state.judgement_id]
    before = earlier[-1].level if earlier else None
    return is_decided(state) and before is not None and state.level is not None and before > state.level


def _onward(cell: Cell, state: State, ways: Ways) -> Onward | None:
    """None where a teacher decided, or set the target aside: no number of pieces changes that."""
    if state.status in ASIDE or is_decided(state):
        return None
    counted = counted_of(in_order(converted([score_row(row) for row in cell.evidence], ways), ways))
    return what_would_change(ways.method, levels_of(counted), scale=ways.scale, **ways.parameters)


def _looked_for(guide: Guide, state: State, ways: Ways) -> Choice | None:
    if not guide.is_own or state.status in ASIDE:
        return None
    described = {choice.level: choice for choice in guide.choices if not choice.is_half}
    found = next_level(described, state.level, ways.scale.proficient)
    return None if found is None else described[found]


def _read_remarks(student: Student, target_ids: set[int], sight: Sight) -> list[Remark]:
    """Newest first; the student and the family read what is meant for them, once it was released. 1 query."""
    rows = Remark.objects.of_students([student.pk]).filter(sight.judgements(), target__in=target_ids)
    remarks = list(rows.select_related("author").order_by("-recorded_at", "-pk"))
    taken_back = {row.voids_id for row in remarks}
    return [
        row
        for row in remarks
        if row.voids_id is None and row.pk not in taken_back and (sight.is_staff or row.is_for_family)
    ]


def _note(row: Remark, zone: str, translations: Translations) -> Note:
    return Note(
        reason=str(RemarkReason(row.reason).label) if row.reason else "",
        words=words_of(row, translations),
        author=row.author.name,
        on=school_day(zone, row.recorded_at),
        is_for_family=row.is_for_family,
    )


def why_as_dict(why: Why) -> dict[str, Any]:
    """The same for programs and documents: dates and levels as text, None where there is nothing."""
    return {
        "student": str(why.student.uuid),
        "target": str(why.target.uuid),
        "as_of": why.sight.stood_on.isoformat() if why.sight.stood_on else None,
        "status": str(MasteryStatus(why.state.status).value),
        "level": level_value(why.state.level) or None,
        "is_proficient": why.state.is_proficient,
        "is_confirmed": why.is_decided,
        "is_automatic": why.state.is_automatic,
        "is_flagged": why.state.is_flagged,
        "method": {
            "name": why.method,
            "title": str(METHODS[why.method].name),
            "sentence": why.how,
            "is_chosen": why.is_chosen,
        },
        "suggested": level_value(why.suggested) or None,
        "suggested_value": None if why.suggested_value is None else str(why.suggested_value),
        "decided": _said_as_dict(why.decided),
        "unseen": _said_as_dict(why.unseen),
        "evidence": [_dot_as_dict(dot) for dot in why.dots],
        "onward": why.onward
        and {
            "count": why.onward.count,
            "at": level_value(why.onward.at_level),
            "becomes": level_value(why.onward.becomes),
        },
        "looked_for": why.looked_for
        and {"level": level_value(why.looked_for.level), "description": why.looked_for.description},
        "another_look_since": why.due_since.isoformat() if why.due_since else None,
        "remarks": [
            {
                "reason": note.reason,
                "text": note.words.text,
                **words_as_dict(note.words),
                "author": note.author,
                "on": note.on.isoformat(),
            }
            for note in why.notes
        ],
    }


def _said_as_dict(said: Said | None) -> dict[str, Any] | None:
    if said is None:
        return None
    return {
        "kind": said.kind,
        "level": level_value(said.level) or None,
        "by": said.by or None,
        "on": said.on.isoformat(),
        "note": said.note or None,
    }


def _dot_as_dict(dot: Dot) -> dict[str, Any]:
    return {
        "level": level_value(dot.level) or None,
        "was": level_value(dot.was) or None,
        "performed_on": dot.performed_on.isoformat(),
        "recorder": dot.recorder or None,
        "kind": dot.kind,
        "counts": dot.counts,
        "why_not": dot.why_not or None,
        "accommodations": list(dot.accommodations),
        "comment": dot.words.text if dot.words else None,
        **words_as_dict(dot.words),
        "shown_on": str(dot.shown_on.uuid) if dot.shown_on else None,
    }
