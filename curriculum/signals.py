from django.dispatch import Signal

framework_changed = Signal()
"""A stored framework got other targets, order or prerequisites. Sent inside the transaction with ``framework_id``."""
