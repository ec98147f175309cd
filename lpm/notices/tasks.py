from uuid import UUID

from celery import shared_task

from lpm.notices import services


@shared_task(name="notices.send")
def send_delivery(delivery: str) -> None:
    services.send_delivery(UUID(delivery))


@shared_task(name="notices.sweep")
def sweep_deliveries() -> None:
    services.sweep_deliveries()


@shared_task(name="notices.forget")
def forget_old() -> None:
    services.forget_old()
