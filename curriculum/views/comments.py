"""What staff say about a curriculum, and the desk of those who write it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from curriculum.forms.comments import AnswerForm, CommentForm
from curriculum.models import Comment, Framework, Target, Topic
from curriculum.queries.comments import read_comments
from curriculum.services import CommentRefused, add_comment, answer_comment, settle_comment
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, parse_uuid, permits

PER_PAGE = 50


@require_http_methods(["GET", "POST"])
@permits(Action.COMMENT_CURRICULUM)
def comment_list(request: PersonRequest, framework: UUID) -> HttpResponse:
    """For all staff where the framework is used: what was said, and a form to say something."""
    return _comments(request, framework, "comment-list")


@require_http_methods(["GET", "POST"])
@permits(Action.WRITE_CURRICULUM)
def comment_desk(request: PersonRequest, framework: UUID) -> HttpResponse:
    """For those who write it, drafts too: the same, with a form for an answer at each."""
    return _comments(request, framework, "comment-desk")


def _comments(request: PersonRequest, framework: UUID, route: str) -> HttpResponse:
    """``?topic=`` or ``?target=`` narrows it to what is said about that."""
    shown = get_permitted(request, Framework.objects.select_related("owner"), uuid=framework)
    about = _about(request, shown)
    here = reverse(f"curriculum:{route}", kwargs={"framework": shown.uuid})
    query = "&".join(f"{name}={row.uuid}" for name, row in about.items())
    form = CommentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        add_comment(framework=shown, text=form.cleaned_data["text"], author=request.user, day=request.day, **about)
        messages.success(request, _("Thank you. Those who write this curriculum see it here."))
        return redirect(f"{here}?{query}" if query else here)
    writes = Framework.objects.visible_to(request.user, Action.WRITE_CURRICULUM, request.day)
    context: dict[str, Any] = {
        "framework": shown,
        "about": next(iter(about.values()), None),
        "page": Paginator(read_comments(shown, **about), PER_PAGE).get_page(request.GET.get("page")),
        "form": form,
        "answer_form": AnswerForm(auto_id=False),
        "here": here,
        "query": query,
        "is_desk": route == "comment-desk",
        "writes": writes.filter(pk=shown.pk).exists(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "curriculum/comments.html", context, status=status)


def _about(request: PersonRequest, framework: Framework) -> dict[str, Any]:
    """The topic or target of the framework that the address names."""
    if uuid := request.GET.get("target"):
        targets = Target.objects.filter(topic__area__framework=framework).select_related("topic__area")
        return {"target": get_object_or_404(targets, uuid=parse_uuid(uuid))}
    if uuid := request.GET.get("topic"):
        topics = Topic.objects.filter(area__framework=framework).select_related("area")
        return {"topic": get_object_or_404(topics, uuid=parse_uuid(uuid))}
    return {}


@require_POST
@permits(Action.WRITE_CURRICULUM)
def comment_answer(request: PersonRequest, comment: UUID) -> HttpResponse:
    asked = _find(request, comment)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Write something first."))
        return _to_desk(asked)
    return _done(
        request,
        asked,
        lambda: answer_comment(comment=asked, author=request.user, day=request.day, **form.cleaned_data),
        _("Your answer stands below the comment."),
    )


@require_POST
@permits(Action.WRITE_CURRICULUM)
def comment_settle(request: PersonRequest, comment: UUID) -> HttpResponse:
    asked = _find(request, comment)
    return _done(
        request,
        asked,
        lambda: settle_comment(comment=asked, actor=request.user, day=request.day),
        _("It is settled, and stays to be read."),
    )


def _find(request: PersonRequest, uuid: UUID) -> Comment:
    found: Comment = get_permitted(request, Comment.objects.select_related("framework__owner"), uuid=uuid)
    return found


def _done(request: PersonRequest, comment: Comment, change: Callable[[], Any], sentence: str) -> HttpResponse:
    try:
        change()
    except CommentRefused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, sentence)
    return _to_desk(comment)


def _to_desk(comment: Comment) -> HttpResponse:
    return redirect("curriculum:comment-desk", framework=comment.framework.uuid)
