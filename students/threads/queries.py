"""Who may write to whom about a student, and what was written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from lpm.people.enums import Audience, Part
from lpm.people.models import Organization, Student, User
from lpm.people.policy import Action, Relation
from lpm.people.queries.privacy import find_seers
from students.threads.models import Message, MessageTranslation, Thread
from students.threads.querysets import FAMILY, STAFF, ThreadQuerySet

MESSAGES_ON_A_PAGE = 50
THREADS_ON_A_PAGE = 30


def students_written_about(rows: Any) -> Any:
    """Those of the students whose school has messages on."""
    return rows.filter(school__parts__contains=[Part.MESSAGES])


def has_messages(school: Organization) -> bool:
    return Part.MESSAGES in school.parts


# Whom one may write to


@dataclass(frozen=True)
class Other:
    """Somebody to whom a person may write about a student. ``staff`` and ``guardian`` are those of the thread that
    it would be; ``thread`` is there when they have one."""

    person: User
    name: str
    role: str
    staff: User
    guardian: User | None
    thread: Thread | None = None


def find_others(student: Student, user: User, day: date) -> list[Other]:
    """Everybody to whom ``user`` may write about the student (by the name that ``user`` knows), the staff by name
    first; in at most 8 queries."""
    found = [*_staff_for(student, user, day), *_family_for(student, user, day)]
    about = Q(student=student) | Q(student__merged_into=student)
    known = Thread.objects.filter(about).filter(Q(staff=user) | Q(guardian=user) | Q(guardian=None)).order_by("last_at")
    threads = {(thread.staff_id, thread.guardian_id): thread for thread in known}
    return [
        Other(one.person, one.name, one.role, one.staff, one.guardian, threads.get(_pair(one.staff, one.guardian)))
        for one in found
        if one.person.pk != user.pk
    ]


def _pair(staff: User, guardian: User | None) -> tuple[int, int | None]:
    return staff.pk, guardian.pk if guardian else None


def _may(student: Student, user: User, day: date, through: Iterable[Relation]) -> bool:
    rows = Student.objects.visible_to(user, Action.WRITE_MESSAGE, day, through=list(through))
    return bool(rows.filter(pk=student.pk).exists())


def _staff_for(student: Student, user: User, day: date) -> list[Other]:
    """Teachers, and who supports the student, for the student and the guardians. Of what they teach, and that somebody
    supports the student, a guardian to whom the record is closed reads nothing."""
    is_self = student.user_id == user.pk
    sees_record = is_self or _may(student, user, day, [Relation.GUARDIAN])
    if not sees_record and not _may(student, user, day, [Relation.HEARD_GUARDIAN]):
        return []
    guardian = None if is_self else user
    roles: dict[int, Other] = {}
    for relation in STAFF:
        for person in find_seers(student, relation, day):
            role = staff_role(relation, getattr(person, "groups", None) or []) if sees_record else _("teacher")
            roles.setdefault(person.pk, Other(person, person.name, role, person, guardian))
    return sorted(roles.values(), key=lambda one: (one.person.sort_key, one.person.pk))


def _family_for(student: Student, user: User, day: date) -> list[Other]:
    """The student, if they can sign in, and each guardian who may write, for the staff."""
    if not _may(student, user, day, STAFF):
        return []
    found: dict[int, Other] = {}
    if student.user is not None and student.user.is_active:
        found[student.user.pk] = Other(student.user, student.name, _("student"), user, None)
    for relation in FAMILY:
        for person in find_seers(student, relation, day):
            found.setdefault(person.pk, Other(person, person.name, guardian_role(student), user, person))
    return list(found.values())


def staff_role(relation: Relation, groups: Iterable[str] = ()) -> str:
    if relation == Relation.CASE_MANAGER:
        return _("support teacher")
    names = ", ".join(groups)
    return _("teacher, %(groups)s") % {"groups": names} if names else _("teacher")


def guardian_role(student: Student) -> str:
    return _("guardian of %(name)s") % {"name": student.first_name}


def name_at_home(student: Student) -> str:
    """What the family calls the student, where whoever reads this knows another name; else ""."""
    name = student.first_name_for(Audience.FAMILY)
    return name if name != student.first_name else ""


def subject_of(thread: Thread) -> Student:
    """About whom the thread is: the student whose record speaks for the one it was begun about."""
    return thread.student.merged_into or thread.student


# Threads


@dataclass(frozen=True)
class ThreadRow:
    """A thread in a list: with whom, as the reader calls them, and the newest words of it."""

    thread: Thread
    name: str
    about: str
    is_unread: bool
    words: str
    language: str  # of the words
    is_mine: bool  # the newest words are the reader's own


def threads_of(user: User, day: date) -> ThreadQuerySet:
    """Those in which ``user`` writes now, with everybody's names; 1 query more for the students."""
    return Thread.objects.mine(user, day).turned_on().select_related("staff", "guardian").with_student_for(user)


