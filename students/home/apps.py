from django.apps import AppConfig


class StudentHomeConfig(AppConfig):
    name = "students.home"
    label = "student_home"
