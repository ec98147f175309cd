"""Frameworks opened to the world: anybody may read them by CASE."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.enums import FrameworkStatus
from curriculum.models import Framework
from lpm.audit.services import record_entry
from lpm.people.models import User
from lpm.people.policy import Action
from lpm.people.services import district_id_of


class SharingRefused(Exception):
    """Nothing was changed. The text is a sentence for the person."""


@transaction.atomic
def share_framework(*, framework: Framework, is_open: bool, actor: User | None, day: date) -> Framework:
    """Open the framework to everybody without signing in, or close it again. Raises SharingRefused for a draft,
    PermissionDenied."""
    allowed = Framework.objects.filter(pk=framework.pk)
    if actor is not None and not allowed.visible_to(actor, Action.PUBLISH_CURRICULUM, day).exists():
        raise PermissionDenied(_("You may not decide here who reads this curriculum."))
    locked = Framework.objects.select_for_update(no_key=True, of=("self",)).select_related("owner").get(pk=framework.pk)
    if is_open and locked.status == FrameworkStatus.DRAFT:
        raise SharingRefused(_("This is a draft. Publish it first; then it can be shared."))
    locked.is_open = is_open
    locked.save(update_fields=["is_open"])
    record_entry(
        actor_id=actor.pk if actor else None,
        action="curriculum.open" if is_open else "curriculum.close",
        subject_uuid=locked.uuid,
        district_id=district_id_of(locked.owner),
    )
    return locked
