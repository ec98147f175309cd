"""What an export reads: the objects that came with a framework, what they meant, and the rows as they are now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Max

from curriculum.enums import RevisionStatus
from curriculum.imports.apply import remembered_rules
from curriculum.imports.case import read_value
from curriculum.imports.links import Names
from curriculum.imports.mapping import Curriculum, map_package
from curriculum.imports.objects import value_of
from curriculum.imports.package import CasePackage
from curriculum.imports.stored import Stored, object_row
from curriculum.models import Change, Crosswalk, Framework, GuideLevel


@dataclass
class Rows:
    """``value`` is the file, ``package`` its CFPackage; ``read`` what it says and ``base`` what that means here.

    Both of these are None when nothing came in a file.
    """

    framework: Framework
    value: Any
    package: dict[str, Any]
    names: Names | None
    read: CasePackage | None
    base: Curriculum | None
    stored: Stored
    topic_guides: dict[str, list[tuple[Decimal, str]]]
    successors: list[tuple[str, str]]
    moments: dict[UUID, datetime]

    def moment_of(self, uuid: UUID | None = None) -> str:
        """When the row was changed last by a revision; else when the framework was brought in or begun."""
        moment = self.moments.get(uuid) if uuid else max(self.moments.values(), default=None)
        return moment_text(moment or self.framework.imported_at)


def moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def read_rows(framework: Framework) -> Rows:
    """In a constant number of queries. ``framework`` comes with its owner."""
    stored = Stored.of(framework)
    value = value_of(map(object_row, stored.objects.values())) if stored.objects else {}
    package = value.get("CFPackage", value)
    read = read_value(value) if package else None
    return Rows(
        framework=framework,
        value=value,
        package=package,
        names=_names(read, package) if read else None,
        read=read,
        base=map_package(read, remembered_rules(framework)) if read else None,
        stored=stored,
        topic_guides=_topic_guides(framework),
        successors=_successors(framework),
        moments=_moments(framework),
    )


def _names(read: CasePackage, package: dict[str, Any]) -> Names:
    return Names(read.document.identifier, {item.identifier: item for item in read.items}, package)


def _topic_guides(framework: Framework) -> dict[str, list[tuple[Decimal, str]]]:
    guides: dict[str, list[tuple[Decimal, str]]] = {}
    lines = GuideLevel.objects.filter(topic__area__framework=framework).order_by("topic_id", "value")
    for topic, value, description in lines.values_list("topic__case_identifier", "value", "description"):
        guides.setdefault(topic, []).append((value, description))
    return guides


def _successors(framework: Framework) -> list[tuple[str, str]]:
    """What took the place of what, as somebody applied it."""
    rows = Crosswalk.objects.filter(revision__framework=framework, applied_at__isnull=False).order_by("pk")
    return list(rows.values_list("source__case_identifier", "destination__case_identifier"))


def _moments(framework: Framework) -> dict[UUID, datetime]:
    """When each changed row was changed last, by the revisions since the last one that a file proposed."""
    done = framework.revisions.filter(status=RevisionStatus.PUBLISHED, published_at__isnull=False)
    from_file = done.filter(is_imported=True).aggregate(last=Max("published_at"))["last"]
    changes = Change.objects.filter(revision__in=done.filter(is_imported=False))
    if from_file:
        changes = changes.filter(revision__published_at__gt=from_file)
    return dict(changes.values_list("subject_uuid").annotate(last=Max("revision__published_at")).order_by())
