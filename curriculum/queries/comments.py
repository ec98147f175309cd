"""What was said about a curriculum, with the answers."""

from __future__ import annotations

from django.db.models import F, Prefetch, QuerySet

from curriculum.models import Comment, Framework, Target, Topic


def read_comments(
    framework: Framework, *, topic: Topic | None = None, target: Target | None = None
) -> QuerySet[Comment]:
    """Open ones first, each kind newest first; of one topic also those about its targets. Answers go along."""
    answers = Comment.objects.select_related("author").order_by("written_at", "pk")
    rows = Comment.objects.filter(framework=framework, answers__isnull=True)
    if topic:
        rows = rows.filter(topic=topic) | rows.filter(target__topic=topic)
    if target:
        rows = rows.filter(target=target)
    rows = rows.select_related("author", "settled_by", "topic", "target__topic")
    rows = rows.prefetch_related(Prefetch("replies", answers))
    return rows.order_by(F("settled_at").desc(nulls_first=True), "-written_at", "-pk")
