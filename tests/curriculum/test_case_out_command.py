"""``manage.py export_case``, and the page from which a curriculum goes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse

from curriculum.enums import FrameworkStatus
from curriculum.imports import import_case
from curriculum.models import Framework
from curriculum.services import SharingRefused, share_framework
from lpm.audit.models import Entry
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization
from lpm.people.services import create_organization
from tests.curriculum.case_files import identifier, newer
from tests.curriculum.packages import as_bytes
from tests.world import DAY

pytestmark = pytest.mark.django_db
DOCUMENT = identifier("document")


@pytest.fixture
def district() -> Organization:
    return create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)


@pytest.fixture
def framework(district) -> Framework:
    import_case(data=as_bytes(newer()), owner=district, actor=None)
    return Framework.objects.get()


def test_package_is_printed(framework, capsys):
    call_command("export_case", DOCUMENT)

    printed, told = capsys.readouterr()
    assert (json.loads(printed), told) == (newer(), "")


def test_package_is_written_in_another_version_and_what_is_lost_is_told(framework, tmp_path, capsys):
    call_command("export_case", str(framework.uuid), "--version", "1.0", "--out", str(tmp_path / "out.json"))

    printed, told = capsys.readouterr()
    assert printed == ""
    assert "CASE 1.0 cannot say CFAssociations.associationType: left out or made plainer 2 times." in told
    assert "extensions" not in json.loads((tmp_path / "out.json").read_text())


@pytest.mark.parametrize("unknown", ["nothing", identifier("nothing")])
def test_unknown_identifier_is_told(unknown, framework):
    with pytest.raises(CommandError, match=f"no curriculum with the identifier {unknown}"):
        call_command("export_case", unknown)


def test_one_of_several_owners_has_to_be_named(framework, capsys):
    other = create_organization(kind=OrganizationKind.DISTRICT, name="South", parent=None)
    import_case(data=as_bytes({**newer(), "extensions": {"of": "South"}}), owner=other, actor=None)
    with pytest.raises(CommandError, match=str(other.uuid)):
        call_command("export_case", DOCUMENT)

    call_command("export_case", DOCUMENT, "--owner", str(other.uuid))

    assert json.loads(capsys.readouterr().out)["extensions"] == {"of": "South"}


def test_file_that_cannot_be_written_is_told(framework, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_case", DOCUMENT, "--out", str(tmp_path))


def shared(world: Any) -> Framework:
    return Framework.objects.get(pk=world.places["own"].framework.pk)


def test_lead_opens_and_closes_a_curriculum(world, as_person):
    client = as_person(world.people["curriculum_lead"])
    address = reverse("curriculum:framework-open", args=[shared(world).uuid])

    page = client.post(address, {"is_open": "yes"}, follow=True)
    assert shared(world).is_open
    assert "Close it again" in page.content.decode()

    client.post(address, {"is_open": "no"})
    assert not shared(world).is_open
    actions = Entry.objects.filter(action__in=["curriculum.open", "curriculum.close"]).order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["curriculum.open", "curriculum.close"]


def test_draft_is_not_opened(world, as_person):
    Framework.objects.update(status=FrameworkStatus.DRAFT)

    with pytest.raises(SharingRefused):
        share_framework(framework=shared(world), is_open=True, actor=None, day=DAY)
    client = as_person(world.people["curriculum_lead"])
    client.post(reverse("curriculum:framework-open", args=[shared(world).uuid]), {"is_open": "yes"})
    assert not shared(world).is_open


def test_reader_sees_the_addresses_and_no_switch(world, as_person):
    page = as_person(world.people["teacher"]).get(reverse("curriculum:framework-share", args=[shared(world).uuid]))

    assert "/ims/case/v1p1/CFPackages/" in page.content.decode()
    assert "is_open" not in page.content.decode()
    with pytest.raises(PermissionDenied):
        share_framework(framework=shared(world), is_open=True, actor=world.people["teacher"], day=DAY)


def test_download_is_a_file(world, as_person):
    client = as_person(world.people["teacher"])

    file = client.get(reverse("curriculum:framework-download", args=[shared(world).uuid, "1.1"]))
    missing = client.get(reverse("curriculum:framework-download", args=[shared(world).uuid, "2.0"]))

    assert file["Content-Disposition"] == 'attachment; filename="northern-mathematics-case-1.1.json"'
    assert file.json()["CFDocument"]["title"] == "Northern mathematics"
    assert missing.status_code == 404
