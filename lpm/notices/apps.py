from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "lpm.notices"
    label = "notices"
