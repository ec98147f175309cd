"""A topic beside its words in another language, and how far a curriculum is translated."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from curriculum.forms.words import TranslationForm, languages_for
from curriculum.models import Framework, Target, Topic
from curriculum.queries.translations import read_progress, read_rows
from curriculum.services import TranslatedRow, save_translations
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits

TARGETS_ON_A_PAGE = 20


@require_GET
@permits(Action.WRITE_CURRICULUM)
def translation_list(request: PersonRequest, framework: UUID) -> HttpResponse:
    """How much of each topic is translated into one language."""
    shown = get_permitted(request, Framework.objects.select_related("owner"), uuid=framework)
    language, languages = _language(request, shown)
    progress = read_progress(shown, language)
    context = {
        "framework": shown,
        "language": language,
        "languages": languages,
        "progress": progress,
        "done_count": sum(topic.is_done for topic in progress),
    }
    return render(request, "curriculum/translations.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.WRITE_CURRICULUM)
def translation_edit(request: PersonRequest, topic: UUID) -> HttpResponse:
    """A topic side by side with its words in one language; saved row by row, or all of the page."""
    shown = get_permitted(request, Topic.objects.select_related("area__framework__owner"), uuid=topic)
    framework = shown.area.framework
    language, languages = _language(request, framework)
    targets = Target.objects.filter(topic=shown, retired_on__isnull=True).in_order()
    page = Paginator(targets, TARGETS_ON_A_PAGE).get_page(request.GET.get("page"))
    rows = read_rows(shown, list(page), language, with_head=page.number == 1)
    form = TranslationForm(request.POST or None, rows=rows, language=language)
    if request.method == "POST" and form.is_valid():
        said = [TranslatedRow(row.of, form.texts_of(row)) for row in form.saved_rows()]
        saved = save_translations(
            framework=framework,
            language=language,
            rows=said,
            actor=request.user,
            day=request.day,
            is_looked_through=bool(form.cleaned_data["only"]),
        )
        messages.success(request, ngettext("%(n)d row is saved.", "%(n)d rows are saved.", saved) % {"n": saved})
        return redirect(_address(shown, language, page.number, form.cleaned_data["only"]))
    context: dict[str, Any] = {
        "topic": shown,
        "framework": framework,
        "language": language,
        "languages": languages,
        "page": page,
        "form": form,
        "done_count": sum(row.is_done for row in rows),
        "row_count": len(rows),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "curriculum/translate.html", context, status=status)


def _language(request: PersonRequest, framework: Framework) -> tuple[str, list[tuple[str, str]]]:
    """The language asked for, else the first that the framework is not in; and all of them."""
    languages = [(code, name) for code, name in languages_for(framework) if code != framework.language]
    asked = request.GET.get("language") or languages[0][0]
    if asked not in dict(languages):
        raise Http404
    return asked, languages


def _address(topic: Topic, language: str, page: int, key: str) -> str:
    """The same page, at the row that was saved."""
    here = reverse("curriculum:translation-edit", kwargs={"topic": topic.uuid})
    return f"{here}?language={language}&page={page}{f'#row-{key}' if key else ''}"
