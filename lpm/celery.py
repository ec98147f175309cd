"""The background workers' application."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lpm.settings")

app = Celery("lpm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
