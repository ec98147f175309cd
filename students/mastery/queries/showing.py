"""Who is ready to show what: a student's own requests and tries, and the queue of their teachers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Prefetch

from curriculum.models import Target
from lpm.lib.dates import end_of_day, school_day
from lpm.people.access import in_window
from lpm.people.models import Enrollment, Group, Organization, Student, User
from lpm.people.policy import Action
from lpm.people.queries.calendar import calendar_of
from students.mastery.calculations.state import COUNTED, converted, standing
from students.mastery.enums import AssessmentKind, JudgementKind, RequestState
from students.mastery.models import Assessment, Judgement, MasterySettings, MasteryState, ReadyRequest, ShowingSession
from students.mastery.queries.record import score_row
from students.mastery.queries.routes import NO_ROUTES, read_routes
from students.mastery.queries.seen import Reader, Sight
from students.mastery.queries.ways import measure_of, read_books
from students.mastery.queries.words import Translations, Words, read_translations, words_of

MOST = 60  # more than anybody looks at
BY_TEACHERS = [JudgementKind.CONFIRMED, JudgementKind.SET, JudgementKind.EXCUSED, JudgementKind.LIFTED]


def ready_limit(student: Student, day: date) -> int:
    """How many requests the student may have open."""
    known = MasterySettings.objects.in_force(student.school_id, day, "ready_limit")
    return int(known.get("ready_limit", MasterySettings.DEFAULTS["ready_limit"]))


def group_of(student: Student, teacher: User, day: date, session: ShowingSession | None) -> Group | None:
    """In which group the teacher sees the student: that of the session, if the student is in it; else their first."""
    groups = Group.objects.visible_to(teacher, Action.RECORD_MARK, day)
    seated = list(
        groups.filter(in_window(day, "enrollments__", "group__school__"), enrollments__student=student).by_name()
    )
    return next((group for group in seated if session and group.pk == session.group_id), next(iter(seated), None))


# --- one student


@dataclass(frozen=True)
class Try:
    """One time that the student showed it. ``own_level`` and ``done_before`` are what they said when they asked."""

    level: Decimal
    performed_on: date
    own_level: Decimal | None
    done_before: str


@dataclass(frozen=True)
class OwnWord:
    level: Decimal
    said_on: date
    words: Words


@dataclass(frozen=True)
class Readiness:
    """One student on one target: every try, oldest first, what they say themselves, and what they have asked."""

    tries: list[Try]
    own: OwnWord | None
    waiting: ReadyRequest | None
    last: ReadyRequest | None  # the newest that was answered, as far as the reader knows
    reply: Words | None  # what was answered to it in words

    @property
    def last_try(self) -> Try | None:
        return self.tries[-1] if self.tries else None


def read_readiness(student: Student, target: Target, sight: Sight) -> Readiness:
    """What the reader of ``sight`` knows of it. In 2 queries, 3 where other targets lead to this one, and 1 more where
    there are words."""
    routes = read_routes([target.pk]) if target.has_forerunners else NO_ROUTES
    rows = Assessment.objects.of_students([student.pk]).filter(sight.assessments())
    rows = rows.filter(target__in=routes.with_sources([target.pk]))
    known = list(rows.order_by("performed_on", "recorded_at", "pk"))
    requests = list(_requests(student, sight).filter(target=target).order_by("asked_at", "pk"))
    kept = {row.id for row in standing([score_row(row) for row in known])}
    asked = {request.answer_id: request for request in requests if request.answer_id}
    answered = [request for request in requests if request.answered_at and is_released(request, sight)]
    last = answered[-1] if answered else None
    own = _last_own([row for row in known if row.pk in kept])
    written = [row for row in (own, last) if row is not None]
    translations = read_translations(written, sight.until, known_at_once(answered, sight))
    return Readiness(
        tries=[
            _try(row, row.level, asked.get(row.pk)) for row in known if _is_try(row, kept) and row.level is not None
        ],
        own=_own_word(own, translations),
        waiting=next((request for request in requests if request.state == RequestState.WAITING), None),
        last=last,
        reply=words_of(last, translations) if last else None,
    )


def _requests(student: Student, sight: Sight) -> Any:
    """A family reads of them when it reads of levels."""
    rows = ReadyRequest.objects.filter(student=student).exclude(state=RequestState.WITHDRAWN)
    if sight.reader == Reader.FAMILY:
        rows = rows.filter(asked_at__lt=sight.until)
    return rows.select_related(
        "target__topic__area__framework__scale", "self_assessment", "answer", "answered_by", "session__host"
    )


def _is_try(row: Assessment, kept: set[int]) -> bool:
    return row.pk in kept and row.kind in COUNTED


def _try(row: Assessment, level: Decimal, request: ReadyRequest | None) -> Try:
    own = request.self_assessment if request else None
    return Try(level, row.performed_on, own.level if own else None, request.done_since if request else "")


def _last_own(rows: Iterable[Assessment]) -> Assessment | None:
    said = [row for row in rows if row.kind == AssessmentKind.SELF and row.level is not None]
    return max(said, key=lambda row: row.recorded_at, default=None)


def _own_word(said: Assessment | None, translations: Translations) -> OwnWord | None:
    if said is None or said.level is None:
        return None
    return OwnWord(said.level, said.performed_on, words_of(said, translations))


def is_released(request: ReadyRequest, sight: Sight) -> bool:
    """Whether the reader knows the answer: students words at once, and a level when they see the level itself."""
    if sight.until is None or request.answered_at is None:
        return True
    return bool(known_at_once([request], sight)) or request.answered_at < sight.until


def known_at_once(requests: Iterable[ReadyRequest], sight: Sight) -> list[ReadyRequest]:
    """Those whose answer, being words alone, the reader knows as soon as it is written."""
    if sight.reader != Reader.STUDENT:
        return []
    return [request for request in requests if request.state == RequestState.RETURNED]


@dataclass(frozen=True)
class Asked:
    """A request as its reader knows it. ``is_coming``: it was answered, and the reader does not see the level yet."""

    request: ReadyRequest
    is_coming: bool
    is_taken_back: bool  # the answer was, later
    reply: Words

    @property
    def is_open(self) -> bool:
        return self.is_coming or self.request.state == RequestState.WAITING


def read_asked(student: Student, sight: Sight) -> list[Asked]:
    """What the student asked, newest first, without what they took back; in 3 queries, 4 where there are words."""
    rows = list(_requests(student, sight).order_by("-asked_at", "-pk")[:MOST])
    for row in rows:
        row.student = student
    show_on_scale(rows, sight.day, sight.before)
    answers = [row.answer_id for row in rows if row.answer_id]
    voided = set(Assessment.objects.filter(voids__in=answers).values_list("voids_id", flat=True))
    translations = read_translations(rows, sight.until, known_at_once(rows, sight))
    return [
        Asked(row, not is_released(row, sight), row.answer_id in voided, words_of(row, translations)) for row in rows
    ]


def read_open(student: Student) -> list[ReadyRequest]:
    """What nobody has answered, in 1 query: what has a time first, then the oldest."""
    rows = ReadyRequest.objects.filter(student=student, state=RequestState.WAITING)
    rows = rows.select_related("target__topic__area__framework", "session")
    return list(rows.order_by(F("session__starts_at").asc(nulls_last=True), "asked_at", "pk"))


# --- the teachers


@dataclass(frozen=True)
class Waiting:
    """A student who waits: for how many days of school, what they say themselves, and where they stand."""

    request: ReadyRequest
    days: int
    level: Decimal | None
    groups: list[str]

    @property
    def own_level(self) -> Decimal | None:
        own = self.request.self_assessment
        return own.level if own else None


@dataclass(frozen=True)
class Batch:
    """Everybody who is ready for the same target; who waits longest comes first."""

    target: Target
    waiting: list[Waiting]


@dataclass(frozen=True)
class Offered:
    """What a substitute saw: ``level`` is on the scale in force, as accepting records it.

    ``is_judged_since``: a teacher has judged the student on the target later.
    """

    mark: Assessment
    level: Decimal | None
    is_judged_since: bool
    words: Words


@dataclass(frozen=True)
class Queue:
    batches: list[Batch]
    sessions: list[ShowingSession]
    offered: list[Offered]

    @property
    def is_judged_since(self) -> bool:
        """Whether the teachers have judged something themselves that a substitute offers."""
        return any(one.is_judged_since for one in self.offered)

    @property
    def count(self) -> int:
        return sum(len(batch.waiting) for batch in self.batches)


def read_queue(user: User, day: date) -> Queue:
    """Everybody who waits in the person's groups, in 12 queries and 3 more for each school."""
    waiting = read_waiting(user, day)
    batches: dict[int, Batch] = {}
    for one in waiting:
        batches.setdefault(one.request.target_id, Batch(one.request.target, [])).waiting.append(one)
    return Queue(list(batches.values()), read_sessions(user, day), read_offered(user, day))


