"""Which organizations use a curriculum: on offer from above, adopted, ended, adopted again."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from curriculum.enums import FrameworkStatus
from curriculum.models import Framework, FrameworkAdoption, Target
from curriculum.services import AdoptionRefused, adopt_framework, end_adoption
from lpm.audit.models import Entry
from lpm.people.enums import OrganizationKind, Role
from lpm.people.models import Lineage, Organization
from lpm.people.services import create_organization
from students.mastery.models import Assessment
from students.mastery.services import record_mark
from tests.world import DAY, World, build_framework, grant, person


@pytest.fixture
def coast(world: World) -> Organization:
    """A consortium above both districts of the world."""
    coast = create_organization(kind=OrganizationKind.CONSORTIUM, name="Coast", parent=None)
    for district in (world.own.district, world.other_district.district):
        district.parent = coast
        district.save()
        for below in Lineage.objects.filter(ancestor=district):
            Lineage.objects.create(ancestor=coast, descendant=below.descendant, depth=below.depth + 1)
    return coast


@pytest.fixture
def offered(coast: Organization) -> Framework:
    return build_framework(coast, "Coastal science")


def titles(organization: Organization) -> set[str]:
    return set(Framework.objects.used_by(organization.pk).values_list("title", flat=True))


def page(organization: Organization) -> str:
    return reverse("curriculum:adoption-list", args=[organization.uuid])


def adding(organization: Organization, framework: Framework) -> str:
    return reverse("curriculum:adoption-add", args=[organization.uuid, framework.uuid])


def ending(framework: Framework, organization: Organization) -> str:
    adoption = FrameworkAdoption.objects.get(framework=framework, organization=organization, ended_on=None)
    return reverse("curriculum:adoption-end", args=[adoption.uuid])


def test_a_consortium_offers_one_district_adopts_and_the_other_does_not(world, offered, as_person):
    north, south = world.own, world.other_district
    assert titles(north.school) == {"Northern mathematics"}  # offered is not adopted

    response = as_person(world.administrator).post(adding(north.district, offered))

    assert response.url == page(north.district)
    assert titles(north.district) == titles(north.school) == {"Northern mathematics", "Coastal science"}
    assert titles(south.district) == titles(south.school) == {"Southern mathematics"}
    assert titles(offered.owner) == set()
    adoption = FrameworkAdoption.objects.get(framework=offered)
    assert (adoption.organization, adoption.adopted_by, adoption.adopted_on, adoption.ended_on) == (
        north.district,
        world.administrator,
        DAY,
        None,
    )
    entry = Entry.objects.get(action="curriculum.adopt")
    assert (entry.actor_id, entry.district_id) == (world.administrator.pk, north.district.pk)
    assert entry.details == {"framework": str(offered.uuid)}


def test_grid_and_recording_follow_the_adoption(world, offered, as_person):
    topic = offered.areas.get().topics.get()
    target = Target.objects.filter(topic=topic).in_order()[0]
    grid = reverse("mastery:group-grid", args=[world.own.group.uuid]) + f"?topic={topic.uuid}"
    mark = {"uuid": uuid4(), "student": world.own.student.uuid, "target": target.uuid, "level": "3.0"}
    recording = reverse("mastery:mark-record", args=[world.own.group.uuid])
    teacher = as_person(world.teacher)
    assert teacher.get(grid).status_code == 404
    assert teacher.post(recording, mark).status_code == 404

    adopt_framework(framework=offered, organization=world.own.district, actor=None, day=DAY)

    assert teacher.get(grid).status_code == 200
    assert teacher.post(recording, mark).status_code == 302
    far = reverse("mastery:group-grid", args=[world.other_district.group.uuid]) + f"?topic={topic.uuid}"
    assert as_person(world.far_teacher).get(far).status_code == 404


def test_ending_deletes_nothing_and_adopting_again_keeps_both_rows(world, as_person):
    north = world.own
    record_mark(
        uuid=uuid4(), recorder=world.teacher, student=north.student, target=north.targets[0],
        level=north.framework.scale.high, performed_on=DAY, day=DAY, group=north.group,
    )  # fmt: skip
    client = as_person(world.curriculum_lead)

    response = client.post(ending(north.framework, north.district))

    assert response.url == page(north.district)
    assert titles(north.school) == set()
    assert Target.objects.filter(topic=north.topic).count() == 4
    assert Assessment.objects.filter(student=north.student).count() == 1
    assert Entry.objects.filter(action="curriculum.end_adoption").count() == 1

    client.post(adding(north.district, north.framework))

    assert titles(north.school) == {"Northern mathematics"}
    rows = FrameworkAdoption.objects.filter(framework=north.framework).order_by("pk")
    assert list(rows.values_list("ended_on", flat=True)) == [DAY, None]
    assert "Used before" in client.get(page(north.district)).content.decode()


def test_a_school_goes_on_when_it_decided_for_itself(world, as_person):
    north = world.own
    adoption = FrameworkAdoption.objects.get(framework=north.framework)
    end_adoption(adoption=adoption, actor=None, day=DAY)
    adopt_framework(framework=north.framework, organization=north.school, actor=None, day=DAY)
    assert titles(north.school) == {"Northern mathematics"}
    assert titles(world.other_school.school) == set()

    adopt_framework(framework=north.framework, organization=north.district, actor=None, day=DAY)
    said = words(as_person(world.administrator).get(ending(north.framework, north.district)))

    assert "These decided for themselves, and go on using it: Hill." in said


def words(response) -> str:
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_the_page_says_who_decided(world, offered, as_person):
    said = words(as_person(world.curriculum_lead).get(page(world.own.school)))
    assert "Northern mathematics of North decided by North, since Nov. 19, 2026" in said
    assert "Stop using it" not in said  # the district decides
    assert "Coastal science Coast Use it Coastal science" in said

    said = words(as_person(world.curriculum_lead).get(page(world.own.district)))
    assert "Northern mathematics your own decided here, since Nov. 19, 2026 Stop using it" in said


def test_the_pages_say_what_it_means(world, offered, as_person):
    client = as_person(world.administrator)
    said = words(client.get(adding(world.own.district, offered)))
    assert "North and everything below it sees this curriculum of Coast" in said
    assert "This is about 2 schools and 4 groups." in said

    said = words(client.get(ending(world.own.framework, world.own.district)))
    assert "This is about 2 schools and 4 groups." in said
    assert "Nothing is deleted" in said


def test_an_organization_with_nothing_says_so(world, coast, as_person):
    lead = person("coastal_lead", coast)
    grant(lead, coast, Role.CURRICULUM_LEAD)
    said = words(as_person(lead).get(page(coast)))
    assert "each district decides whether to use them" in said
    assert "Nothing more." in said


def test_a_consortium_offers_and_does_not_adopt(world, offered, as_person):
    lead = person("coastal_lead", offered.owner)
    grant(lead, offered.owner, Role.CURRICULUM_LEAD)
    client = as_person(lead)
    assert "Use it" not in words(client.get(page(offered.owner)))

    response = client.post(adding(offered.owner, offered))

    assert response.status_code == 422
    assert "each district decides" in words(response)
    assert not FrameworkAdoption.objects.filter(framework=offered).exists()


@pytest.mark.parametrize(("status", "answer"), [(FrameworkStatus.DRAFT, 404), (FrameworkStatus.RETIRED, 422)])
def test_what_is_not_published_is_not_on_offer(status, answer, world, offered, as_person):
    client = as_person(world.administrator)
    assert "Coastal science" in words(client.get(page(world.own.district)))
    Framework.objects.filter(pk=offered.pk).update(status=status)

    assert "Coastal science" not in words(client.get(page(world.own.district)))
    assert client.post(adding(world.own.district, offered)).status_code == answer
    assert not FrameworkAdoption.objects.filter(framework=offered).exists()


def test_what_is_in_use_already_is_refused(world, as_person):
    response = as_person(world.administrator).post(adding(world.own.school, world.own.framework))
    assert response.status_code == 422
    assert "used here already" in words(response)
    assert FrameworkAdoption.objects.filter(framework=world.own.framework).count() == 1


def test_what_belongs_beside_it_is_refused(world, as_person):
    far = world.other_district.framework
    assert as_person(world.administrator).post(adding(world.own.district, far)).status_code == 404
    with pytest.raises(AdoptionRefused, match="of this organization"):
        adopt_framework(framework=far, organization=world.own.district, actor=None, day=DAY)


def test_what_was_ended_cannot_be_ended_again(world, as_person):
    client, address = as_person(world.administrator), ending(world.own.framework, world.own.district)
    client.post(address)
    response = client.post(address)
    assert response.status_code == 422
    assert "ended before" in words(response)


def test_the_services_check_who_may(world):
    framework, district = world.own.framework, world.own.district
    with pytest.raises(PermissionDenied):
        adopt_framework(framework=framework, organization=district, actor=world.leader, day=DAY)
    adoption = FrameworkAdoption.objects.get(framework=framework)
    with pytest.raises(PermissionDenied):
        end_adoption(adoption=adoption, actor=world.far_administrator, day=DAY)


def test_somebody_with_one_place_is_sent_to_it(world, as_person):
    choose = reverse("curriculum:adoption-choose")
    lead = person("hill_lead", world.own.school)
    grant(lead, world.own.school, Role.CURRICULUM_LEAD)
    assert as_person(lead).get(choose).url == page(world.own.school)
    assert re.findall(r"North|Hill|Lake", words(as_person(world.administrator).get(choose))) == [
        "North",
        "Hill",
        "Lake",
    ]


@pytest.mark.parametrize("rows", [1, 30])
def test_adoptions_ask_the_database_the_same_number_of_times(rows, world, coast, as_person, django_assert_num_queries):
    for n in range(rows):
        framework = build_framework(coast, f"Used {n}", target_count=1)
        adopt_framework(framework=framework, organization=world.own.district, actor=None, day=DAY)
        build_framework(coast, f"Offered {n}", target_count=1)
        ended = FrameworkAdoption(framework=framework, organization=world.own.district, adopted_on=DAY)
        ended.ended_on = DAY + timedelta(days=1)
        ended.save()
    client = as_person(world.administrator)
    client.get(page(world.own.district))
    with django_assert_num_queries(8):
        client.get(page(world.own.district))
