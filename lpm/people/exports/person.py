"""Everything that is kept about one person, as JSON: complete, since it walks the models themselves.

The form, "cairn-person" version 1: ``person`` says who; ``rows`` has, for each model (``app.Model``) that names the
student or is the user's own, its rows; ``deeds`` has, for each field by which a user did something to what belongs to
somebody else, the identifiers of those rows alone; ``looks`` who looked at the record; ``audit`` what was done about
the person, and by them; ``files`` every file that the rows name. Dates are ISO 8601, decimals text. Other people stand
there as what they are in the row and their uuid, without a name; other guardians who looked without even that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import FileField, ForeignKey, ManyToManyField, Model, Q

from lpm.audit.models import Entry, RecordView
from lpm.people.models import Guardianship, Student, User
from lpm.people.policy import Relation
from lpm.people.queries.person import OWN, Link, Person, links_to, models_about, records_of, rows_of

FORMAT, VERSION = "cairn-person", 1
BATCH = 500

# Fields that are not taken out, and why.
LEFT_OUT = {
    "people.User.password": "opens the account",
    "notices.NoticePerson.secret": "changes what they are sent",
    "people.ApiToken.digest": "opens the account",
    "people.Badge.digest": "opens the account",
    "people.Invitation.digest": "opens an account",
    "people.Household.label": "may name another guardian",
    "people.Student.sort_key": "made from the name",
    "people.User.sort_key": "made from the name",
    "mfa.Authenticator.data": "opens the account",
    "socialaccount.SocialToken.token": "opens an account elsewhere",
    "socialaccount.SocialToken.token_secret": "opens an account elsewhere",
}

Row = dict[str, Any]


def export_person(*, person: Person, made_at: datetime) -> Iterator[str]:
    """The JSON, piece by piece; ``made_at`` is written into it. The caller has asked for the right, and notes it."""
    records = records_of(person) if isinstance(person, Student) else []
    users = [record.user for record in records if record.user] if records else [person]
    files: list[Row] = []
    yield from _object(
        [
            ("format", FORMAT),
            ("version", VERSION),
            ("made_at", made_at.isoformat()),
            ("person", {"uuid": str(person.uuid), "kind": person._meta.model_name}),
            ("rows", lambda: _sections(records, [user for user in users if isinstance(user, User)], files)),
            ("deeds", lambda: _deeds([user.pk for user in users])),
            ("looks", lambda: _looks(records)),
            ("audit", lambda: _audit(person, records, [user.pk for user in users])),
            ("files", lambda: iter(files)),  # filled by the rows above
        ]
    )


# --- JSON in pieces


def _object(parts: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """An object of values, and of functions that give an iterator of rows, or of (name, rows) for an inner object."""
    yield "{"
    for number, (name, value) in enumerate(parts):
        yield f"{',' if number else ''}\n{json.dumps(name)}: "
        yield from _inner(value()) if callable(value) else [json.dumps(value, ensure_ascii=False)]
    yield "\n}"


def _inner(items: Iterator[Any]) -> Iterator[str]:
    first = next(items, None)
    if isinstance(first, tuple):
        yield from _object([first, *items])
        return
    yield "["
    for number, item in enumerate([] if first is None else _again(first, items)):
        yield f"{',' if number else ''}\n{json.dumps(item, ensure_ascii=False)}"
    yield "]"


def _again(first: Any, items: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from items


# --- rows


def _sections(records: list[Student], users: list[User], files: list[Row]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """(name of the model, its rows) for each model that has any field about the person."""
    known: set[tuple[type[Model], int]] = {(type(one), one.pk) for one in (*records, *users)}
    students, accounts = [record.pk for record in records], [user.pk for user in users]
    yield Student._meta.label, lambda: (_row(record, known, files) for record in records)
    yield User._meta.label, lambda: (_row(user, known, files) for user in users)
    for model, links in sorted(_about(bool(records)).items(), key=lambda item: item[0]._meta.label):
        yield model._meta.label, _reader(model, links, students, accounts, known, files)


def _about(is_student: bool) -> dict[type[Model], list[Link]]:
    """Each model with rows about the person, and the fields that say so; those behind them under no field."""
    found: dict[type[Model], list[Link]] = {}
    for link in [*(links_to(Student) if is_student else []), *links_to(User)]:
        is_own = link.label in OWN if link.field.related_model is User else True
        if is_own and link.model not in {Student, RecordView}:
            found.setdefault(link.model, []).append(link)
    for model in list(found):
        for behind in _behind(model):
            found.setdefault(behind.model, []).append(behind)
    return found


def _behind(model: type[Model]) -> list[Link]:
    """Models that name no person themselves, and hang on a row that does: the invitations of a household."""
    own = {link.model for link in links_to(User) if link.label in OWN}
    return [link for link in links_to(model) if link.model not in {*models_about(Student), *own}]


def _reader(
    model: type[Model], links: list[Link], students: list[int], accounts: list[int], known: Any, files: list[Row]
) -> Callable[[], Iterator[Row]]:
    return lambda: (_row(row, known, files) for row in _find(model, links, students, accounts))


def _find(model: type[Model], links: Collection[Link], students: list[int], accounts: list[int]) -> Iterator[Any]:
    named = Q(pk__in=())
    for link in links:
        named |= Q(**{f"{link.name}__in": _targets(link, students, accounts)})
    rows = model._base_manager.filter(pk__in=model._base_manager.filter(named).values("pk"))
    keys = [field.name for field in model._meta.fields if isinstance(field, ForeignKey)]
    many = [field.name for field in model._meta.many_to_many]
    return rows.select_related(*keys).prefetch_related(*many).order_by("pk").iterator(chunk_size=BATCH)


def _targets(link: Link, students: list[int], accounts: list[int]) -> Any:
    """The rows that the field must name: the person's records or accounts, or the rows that hang on them."""
    if link.field.related_model is Student:
        return students
    if link.field.related_model is User:
        return accounts
    holder: Any = link.field.related_model
    about = [one for one in links_to(Student) if one.model is holder]
    own = [one for one in links_to(User) if one.model is holder and one.label in OWN]
    by_student = rows_of(holder, about, students) if about else holder._base_manager.none()
    by_user = rows_of(holder, own, accounts) if own else holder._base_manager.none()
    return holder._base_manager.filter(Q(pk__in=by_student.values("pk")) | Q(pk__in=by_user.values("pk")))


