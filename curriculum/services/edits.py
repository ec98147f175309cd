"""Editing a curriculum: the one way in which areas, topics and targets change by hand.

An edit names what it is about and the new values of its fields. On a draft it is carried out at once; on a published
framework it goes into the open revision, which carries out all of its edits on the day it is published. An added row
has its identity before it is there, so that other edits of the same revision can refer to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.calculations.circles import circle
from curriculum.enums import ChangeKind, FrameworkStatus, Subject
from curriculum.models import (
    Change,
    ContentArea,
    Framework,
    GuideLevel,
    Prerequisite,
    Revision,
    Target,
    Topic,
)
from curriculum.signals import framework_changed
from lpm.audit.services import record_entry
from lpm.people.models import User
from lpm.people.policy import Action
from lpm.people.services import district_id_of

BATCH = 500
# The fields that an edit may set, by what it is about. ``area``, ``topic`` and ``part_of`` are UUIDs as text (part_of
# may be None), ``guide`` maps levels as text ("3.00") to words, an empty text takes the line away, ``requires`` is the
# list of the UUIDs of all targets that come before.
FIELDS: dict[Subject, tuple[str, ...]] = {
    Subject.FRAMEWORK: ("title", "creator", "version", "language", "notes"),
    Subject.AREA: ("title", "domain", "position"),
    Subject.TOPIC: ("area", "code", "title", "description", "position", "guide"),
    Subject.TARGET: (
        *("topic", "part_of", "code", "short_title", "statement", "i_can", "language", "grades", "position"),
        *("guide", "requires"),
    ),
}
MODELS: dict[Subject, type[ContentArea | Topic | Target]] = {
    Subject.AREA: ContentArea,
    Subject.TOPIC: Topic,
    Subject.TARGET: Target,
}
FRAMEWORK_OF = {
    Subject.AREA: "framework",
    Subject.TOPIC: "area__framework",
    Subject.TARGET: "topic__area__framework",
}
PLACES = frozenset({"area", "topic", "part_of", "position"})  # what says where a row stands, not what it says
ENDING = frozenset({ChangeKind.RETIRED, ChangeKind.SPLIT, ChangeKind.MERGED})


class EditRefused(Exception):
    """The edit was not made. ``code`` is for programs; the text is a sentence for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class CircleOfPrerequisites(EditRefused):
    """Targets would come before themselves."""


@dataclass(frozen=True)
class Edit:
    """``values`` maps fields of FIELDS to new values, all of them JSON. ``uuid`` of an added row is made beforehand.

    ``kind`` is ADDED, RETIRED, SPLIT or MERGED where the row begins or ends, else it follows from the fields.
    """

    subject: Subject
    uuid: UUID
    values: Mapping[str, Any] = field(default_factory=dict)
    kind: ChangeKind | None = None

    @property
    def told_kind(self) -> ChangeKind:
        if self.kind:
            return self.kind
        return ChangeKind.MOVED if PLACES.issuperset(self.values) else ChangeKind.REWORDED


@transaction.atomic
def make_edits(*, framework: Framework, edits: Sequence[Edit], actor: User | None, day: date) -> Revision | None:
    """Carry out the edits on a draft; on a published framework put them into its open revision, which is returned.

    Raises EditRefused, with nothing done, and PermissionDenied.
    """
    check_may_write(framework=framework, actor=actor, day=day)
    locked = Framework.objects.select_for_update(no_key=True, of=("self",)).select_related("owner").get(pk=framework.pk)
    if locked.status == FrameworkStatus.DRAFT:
        apply_edits(framework=locked, edits=edits, day=day)
        revision = None
    else:
        revision = _open_revision(locked)
        _add_changes(revision, edits, actor)
    record_entry(
        actor_id=actor.pk if actor else None,
        action="curriculum.edit",
        subject_uuid=locked.uuid,
        district_id=district_id_of(locked.owner),
        edits=len(edits),
    )
    return revision


def check_may_write(*, framework: Framework, actor: User | None, day: date) -> None:
    """Raises PermissionDenied. Nobody (the shell, the demo) may."""
    if actor is None:
        return
    if not Framework.objects.visible_to(actor, Action.WRITE_CURRICULUM, day).filter(pk=framework.pk).exists():
        raise PermissionDenied(_("You may not write on this curriculum."))


def _open_revision(framework: Framework) -> Revision:
    revision = framework.revisions.open().first()
    if revision is None:
        sentence = _("This curriculum is in use. Begin a revision first; it is published as a whole.")
        raise EditRefused("no_open_revision", sentence)
    return revision


def _add_changes(revision: Revision, edits: Sequence[Edit], actor: User | None) -> None:
    """One change for each subject: a later edit adds to an earlier one, and what begins or ends stays so."""
    uuids = [edit.uuid for edit in edits]
    known = {change.subject_uuid: change for change in revision.changes.filter(subject_uuid__in=uuids)}
    for edit in edits:
        _check_fields(edit)
        change = known.setdefault(
            edit.uuid, Change(revision=revision, subject=edit.subject, subject_uuid=edit.uuid, made_by=actor)
        )
        change.after = {**change.after, **edit.values}
        change.kind = _gravest(change.kind, edit, change.after)
        change.made_at = timezone.now()
    fields = ["after", "kind", "made_at"]
    Change.objects.bulk_create([change for change in known.values() if change.pk is None], batch_size=BATCH)
    Change.objects.bulk_update([change for change in known.values() if change.pk], fields, batch_size=BATCH)


