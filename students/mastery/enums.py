from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AssessmentKind(TextChoices):
    SCORE = "score", _("evidence")
    PRACTICE = "practice", _("practice check")
    SELF = "self", _("self-assessment")
    IMPORTED = "imported", _("brought in")
    VOID = "void", _("taken back")


class JudgementKind(TextChoices):
    CONFIRMED = "confirmed", _("confirmed")
    SET = "set", _("set")
    AUTOMATIC = "automatic", _("automatic")
    EXCUSED = "excused", _("excused")
    ASSUMED = "assumed", _("assumed")
    LIFTED = "lifted", _("lifted")
    VOID = "void", _("taken back")


class MasteryStatus(TextChoices):
    """What stands where a number would; only ``LEVEL`` has one."""

    NOT_STARTED = "not_started", _("not started")
    NO_EVIDENCE = "no_evidence", _("no evidence yet")
    INSUFFICIENT = "insufficient", _("not enough evidence yet")
    EXCUSED = "excused", _("excused")
    ASSUMED = "assumed", _("starting point is further on")
    LEVEL = "level", _("level")
