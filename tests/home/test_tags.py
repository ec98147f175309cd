import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.utils import translation

from lpm.home.templatetags import cairn
from lpm.lib import levels

SPRITE = Path(settings.BASE_DIR, "static/img/icons.svg").read_text(encoding="utf-8")
SYMBOLS = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE))
TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))


def rendered(source: str, **context: object) -> str:
    return str(engines["django"].from_string(source).render(context))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("2.50"), "2.5"),
        (Decimal("3"), "3.0"),
        (3, "3.0"),
        (0, "0.0"),
        ("4", "4.0"),
        (Decimal("2.25"), "2.25"),
        (2.5, "2.5"),
        (None, ""),
        ("", ""),
    ],
)
def test_level_value_has_one_decimal_or_two_and_none_is_empty(value, expected):
    assert levels.level_value(value) == expected


def test_level_is_data_with_value_and_text():
    assert rendered("{% level value %}", value=Decimal("2.5")) == '<data class="level" value="2.5">2.5</data>'
    assert rendered('{% level 3 "lg" %}') == '<data class="level lg" value="3.0">3.0</data>'
    assert rendered('{% level 3 "node" %}') == '<data class="node" value="3.0">3.0</data>'


def test_level_in_spanish_keeps_its_machine_value():
    with translation.override("es"):
        assert rendered("{% level value %}", value=Decimal("2.5")) == '<data class="level" value="2.5">2,5</data>'


def test_level_without_evidence_is_a_dash_that_says_so():
    assert rendered("{% level value %}", value=None) == (
        '<data class="level" value=""><span aria-hidden="true">–</span><span class="sr">no evidence yet</span></data>'
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Amara Diallo", "AD"),
        ("Ms. Ngozi Okafor", "NO"),
        ("Ms. Okafor", "OK"),
        ("Sofía Ramírez-Ortega", "SR"),
        ("José María de la Cruz", "JC"),
        ("Idris", "ID"),
        ("J.", "J."),
        ("", ""),
    ],
)
def test_initials(name, expected):
    assert cairn.initials(name) == expected


def test_icon_uses_the_sprite_and_is_silent():
    assert rendered('{% icon "home" %}') == (
        '<svg class="icon" aria-hidden="true"><use href="/static/img/icons.svg#i-home"/></svg>'
    )
    assert 'data-tone="honey"' in rendered('{% icon "chat" "honey" %}')


def test_tags_escape_what_they_are_given():
    hostile = '"><script>alert(1)</script>'
    for source in (
        "{% icon x %}",
        "{% icon 'home' x %}",
        "{% art x %}",
        "{% scene x %}",
        "{% level 3 x %}",
        "{% ring 1 1 2 x %}",
        "{% steps points x %}",
    ):
        html = rendered(source, x=hostile, points=[(hostile, Decimal(3))])
        assert "<script" not in html, source
        assert "&quot;&gt;&lt;script&gt;" in html, source


def test_tone_of_a_message():
    assert {tag: cairn.tone(tag) for tag in ("success", "info", "warning", "error", "")} == {
        "success": "pine",
        "info": "sky",
        "warning": "honey",
        "error": "clay",
        "": "sky",
    }
    assert "#i-check" in rendered("{% tone_icon 'pine' %}")
    assert "#i-help" in rendered("{% tone_icon 'sky' %}")


@pytest.mark.parametrize("tag", ["icon", "art", "scene"])
def test_every_drawing_named_in_a_template_is_in_the_sprite(tag):
    prefix = {"icon": "i", "art": "art", "scene": "scene"}[tag]
    named = {
        f"{prefix}-{name}"
        for path in TEMPLATES
        for name in re.findall(rf'{{% {tag} "([\w-]+)"', path.read_text(encoding="utf-8"))
    }
    assert named <= SYMBOLS


def test_icons_of_tones_are_in_the_sprite():
    assert {f"i-{name}" for name in [*cairn.TONE_ICONS.values(), "help"]} <= SYMBOLS


def test_500_renders_with_nothing_at_all():
    html = engines["django"].get_template("500.html").render()
    assert "Something broke on our side" in html
    assert 'lang="en"' in html


def test_components_render_what_they_are_given():
    steps = [
        {"value": 3, "state": "done", "title": "Halves", "sub": "Met October 30", "url": "/t/1"},
        {"value": Decimal("2.5"), "state": "here", "title": "Thirds", "sub": "", "url": ""},
    ]
    trail = rendered('{% include "components/trail.html" with across=True %}', steps=steps)
    assert trail.count("<li") == 2
    assert trail.count('aria-current="step"') == 1
    assert '<a href="/t/1">Halves</a>' in trail
    assert 'class="trail across"' in trail

    rows = [
        {"value": 3, "text": "I can add.", "is_here": True},
        {"value": 2, "text": "Some.", "is_here": False},
    ]
    rubric = rendered('{% include "components/rubric.html" %}', rows=rows)
    assert rubric.count('aria-current="true"') == 1
    assert "You are here" in rubric
