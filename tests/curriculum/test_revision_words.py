"""What differs between two wordings, and the drawing of a crosswalk."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from curriculum.calculations.revisions import GAP, NAME, Piece, compare_words, draw_crosswalk, rolled_back


def test_words_that_differ_are_marked() -> None:
    assert compare_words("Adds fractions, slowly.", "Adds decimals, slowly.") == [
        Piece("same", "Adds "),
        Piece("gone", "fractions"),
        Piece("new", "decimals"),
        Piece("same", ", slowly."),
    ]
    assert compare_words("one two three", "four five three") == [
        Piece("gone", "one two"),
        Piece("new", "four five"),
        Piece("same", " three"),
    ]
    assert compare_words("", "New") == [Piece("new", "New")]
    assert compare_words("Same", "Same") == [Piece("same", "Same")]


def test_very_long_texts_are_not_compared_word_by_word() -> None:
    old, new = "word " * 3_000, "word " * 2_999
    assert compare_words(old, new) == [Piece("gone", old), Piece("new", new)]


@given(st.text(), st.text())
def test_the_pieces_make_both_texts(old: str, new: str) -> None:
    pieces = compare_words(old, new)
    assert "".join(piece.text for piece in pieces if piece.mark != "new") == old
    assert "".join(piece.text for piece in pieces if piece.mark != "gone") == new


guides = st.dictionaries(st.sampled_from(["1.00", "2.00", "3.00"]), st.text(min_size=1, max_size=3))
rows = st.fixed_dictionaries({"code": st.text(max_size=3), "statement": st.text(max_size=3), "guide": guides})


@given(st.lists(rows, min_size=1, max_size=5))
def test_rolling_back_every_change_gives_the_first_wording(said: list[dict[str, Any]]) -> None:
    befores = []
    for old, new in pairwise(said):
        levels = old["guide"].keys() | new["guide"].keys()
        befores.append(
            {
                **{name: old[name] for name in ("code", "statement") if old[name] != new[name]},
                "guide": {level: old["guide"].get(level, "") for level in levels},
            }
        )
    assert rolled_back(said[-1], reversed(befores)) == said[0]


def test_a_crosswalk_is_drawn_from_left_to_right() -> None:
    names = {"a": "Old", "b": "New one", "c": "New two"}
    drawing = draw_crosswalk([("a", "b", "levels"), ("a", "c", "evidence")], names)

    assert [(box.name, box.x, box.y) for box in drawing.old] == [("Old", 0, 0)]
    assert [(box.name, box.x, box.y) for box in drawing.new] == [
        ("New one", NAME + GAP, 0),
        ("New two", NAME + GAP, 44),
    ]
    assert [strand.follows for strand in drawing.strands] == ["levels", "evidence"]
    assert drawing.strands[0].path == f"M250 18C340 18 340 18 {NAME + GAP} 18"
    assert (drawing.width, drawing.height) == (680, 88)
