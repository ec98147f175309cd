"""What nobody asks for any more is not kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from lpm.notices.enums import Channel, DeliveryKind, DeliveryState
from lpm.notices.models import Delivery, Notice
from lpm.notices.tasks import forget_old
from lpm.settings import CELERY_BEAT_SCHEDULE
from tests.notices.mail import written_to
from tests.world import World

OLD, YOUNG = timedelta(days=366), timedelta(days=364)


@pytest.mark.parametrize(("age", "kept"), [(OLD, {"waiting", "sending", "failed"}), (YOUNG, set(DeliveryState.values))])
def test_what_went_out_or_was_not_wanted_is_kept_for_a_year(world: World, age: timedelta, kept: set[str]):
    about = {"person": world.guardian, "kind": DeliveryKind.DIGEST, "channel": Channel.EMAIL}
    due = timezone.now() - age
    for state in DeliveryState.values:
        Delivery.objects.create(**about, key=state, state=state, due_at=due)

    forget_old()

    assert set(Delivery.objects.values_list("state", flat=True)) == kept


def test_a_notice_that_was_read_is_kept_for_a_year(world: World):
    now = timezone.now()
    said = {1: (OLD, now), 2: (YOUNG, now), 3: (OLD, None)}  # how old, and when it was read
    for number, (age, read_at) in said.items():
        notice = written_to(world.guardian, world, number)
        Notice.objects.filter(pk=notice.pk).update(made_at=now - age, read_at=read_at)

    forget_old()

    assert set(Notice.objects.values_list("key", flat=True)) == {"message 2", "message 3"}


def test_it_is_done_every_night():
    assert forget_old.name in {entry["task"] for entry in CELERY_BEAT_SCHEDULE.values()}
