"""What the apps above are told, inside the transaction that does it."""

from django.dispatch import Signal

# The records of students are read in another way: merged, unmerged, moved to another school. Sent with
# ``student_ids`` and ``day``; what was derived about them must be made again. ``school_ids`` comes with it where
# nothing happened but that they went from some of these schools to others.
records_changed = Signal()

# Students are being erased. Sent with ``student_ids``; whoever keeps rows that refuse to go removes them now, and
# returns how many of what (name of the model → count).
students_erasing = Signal()

# Somebody leaves the staff. Sent with ``user``, ``last_day`` and ``successors`` (group id → user id, for the groups
# that go to somebody else); whoever keeps queues, drafts, views, links or tokens of theirs moves or revokes them now.
staff_leaving = Signal()

# A roster was brought in. Sent with ``organization``, which received it; counts over its schools may be made again.
roster_received = Signal()
