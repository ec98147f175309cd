"""Sending work to the background by the task's name, so that services never import Celery."""

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def enqueue(task_name: str, **ids: int | str) -> None:
    """Send ``task_name`` once the current transaction has committed.

    A broker that is down loses nothing: the row that describes the job is committed already and the
    periodic sweep sends it again.
    """

    def send() -> None:
        try:
            current_app.send_task(task_name, kwargs=ids, retry=False)
        except OperationalError:
            log.warning("broker_down", task=task_name)

    transaction.on_commit(send)
