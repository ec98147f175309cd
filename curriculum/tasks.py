from celery import shared_task

from curriculum.services import publishing


@shared_task(name="curriculum.publish_due")
def publish_due() -> None:
    """Revisions that wait for today are published; hourly, since days begin at different hours."""
    publishing.publish_due()
