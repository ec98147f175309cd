from celery import shared_task
from django.utils import timezone

from students.letters import services


@shared_task(name="letters.queue_due")
def queue_due_letters() -> None:
    """Each letter has a key of its guardian and week: running twice, or being killed, doubles and loses none."""
    services.queue_due_letters(now=timezone.now())
