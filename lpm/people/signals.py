"""What the apps above are told, inside the transaction that does it."""

from django.dispatch import Signal

# The records of students are read in another way: merged, unmerged, moved to another school. Sent with
# ``student_ids`` and ``day``; what was derived about them must be made again.
records_changed = Signal()

# Students are being erased. Sent with ``student_ids``; whoever keeps rows that refuse to go removes them now, and
# returns how many of what (name of the model → count).
students_erasing = Signal()