def with_newest(threads: Any) -> Any:
    """The newest thread first, with the words of its newest message."""
    newest = Message.objects.filter(thread=OuterRef("pk")).order_by("-sent_at", "-pk")
    columns = {"words": "text", "words_in": "language", "said_by": "author"}
    said = {name: Subquery(newest.values(column)[:1]) for name, column in columns.items()}
    return threads.annotate(**said).order_by("-last_at", "-pk")


def read_threads(threads: Any, user: User, number: str | int) -> tuple[list[ThreadRow], Page[Any]]:
    """A page of the threads of ``threads_of``; in 3 queries."""
    page = Paginator(with_newest(threads), THREADS_ON_A_PAGE).get_page(number)
    return [_row(thread, user) for thread in page.object_list], page


def _row(thread: Any, user: User) -> ThreadRow:
    return ThreadRow(
        thread,
        other_name(thread, user),
        other_role(thread, user),
        is_unread=is_unread(thread, user),
        words=thread.words or "",
        language=thread.words_in or "",
        is_mine=thread.said_by == user.pk,
    )


def is_unread(thread: Thread, user: User) -> bool:
    read_at = thread.staff_read_at if thread.staff_id == user.pk else thread.family_read_at
    return read_at is None or read_at < thread.last_at


def other_name(thread: Thread, user: User) -> str:
    if thread.staff_id != user.pk:
        return thread.staff.name
    return thread.guardian.name if thread.guardian else subject_of(thread).name


def other_role(thread: Thread, user: User) -> str:
    """What the other one is; to a guardian, about which child it is."""
    if thread.staff_id == user.pk:
        return guardian_role(subject_of(thread)) if thread.guardian else _("student")
    return _("about %(name)s") % {"name": subject_of(thread).first_name} if thread.guardian else _("teacher")


def count_unread(user: User, day: date) -> int:
    """In 1 query."""
    threads = Thread.objects.mine(user, day).turned_on()
    rows = threads.values_list("staff_id", "last_at", "staff_read_at", "family_read_at")
    read = ((last, by_staff if staff == user.pk else by_family) for staff, last, by_staff, by_family in rows)
    return sum(at is None or at < last for last, at in read)


# What was written


@dataclass(frozen=True)
class Line:
    """A message as it is shown; ``translations`` are the newest of each language."""

    message: Message
    name: str
    role: str
    is_mine: bool
    is_of_staff: bool
    translations: list[MessageTranslation] = field(default_factory=list)


@dataclass(frozen=True)
class Conversation:
    """Lines, oldest first, of one ``page`` of them, the newest being page 1.

    ``is_open`` while both may write; ``closed`` says why not.
    """

    lines: list[Line]
    page: Page[Any]
    closed: str = ""

    @property
    def is_open(self) -> bool:
        return not self.closed


def read_conversation(thread: Thread, user: User, day: date, number: str | int = 1) -> Conversation:
    """In 7 queries at most. ``thread`` comes with its people and the student by the reader's name."""
    translations = MessageTranslation.objects.select_related("translator").order_by("written_at", "pk")
    messages = Message.objects.filter(thread=thread).order_by("-sent_at", "-pk")
    rows = messages.prefetch_related(Prefetch("translations", translations, to_attr="said_again"))
    page = Paginator(rows, MESSAGES_ON_A_PAGE).get_page(number)
    relation = _standing_of_staff(thread, day)
    role = _role_of_staff(thread, relation, user, day)
    lines = [_line(message, thread, user, role) for message in reversed(list(page.object_list))]
    return Conversation(lines, page, _why_closed(thread, day, has_staff=relation is not None))


