"""Taking people and classes out, and the place where rosters are left."""

from __future__ import annotations

from tempfile import TemporaryFile
from uuid import UUID

from django.http import FileResponse, Http404
from django.views.decorators.http import require_GET

from lpm.people.exports.oneroster import VERSIONS, export_roster
from lpm.people.models import Organization
from lpm.people.policy import Action
from lpm.people.views.door import PersonRequest, get_permitted, permits


@require_GET
@permits(Action.EXPORT_ROSTER)
def roster_export(request: PersonRequest, organization: UUID) -> FileResponse:
    """A OneRoster bundle of the organization as it stands today; ``?version=1.1`` for older systems."""
    shown = get_permitted(request, Organization.objects, uuid=organization)
    version = request.GET.get("version", VERSIONS[-1])
    if version not in VERSIONS:
        raise Http404
    file = TemporaryFile()  # noqa: SIM115 (the response closes it)
    export_roster(organization=shown, version=version, day=request.day, actor=request.user, to=file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"oneroster-{request.day}.zip")
