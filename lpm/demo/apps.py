from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "lpm.demo"
    label = "demo"
