"""Scales: the levels a district judges by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext as _

from curriculum.enums import FrameworkStatus
from curriculum.models import Framework, GuideLevel, Scale, ScaleLevel
from curriculum.queries.scales import is_in_use
from curriculum.queries.writing import scales_within
from curriculum.services.edits import EditRefused
from curriculum.services.revisions import check_may_publish, lock_framework
from lpm.audit.services import record_entry
from lpm.people.models import Lineage, Organization, User
from lpm.people.policy import Action
from lpm.people.services import district_id_of

MOST_LEVELS = 41
OUT_OF_THE_WAY = Decimal(50)  # added to a level while others take its place


class ScaleRefused(EditRefused):
    """Nothing was done. ``code`` is for programs; the text is a sentence for the person."""


@dataclass(frozen=True)
class Numbers:
    """The levels that a scale has: from ``low`` to ``high`` in steps, and which one is proficient."""

    low: Decimal
    high: Decimal
    step: Decimal
    proficient: Decimal


@dataclass(frozen=True)
class Named:
    """What a level is called, and what it looks like in general."""

    name: str
    description: str = ""


@transaction.atomic
def create_scale(
    *,
    owner: Organization,
    name: str,
    numbers: Numbers,
    levels: Mapping[Decimal, Named],
    actor: User | None,
    day: date,
) -> Scale:
    """A scale by which the owner, and what is below it, may judge. Raises PermissionDenied and ScaleRefused."""
    _check_may_keep(owner, actor, day)
    _check(numbers, levels)
    scale = Scale.objects.create(owner=owner, name=name, **vars(numbers))
    _save_levels(scale, levels)
    _tell("curriculum.create_scale", scale, actor)
    return scale


@transaction.atomic
def change_scale(
    *,
    scale: Scale,
    name: str,
    numbers: Numbers,
    levels: Mapping[Decimal, Named],
    actor: User | None,
    day: date,
) -> Scale:
    """Names and words at any time; which levels there are only while nobody is judged by it.

    Raises PermissionDenied, and ScaleRefused: in_use, guide_off_scale, and what ``create_scale`` refuses.
    """
    _check_may_keep(scale.owner, actor, day)
    locked = Scale.objects.select_for_update(no_key=True, of=("self",)).select_related("owner").get(pk=scale.pk)
    _check(numbers, levels)
    if numbers != numbers_of(locked):
        if is_in_use(locked):
            sentence = _("A published curriculum is judged by this scale, so its levels stay as they are.")
            raise ScaleRefused("in_use", sentence)
        _check_guides(Framework.objects.filter(scale=locked), numbers)
    for field, value in vars(numbers).items():
        setattr(locked, field, value)
    locked.name = name
    locked.save(update_fields=["name", *vars(numbers)])
    _save_levels(locked, levels)
    _tell("curriculum.change_scale", locked, actor)
    return locked


@transaction.atomic
def choose_scale(*, framework: Framework, scale: Scale, actor: User | None, day: date) -> Framework:
    """A draft is judged by ``scale``: its owner's, or one of those above it.

    Raises PermissionDenied, and ScaleRefused: not_a_draft, not_yours, guide_off_scale.
    """
    check_may_publish(framework=framework, actor=actor, day=day)
    locked = lock_framework(framework)
    if locked.status != FrameworkStatus.DRAFT:
        raise ScaleRefused("not_a_draft", _("This curriculum is published: its scale stays as it is."))
    if not scales_within(Organization.objects.filter(pk=locked.owner_id)).filter(pk=scale.pk).exists():
        raise ScaleRefused("not_yours", _("That scale belongs to others. Choose one of your own."))
    _check_guides(Framework.objects.filter(pk=locked.pk), numbers_of(scale))
    locked.scale = scale
    locked.save(update_fields=["scale"])
    _tell("curriculum.choose_scale", scale, actor, framework=str(locked.uuid))
    return locked


@transaction.atomic
def move_to_scale(
    *, framework: Framework, scale: Scale, levels: Mapping[Decimal, Decimal], actor: User | None, day: date
) -> int:
    """A published curriculum goes over to ``scale``: each level of the one it had becomes what ``levels`` says.

    Lines of scoring guides move along; where two lines become one level, their words stand together. Returns how many
    lines there are. What follows for levels of students is up to whoever calls. Raises PermissionDenied, and
    ScaleRefused: not_yours, same_scale, being_revised, levels.
    """
    check_may_publish(framework=framework, actor=actor, day=day)
    locked = Framework.objects.select_related("owner", "scale").get(pk=lock_framework(framework).pk)
    check_may_move(framework=locked, scale=scale, levels=levels)
    lines = GuideLevel.objects.filter(
        models.Q(target__topic__area__framework=locked) | models.Q(topic__area__framework=locked)
    )
    moved = _move_lines(list(lines.order_by("value").prefetch_related("translations")), levels)
    locked.scale = scale
    locked.save(update_fields=["scale"])
    _tell("curriculum.move_to_scale", scale, actor, framework=str(locked.uuid), lines=str(moved))
    return moved


def check_may_move(*, framework: Framework, scale: Scale, levels: Mapping[Decimal, Decimal]) -> None:
    """Raises ScaleRefused as ``move_to_scale`` does. ``framework`` comes with its scale."""
    if not scales_within(Organization.objects.filter(pk=framework.owner_id)).filter(pk=scale.pk).exists():
        raise ScaleRefused("not_yours", _("That scale belongs to others. Choose one of your own."))
    if scale.pk == framework.scale_id:
        raise ScaleRefused("same_scale", _("This curriculum is judged by that scale already."))
    if framework.revisions.open().exists():
        sentence = _("A revision of this curriculum is being written. Publish it or put it away first.")
        raise ScaleRefused("being_revised", sentence)
    before, after = values_of(numbers_of(framework.scale)), values_of(numbers_of(scale))
    if set(levels) != set(before) or not set(levels.values()) <= set(after):
        raise ScaleRefused("levels", _("Say for each level of the old scale which level of the new one it becomes."))
    if any(levels[lower] > levels[higher] for lower, higher in pairwise(before)):
        raise ScaleRefused("levels", _("No level can become a lower one than the level below it does."))


def _move_lines(lines: Sequence[GuideLevel], levels: Mapping[Decimal, Decimal]) -> int:
    """By way of levels that no scale has, since no two lines of a guide may have one level at any time."""
    kept: dict[tuple[int | None, int | None, Decimal], GuideLevel] = {}
    merged: list[GuideLevel] = []
    for line in lines:
        line.value = levels.get(line.value, line.value)
        first = kept.setdefault((line.target_id, line.topic_id, line.value), line)
        if first is not line:
            _join(first, line)
            merged.append(line)
    GuideLevel.objects.filter(pk__in=[line.pk for line in merged]).delete()
    rows = GuideLevel.objects.filter(pk__in=[line.pk for line in kept.values()])
    rows.update(value=models.F("value") + OUT_OF_THE_WAY)
    GuideLevel.objects.bulk_update(kept.values(), ["value", "description"], batch_size=500)
    return len(lines)


def _join(line: GuideLevel, other: GuideLevel) -> None:
    """The words of both under one level, in every language that has both; half a translation would mislead."""
    line.description = "\n".join([line.description, other.description])
    others = {row.language: row for row in other.translations.all()}
    for row in line.translations.all():
        if row.language in others:
            row.text = "\n".join([row.text, others[row.language].text])
            row.save(update_fields=["text"])
        else:
            row.delete()


def numbers_of(scale: Scale) -> Numbers:
    return Numbers(scale.low, scale.high, scale.step, scale.proficient)


def values_of(numbers: Numbers) -> list[Decimal]:
    """Every level, the lowest first; none, where the numbers make no sense or too many levels."""
    span = numbers.high - numbers.low
    if numbers.step <= 0 or span <= 0 or span / numbers.step >= MOST_LEVELS:
        return []
    return [numbers.low + numbers.step * n for n in range(int(span / numbers.step) + 1)]


def _check(numbers: Numbers, levels: Mapping[Decimal, Named]) -> None:
    values = values_of(numbers)
    if numbers.low < 0 or not values:
        sentence = _("From the lowest level to the highest there are 2 to %(most)d levels, none below 0.")
        raise ScaleRefused("numbers", sentence % {"most": MOST_LEVELS})
    if values[-1] != numbers.high:
        raise ScaleRefused("step", _("In these steps the highest level is never reached. Choose another step."))
    if numbers.proficient not in values[1:]:
        raise ScaleRefused("proficient", _("The proficient level is one of the levels, and not the lowest."))
    if numbers.proficient not in levels:
        raise ScaleRefused("unnamed", _("Give the proficient level a name. A level between two others needs none."))
    if not set(levels) <= set(values):
        raise ScaleRefused("no_such_level", _("A name is given to a level that the scale does not have."))


def _check_guides(frameworks: models.QuerySet[Framework], numbers: Numbers) -> None:
    """What somebody wrote for a level is not lost because the scale has no such level any more."""
    written = GuideLevel.objects.filter(
        models.Q(target__topic__area__framework__in=frameworks) | models.Q(topic__area__framework__in=frameworks)
    )
    off = set(written.values_list("value", flat=True)) - set(values_of(numbers))
    if off:
        sentence = _("Scoring guides of a draft have words for the level %(level)s, which would not be there.")
        raise ScaleRefused("guide_off_scale", sentence % {"level": f"{min(off).normalize():f}"})


def _save_levels(scale: Scale, levels: Mapping[Decimal, Named]) -> None:
    scale.levels.exclude(value__in=list(levels)).delete()
    rows = [
        ScaleLevel(scale=scale, value=value, name=named.name, description=named.description)
        for value, named in levels.items()
    ]
    ScaleLevel.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["scale", "value"], update_fields=["name", "description"]
    )


def _check_may_keep(owner: Organization, actor: User | None, day: date) -> None:
    if actor is None:
        return
    if not Organization.objects.visible_to(actor, Action.ADOPT_CURRICULUM, day).filter(pk=owner.pk).exists():
        raise PermissionDenied(_("You may not change the scales here."))


def _tell(action: str, scale: Scale, actor: User | None, **details: str) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=scale.uuid,
        district_id=district_id_of(scale.owner),
        **details,
    )


def scale_for(owner: Organization) -> Scale | None:
    """The scale of the organization, or of the nearest one above it that has one."""
    depth = Lineage.objects.filter(descendant=owner, ancestor=models.OuterRef("owner")).values("depth")
    scales = Scale.objects.annotate(depth=models.Subquery(depth)).filter(depth__isnull=False)
    return scales.order_by("depth", "pk").first()


def default_scale(owner: Organization) -> Scale:
    """0 to 4 in half points, proficient at 3; not saved."""
    return Scale(owner=owner, name=_("0 to 4"))


def default_levels(scale: Scale) -> list[ScaleLevel]:
    levels = (
        ("0.00", _("looking for a way in"), _("I am still looking for a way in, with help.")),
        ("1.00", _("getting started"), _("With help, I can do some of it.")),
        ("2.00", _("developing"), _("I can do the simpler parts alone.")),
        ("3.00", _("proficient"), _("I can do all of it alone.")),
        ("4.00", _("going further"), _("I can use it somewhere new and explain why.")),
    )
    return [
        ScaleLevel(scale=scale, value=Decimal(value), name=name, description=description)
        for value, name, description in levels
    ]


@transaction.atomic
def create_default_scale(*, owner: Organization, actor: User | None) -> Scale:
    scale = default_scale(owner)
    scale.save()
    ScaleLevel.objects.bulk_create(default_levels(scale))
    _tell("curriculum.create_scale", scale, actor)
    return scale
