"""A language is offered when everything can be said in it, and not before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from lpm.lib.languages import compiled, language_name, offered, spoken, supported
from lpm.people.models import User

KNOWN = [("en", "English"), ("es", "Español"), ("fr", "Français")]
WHOLE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Sign in"
msgstr "Se connecter"

#, python-format
msgid "%(n)s target"
msgid_plural "%(n)s targets"
msgstr[0] "%(n)s cible"
msgstr[1] "%(n)s cibles"
"""
BROKEN = {
    "a sentence is missing": ('msgstr "Se connecter"', 'msgstr ""'),
    "a sentence is unsure": ('msgid "Sign in"', '#, fuzzy\nmsgid "Sign in"'),
    "a plural is missing": ('msgstr[1] "%(n)s cibles"', 'msgstr[1] ""'),
    "a placeholder is lost": ('msgstr[1] "%(n)s cibles"', 'msgstr[1] "cibles"'),
}


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    """Catalogues of Spanish and French that are whole."""
    settings.CATALOGUES, settings.LOCALE_PATHS = KNOWN, [tmp_path]
    for code in ("es", "fr"):
        write(tmp_path, code, WHOLE)
    return tmp_path


def write(folder: Path, code: str, text: str) -> None:
    path = compiled(folder, code).with_suffix(".po")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_languages_are_offered_whose_catalogues_are_whole(folder):
    assert offered(KNOWN, folder) == [("en", "English")]
    call_command("messages", "--compile")
    assert offered(KNOWN, folder) == KNOWN
    assert compiled(folder, "fr").read_bytes()[:4] == b"\xde\x12\x04\x95"


@pytest.mark.parametrize("how", BROKEN)
def test_a_language_is_offered_no_more_when_its_catalogue_broke(folder, how, capsys):
    call_command("messages", "--compile")
    assert BROKEN[how][0] in WHOLE
    write(folder, "fr", WHOLE.replace(*BROKEN[how]))
    call_command("messages", "--compile")
    assert offered(KNOWN, folder) == [("en", "English"), ("es", "Español")]
    assert capsys.readouterr().err.startswith("fr is not offered: 1 to mend, such as ")


def test_a_language_without_a_catalogue_is_not_offered(folder, capsys):
    compiled(folder, "fr").with_suffix(".po").unlink()
    call_command("messages", "--compile")
    assert offered(KNOWN, folder) == [("en", "English"), ("es", "Español")]
    assert "there is no catalogue" in capsys.readouterr().err


def test_what_people_choose_among_are_the_catalogues_that_are_compiled():
    assert offered(django_settings.CATALOGUES, django_settings.LOCALE_PATHS[0]) == django_settings.LANGUAGES
    assert django_settings.CATALOGUES == KNOWN


def test_a_language_that_is_not_whole_is_never_negotiated(folder, settings, world, as_person):
    write(folder, "fr", WHOLE.replace('"Se connecter"', '""'))
    call_command("messages", "--compile")
    settings.LANGUAGES = offered(KNOWN, folder)
    assert (supported("fr"), supported("fr-CA"), supported("es-MX"), supported("")) == (None, None, "es", None)
    assert (spoken("fr", "es"), spoken("", "fr"), spoken()) == ("es", "en", "en")
    client = Client()
    for wish, given in (("fr-CA,fr;q=0.9,es;q=0.5", "es"), ("fr", "en")):
        page = client.get("/sign-in", headers={"accept-language": wish})
        assert (page.headers["Content-Language"], b'value="fr"' in page.content) == (given, False)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    assert client.get("/sign-in").headers["Content-Language"] == "en"
    guardian: User = world.guardian
    guardian.language = "fr"  # chosen while it was whole
    guardian.save(update_fields=["language"])
    world.own.school.language = "fr"
    world.own.school.save(update_fields=["language"])
    assert as_person(guardian).get("/account").headers["Content-Language"] == "en"


def test_languages_are_named_as_their_readers_name_them():
    assert [language_name(code) for code in ("es", "fr", "so", "xx", "")] == ["Spanish", "French", "Somali", "xx", ""]
    with translation.override("es"):
        assert language_name("fr") == "francés"


@pytest.mark.parametrize(
    ("code", "day", "without_year", "number", "in_full"),
    [
        ("en", "Nov. 19, 2026", "November 19", "2.5", "Thursday, Nov. 19, 2026"),
        ("es", "19 de noviembre de 2026", "19 de noviembre", "2,5", "jueves, 19 de noviembre de 2026"),
        ("fr", "19 novembre 2026", "19 novembre", "2,5", "jeudi 19 novembre 2026"),
    ],
)
def test_dates_and_numbers_are_those_of_the_language(code, day, without_year, number, in_full):
    shown = Template('{{ day|date }}|{{ day|date:"MONTH_DAY_FORMAT" }}|{{ level|floatformat:1 }}|{{ day|day_in_full }}')
    with translation.override(code):
        said = shown.render(Context({"day": date(2026, 11, 19), "level": Decimal("2.50")}))
    assert said.split("|") == [day, without_year, number, in_full]