def _gravest(before: str, edit: Edit, after: Mapping[str, Any]) -> ChangeKind:
    if edit.kind:
        return edit.kind
    if before and ChangeKind(before) in {ChangeKind.ADDED, *ENDING}:
        return ChangeKind(before)
    return Edit(edit.subject, edit.uuid, after).told_kind


@transaction.atomic
def apply_edits(*, framework: Framework, edits: Iterable[Edit], day: date) -> dict[UUID, dict[str, Any]]:
    """Carry out the edits on the rows of ``framework``; returns what each changed field was before, by identity.

    The number of statements grows with every 500 rows only. Raises EditRefused, to be rolled back by the caller's
    transaction. The caller has checked who may, and tells the audit.
    """
    work = _Work(framework, list(edits), day)
    work.run()
    Framework.objects.filter(pk=framework.pk).update(roll_ups_due_at=timezone.now())
    framework_changed.send(Framework, framework_id=framework.pk)
    return work.before


class _Work:
    """The rows of one framework that some edits are about, and all that these refer to."""

    def __init__(self, framework: Framework, edits: list[Edit], day: date) -> None:
        self.framework = framework
        self.day = day
        self.before: dict[UUID, dict[str, Any]] = {}
        self._edits = {subject: [_checked(edit) for edit in edits if edit.subject == subject] for subject in Subject}
        self._rows: dict[Subject, dict[UUID, Any]] = {}

    def run(self) -> None:
        self._edit_framework()
        for subject in MODELS:
            self._edit_rows(subject)
        self._edit_guides()
        self._edit_requires()

    def _edit_framework(self) -> None:
        for edit in self._edits[Subject.FRAMEWORK]:
            self.before[edit.uuid] = {name: getattr(self.framework, name) for name in edit.values}
            for name, value in edit.values.items():
                setattr(self.framework, name, value)
            self.framework.save(update_fields=list(edit.values))

    def _edit_rows(self, subject: Subject) -> None:
        edits = self._edits[subject]
        rows = self._rows[subject] = self._load(subject, edits)
        added = [edit for edit in edits if edit.kind == ChangeKind.ADDED]
        wholes_first = sorted(added, key=lambda edit: bool(edit.values.get("part_of")))
        for batch in _alike(wholes_first, lambda edit: bool(edit.values.get("part_of"))):
            rows |= {edit.uuid: self._new(subject, edit) for edit in batch}
            MODELS[subject]._base_manager.bulk_create([rows[edit.uuid] for edit in batch], batch_size=BATCH)
        changed = [edit for edit in edits if edit.kind != ChangeKind.ADDED]
        for edit in changed:
            self._change(subject, edit)
        if changed:
            fields = self._columns(subject, changed)
            MODELS[subject]._base_manager.bulk_update([rows[edit.uuid] for edit in changed], fields, batch_size=BATCH)

    def _load(self, subject: Subject, edits: list[Edit]) -> dict[UUID, Any]:
        """The rows that edits of the subject change or that edits of what is below them refer to."""
        wanted = {edit.uuid for edit in edits if edit.kind != ChangeKind.ADDED}
        found: dict[UUID, Any] = dict(self._of_framework(subject, wanted | self._referred(subject)))
        if missing := wanted - found.keys():
            raise EditRefused(
                "not_there", _("%(count)d parts of this curriculum are not there any more.") % {"count": len(missing)}
            )
        return found

    def _of_framework(self, subject: Subject, uuids: Collection[UUID]) -> dict[UUID, Any]:
        rows = MODELS[subject]._base_manager.filter(**{FRAMEWORK_OF[subject]: self.framework}, uuid__in=uuids)
        return {row.uuid: row for row in rows}

    def _referred(self, subject: Subject) -> set[UUID]:
        names = {Subject.AREA: ["area"], Subject.TOPIC: ["topic"], Subject.TARGET: ["part_of"]}[subject]
        edits = [*self._edits[Subject.TOPIC], *self._edits[Subject.TARGET]]
        return {UUID(edit.values[name]) for edit in edits for name in names if edit.values.get(name)}

    def _new(self, subject: Subject, edit: Edit) -> Any:
        row: Any = MODELS[subject](uuid=edit.uuid, case_identifier=str(edit.uuid))
        if subject == Subject.AREA:
            row.framework = self.framework
        self._fill(row, edit)
        return row

    def _change(self, subject: Subject, edit: Edit) -> None:
        row = self._rows[subject][edit.uuid]
        self.before[edit.uuid] = {name: _told(row, name) for name in edit.values if name not in {"guide", "requires"}}
        if edit.kind in ENDING:
            self.before[edit.uuid]["retired_on"] = row.retired_on and str(row.retired_on)
            row.retired_on = self.day
        self._fill(row, edit)

    def _fill(self, row: Any, edit: Edit) -> None:
        for name, value in edit.values.items():
            if name in {"area", "topic", "part_of"}:
                value = self._parent(name, value)
            if name not in {"guide", "requires"}:
                setattr(row, name, value)
        if isinstance(row, Target):
            row.fill_search_text()

    def _parent(self, name: str, uuid: str | None) -> Any:
        if uuid is None:
            return None
        subject = Subject.TARGET if name == "part_of" else Subject(name)
        try:
            return self._rows[subject][UUID(uuid)]
        except KeyError:
            raise EditRefused("no_parent", _("What this should stand under is not in this curriculum.")) from None

    def _columns(self, subject: Subject, edits: list[Edit]) -> list[str]:
        names = {name for edit in edits for name in edit.values} - {"guide", "requires"}
        return sorted(names | {"retired_on"} | ({"search_text"} if subject == Subject.TARGET else set()))

    def _edit_guides(self) -> None:
        for subject in (Subject.TOPIC, Subject.TARGET):
            edits = [edit for edit in self._edits[subject] if "guide" in edit.values]
            if not edits:
                continue
            of = str(subject)
            rows = {edit.uuid: self._rows[subject][edit.uuid] for edit in edits}
            stored: dict[tuple[int, Decimal], GuideLevel] = {
                (getattr(line, f"{of}_id"), line.value): line
                for line in GuideLevel.objects.filter(**{f"{of}__in": list(rows.values())})
            }
            add, change, remove = [], [], []
            for edit in edits:
                row = rows[edit.uuid]
                for level, words in edit.values["guide"].items():
                    value = Decimal(level)
                    line = stored.get((row.pk, value))
                    before = self.before.setdefault(edit.uuid, {}).setdefault("guide", {})
                    before[level] = line.description if line else ""
                    if line and not words:
                        remove.append(line.pk)
                    elif line:
                        line.description = words
                        change.append(line)
                    elif words:
                        add.append(GuideLevel(**{of: row}, value=value, description=words))
            GuideLevel.objects.filter(pk__in=remove).delete()
            GuideLevel.objects.bulk_create(add, batch_size=BATCH)
            GuideLevel.objects.bulk_update(change, ["description"], batch_size=BATCH)

    def _edit_requires(self) -> None:
        edits = [edit for edit in self._edits[Subject.TARGET] if "requires" in edit.values]
        if not edits:
            return
        targets = self._rows[Subject.TARGET]
        wanted = {UUID(uuid) for edit in edits for uuid in edit.values["requires"]} - targets.keys()
        targets |= self._of_framework(Subject.TARGET, wanted)
        pks = {targets[edit.uuid].pk: edit for edit in edits}
        stored: dict[int, dict[UUID, int]] = {pk: {} for pk in pks}
        for step in Prerequisite.objects.filter(target__in=pks).select_related("required"):
            stored[step.target_id][step.required.uuid] = step.pk
        add: list[Prerequisite] = []
        remove: list[int] = []
        for pk, edit in pks.items():
            new = {UUID(uuid) for uuid in edit.values["requires"]}
            if not new <= targets.keys():
                raise EditRefused("not_there", _("A target that should come before is not in this curriculum."))
            self.before.setdefault(edit.uuid, {})["requires"] = sorted(map(str, stored[pk]))
            remove += [stored[pk][uuid] for uuid in stored[pk].keys() - new]
            add += [Prerequisite(target_id=pk, required=targets[uuid]) for uuid in sorted(new - stored[pk].keys())]
        Prerequisite.objects.filter(pk__in=remove).delete()
        if any(step.target_id == step.required.pk for step in add):
            raise _circle()
        Prerequisite.objects.bulk_create(add, batch_size=BATCH)
        if add:
            self._refuse_circles()

    def _refuse_circles(self) -> None:
        steps = Prerequisite.objects.filter(target__topic__area__framework=self.framework)
        if circle(list(steps.values_list("required_id", "target_id"))):
            raise _circle()


def _circle() -> CircleOfPrerequisites:
    return CircleOfPrerequisites(
        "circle", _("This cannot be: following these steps, a target would come before itself.")
    )


def _checked(edit: Edit) -> Edit:
    _check_fields(edit)
    return edit


def _check_fields(edit: Edit) -> None:
    unknown = edit.values.keys() - set(FIELDS[edit.subject])
    if unknown:
        raise ValueError(f"A {edit.subject} has no field {', '.join(sorted(unknown))} to edit.")


def _told(row: Any, name: str) -> Any:
    """The value of a field as an edit would give it: parents by their identity."""
    value = getattr(row, name)
    return str(value.uuid) if name in {"area", "topic", "part_of"} and value is not None else value


def _alike(edits: list[Edit], key: Any) -> list[list[Edit]]:
    return [batch for batch in ([e for e in edits if not key(e)], [e for e in edits if key(e)]) if batch]
