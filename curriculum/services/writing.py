"""Writing a curriculum by hand: a draft made, its pieces added, reworded, ordered and retired, and published.

Each of these is one or a few edits; where they go, to the rows or into the open revision, ``edits`` decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.calculations.circles import circle
from curriculum.calculations.outline import PARENT, Piece, renumbered
from curriculum.enums import ChangeKind, FrameworkStatus, Subject
from curriculum.models import Framework, FrameworkWriter, Scale
from curriculum.queries.writing import (
    Workshop,
    nameable,
    read_script,
    read_steps,
    read_workshop,
    scales_within,
)
from curriculum.services.adoption import adopt_own
from curriculum.services.edits import Edit, EditRefused, check_may_write, circle_found, make_edits
from curriculum.services.scales import create_default_scale, scale_for
from curriculum.signals import framework_changed
from lpm.audit.services import record_entry
from lpm.people.models import Organization, User
from lpm.people.policy import Action
from lpm.people.services import district_id_of


@dataclass(frozen=True)
class Place:
    """Where a piece stands now: ``number`` of ``count``, from 1."""

    number: int
    count: int


@transaction.atomic
def create_framework(
    *, owner: Organization, title: str, language: str, scale: Scale | None, actor: User | None, day: date
) -> Framework:
    """An empty draft. Without ``scale`` it is judged by the owner's, or that of the nearest above; else 0 to 4.

    Raises PermissionDenied, and EditRefused for a scale of others.
    """
    organizations = Organization.objects.filter(pk=owner.pk)
    if actor and not organizations.visible_to(actor, Action.PUBLISH_CURRICULUM, day).exists():
        raise PermissionDenied(_("You may not begin a curriculum here."))
    if scale and not scales_within(organizations).filter(pk=scale.pk).exists():
        raise EditRefused("scale", _("That scale belongs to others. Choose one of your own."))
    framework = Framework(
        owner=owner,
        scale=scale or scale_for(owner) or create_default_scale(owner=owner, actor=actor),
        title=title,
        language=language,
        status=FrameworkStatus.DRAFT,
    )
    framework.case_identifier = str(UUID(int=framework.uuid.int, version=4))  # CASE takes none of version 7
    framework.save()
    _tell(framework, "curriculum.create", actor)
    return framework


@transaction.atomic
def publish_framework(*, framework: Framework, actor: User | None, day: date) -> Framework:
    """From ``day`` on the draft is read and used where its owner is. Raises PermissionDenied and EditRefused."""
    _check_may_publish(framework, actor, day)
    locked = _locked(framework)
    if locked.status != FrameworkStatus.DRAFT:
        raise EditRefused("published", _("This curriculum is published already."))
    if not read_workshop(locked).outline.targets():
        raise EditRefused("empty", _("There is nothing in it yet. Write its first target, then publish it."))
    locked.status = FrameworkStatus.PUBLISHED
    locked.published_on = day
    locked.roll_ups_due_at = timezone.now()
    locked.save(update_fields=["status", "published_on", "roll_ups_due_at"])
    adopt_own(framework=locked, actor=actor, day=day)
    _tell(locked, "curriculum.publish", actor)
    framework_changed.send(Framework, framework_id=locked.pk)
    return locked


@transaction.atomic
def name_writer(
    *, framework: Framework, user: User, ends_on: date | None = None, actor: User | None, day: date
) -> FrameworkWriter:
    """From ``day`` on somebody of the owner's staff writes on it too. Raises PermissionDenied and EditRefused."""
    _check_may_publish(framework, actor, day)
    if ends_on and ends_on < day:
        raise EditRefused("dates", _("The last day is over already."))
    if not nameable(_locked(framework), day).filter(pk=user.pk).exists():
        raise EditRefused("not_staff", _("This person does not work here, or writes on it already."))
    writer = FrameworkWriter.objects.create(
        framework=framework, user=user, starts_on=day, ends_on=ends_on, named_by=actor
    )
    _tell(framework, "curriculum.name_writer", actor, writer=str(writer.uuid))
    return writer


@transaction.atomic
def end_writer(*, writer: FrameworkWriter, actor: User | None, day: date) -> None:
    """From ``day`` on they do not write on it any more; what they wrote stays. Raises PermissionDenied."""
    _check_may_publish(writer.framework, actor, day)
    yesterday = day - timedelta(days=1)
    writer.ends_on = min(writer.ends_on or yesterday, yesterday)
    writer.save(update_fields=["ends_on"])
    _tell(writer.framework, "curriculum.end_writer", actor, writer=str(writer.uuid))


