"""Telling people what happened."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from lpm.notices.enums import NoticeKind
from lpm.notices.models import Notice
from lpm.people.models import Student, User


@transaction.atomic
def tell(
    *,
    people: Iterable[User],
    kind: NoticeKind,
    key: str,
    path: str,
    student: Student | None = None,
    **params: str | int,
) -> None:
    """Tell each of ``people`` that something happened; told again with the same ``key`` it changes nothing.

    ``path`` is the page that shows it, ``params`` what its sentence needs. To be called in the transaction of what
    happened: nobody is told of what did not stand.
    """
    rows = [
        Notice(
            district_id=student.district_id if student else person.district_id,
            person=person,
            kind=kind,
            key=key,
            path=path,
            student=student,
            params=params,
        )
        for person in people
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
