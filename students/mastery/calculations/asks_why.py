"""When a teacher is offered to say why."""

from __future__ import annotations

from decimal import Decimal

FAR = Decimal(1)


def asks_why(judged: Decimal | None, suggested: Decimal | None, proficient: Decimal) -> bool:
    """Whether the level judged is on the other side of proficient than the evidence suggests, or a level away."""
    if judged is None or suggested is None:
        return False
    return (judged >= proficient) != (suggested >= proficient) or abs(judged - suggested) >= FAR
