"""Rows of the two logs, and putting them there once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

from students.mastery.enums import JudgementKind
from students.mastery.models import Assessment, Judgement
from students.mastery.queries import SAME, SAME_JUDGED
from students.mastery.services.record.refused import reused

BATCH = 2000
Row = TypeVar("Row", Assessment, Judgement)


def judgement_uuid(mark_uuid: UUID) -> UUID:
    """The identity of the judgement that was written together with a mark."""
    return uuid5(mark_uuid, "judgement")


def judge(
    assessment: Assessment, kind: JudgementKind, *, voids: Judgement | None = None, unseen_id: int | None = None
) -> Judgement:
    """The judgement that goes with ``assessment``."""
    return Judgement(
        uuid=judgement_uuid(assessment.uuid),
        district_id=assessment.district_id,
        student_id=assessment.student_id,
        target_id=assessment.target_id,
        kind=kind,
        level=assessment.level,
        judge_id=assessment.recorder_id,
        recorded_at=assessment.recorded_at,
        based_on=assessment,
        unseen_id=unseen_id,
        voids=voids,
    )


def known_rows(uuids: Iterable[UUID]) -> dict[UUID, Assessment]:
    """Rows of the log that are there already, by identity."""
    return {row.uuid: row for row in Assessment.objects.filter(uuid__in=list(uuids))}


def identify(row: Assessment | Judgement, pk: int, recorded_at: datetime) -> None:
    """The row is to be written under this identity, at this moment."""
    row.pk, row.recorded_at = pk, recorded_at
    row._state.adding = False


def take_known(row: Row, known: Row | None) -> bool:
    """Whether the very same row is in the log, and then as which; raises when it is there with other content."""
    if known is None:
        return False
    if any(getattr(known, name) != getattr(row, name) for name in _same(row)):
        raise reused()
    identify(row, known.pk, known.recorded_at)
    return True


def _same(row: Assessment | Judgement) -> tuple[str, ...]:
    return SAME if isinstance(row, Assessment) else SAME_JUDGED


@contextmanager
def telling_reused() -> Iterator[None]:
    """IdentifierReused for a UUID that somebody else used at the same moment."""
    try:
        yield
    except IntegrityError as error:
        if "uuid" in str(error):
            raise reused() from error
        raise


def append(assessments: Sequence[Assessment], judgements: Sequence[Judgement]) -> None:
    """All or none, and nothing made from them. Raises IdentifierReused."""
    with telling_reused(), transaction.atomic():
        Assessment.objects.bulk_create(assessments, batch_size=BATCH)
        Judgement.objects.bulk_create(judgements, batch_size=BATCH)
