"""The measure itself, on texts whose grade is known."""

from __future__ import annotations

import pytest

from tests.lib.readability import grade, sentences, sentences_of_page, syllables

PAGE = """
<title>Not this, since it is not in the page itself.</title>
<main><nav><p>Not this either, it is a menu here.</p></nav>
<h1>My path</h1>
<p>Leo moved up on <b>Nov. 19</b> in two
things. Ms. Diallo saw it in class.</p>
<svg><title>And a drawing says nothing to read.</title></svg>
<p>What is next:<br>Fractions on a number line.</p><button>Go</button>
<select><option>One of the things to choose here</option></select></main>
<footer>Nor what stands at the end of it.</footer>
"""
HARD = (
    "Notwithstanding considerable methodological heterogeneity, longitudinal proficiency determinations necessitate "
    "comprehensive interdisciplinary documentation, particularly whenever accommodations materially influence "
    "performance expectations."
)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("The cat sat on the mat.", -1.45),
        ("This sentence, taken as a reading passage unto itself, is being used to prove a point.", 7.61),
    ],
)
def test_grades_of_sentences_whose_grade_is_known(text, known):
    assert grade([text]) == pytest.approx(known, abs=0.01)


def test_a_hard_text_is_above_what_families_should_have_to_read():
    assert grade([HARD]) > 20


def test_nothing_has_no_grade():
    with pytest.raises(ValueError, match="nothing to read"):
        grade([])


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "cat child’s moved steps comes these looked whole have school while page name asked here makes"),
        (2, "table teacher level little started without being something seeing lion people pieces"),
        (2, "every safely statement uses number"),
        (3, "evidence idea another family’s radio completed creating curious decided"),
        (4, "graduation information reptilian material"),
        (5, "evaluation individual"),
    ],
)
def test_syllables_are_those_that_one_hears(count, said):
    wrong = {word: syllables(word) for word in said.split() if syllables(word) != count}
    assert wrong == {}


def test_sentences_of_a_page_are_what_it_says_and_no_menus():
    assert sentences_of_page(PAGE) == [
        "Leo moved up on Nov. 19 in two things.",
        "Ms. Diallo saw it in class.",
        "Fractions on a number line.",
    ]
    assert [*sentences(["He said “it is so late.” Then he went back home."])] == [
        "He said “it is so late.",
        "Then he went back home.",
    ]
