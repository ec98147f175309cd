from celery import shared_task

from students.mastery import services


@shared_task(name="mastery.rebuild_framework")
def rebuild_framework_roll_ups(framework_id: int) -> None:
    services.rebuild_framework(framework_id=framework_id)


@shared_task(name="mastery.sweep_frameworks")
def sweep_frameworks() -> None:
    services.sweep_frameworks()


@shared_task(name="mastery.try_revision")
def try_revision(trial_id: int) -> None:
    services.try_revision(trial_id=trial_id)


@shared_task(name="mastery.sweep_trials")
def sweep_trials() -> None:
    services.sweep_trials()
