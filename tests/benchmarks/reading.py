"""What it costs to read a large curriculum, and to find something in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.test import Client
from django.urls import reverse

from curriculum.models import ContentArea, Framework, Target, Topic
from curriculum.services import adopt_own
from lpm.lib.dates import school_day
from tests.benchmarks.data import Class
from tests.benchmarks.measure import Figure, sample, summarize

TARGETS = 20_000
A_TOPIC = 50
RUNS = 10
SMALLER = 40  # times smaller than that: what the large one is held against
LOOKED_FOR = {
    "a code": "X.7.3",
    "two words": "fractions number",
    "a mistyped word": "fracton",
    "nothing": "zebrafish",
}


def read_curriculum(made: Class) -> Iterator[Figure]:
    """The pages of a district's curriculum with few targets, then with many: the same number of queries."""
    client = Client(headers={"host": "localhost"})
    client.force_login(made.teacher)
    few, many = (grow(made, count) for count in (TARGETS // SMALLER, TARGETS))
    for count, framework in ((TARGETS // SMALLER, few), (TARGETS, many)):
        address = reverse("curriculum:framework-show", args=[framework.uuid])
        yield page(f"curriculum as a tree, {count:,} targets", count, client, address)
    for what, text in LOOKED_FOR.items():
        address = f"{reverse('curriculum:search')}?q={text.replace(' ', '+')}"
        yield page(f"search among {TARGETS:,} targets, {what}", TARGETS, client, address)


def page(name: str, rows: int, client: Client, address: str) -> Figure:
    def ask() -> bytes:
        answer = client.get(address)
        assert answer.status_code == 200, answer.status_code
        return answer.content

    ask()
    return summarize(name, rows, [sample(ask) for _ in range(RUNS)])


def grow(made: Class, count: int) -> Framework:
    """A framework of ``count`` targets whose words are those of the curriculum that was brought in, over and over."""
    scale = made.large.area.framework.scale
    identifier = f"grown {count}"
    framework = Framework.objects.create(
        owner=made.district, scale=scale, title=identifier.title(), case_identifier=identifier
    )
    adopt_own(framework=framework, actor=None, day=school_day("America/New_York"))
    area = ContentArea.objects.create(framework=framework, case_identifier="grown", title="Grown", position=1)
    topics = Topic.objects.bulk_create(
        Topic(area=area, case_identifier=f"topic {n}", title=f"Topic {n}", position=n)
        for n in range(1, count // A_TOPIC + 1)
    )
    words = list(Target.objects.exclude(topic__area__framework=framework).values_list("statement", flat=True))
    rows = (
        Target(
            topic=topic,
            case_identifier=f"{topic.position}.{place}",
            code=f"X.{topic.position}.{place}",
            statement=words[(topic.position * A_TOPIC + place) % len(words)],
            position=place,
        )
        for topic in topics
        for place in range(1, A_TOPIC + 1)
    )
    while batch := list(islice(rows, 5_000)):
        for target in batch:
            target.fill_search_text()
        Target.objects.bulk_create(batch)
    return framework
