from celery import shared_task

from students.mastery import services


@shared_task(name="mastery.rebuild_framework")
def rebuild_framework_roll_ups(framework_id: int) -> None:
    services.rebuild_framework(framework_id=framework_id)


@shared_task(name="mastery.sweep_frameworks")
def sweep_frameworks() -> None:
    services.sweep_frameworks()
