"""Writing to each other."""

from students.threads.services.write import (
    LONGEST,
    MessageRefused,
    NotAllowed,
    begin_thread,
    note_read,
    send_message,
    translate_message,
)

__all__ = [
    "LONGEST",
    "MessageRefused",
    "NotAllowed",
    "begin_thread",
    "note_read",
    "send_message",
    "translate_message",
]
