from typing import Any

from django.dispatch import receiver

from curriculum.signals import framework_changed
from lpm.lib.enqueue import enqueue


@receiver(framework_changed)
def rebuild_after_change(framework_id: int, **kwargs: Any) -> None:
    """Counts and places depend on which targets there are."""
    enqueue("mastery.rebuild_framework", framework_id=framework_id)
