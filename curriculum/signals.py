from django.dispatch import Signal

framework_changed = Signal()
"""A stored framework got other targets, order or prerequisites. Sent inside the transaction with ``framework_id``."""

revision_published = Signal()
"""A revision is in force: targets began, ended, moved or were reworded, and crosswalk rows were applied. Sent with
``framework_id`` and ``revision_id``."""

revision_previewing = Signal()
"""Somebody asks what changes to targets would touch. Sent with ``target_ids``; whoever keeps something about them
returns how much of what (``{"students": 210, "levels": 840, "evidence": 1204}``); each key has one receiver."""
