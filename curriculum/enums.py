from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FrameworkStatus(TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")