def _line(message: Any, thread: Thread, user: User, role: str) -> Line:
    newest = {one.language: one for one in message.said_again}
    common: dict[str, Any] = {"is_mine": message.author_id == user.pk, "translations": list(newest.values())}
    if message.author_id == thread.staff_id:
        return Line(message, thread.staff.name, role, is_of_staff=True, **common)
    if thread.guardian:
        return Line(message, thread.guardian.name, guardian_role(subject_of(thread)), is_of_staff=False, **common)
    return Line(message, subject_of(thread).name, _("student"), is_of_staff=False, **common)


def _standing_of_staff(thread: Thread, day: date) -> Relation | None:
    """What the one of the staff is to the student now; None when nothing any more."""
    return next((one for one in STAFF if _may(subject_of(thread), thread.staff, day, [one])), None)


def _role_of_staff(thread: Thread, relation: Relation | None, user: User, day: date) -> str:
    """That the student has support is nothing that a guardian reads to whom the record is closed."""
    if relation is None:
        return _("of the staff")
    if relation == Relation.CASE_MANAGER and thread.guardian_id == user.pk:
        relation = relation if _may(subject_of(thread), user, day, [Relation.GUARDIAN]) else Relation.TEACHER
    return staff_role(relation)


def _why_closed(thread: Thread, day: date, *, has_staff: bool) -> str:
    if not has_staff:
        return _("%(name)s no longer works with the student.") % {"name": thread.staff.name}
    if thread.guardian and not _may(subject_of(thread), thread.guardian, day, FAMILY):
        return _("%(name)s can no longer read messages about the student.") % {"name": thread.guardian.name}
    own = subject_of(thread).user
    if not thread.guardian and not (own and own.is_active):
        return _("The student cannot sign in any more.")
    return ""


def may_both_write(thread: Thread, day: date) -> bool:
    return not _why_closed(thread, day, has_staff=_standing_of_staff(thread, day) is not None)


def find_message(threads: Any, uuid: UUID) -> Message | None:
    """The message in one of the threads, with who wrote it."""
    return Message.objects.filter(thread__in=threads, uuid=uuid).select_related("thread", "author").first()


# Oversight


def threads_to_oversee(user: User) -> Any:
    """All there are, with everybody's names, and those of schools that have turned messages off since: what was
    written stays to be read. The door of the page keeps those that ``user`` may read."""
    return Thread.objects.select_related("staff", "guardian").with_student_for(user)


@dataclass(frozen=True)
class OverseenRow:
    thread: Thread
    family: str  # who of the student's side
    role: str
    words: str
    language: str  # of the words


def read_overseen(threads: Any, number: str | int) -> tuple[list[OverseenRow], Page[Any]]:
    """In 3 queries."""
    page = Paginator(with_newest(threads), THREADS_ON_A_PAGE).get_page(number)
    return [_overseen_row(thread) for thread in page.object_list], page


def _overseen_row(thread: Any) -> OverseenRow:
    student = subject_of(thread)
    if thread.guardian:
        return OverseenRow(thread, thread.guardian.name, guardian_role(student), *_newest(thread))
    return OverseenRow(thread, student.name, _("student"), *_newest(thread))


def _newest(thread: Any) -> tuple[str, str]:
    return thread.words or "", thread.words_in or ""


def is_anything_to_oversee(student: Student) -> bool:
    """Where messages are off: whether anybody wrote before. In 1 query there, else in none."""
    return has_messages(student.school) or bool(threads_about(Thread.objects.all(), student).exists())


def at_school(threads: Any, school: Organization) -> Any:
    """Of the students of the organization, and of those under it."""
    under = Organization.objects.under(school).filter(
        pk=Coalesce(OuterRef("student__merged_into__school"), OuterRef("student__school"))
    )
    return threads.filter(Exists(under))


def threads_about(threads: Any, student: Student) -> Any:
    """With those of records that were merged into the student's."""
    return threads.filter(Q(student=student) | Q(student__merged_into=student))