@transaction.atomic
def reword_framework(
    *, framework: Framework, values: Mapping[str, Any], seen: str = "", actor: User | None, day: date
) -> bool:
    """The framework's own words; whether any of them is new. ``seen`` and what is raised: as ``reword_piece``."""
    workshop = _begin(framework, actor, day)
    _refuse_stale(seen, workshop.seen)
    before = workshop.own_words
    new = {name: value for name, value in values.items() if value != before[name]}
    if new:
        edit = Edit(Subject.FRAMEWORK, workshop.framework.uuid, new)
        make_edits(framework=workshop.framework, edits=[edit], actor=actor, day=day)
    return bool(new)


@transaction.atomic
def add_piece(
    *, framework: Framework, subject: Subject, values: Mapping[str, Any], actor: User | None, day: date
) -> UUID:
    """A new area, topic or target, after those that stand where it goes. Raises PermissionDenied and EditRefused."""
    workshop = _begin(framework, actor, day)
    if name := PARENT[subject]:
        _found(workshop, Subject(name), values[name])
    new = Piece(subject, uuid4(), values)
    others = [row for row in workshop.outline.pieces.values() if _stand_together(row, new)]
    position = max((row.position for row in others), default=0) + 1
    edit = Edit(subject, new.uuid, {**values, "position": position}, ChangeKind.ADDED)
    make_edits(framework=workshop.framework, edits=[edit], actor=actor, day=day)
    return new.uuid


def _stand_together(one: Piece, other: Piece) -> bool:
    return (one.subject, one.parent, one.whole) == (other.subject, other.parent, other.whole)


@transaction.atomic
def reword_piece(
    *,
    framework: Framework,
    subject: Subject,
    uuid: UUID,
    values: Mapping[str, Any],
    seen: str = "",
    actor: User | None,
    day: date,
) -> bool:
    """What a piece says, its guide and what comes before it; whether anything is new.

    ``seen`` is that of the script the words were written on. Raises PermissionDenied, and EditRefused: "changed" when
    somebody else has changed it since.
    """
    workshop = _begin(framework, actor, day)
    script = read_script(workshop, _found(workshop, subject, uuid))
    _refuse_stale(seen, script.seen)
    new = _news(values, script)
    if "part_of" in new:
        new["position"] = _part_place(workshop, script.piece, new["part_of"])
    if "requires" in new:
        _refuse_circle(workshop, uuid, new["requires"])
    if new:
        make_edits(framework=workshop.framework, edits=[Edit(subject, uuid, new)], actor=actor, day=day)
    return bool(new)


def _refuse_stale(seen: str, now: str) -> None:
    if seen and seen != now:
        raise EditRefused(
            "changed",
            _("Somebody else has changed this since you opened it. Your words are still below."),
        )


def _news(values: Mapping[str, Any], script: Any) -> dict[str, Any]:
    """Those of ``values`` that differ from what stands there; of a guide, the lines that do."""
    plain = {name: value for name, value in values.items() if name not in {"guide", "requires"}}
    new = {name: value for name, value in plain.items() if _bare(value) != _bare(script.piece.values.get(name))}
    words = {line.level: _bare(line.words) for line in script.guide}
    lines = {str(level): text for level, text in values.get("guide", {}).items() if text != words.get(level, "")}
    if lines:
        new["guide"] = lines
    if "requires" in values and set(values["requires"]) != {str(row.uuid) for row in script.required}:
        new["requires"] = sorted(values["requires"])
    return new


