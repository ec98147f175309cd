from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NoticeKind(TextChoices):
    """What somebody is told of. A kind that a later part needs is added here, and its sentence in ``words.py``."""

    RETURNED = "returned", _("work that came back")
    LEVEL = "level", _("a new level")
    MESSAGE = "message", _("a message")
    SESSION = "session", _("a time to show something")
    READY = "ready", _("somebody is ready to show something")
    IMPORT = "import", _("an import that has ended")


class Channel(TextChoices):
    """How somebody is told, beside the page of notices, which has everything."""

    PAGE = "page", _("on the page alone")
    EMAIL = "email", _("by e-mail at once")
    DIGEST = "digest", _("in an e-mail once a day")
    SMS = "sms", _("by text message")


class DeliveryKind(TextChoices):
    NOTICE = "notice", _("a notice")
    DIGEST = "digest", _("the notices of a day")
    FAMILY_LETTER = "family_letter", _("the weekly letter to a family")


class DeliveryState(TextChoices):
    WAITING = "waiting", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    DROPPED = "dropped", _("not wanted any more")
    FAILED = "failed", _("could not be sent")
