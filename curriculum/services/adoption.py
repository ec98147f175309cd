"""Which organizations use a framework: its owner, and whoever below it takes it over. Never a copy."""

from __future__ import annotations

from datetime import date

from curriculum.models import Framework, FrameworkAdoption
from lpm.people.enums import OrganizationKind
from lpm.people.models import User


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