def _bare(value: Any) -> Any:
    """As a form gives it back when nobody touched it."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    return sorted(value) if isinstance(value, list) else value


def _part_place(workshop: Workshop, piece: Piece, whole: str | None) -> int:
    """The position after the other parts of ``whole``, or after the other targets."""
    outline = workshop.outline
    if whole is None:
        return max((row.position for row in outline.targets_of(piece.parent)), default=0) + 1
    other = _found(workshop, Subject.TARGET, whole)
    if other.whole or other.uuid == piece.uuid or other.parent != piece.parent or outline.parts_of(piece):
        raise EditRefused("part", _("It can only be part of a whole target of its topic, and have no parts itself."))
    return max((row.position for row in outline.parts_of(other)), default=0) + 1


def _refuse_circle(workshop: Workshop, uuid: UUID, requires: list[str]) -> None:
    steps = read_steps(workshop) | {uuid: [UUID(required) for required in requires]}
    found = circle([(required, target) for target, before in steps.items() for required in before])
    if found:
        pieces = workshop.outline.pieces
        raise circle_found([pieces[step].name if step in pieces else "…" for step in found])


@transaction.atomic
def move_piece(
    *,
    framework: Framework,
    subject: Subject,
    uuid: UUID,
    place: int | None = None,
    parent: UUID | None = None,
    actor: User | None,
    day: date,
) -> Place:
    """To ``place`` in its order, from 1, or to the end; under another ``parent`` where one is given.

    Only those whose position changes are touched. Raises PermissionDenied and EditRefused.
    """
    workshop = _begin(framework, actor, day)
    piece = _found(workshop, subject, uuid)
    away = parent is not None and str(parent) != piece.parent
    rows = _order_under(workshop, piece, parent) if away and parent else list(workshop.outline.siblings(piece))
    number = len(rows) + away if place is None else min(max(place, 1), len(rows) + away)
    positions = renumbered(rows, piece, number)
    edits = [Edit(subject, row, {"position": n}) for row, n in positions.items() if row != uuid]
    own: dict[str, Any] = {"position": positions[uuid]} if uuid in positions else {}
    if away:
        own |= {PARENT[subject]: str(parent)}
        edits += [Edit(subject, part.uuid, {"topic": str(parent)}) for part in _parts(workshop, piece)]
    if own:
        edits.append(Edit(subject, uuid, own))
    if edits:
        make_edits(framework=workshop.framework, edits=edits, actor=actor, day=day)
    return Place(number, len(rows) + away)


def _order_under(workshop: Workshop, piece: Piece, parent: UUID) -> list[Piece]:
    """The pieces it comes to stand with."""
    if not PARENT[piece.subject]:
        raise EditRefused("no_parent", _("What this should stand under is not in this curriculum."))
    if piece.whole:
        raise EditRefused("part", _("A part stays with its target. Take it out of the target first, then move it."))
    _found(workshop, Subject(PARENT[piece.subject]), parent)
    return list(
        workshop.outline.topics_of(parent) if piece.subject == Subject.TOPIC else workshop.outline.targets_of(parent)
    )


def _parts(workshop: Workshop, piece: Piece) -> list[Piece]:
    return list(workshop.outline.parts_of(piece)) if piece.subject == Subject.TARGET else []


@transaction.atomic
def retire_piece(*, framework: Framework, subject: Subject, uuid: UUID, actor: User | None, day: date) -> int:
    """A piece ends, with all that is under it; how many. What was shown on it stays. Raises as ``add_piece``."""
    workshop = _begin(framework, actor, day)
    ending = [row for row in workshop.outline.beneath(_found(workshop, subject, uuid)) if not row.ends]
    edits = [Edit(row.subject, row.uuid, {}, ChangeKind.RETIRED) for row in ending]
    make_edits(framework=workshop.framework, edits=[*edits, *_let_go(workshop, ending)], actor=actor, day=day)
    return len(ending)


def _let_go(workshop: Workshop, ending: list[Piece]) -> list[Edit]:
    """In a draft nothing has been shown yet: what ends there does not come before anything any more."""
    if not workshop.is_draft:
        return []
    gone = {row.uuid for row in ending}
    steps = {target: before for target, before in read_steps(workshop).items() if gone & set(before)}
    return [
        Edit(Subject.TARGET, target, {"requires": [str(uuid) for uuid in before if uuid not in gone]})
        for target, before in steps.items()
        if target not in gone
    ]


def _begin(framework: Framework, actor: User | None, day: date) -> Workshop:
    """The framework as it is, while nobody else writes on it."""
    check_may_write(framework=framework, actor=actor, day=day)
    return read_workshop(_locked(framework))


def _locked(framework: Framework) -> Framework:
    rows = Framework.objects.select_for_update(no_key=True, of=("self",)).select_related("owner", "scale")
    return rows.get(pk=framework.pk)


def _found(workshop: Workshop, subject: Subject, uuid: UUID | str) -> Piece:
    piece = workshop.outline.find(subject, uuid)
    if piece is None:
        raise EditRefused("not_there", _("This is not in the curriculum any more."))
    return piece


def _check_may_publish(framework: Framework, actor: User | None, day: date) -> None:
    if actor is None:
        return
    if not Framework.objects.visible_to(actor, Action.PUBLISH_CURRICULUM, day).filter(pk=framework.pk).exists():
        raise PermissionDenied(_("You may not publish this curriculum or name its writers."))


def _tell(framework: Framework, action: str, actor: User | None, **details: Any) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=framework.uuid,
        district_id=district_id_of(framework.owner),
        **details,
    )
