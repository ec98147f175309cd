"""What staff say about a curriculum to those who write it, and what these answer."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import Comment, Framework, Target, Topic
from curriculum.services.edits import check_may_write
from lpm.audit.services import record_entry
from lpm.people.models import User
from lpm.people.policy import Action
from lpm.people.services import district_id_of


class CommentRefused(Exception):
    """Nothing was written. The text is a sentence for the person."""


@transaction.atomic
def add_comment(
    *,
    framework: Framework,
    text: str,
    author: User | None,
    day: date,
    topic: Topic | None = None,
    target: Target | None = None,
) -> Comment:
    """Say something about a framework, or one topic or target of it, to those who write it.

    Raises CommentRefused, PermissionDenied.
    """
    _check_may_comment(framework, author, day)
    if (topic and topic.area.framework_id != framework.pk) or (
        target and target.topic.area.framework_id != framework.pk
    ):
        raise CommentRefused(_("This is not a part of the curriculum that you write about."))
    comment = Comment.objects.create(
        framework=framework, topic=topic, target=target, author=author, text=_written(text)
    )
    _tell(comment, author, "curriculum.comment")
    return comment


@transaction.atomic
def answer_comment(*, comment: Comment, text: str, author: User | None, day: date, settles: bool) -> Comment:
    """A writer's answer; with ``settles`` the matter is done with. Raises CommentRefused, PermissionDenied."""
    check_may_write(framework=comment.framework, actor=author, day=day)
    asked = _lock_open(comment)
    answer = Comment.objects.create(
        framework=asked.framework,
        topic=asked.topic,
        target=asked.target,
        answers=asked,
        author=author,
        text=_written(text),
    )
    if settles:
        _settle(asked, author)
    _tell(asked, author, "curriculum.answer_comment")
    return answer


@transaction.atomic
def settle_comment(*, comment: Comment, actor: User | None, day: date) -> Comment:
    """The matter is done with; the comment stays to be read. Raises CommentRefused, PermissionDenied."""
    check_may_write(framework=comment.framework, actor=actor, day=day)
    asked = _lock_open(comment)
    _settle(asked, actor)
    _tell(asked, actor, "curriculum.settle_comment")
    return asked


def _check_may_comment(framework: Framework, author: User | None, day: date) -> None:
    """Staff where it is used, and whoever writes it, drafts too."""
    if author is None:
        return
    here = Framework.objects.filter(pk=framework.pk)
    may = any(
        here.visible_to(author, action, day).exists() for action in (Action.COMMENT_CURRICULUM, Action.WRITE_CURRICULUM)
    )
    if not may:
        raise PermissionDenied(_("You may not comment on this curriculum."))


def _written(text: str) -> str:
    if not text.strip():
        raise CommentRefused(_("Write something first."))
    return text.strip()


def _lock_open(comment: Comment) -> Comment:
    asked = Comment.objects.select_for_update(no_key=True, of=("self",)).get(pk=comment.pk)
    if asked.answers_id is not None:
        raise CommentRefused(_("This is an answer itself. Answer what it answers."))
    if asked.settled_at is not None:
        raise CommentRefused(_("Somebody settled this before. Look at it again."))
    return asked


def _settle(comment: Comment, actor: User | None) -> None:
    comment.settled_at, comment.settled_by = timezone.now(), actor
    comment.save(update_fields=["settled_at", "settled_by"])


def _tell(comment: Comment, actor: User | None, action: str) -> None:
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=comment.uuid,
        district_id=district_id_of(comment.framework.owner),
    )
