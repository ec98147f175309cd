"""What people decide about how levels are made: previewed first, then put in force or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import Framework, Scale, Topic
from curriculum.services.revisions import check_may_publish
from curriculum.services.scales import check_may_move, numbers_of, values_of
from lpm.audit.services import record_entry
from lpm.people.models import Organization, User, district_id_of
from lpm.people.policy import Action
from students.mastery.calculations import check_parameters
from students.mastery.enums import ChangeState
from students.mastery.models import Crossing, MethodRule, ScaleChange, ScaleStep
from students.mastery.queries import scale_range
from students.mastery.queries.effects import Tried, open_changes, place_of
from students.mastery.queries.ways import PARAMETERS
from students.mastery.services.changes import KINDS, begin_change, kind_of, send

FURTHEST_DAYS = 400


class ChangeRefused(Exception):
    """Nothing was done. ``code`` is for programs; the text is a sentence for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def check_may_set(organization: Organization, actor: User | None, day: date) -> None:
    """Raises ChangeRefused. Nobody (the shell, the sweep) may."""
    if actor is None:
        return
    if not Organization.objects.visible_to(actor, Action.SET_MASTERY, day).filter(pk=organization.pk).exists():
        raise ChangeRefused("not_allowed", _("You may not choose how levels are made here."))


@transaction.atomic
def choose_method(
    *,
    organization: Organization,
    framework: Framework,
    method: str,
    actor: User | None,
    day: date,
    topic: Topic | None = None,
    parameters: Mapping[str, Decimal | int | None] | None = None,
) -> MethodRule:
    """Begin to count what it would do if the organization made levels by ``method``, on the curriculum or one topic.

    An empty method gives a topic back. Nothing changes until somebody applies it. Raises ChangeRefused: not_allowed,
    not_used, topic, parameters, under_way, same.
    """
    check_may_set(organization, actor, day)
    locked = _lock_free(organization, framework)
    _check_topic(locked, topic, method)
    given = {name: value for name, value in (parameters or {}).items() if value is not None}
    if method:
        _check_parameters(method, given, locked)
    rule = MethodRule(
        organization=organization,
        framework=locked,
        topic=topic,
        method=method,
        valid_from=day,
        chosen_by=actor,
        **given,
    )
    _check_is_other(rule, day)
    rule.save()
    _tell("mastery.choose_method", rule, actor)
    send(rule)
    return rule


def _lock_free(organization: Organization, framework: Framework) -> Framework:
    """The curriculum, for one decision at a time. Raises ChangeRefused while another decision about it is open."""
    used = Framework.objects.used_by(organization.pk).filter(pk=framework.pk)
    locked = Framework.objects.select_related("owner", "scale").select_for_update(no_key=True, of=("self",))
    found = locked.filter(pk__in=used.values("pk")).first()
    if found is None:
        raise ChangeRefused("not_used", _("This curriculum is not used here."))
    if any(_is_in_the_way(change, organization) for change in open_changes(found)):
        raise ChangeRefused("under_way", _("Another change of this curriculum is open. Decide about that one first."))
    return found


def _is_in_the_way(change: Tried, organization: Organization) -> bool:
    return isinstance(change, ScaleChange) or change.organization_id == organization.pk


def _check_topic(framework: Framework, topic: Topic | None, method: str) -> None:
    if topic is None and not method:
        raise ChangeRefused("method", _("Choose a method."))
    if topic is not None and not Topic.objects.filter(pk=topic.pk, area__framework=framework).exists():
        raise ChangeRefused("topic", _("This topic is not part of the curriculum."))


def _check_parameters(method: str, given: Mapping[str, Any], framework: Framework) -> None:
    try:
        check_parameters(method, given, scale=scale_range(framework.scale))
    except ValueError as error:
        sentence = _("This method cannot be used so. Look at its numbers again.")
        raise ChangeRefused("parameters", sentence) from error


def _check_is_other(rule: MethodRule, day: date) -> None:
    """What holds already by the organization's own decision need not be decided again."""
    own = MethodRule.objects.filter(
        organization=rule.organization,
        framework=rule.framework,
        topic=rule.topic,
        applied_at__isnull=False,
        valid_from__lte=day,
    )
    newest = own.order_by("-valid_from", "-applied_at").first()
    is_same = newest is not None and all(getattr(newest, n) == getattr(rule, n) for n in ("method", *PARAMETERS))
    if is_same or (newest is None and not rule.method):
        raise ChangeRefused("same", _("This is how it is already."))


