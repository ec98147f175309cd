from students.mastery.services.derive import (
    derive_cell,
    rebuild_framework,
    rebuild_roll_ups,
    rebuild_students,
    sweep_frameworks,
)
from students.mastery.services.entry import EntryPoint, record_entry_point
from students.mastery.services.erase import erase_records
from students.mastery.services.record import (
    IdentifierReused,
    MarkRefused,
    NotAllowed,
    PastMark,
    Recorded,
    record_history,
    record_mark,
    undo_mark,
)
from students.mastery.services.trials import sweep_trials, try_revision

__all__ = [
    "EntryPoint",
    "IdentifierReused",
    "MarkRefused",
    "NotAllowed",
    "PastMark",
    "Recorded",
    "derive_cell",
    "erase_records",
    "rebuild_framework",
    "rebuild_roll_ups",
    "rebuild_students",
    "record_entry_point",
    "record_history",
    "record_mark",
    "sweep_frameworks",
    "sweep_trials",
    "try_revision",
    "undo_mark",
]