def read_waiting(user: User, day: date) -> list[Waiting]:
    """Those whom the person may answer, who waits longest first."""
    rows = ReadyRequest.objects.visible_to(user, Action.RECORD_MARK, day).filter(state=RequestState.WAITING)
    rows = rows.select_related("target__topic__area__framework__scale", "self_assessment", "session")
    requests = list(rows.with_student_for(user).order_by("asked_at", "pk"))
    if not requests:
        return []
    show_on_scale(requests, day)
    levels = _levels(requests)
    days = _days_waited(requests, day)
    groups = _groups_of({request.student_id for request in requests}, user, day)
    return [
        Waiting(
            request,
            days[request.pk],
            levels.get((request.student_id, request.target_id)),
            groups[request.student_id],
        )
        for request in requests
    ]


def _levels(requests: Sequence[ReadyRequest]) -> dict[tuple[int, int], Decimal | None]:
    states = MasteryState.objects.filter(
        student__in={request.student_id for request in requests},
        target__in={request.target_id for request in requests},
    )
    return {
        (student, target): level for student, target, level in states.values_list("student_id", "target_id", "level")
    }


def _days_waited(requests: Sequence[ReadyRequest], day: date) -> dict[int, int]:
    """For each request the days with school after the one on which it was asked, up to ``day``."""
    schools = Organization.objects.in_bulk({request.student.school_id for request in requests})
    asked = {
        request.pk: school_day(schools[request.student.school_id].time_zone, request.asked_at) for request in requests
    }
    first = min(asked.values())
    days = {pk: calendar_of(school).days(first, day) for pk, school in schools.items()}
    return {request.pk: sum(one > asked[request.pk] for one in days[request.student.school_id]) for request in requests}


