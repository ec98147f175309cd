"""Cairn. The background application is made with the package, so that any process can send work to it."""

from lpm.celery import app as celery_app

__all__ = ["celery_app"]
