"""Steps between targets, many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.enums import FrameworkStatus, Subject
from curriculum.models import Framework, Revision
from curriculum.queries.writing import read_steps, read_workshop
from curriculum.services.edits import Edit, check_may_write, make_edits
from curriculum.services.revisions import lock_framework, open_revision
from lpm.people.models import User


@transaction.atomic
def add_prerequisites(
    *, framework: Framework, steps: Sequence[tuple[UUID, UUID]], actor: User | None, day: date
) -> Revision | None:
    """Each of ``steps``, (what comes before, what it opens), beside those that are there or wait.

    A draft has them at once. In a published framework they wait in its open revision, which is returned; where none
    is open, one is begun. Raises EditRefused and PermissionDenied, with nothing done.
    """
    check_may_write(framework=framework, actor=actor, day=day)
    locked = lock_framework(framework)
    if locked.status != FrameworkStatus.DRAFT and not locked.revisions.open().exists():
        open_revision(framework=locked, title=_("What comes before what"), actor=actor, day=day)
    before = read_steps(read_workshop(Framework.objects.select_related("owner", "scale").get(pk=locked.pk)))
    added: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for required, target in steps:
        added[target].append(required)
    edits = [
        Edit(Subject.TARGET, target, {"requires": sorted({str(uuid) for uuid in [*before.get(target, []), *rows]})})
        for target, rows in added.items()
    ]
    return make_edits(framework=locked, edits=edits, actor=actor, day=day)
