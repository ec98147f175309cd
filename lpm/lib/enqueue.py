"""Sending work to the background by the task's name, so that services never import Celery."""

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from lpm.lib.cache import WAIT_SECONDS, Outage

# A worker may wait longer for the same server; a page that hands over work must not.
PATIENCE = {"socket_connect_timeout": WAIT_SECONDS, "socket_timeout": WAIT_SECONDS, "max_retries": 0}
outage = Outage("broker_down")


def enqueue(task_name: str, **ids: int | str) -> None:
    """Send ``task_name`` once the current transaction has committed.

    A broker that is down loses nothing: the row that describes the job is committed already and the
    periodic sweep sends it again.
    """

    def send() -> None:
        if outage.is_on:
            return
        try:
            with current_app.connection_for_write(transport_options=PATIENCE) as connection:
                current_app.send_task(task_name, kwargs=ids, connection=connection, retry=False)
        except OperationalError as error:
            outage.begin(task=task_name, reason=type(error.__cause__ or error).__name__)

    transaction.on_commit(send)
