"""What writes notices and sends them."""

from lpm.notices.services.choose import choose_channels, read_notices, resume_letters, stop_letters
from lpm.notices.services.forget import forget_old
from lpm.notices.services.letters import Block, Words, queue_letter
from lpm.notices.services.numbers import NumberRefused, ask_number, confirm_number, forget_number
from lpm.notices.services.send import send_delivery, sweep_deliveries
from lpm.notices.services.tell import new_notice, settle, tell, tell_each

__all__ = [
    "Block",
    "NumberRefused",
    "Words",
    "ask_number",
    "choose_channels",
    "confirm_number",
    "forget_number",
    "forget_old",
    "new_notice",
    "queue_letter",
    "read_notices",
    "resume_letters",
    "send_delivery",
    "settle",
    "stop_letters",
    "sweep_deliveries",
    "tell",
    "tell_each",
]
