"""What came in is what goes out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from curriculum.exports import export_package
from curriculum.imports import import_case
from curriculum.models import Framework, MappingRule
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization
from lpm.people.services import create_organization
from tests.curriculum.case_files import japanese, newer, odd, two_thousand
from tests.curriculum.packages import REAL, as_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> Organization:
    return create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)


def brought_in(owner: Organization, value: Any) -> Framework:
    import_case(data=as_bytes(value), owner=owner, actor=None)
    return Framework.objects.select_related("owner").get(owner=owner)


@pytest.mark.parametrize("made", [newer, japanese, odd, two_thousand])
def test_package_goes_out_as_it_came_in(made, district, django_assert_num_queries):
    framework = brought_in(district, made())

    with django_assert_num_queries(11):
        export = export_package(framework)

    assert export.value == made()


@pytest.mark.parametrize("wrapper", [{}, {"imsx_note": "from a server"}], ids=["wrapped", "with more"])
def test_wrapper_goes_out_too(wrapper, district):
    value = {**wrapper, "CFPackage": newer()}

    assert export_package(brought_in(district, value)).value == value


@pytest.mark.parametrize("kind", ["topic", "target", "area"])
def test_sorts_said_anew_for_a_file_that_nobody_took_up_change_nothing(kind, district):
    framework = brought_in(district, newer())
    MappingRule.objects.create(framework=framework, item_type="learning target", depth=3, kind=kind)
    MappingRule.objects.create(framework=framework, item_type="component", depth=4, kind=kind)
    MappingRule.objects.create(framework=framework, item_type="measurement topic", depth=2, kind="group")

    assert export_package(framework).value == newer()


@pytest.mark.real_files
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_file_goes_out_as_it_came_in(path, district):
    value = json.loads(path.read_bytes())

    assert export_package(brought_in(district, value)).value == value
