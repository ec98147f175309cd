"""Which organizations use a framework: its owner, and whoever below it takes it over. Never a copy."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.enums import FrameworkStatus
from curriculum.models import Framework, FrameworkAdoption
from lpm.audit.services import record_entry
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization, User
from lpm.people.policy import Action
from lpm.people.services import district_id_of


class AdoptionRefused(Exception):
    """Nothing was decided. The text is a sentence for the person."""


def adopt_own(*, framework: Framework, actor: User | None, day: date) -> FrameworkAdoption | None:
    """The owner uses what it has published, and so does all below it. A consortium offers; its districts choose."""
    if framework.owner.kind == OrganizationKind.CONSORTIUM:
        return None
    adoption, _is_new = FrameworkAdoption.objects.get_or_create(
        framework=framework,
        organization=framework.owner,
        ended_on=None,
        defaults={"adopted_on": day, "adopted_by": actor},
    )
    return adoption


@transaction.atomic
def adopt_framework(
    *, framework: Framework, organization: Organization, actor: User | None, day: date
) -> FrameworkAdoption:
    """From ``day`` on the organization, and all below it, uses a framework of its own or of one above it.

    Adopting again what was ended before makes a row of its own. Raises AdoptionRefused, PermissionDenied.
    """
    _check_may_adopt(organization, actor, day)
    taker = Organization.objects.select_for_update(no_key=True, of=("self",)).get(pk=organization.pk)
    _check_on_offer(framework, taker)
    adoption = FrameworkAdoption.objects.create(
        framework=framework, organization=taker, adopted_on=day, adopted_by=actor
    )
    _tell(adoption, actor, "curriculum.adopt")
    return adoption


@transaction.atomic
def end_adoption(*, adoption: FrameworkAdoption, actor: User | None, day: date) -> FrameworkAdoption:
    """The organization does not decide for the framework any more; what was shown on its targets stays on record.

    Raises AdoptionRefused, PermissionDenied.
    """
    _check_may_adopt(adoption.organization, actor, day)
    stored = FrameworkAdoption.objects.select_for_update(no_key=True, of=("self",)).get(pk=adoption.pk)
    if stored.ended_on is not None:
        raise AdoptionRefused(_("This was ended before. Look at the list again."))
    stored.ended_on = day
    stored.save(update_fields=["ended_on"])
    _tell(stored, actor, "curriculum.end_adoption")
    return stored


def _check_may_adopt(organization: Organization, actor: User | None, day: date) -> None:
    if actor is None:
        return
    allowed = Organization.objects.visible_to(actor, Action.ADOPT_CURRICULUM, day)
    if not allowed.filter(pk=organization.pk).exists():
        raise PermissionDenied(_("You may not decide here which curricula are used."))


def _check_on_offer(framework: Framework, taker: Organization) -> None:
    stored = Framework.objects.select_for_update(no_key=True, of=("self",)).get(pk=framework.pk)
    if taker.kind == OrganizationKind.CONSORTIUM:
        raise AdoptionRefused(_("A consortium offers its curricula; each district decides whether to use them."))
    if not taker.lineage.filter(ancestor=stored.owner_id).exists():
        raise AdoptionRefused(_("Only a curriculum of this organization, or of one above it, can be used here."))
    if stored.status != FrameworkStatus.PUBLISHED:
        raise AdoptionRefused(_("This curriculum is not published, so it cannot be used yet or any more."))
    if Framework.objects.used_by(taker.pk).filter(pk=stored.pk).exists():
        raise AdoptionRefused(_("This curriculum is used here already."))


def _tell(adoption: FrameworkAdoption, actor: User | None, action: str) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=adoption.organization.uuid,
        district_id=district_id_of(adoption.organization),
        framework=str(adoption.framework.uuid),
    )
