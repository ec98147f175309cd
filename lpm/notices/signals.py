"""What the apps above are asked when a letter of theirs goes out."""

from django.dispatch import Signal

# A letter that another part has queued goes out now. Sent by its ``DeliveryKind`` with ``delivery``; the part returns
# the ``Words`` of it, or None when there is nothing to say, or nothing that its reader may know, any more.
letter_writing = Signal()