@transaction.atomic
def choose_scale_change(
    *, framework: Framework, scale: Scale, levels: Mapping[Decimal, Decimal], actor: User | None, day: date
) -> ScaleChange:
    """Begin to count what it would do if the curriculum were judged by ``scale``; ``levels`` says what each becomes.

    Raises ChangeRefused, PermissionDenied, and ScaleRefused as ``move_to_scale`` does.
    """
    check_may_set(framework.owner, actor, day)
    check_may_publish(framework=framework, actor=actor, day=day)
    locked = Framework.objects.select_for_update(no_key=True, of=("self",)).select_related("scale")
    before = locked.get(pk=framework.pk)
    if open_changes(before):
        raise ChangeRefused("under_way", _("Another change of this curriculum is open. Decide about that one first."))
    check_may_move(framework=before, scale=scale, levels=levels)
    change = ScaleChange.objects.create(
        framework=before, before=before.scale, after=scale, valid_from=day, chosen_by=actor
    )
    ScaleStep.objects.bulk_create(ScaleStep(change=change, before=old, after=new) for old, new in levels.items())
    _tell("mastery.choose_scale", change, actor)
    send(change)
    return change


def propose_levels(before: Scale, after: Scale) -> dict[Decimal, Decimal]:
    """For each level of the old scale one of the new: as far on the way to proficient, or from there to the top.

    What was proficient stays it, and nothing else becomes it.
    """
    old, new = numbers_of(before), numbers_of(after)
    scale = scale_range(after)
    steps: dict[Decimal, Decimal] = {}
    for level in values_of(old):
        if level < old.proficient:
            share = (level - old.low) / (old.proficient - old.low)
            step = scale.nearest(new.low + share * (new.proficient - new.low))
            steps[level] = min(step, new.proficient - new.step)
        else:
            share = (level - old.proficient) / ((old.high - old.proficient) or 1)
            steps[level] = scale.nearest(new.proficient + share * (new.high - new.proficient))
    return steps


@transaction.atomic
def apply_change(*, change: Tried, valid_from: date, actor: User | None, day: date) -> Tried:
    """Have what was counted hold from ``valid_from`` on: at once, or when the day has come.

    Raises ChangeRefused: not_allowed, not_counted, past, far; and ScaleRefused.
    """
    locked = _lock_change(change, actor, day)
    if locked.state != ChangeState.COUNTED:
        raise ChangeRefused("not_counted", _("This cannot be decided now. Look at it again."))
    if valid_from < day:
        raise ChangeRefused("past", _("Choose today or a day to come. What people saw on a past day has happened."))
    if (valid_from - day).days > FURTHEST_DAYS:
        raise ChangeRefused("far", _("Choose a day within about a year."))
    locked.state, locked.valid_from = ChangeState.WAITING, valid_from
    locked.save(update_fields=["state", "valid_from"])
    _tell("mastery.apply_change", locked, actor, valid_from=valid_from.isoformat())
    begin_change(change=locked)
    locked.refresh_from_db()
    return locked


@transaction.atomic
def drop_change(*, change: Tried, actor: User | None, day: date) -> Tried:
    """Leave everything as it is. Raises ChangeRefused: not_allowed, in_force."""
    locked = _lock_change(change, actor, day)
    if locked.applied_at is not None:
        raise ChangeRefused("in_force", _("This is in force already. Choose another method to change it again."))
    locked.state = ChangeState.DROPPED
    locked.save(update_fields=["state"])
    Crossing.objects.filter(**{kind_of(locked): locked}).delete()
    _tell("mastery.drop_change", locked, actor)
    return locked


@transaction.atomic
def retry_change(*, change: Tried, actor: User | None, day: date) -> Tried:
    """Do again what could not be finished. Raises ChangeRefused: not_allowed, not_broken."""
    locked = _lock_change(change, actor, day)
    if locked.state != ChangeState.BROKEN:
        raise ChangeRefused("not_broken", _("There is nothing to do again here."))
    locked.state = ChangeState.RUNNING if locked.applied_at else ChangeState.COUNTING
    locked.attempts, locked.touched_at = 0, timezone.now()
    locked.save(update_fields=["state", "attempts", "touched_at"])
    _tell("mastery.retry_change", locked, actor)
    send(locked)
    return locked


def _lock_change(change: Tried, actor: User | None, day: date) -> Tried:
    check_may_set(place_of(change), actor, day)
    locked: Tried = KINDS[kind_of(change)].objects.select_for_update(of=("self",)).get(pk=change.pk)
    return locked


def _tell(action: str, change: Tried, actor: User | None, **details: Any) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=change.uuid,
        district_id=district_id_of(place_of(change)),
        framework=str(change.framework.uuid),
        **details,
    )
