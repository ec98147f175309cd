from celery import shared_task

from students.mastery.services import rebuild_framework


@shared_task(name="mastery.rebuild_framework")
def rebuild_framework_roll_ups(framework_id: int) -> None:
    rebuild_framework(framework_id=framework_id)
