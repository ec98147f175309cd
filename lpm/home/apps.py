from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "lpm.home"
    label = "lpm_home"
