from django.apps import AppConfig


class MasteryConfig(AppConfig):
    name = "students.mastery"
    label = "mastery"

    def ready(self) -> None:
        from students.mastery import receivers  # noqa: F401 (connects them)
