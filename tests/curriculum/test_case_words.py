"""What becomes of HTML in the words of a package, and of files that are no package at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.imports import map_package, read_package
from curriculum.imports.plain import plain
from curriculum.imports.reading import line, text, words
from lpm.lib.imports import ImportRefused
from tests.curriculum.packages import as_bytes, rubric, tree

ZIP = b"PK\x03\x04" + bytes(26)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<em>For example,</em> observe that 3/7 < 1/2.", "For example, observe that 3/7 < 1/2."),
        ("x < 3 and 3<4 and a<b", "x < 3 and 3<4 and a<b"),
        ("if a<b and c>d", "if a<b and c>d"),
        ("x<sup>n</sup> + 10<SUP>-3</SUP>", "xⁿ + 10⁻³"),
        ("x<sup>Q</sup>, x<sup>m/n</sup>", "x^Q, x^(m/n)"),
        ("v<sub>1</sub>, v<sub>y</sub>, v<sub>yz</sub>", "v₁, v_y, v_(yz)"),
        ("x<sub>n<sup>2</sup></sub>!", "x_(n^2)!"),
        ("2<sup>3", "2³"),
        ("a</sup>b", "ab"),
        ("R&D, AT&amp;T, 2 &times; 3 &#8804; 7, &copy", "R&D, AT&T, 2 × 3 ≤ 7, &copy"),
        ("&lt;b&gt;", "<b>"),
        ('<p class="x">One</p><p>two<br/>three<br>four</p>', "One\n\ntwo\nthree\nfour"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ('<a href="https://example.org/?a>b">here</a><!-- not said -->', "here"),
        ("<invented>stays</invented>", "<invented>stays</invented>"),
        ("<!-- never closed", "<!-- never closed"),
    ],
)
def test_formatting_is_made_plain(written, read):
    assert words(written) == read


@given(st.text())
def test_text_without_signs_of_html_comes_back_unchanged(anything):
    clean = anything.replace("<", "").replace("&", "")
    assert plain(clean) == clean
    assert words(clean) == text(clean)


@given(st.text(alphabet="<>/&;= \"'aempsubr23"))
def test_any_mixture_of_signs_is_read(anything):
    assert isinstance(words(anything), str)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2\u00a01/3\u00a0+\u00a01\u00a03/4", "2\u00a01/3\u00a0+\u00a01\u00a03/4"),
        ("4\u00a0×\u00a01/3", "4\u00a0×\u00a01/3"),
        ("one\u00a0two \u00a0 3\u00a0four 5 \u00a06", "one two 3 four 5 6"),
    ],
)
def test_figures_that_belong_together_stay_on_one_line(written, read):
    assert (text(written), line(written)) == (read, read)


def test_formatted_items_are_counted_in_one_warning():
    made = tree(
        ("t1", "Domain", None, {"fullStatement": "<b>Fractions</b>"}),
        ("s1", "Standard", "t1", {"fullStatement": "Halves", "notes": "see <i>x</i>"}),
        ("s2", "Standard", "t1", {"fullStatement": "x < 3"}),
        title="<em>Maths</em>",
    )
    made["CFRubrics"] = [rubric("s1", (3, "<em>All</em>"))]

    read = map_package(read_package(as_bytes(made)))

    assert [(p.code, p.refuses, "2 items" in p.sentence) for p in read.problems] == [
        ("formatting_made_plain", False, True)
    ]
    assert (read.document.title, read.topics[0].title, read.guide[0].description) == ("Maths", "Fractions", "All")


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (ZIP, "is_an_archive", "This looks like a .zip archive. If it holds people and classes, choose that"),
        (ZIP + b"[Content_Types].xml", "other_kind", "an Excel or Word file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "other_kind", "an old Excel or Word file"),
        (b"%PDF-1.7\n", "other_kind", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "other_kind", "a picture"),
        (b"\xff\xd8\xff\xe0", "other_kind", "a picture"),
        (b"GIF89a", "other_kind", "a picture"),
    ],
)
def test_other_kinds_of_files_are_told_by_name(data, code, says):
    with pytest.raises(ImportRefused) as raised:
        read_package(data)
    problem = raised.value.problems[0]
    assert (problem.code, says in problem.sentence) == (code, True)
