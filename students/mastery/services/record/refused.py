"""Why something was not recorded."""

from django.utils.translation import gettext as _


class MarkRefused(Exception):
    """The mark was not recorded. ``code`` is for programs; the text is a sentence for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class NotAllowed(MarkRefused):
    """The person may not record for this student, or not on this target."""


class IdentifierReused(MarkRefused):
    """The UUID is in the record already, with other content."""


def reused() -> IdentifierReused:
    return IdentifierReused(
        "uuid_reused",
        _("This mark was sent before with other content. Nothing was changed."),
    )


def not_allowed() -> NotAllowed:
    return NotAllowed("not_allowed", _("You cannot record levels for this student."))


def not_in_use() -> NotAllowed:
    return NotAllowed("target_not_in_use", _("The student’s school does not use this learning target."))
