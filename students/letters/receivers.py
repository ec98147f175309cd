from django.dispatch import receiver
from django.utils import timezone

from lpm.notices.enums import DeliveryKind
from lpm.notices.models import Delivery
from lpm.notices.services import Words
from lpm.notices.signals import letter_writing
from students.letters.services import write_letter


@receiver(letter_writing, sender=DeliveryKind.FAMILY_LETTER)
def write_family_letter(delivery: Delivery, **kwargs: object) -> Words | None:
    """The words of a letter that goes out now."""
    return write_letter(delivery=delivery, now=timezone.now())
