from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "lpm.people"
    label = "people"
