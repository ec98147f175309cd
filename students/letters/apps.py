from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "students.letters"
    label = "letters"

    def ready(self) -> None:
        from students.letters import receivers  # noqa: F401 (connects them)
