from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "students.letters"
    label = "letters"