def _groups_of(students: set[int], user: User, day: date) -> dict[int, list[str]]:
    """The names of the person's groups in which each student is."""
    seats = Enrollment.objects.filter(
        in_window(day, "", "group__school__"),
        student__in=students,
        group__in=Group.objects.visible_to(user, Action.RECORD_MARK, day),
    )
    names: dict[int, list[str]] = defaultdict(list)
    for student, name in seats.order_by("group__sort_key").values_list("student_id", "group__name").distinct():
        names[student].append(name)
    return names


def sessions_for(user: User, day: date) -> Any:
    """Showing sessions of the groups in which the person records."""
    groups = Group.objects.visible_to(user, Action.RECORD_MARK, day)
    return ShowingSession.objects.filter(group__in=groups).select_related("group__school", "host")


def read_sessions(user: User, day: date) -> list[ShowingSession]:
    """Those of today and later, with ``coming``: the requests in them whose students one may see."""
    coming = ReadyRequest.objects.visible_to(user, Action.RECORD_MARK, day)
    rows = sessions_for(user, day).filter(cancelled_at__isnull=True).annotate(taken=Count("requests"))
    rows = rows.filter(starts_at__gte=end_of_day(day - timedelta(days=2), "UTC")).order_by("starts_at", "pk")
    found = rows.prefetch_related(Prefetch("requests", coming, to_attr="coming"))
    return [one for one in found if school_day(one.group.school.time_zone, one.starts_at) >= day]


def read_coming(session: ShowingSession, user: User, day: date) -> list[ReadyRequest]:
    """Who comes to a session, as far as the person may see them; by name."""
    rows = ReadyRequest.objects.visible_to(user, Action.RECORD_MARK, day).filter(session=session)
    rows = rows.select_related("target__topic__area__framework__scale", "self_assessment", "answer", "answered_by")
    requests = list(rows.with_student_for(user).order_by("student__sort_key", "pk"))
    show_on_scale(requests, day)
    return requests


def show_on_scale(requests: Sequence[ReadyRequest], day: date, before: datetime | None = None) -> None:
    """Turn the levels of what students said and teachers answered into those of the scale in force, to show them (not
    to save them); in 1 query, none without requests."""
    books = read_books({request.student.school_id for request in requests}, day, before) if requests else {}
    for request in requests:
        ways = books[request.student.school_id].on(measure_of(request.target))
        for said in (request.self_assessment, request.answer):
            if said is not None:
                [row] = converted([score_row(said)], ways)
                said.level = row.level


def _offered_to(user: User, day: date) -> Any:
    """What substitutes saw and nobody has settled."""
    rows = Assessment.objects.visible_to(user, Action.RECORD_MARK, day)
    return rows.filter(kind=AssessmentKind.OFFERED, voided_by__isnull=True)


def count_offered(user: User, day: date) -> int:
    return int(_offered_to(user, day).count())


def read_offered(user: User, day: date) -> list[Offered]:
    """On the students for whom the person records; by day and name.

    In 3 queries, 4 where there are words, 1 where there is nothing.
    """
    rows = _offered_to(user, day)
    rows = rows.select_related("target__topic__area__framework__scale", "recorder", "group").with_student_for(user)
    marks = list(rows.order_by("performed_on", "student__sort_key", "pk"))
    if not marks:
        return []
    books = read_books({mark.student.school_id for mark in marks}, day)
    judged = _last_judged(marks)
    translations = read_translations(marks)
    found = []
    for mark in marks:
        [row] = converted([score_row(mark)], books[mark.student.school_id].on(measure_of(mark.target)))
        last = judged.get((_whose(mark), mark.target_id))
        is_judged_since = last is not None and last > mark.recorded_at
        found.append(Offered(mark, row.level, is_judged_since, words_of(mark, translations)))
    return found


def _whose(mark: Assessment) -> int:
    return mark.student.merged_into_id or mark.student_id


def _last_judged(marks: Iterable[Assessment]) -> dict[tuple[int, int], datetime]:
    """When a teacher last judged each student on each target of the marks."""
    rows = Judgement.objects.of_students({_whose(mark) for mark in marks}).filter(
        target__in={mark.target_id for mark in marks}, kind__in=BY_TEACHERS, voided_by__isnull=True
    )
    last: dict[tuple[int, int], datetime] = {}
    for student, target, row in rows.rows():
        last[student, target] = max(row.recorded_at, last.get((student, target), row.recorded_at))
    return last


def group_choices(user: User, day: date) -> Any:
    """Where the person may hold a showing session."""
    return Group.objects.visible_to(user, Action.RECORD_MARK, day).by_name()
