"""What writes notices and sends them."""

from lpm.notices.services.letters import queue_letter
from lpm.notices.services.tell import tell

__all__ = ["queue_letter", "tell"]
