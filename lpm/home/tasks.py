from celery import shared_task

from lpm.home import services


@shared_task(name="home.process_import")
def process_import(run_id: int) -> None:
    services.process_import(run_id)


@shared_task(name="home.sweep_imports")
def sweep_imports() -> None:
    services.sweep_imports()


@shared_task(name="home.sweep_drops")
def sweep_drops() -> None:
    services.sweep_drops()


@shared_task(name="home.look_into_drop")
def look_into_drop(drop_id: int) -> None:
    services.look_into_drop(drop_id)
