"""Edits carried out on the rows of a framework."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.calculations.circles import circle
from curriculum.calculations.outline import ENDING
from curriculum.enums import ChangeKind, Subject
from curriculum.models import Framework, GuideLevel, Prerequisite, Target
from curriculum.services.edits.edit import (
    BATCH,
    FRAMEWORK_OF,
    MODELS,
    Edit,
    EditRefused,
    check_fields,
    circle_found,
)
from curriculum.signals import framework_changed

PARENTS = {Subject.AREA: ["framework"], Subject.TOPIC: ["area"], Subject.TARGET: ["topic", "part_of"]}


@transaction.atomic
def apply_edits(*, framework: Framework, edits: Iterable[Edit], day: date) -> dict[UUID, dict[str, Any]]:
    """Carry out the edits on the rows of ``framework``; returns what each changed field was before, by identity.

    The number of statements grows with every 500 rows only, and with every 100 lines of guides taken away. Raises
    EditRefused, to be rolled back by the caller's transaction. The caller has checked who may, and tells the audit.
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
        for edit in edits:
            check_fields(edit)
        self.before: dict[UUID, dict[str, Any]] = {}
        self._edits = {subject: [edit for edit in edits if edit.subject == subject] for subject in Subject}
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
        return {row.uuid: row for row in rows.select_related(*PARENTS[subject])}

    def _referred(self, subject: Subject) -> set[UUID]:
        names = {Subject.AREA: ["area"], Subject.TOPIC: ["topic"], Subject.TARGET: ["part_of"]}[subject]
        edits = [*self._edits[Subject.TOPIC], *self._edits[Subject.TARGET]]
        return {UUID(edit.values[name]) for edit in edits for name in names if edit.values.get(name)}

    def _new(self, subject: Subject, edit: Edit) -> Any:
        identifier = str(UUID(int=edit.uuid.int, version=4))  # CASE takes no UUID of version 7
        row: Any = MODELS[subject](uuid=edit.uuid, case_identifier=identifier)
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
            if edits:
                self._edit_lines(subject, edits)

    def _edit_lines(self, subject: Subject, edits: list[Edit]) -> None:
        rows = self._rows[subject]
        stored = _stored_lines(subject, [rows[edit.uuid] for edit in edits])
        add, change, remove = [], [], []
        for edit in edits:
            before = self.before.setdefault(edit.uuid, {}).setdefault("guide", {})
            for level, words in edit.values["guide"].items():
                value = Decimal(level)
                line = stored.get((rows[edit.uuid].pk, value))
                before[level] = line.description if line else ""
                if line is None:
                    add += [GuideLevel(**{str(subject): rows[edit.uuid]}, value=value, description=words)] * bool(words)
                elif words:
                    line.description = words
                    change.append(line)
                else:
                    remove.append(line.pk)
        GuideLevel.objects.filter(pk__in=remove).delete()
        GuideLevel.objects.bulk_create(add, batch_size=BATCH)
        GuideLevel.objects.bulk_update(change, ["description"], batch_size=BATCH)

    def _edit_requires(self) -> None:
        edits = [edit for edit in self._edits[Subject.TARGET] if "requires" in edit.values]
        if edits:
            self._load_required(edits)
            self._save_steps(edits)

    def _load_required(self, edits: list[Edit]) -> None:
        targets = self._rows[Subject.TARGET]
        wanted = {UUID(uuid) for edit in edits for uuid in edit.values["requires"]}
        targets |= self._of_framework(Subject.TARGET, wanted - targets.keys())
        if not wanted <= targets.keys():
            raise EditRefused("not_there", _("A target that should come before is not in this curriculum."))

    def _save_steps(self, edits: list[Edit]) -> None:
        targets = self._rows[Subject.TARGET]
        stored = _stored_steps(targets[edit.uuid].pk for edit in edits)
        add: list[Prerequisite] = []
        remove: list[int] = []
        for edit in edits:
            target = targets[edit.uuid]
            new = {UUID(uuid) for uuid in edit.values["requires"]}
            known = stored[target.pk]
            self.before.setdefault(edit.uuid, {})["requires"] = sorted(map(str, known))
            remove += [known[uuid] for uuid in known.keys() - new]
            add += [Prerequisite(target=target, required=targets[uuid]) for uuid in sorted(new - known.keys())]
        Prerequisite.objects.filter(pk__in=remove).delete()
        _refuse_itself(add)
        Prerequisite.objects.bulk_create(add, batch_size=BATCH)
        if add:
            self._refuse_circles()

    def _refuse_circles(self) -> None:
        going_on = {"target__topic__area__framework": self.framework, "required__retired_on__isnull": True}
        steps = Prerequisite.objects.filter(**going_on)
        found = circle(list(steps.values_list("required_id", "target_id")))
        if found:
            names = {target.pk: str(target) for target in Target.objects.filter(pk__in=found)}
            raise circle_found([names[pk] for pk in found])


def _stored_lines(subject: Subject, rows: list[Any]) -> dict[tuple[int, Decimal], GuideLevel]:
    """The lines of the scoring guides of ``rows``, by row and level."""
    lines = GuideLevel.objects.filter(**{f"{subject}__in": rows})
    return {(getattr(line, f"{subject}_id"), line.value): line for line in lines}


def _stored_steps(pks: Iterable[int]) -> dict[int, dict[UUID, int]]:
    """For each target, what comes before it now: the identity of the target and the key of the step."""
    stored: dict[int, dict[UUID, int]] = {pk: {} for pk in pks}
    for step in Prerequisite.objects.filter(target__in=stored).select_related("required"):
        stored[step.target_id][step.required.uuid] = step.pk
    return stored


def _refuse_itself(steps: Iterable[Prerequisite]) -> None:
    for step in steps:
        if step.target_id == step.required_id:
            raise circle_found([str(step.target), str(step.target)])


def _told(row: Any, name: str) -> Any:
    """The value of a field as an edit would give it: parents by their identity."""
    value = getattr(row, name)
    return str(value.uuid) if name in {"area", "topic", "part_of"} and value is not None else value


def _alike(edits: list[Edit], key: Any) -> list[list[Edit]]:
    return [batch for batch in ([e for e in edits if not key(e)], [e for e in edits if key(e)]) if batch]
