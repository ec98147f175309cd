from celery import shared_task

from lpm.home import services


@shared_task(name="home.process_import")
def process_import(run_id: int) -> None:
    services.process_import(run_id)


@shared_task(name="home.sweep_imports")
def sweep_imports() -> None:
    services.sweep_imports()