def _row(row: Model, known: set[tuple[type[Model], int]], files: list[Row]) -> Row:
    said: Row = {}
    for field in row._meta.fields:
        if field.primary_key or f"{row._meta.label}.{field.name}" in LEFT_OUT:
            continue
        if isinstance(field, ForeignKey):
            said[field.name] = _reference(getattr(row, field.name), field.name, known)
        elif isinstance(field, FileField):
            said[field.name] = _file(row, field, files)
        else:
            said[field.name] = _plain(getattr(row, field.name))
    for many in row._meta.many_to_many:
        said[many.name] = _references(row, many, known)
    return said


def _references(row: Model, many: ManyToManyField[Any, Any], known: set[tuple[type[Model], int]]) -> list[Row | None]:
    return [_reference(one, many.name, known) for one in getattr(row, many.name).all()]


def _reference(other: Model | None, role: str, known: set[tuple[type[Model], int]]) -> Row | None:
    """Another person is what they are here, and their uuid; the person asked about is named so; a thing has a name."""
    if other is None:
        return None
    uuid = getattr(other, "uuid", None)
    said: Row = {"uuid": str(uuid)} if uuid else {"id": other.pk}
    if isinstance(other, (Student, User)):
        is_person = (type(other), other.pk) in known
        return {**said, "role": "this person" if is_person else role}
    name = next((getattr(other, part) for part in ("name", "title", "code") if getattr(other, part, "")), None)
    return {**said, "name": name} if name else said


def _file(row: Model, field: FileField, files: list[Row]) -> str | None:
    file = getattr(row, field.name)
    if not file:
        return None
    files.append({"model": row._meta.label, "row": str(getattr(row, "uuid", row.pk)), "file": file.name})
    name: str = file.name
    return name


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


# --- what a user did to what is others'


def _deeds(accounts: list[int]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Only which rows they are: what stands in them is about somebody else."""
    for link in links_to(User):
        if link.model is RecordView or (link.label not in OWN and link.model is not Entry):
            yield link.label, _deed_reader(link, accounts)


def _deed_reader(link: Link, accounts: list[int]) -> Callable[[], Iterator[Row]]:
    name = "uuid" if any(field.name == "uuid" for field in link.model._meta.fields) else "pk"
    rows = rows_of(link.model, [link], accounts).order_by("pk").values_list(name, flat=True)
    return lambda: ({"row": str(value)} for value in rows.iterator(chunk_size=BATCH))


# --- who looked, and what the audit says


def _looks(records: list[Student]) -> Iterator[Row]:
    looks = RecordView.objects.filter(student_uuid__in=[record.uuid for record in records])
    for look in looks.select_related("viewer").order_by("day", "pk").iterator(chunk_size=BATCH):
        yield {
            "day": look.day.isoformat(),
            "page": look.page,
            "count": look.count,
            "first_at": look.first_at.isoformat(),
            "last_at": look.last_at.isoformat(),
            "viewer": _viewer(look),
        }


def _viewer(look: RecordView) -> Row:
    """Another guardian is never told apart."""
    role = look.relation or "unknown"
    if role in {Relation.GUARDIAN.name, "unknown"}:
        return {"role": role}
    return {"role": role, "uuid": str(look.viewer.uuid)}


def _audit(person: Person, records: list[Student], accounts: list[int]) -> Iterator[Row]:
    uuids = {person.uuid, *(record.uuid for record in records)}
    uuids |= set(User.objects.filter(pk__in=accounts).values_list("uuid", flat=True))
    guardians = set(Guardianship.objects.filter(student__in=records).values_list("guardian_id", flat=True))
    entries = Entry.objects.filter(Q(subject_uuid__in=uuids) | Q(actor__in=accounts)).select_related("actor")
    for entry in entries.order_by("at", "pk").iterator(chunk_size=BATCH):
        yield {
            "at": entry.at.isoformat(),
            "action": entry.action,
            "subject": str(entry.subject_uuid) if entry.subject_uuid else None,
            "actor": _actor(entry, set(accounts), guardians),
            "details": entry.details,
        }


def _actor(entry: Entry, accounts: set[int], guardians: set[int]) -> Row | None:
    if entry.actor is None:
        return None
    if entry.actor_id in guardians:
        return {"role": "guardian"}
    role = "this person" if entry.actor_id in accounts else "actor"
    return {"role": role, "uuid": str(entry.actor.uuid)}
