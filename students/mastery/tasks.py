from celery import shared_task

from students.mastery import services
from students.mastery.services import changes, options, progress, telling


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


@shared_task(name="mastery.count_change")
def count_change(kind: str, change_id: int) -> None:
    changes.count_change(kind=kind, change_id=change_id)


@shared_task(name="mastery.carry_out_change")
def carry_out_change(kind: str, change_id: int) -> None:
    changes.carry_out_change(kind=kind, change_id=change_id)


@shared_task(name="mastery.rebuild_by_settings")
def rebuild_by_settings(settings_id: int) -> None:
    options.rebuild_by_settings(settings_id=settings_id)


@shared_task(name="mastery.sweep_changes")
def sweep_changes() -> None:
    changes.sweep_changes()
    options.sweep_settings()


@shared_task(name="mastery.count_progress")
def count_progress(organization_id: int | None = None) -> None:
    """The schools of an organization; all of them every night."""
    progress.count_progress(organization_id=organization_id)


@shared_task(name="mastery.tell_levels")
def tell_levels() -> None:
    telling.sweep_news()


@shared_task(name="mastery.tell_news")
def tell_news(school_id: int) -> None:
    telling.tell_news(school_id=school_id)
