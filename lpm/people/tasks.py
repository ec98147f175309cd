from celery import shared_task

from lpm.people.services import handover
from lpm.people.services.settings import settle_settings_everywhere


@shared_task(name="people.settle_settings")
def settle_settings() -> None:
    """Settings that begin today begin; hourly, since days begin at different hours."""
    settle_settings_everywhere()


@shared_task(name="people.close_leavers")
def close_leavers() -> None:
    """Accounts of people whose last day is over close; hourly, since days end at different hours."""
    handover.close_leavers()
