"""Everything that hangs on a person: the graph of the models itself is asked, so that nothing is forgotten."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import CASCADE, PROTECT, ForeignKey, ManyToManyField, Model, Q, QuerySet

from lpm.audit.models import RecordView
from lpm.people.models import Guardianship, Household, Student, User

Person = Student | User

# What a user's own things are. Every other field that names a user says who did something to somebody else's.
OWN = frozenset(
    {
        "people.Student.user",
        "people.Guardianship.guardian",
        "people.Staffing.user",
        "people.RoleGrant.user",
        "people.Caseload.manager",
        "people.ApiToken.user",
        "people.Badge.user",
        "people.OperatorSession.operator",
        "audit.RecordView.viewer",
        "account.EmailAddress.user",
        "socialaccount.SocialAccount.user",
        "mfa.Authenticator.user",
        "usersessions.UserSession.user",
        "curriculum.Comment.author",
        "curriculum.FrameworkWriter.user",
        "mastery.GridView.owner",
        "notices.Notice.person",
        "notices.NoticeChoice.person",
        "notices.NoticePerson.person",
        "notices.Delivery.person",
        "threads.Thread.guardian",
    }
)
# A look is about the student who was looked at: it stays when the one who looked goes.
KEPT_WITH_THE_STUDENT = frozenset({"audit.RecordView.viewer"})


@dataclass(frozen=True)
class Link:
    """A field of a model that names a student, or a user."""

    model: type[Model]
    field: ForeignKey[Any, Any] | ManyToManyField[Any, Any]

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def label(self) -> str:
        return f"{self.model._meta.label}.{self.name}"

    @property
    def protects(self) -> bool:
        return getattr(self.field.remote_field, "on_delete", None) is PROTECT

    @property
    def goes_along(self) -> bool:
        """Whether the row makes no sense without the person."""
        return getattr(self.field.remote_field, "on_delete", None) is CASCADE


def links_to(target: type[Model]) -> list[Link]:
    """Every field, of every model there is, that names a ``target``; hidden ones and many-to-many too."""
    return [
        Link(model, field)
        for model in sorted(apps.get_models(), key=lambda model: model._meta.label)
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if isinstance(field, (ForeignKey, ManyToManyField)) and field.related_model is target
    ]


def models_about(target: type[Model]) -> dict[type[Model], list[Link]]:
    found: dict[type[Model], list[Link]] = {}
    for link in links_to(target):
        found.setdefault(link.model, []).append(link)
    return found


def rows_of(model: type[Model], links: Collection[Link], pks: Collection[int]) -> QuerySet[Any]:
    """Rows of ``model`` that name one of ``pks`` in one of the fields, each once."""
    named = Q()
    for link in links:
        named |= Q(**{f"{link.name}__in": list(pks)})
    return model._base_manager.filter(pk__in=model._base_manager.filter(named).values("pk"))


def find_person(uuid: UUID, students: Any, users: Any) -> Person | None:
    """The student, or else the user, of that uuid among the rows given; a user who is a student is that student."""
    student: Student | None = students.filter(uuid=uuid).first()
    if student is not None:
        return student
    user: User | None = users.filter(uuid=uuid).first()
    if user is None or not Student.objects.filter(user=user).exists():
        return user
    own: Student | None = students.filter(user=user).first()  # none where the record was merged into another
    return own


def records_of(student: Student) -> list[Student]:
    """The student's record and those merged into it; these first, as they point at it."""
    rows = Student.objects.records_of([student.pk]).select_related("user", "district", "school")
    return sorted(rows, key=lambda row: (row.pk == student.pk, row.pk))


# --- what would go


def count_of_student(records: Collection[Student]) -> dict[str, int]:
    """How many rows of each model are about the student; the name of the model → rows. Empty models are left out."""
    pks = [record.pk for record in records]
    counts = {
        model._meta.label: rows_of(model, links, pks).count()
        for model, links in models_about(Student).items()
        if model not in {Student, Household}
    }
    counts[Student._meta.label] = len(records)
    counts[Household._meta.label] = empty_households(pks).count()
    counts[RecordView._meta.label] = RecordView.objects.filter(
        student_uuid__in=[record.uuid for record in records]
    ).count()
    return {label: count for label, count in sorted(counts.items()) if count}


def count_of_user(user: User) -> dict[str, int]:
    """How many rows of each model go with the person's account."""
    counts = {
        model._meta.label: rows_of(model, going, [user.pk]).count()
        for model, links in models_about(User).items()
        if (going := [link for link in links if link.goes_along and link.label not in KEPT_WITH_THE_STUDENT])
    }
    return {label: count for label, count in sorted(counts.items()) if count}


def empty_households(pks: Collection[int]) -> QuerySet[Household]:
    """Homes in which nobody lives but the students named."""
    shared = Household.students.through.objects.exclude(student_id__in=list(pks)).values("household_id")
    return Household.objects.filter(students__in=list(pks)).exclude(pk__in=shared).distinct()


def holds_fast(user: User, *, with_entries: bool = True) -> bool:
    """Whether other rows need the person's row: marks they gave, files they brought in, looks at others' records.

    ``with_entries`` False leaves out what the audit says they did.
    """
    fast = [link for link in links_to(User) if link.protects or link.label in KEPT_WITH_THE_STUDENT]
    if not with_entries:
        fast = [link for link in fast if link.label != "audit.Entry.actor"]
    return any(rows_of(link.model, [link], [user.pk]).exists() for link in fast)


def guardians_left_alone(records: Collection[Student]) -> list[User]:
    """Guardians who would have no other child, are nothing else here, and have no account of another district."""
    pks = [record.pk for record in records]
    here = Q(district=None) | Q(district__in={record.district_id for record in records})
    mine = User.objects.filter(guardianships__student__in=pks, is_operator=False).distinct()
    others = Guardianship.objects.exclude(student__in=pks).values("guardian")
    alone = mine.exclude(pk__in=others).filter(here, student=None, staffing=None, grants=None, caseload=None)
    return list(alone.order_by("sort_key", "pk"))
