from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

PAGE = """{% extends "base.html" %}
{% block main %}
  <h1>{% translate "Your plan" %}</h1>
    {% translate "May" context "month" %}
  {% blocktranslate trimmed count n=targets %}
    {{ n }} target
    {% plural %}
    {{ n }} targets
  {% endblocktranslate %}
{% include "a.html" with title=_("Next") %}
{% endblock %}
"""
CODE = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext_lazy, pgettext

LABEL = gettext_lazy("teacher")
COUNT = ngettext_lazy("%(n)d mark", "%(n)d marks", "n")
MONTH = pgettext("month", "March")
SAID = _("Saved "
         "today.")
NOT_A_LITERAL = _(LABEL)
"""
WHOLE = {
    "Your plan": "Tu plan",
    "May": "Mayo",
    "Next": "Siguiente",
    "teacher": "docente",
    "March": "Marzo",
    "Saved today.": "Guardado hoy.",
}


@pytest.fixture
def project(tmp_path: Path, settings) -> Path:
    settings.BASE_DIR = tmp_path
    settings.LOCALE_PATHS, settings.CATALOGUES = [tmp_path / "locale"], [("en", "English"), ("es", "Español")]
    put(tmp_path / "templates/plans/plan.html", PAGE)
    put(tmp_path / "plans/enums.py", CODE)
    put(tmp_path / "tests/test_plans.py", '_("only in a test")')
    put(tmp_path / ".venv/lib.py", '_("not ours")')
    put(tmp_path / "static/page.html", '{% translate "not a template" %}')
    return tmp_path


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def catalogue(project: Path) -> Path:
    return project / "locale/es/LC_MESSAGES/django.po"


def translate_all(project: Path) -> None:
    text = catalogue(project).read_text(encoding="utf-8")
    for source, target in WHOLE.items():
        text = text.replace(f'msgid "{source}"\nmsgstr ""', f'msgid "{source}"\nmsgstr "{target}"')
    text = text.replace(
        'msgid_plural "%(n)d marks"\nmsgstr[0] ""\nmsgstr[1] ""',
        'msgid_plural "%(n)d marks"\nmsgstr[0] "%(n)d nota"\nmsgstr[1] "%(n)d notas"',
    ).replace(
        'msgid_plural "%(n)s targets"\nmsgstr[0] ""\nmsgstr[1] ""',
        'msgid_plural "%(n)s targets"\nmsgstr[0] "%(n)s meta"\nmsgstr[1] "%(n)s metas"',
    )
    catalogue(project).write_text(text, encoding="utf-8")


def test_messages_finds_strings_of_code_and_templates(project):
    call_command("messages")
    text = catalogue(project).read_text(encoding="utf-8")
    found = {line for line in text.splitlines() if line.startswith(("msgid", "msgctxt"))}
    assert found == {
        'msgid ""',
        *(f'msgid "{source}"' for source in WHOLE),
        'msgctxt "month"',
        'msgid "%(n)s target"',
        'msgid_plural "%(n)s targets"',
        'msgid "%(n)d mark"',
        'msgid_plural "%(n)d marks"',
    }


def test_messages_twice_changes_nothing_and_holds_no_dates(project):
    call_command("messages")
    first = catalogue(project).read_text(encoding="utf-8")
    call_command("messages")
    assert catalogue(project).read_text(encoding="utf-8") == first
    assert "-Date" not in first
    assert "#: plans/enums.py\n" in first


def test_messages_keeps_translations_and_drops_what_is_gone(project):
    call_command("messages")
    translate_all(project)
    put(project / "plans/enums.py", '_("teacher")\n_("learner")\n')
    call_command("messages")
    text = catalogue(project).read_text(encoding="utf-8")
    assert 'msgid "teacher"\nmsgstr "docente"' in text
    assert 'msgid "learner"\nmsgstr ""' in text
    assert "March" not in text


def test_check_passes_when_all_is_translated(project):
    call_command("messages")
    translate_all(project)
    call_command("messages", "--check")


def test_check_changes_nothing_and_names_what_is_missing(project):
    call_command("messages")
    translate_all(project)
    before = catalogue(project).read_text(encoding="utf-8")
    put(project / "plans/enums.py", CODE + '_("learner")\n')
    with pytest.raises(CommandError) as error:
        call_command("messages", "--check")
    assert str(error.value).splitlines() == [
        "locale/es/LC_MESSAGES/django.po: not in step with the code; run manage.py messages",
        "locale/es/LC_MESSAGES/django.po: not translated: 'learner'",
    ]
    assert catalogue(project).read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (('msgid "teacher"', '#, fuzzy\nmsgid "teacher"'), "fuzzy: 'teacher'"),
        (('msgstr[1] "%(n)d notas"', 'msgstr[1] ""'), "not translated: '%(n)d mark'"),
        (('msgstr[1] "%(n)d notas"', 'msgstr[1] "notas"'), "the placeholders differ: '%(n)d mark'"),
    ],
)
def test_check_refuses_fuzzy_half_and_misfitting_entries(project, broken, complaint):
    call_command("messages")
    translate_all(project)
    text = catalogue(project).read_text(encoding="utf-8")
    assert broken[0] in text
    catalogue(project).write_text(text.replace(*broken), encoding="utf-8")
    with pytest.raises(CommandError) as error:
        call_command("messages", "--check")
    assert f"locale/es/LC_MESSAGES/django.po: {complaint}" in str(error.value).splitlines()


def test_check_without_a_catalogue_says_so(project):
    with pytest.raises(CommandError, match="not in step"):
        call_command("messages", "--check")
