"""Writing the record. The logs are their own audit: each row says who, what and when."""

from students.mastery.services.record.check import load_target_in_use, lock_permitted, moment_after
from students.mastery.services.record.history import (
    PastDecision,
    PastMark,
    PastRemark,
    PastRequest,
    record_history,
)
from students.mastery.services.record.judge import Decided, Decision, record_decision, record_decisions
from students.mastery.services.record.marks import NewMark, Recorded, record_mark, record_marks
from students.mastery.services.record.refused import IdentifierReused, MarkRefused, NotAllowed
from students.mastery.services.record.remarks import record_remark, take_back_remark
from students.mastery.services.record.take_back import Undo, undo_mark, undo_marks, void_mark

__all__ = [
    "Decided",
    "Decision",
    "IdentifierReused",
    "MarkRefused",
    "NewMark",
    "NotAllowed",
    "PastDecision",
    "PastMark",
    "PastRemark",
    "PastRequest",
    "Recorded",
    "Undo",
    "load_target_in_use",
    "lock_permitted",
    "moment_after",
    "record_decision",
    "record_decisions",
    "record_history",
    "record_mark",
    "record_marks",
    "record_remark",
    "take_back_remark",
    "undo_mark",
    "undo_marks",
    "void_mark",
]
