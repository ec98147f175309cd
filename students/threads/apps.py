from django.apps import AppConfig


class ThreadsConfig(AppConfig):
    name = "students.threads"
    label = "threads"
