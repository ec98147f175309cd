"""A target is split: from beginning the revision, over the preview, to published."""

from __future__ import annotations

from curriculum.models import Revision, Target
from tests.browser.conftest import OpenPage
from tests.world import World

LONG = (
    "Explain why a fraction a/b is equivalent to a fraction (n × a)/(n × b) by using visual fraction models, with "
    "attention to how the number and size of the parts differ even though the two fractions are of the same size"
)


def test_a_split_is_begun_previewed_and_published(world: World, page_as: OpenPage) -> None:
    framework, one = world.own.framework, world.targets[0]
    Target.objects.filter(pk=one.pk).update(statement=LONG, short_title="", code="4.NF.A.1")
    page = page_as(world.people["curriculum_lead"], width=390, color_scheme="dark")
    page.goto(f"/curriculum/{framework.uuid}/revisions/")
    page.get_by_role("link", name="Begin a revision").click()
    page.get_by_label("What it is called").fill("Equivalent fractions in two steps")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("link", name="Split, merge or retire targets").click()
    page.get_by_role("group", name="What ends").get_by_label("4.NF.A.1").check()
    for number, words in [(1, "Recognize equivalent fractions"), (2, "Make equivalent fractions")]:
        page.get_by_label(f"Code of new target {number}").fill(f"4.NF.A.1{'ab'[number - 1]}")
        page.get_by_label(f"Statement of new target {number}").fill(words)
    page.get_by_role("button", name="Put it into the revision").click()
    page.get_by_role("heading", name="Where what was shown counts").wait_for()

    page.get_by_role("link", name="Publish…").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_text("The revision is published.").wait_for()
    page.get_by_role("link", name="Equivalent fractions in two steps").click()
    page.get_by_text("In force since").wait_for()
    assert set(Target.objects.filter(topic=world.topic, retired_on=None).values_list("code", flat=True)) == {
        "4.NF.A.1a",
        "4.NF.A.1b",
        "FR.2",
        "FR.3",
        "FR.4",
    }
    assert Revision.objects.get(framework=framework).crosswalk.filter(source=one, applied_at__isnull=False).count() == 2
