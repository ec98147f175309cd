from django.apps import AppConfig


class MasteryConfig(AppConfig):
    name = "students.mastery"
    label = "mastery"
