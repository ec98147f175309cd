"""The picture of steps, as SVG."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from curriculum.calculations.drawing import (
    LETTER,
    SHAPES,
    Node,
    Standing,
    Words,
    cut_from_front,
    draw,
    in_lines,
    letters_wide,
    pictures,
)

WORDS = Words("picture", "What comes before what", "Two boxes")
SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 (made by us a line before)


def long(count: int) -> list[Node]:
    """Nodes with codes and titles as long as real ones."""
    title = "Understand two fractions as equivalent (equal) if they are the same size"
    return [Node(n, f"/t/{n}", title, f"CCSS.Math.Content.{n}.NF.A.1") for n in range(count)]


def test_a_picture_says_what_it_is_and_each_box_is_a_link():
    svg = parsed(
        draw([Node(1, "/a", "Halves", "A.1"), Node(2, "/b", "Quarters <4>")], [(1, 2)], WORDS, shape=SHAPES["mid"])
    )
    assert svg.get("role") == "group"
    assert svg.get("aria-labelledby") == "picture-title"
    assert [child.text for child in svg if child.tag in {"title", "desc"}] == ["What comes before what", "Two boxes"]
    links = list(svg.iter("a"))
    assert [(link.get("href"), link.findtext("title")) for link in links] == [
        ("/a", "A.1 Halves"),
        ("/b", "Quarters <4>"),
    ]
    assert [[text.text for text in link.iter("text")] for link in links] == [["A.1", "Halves"], ["Quarters <4>"]]
    assert len(list(svg.iter("path"))) == 2  # a line and its tip


def test_a_picture_has_no_style_of_its_own_and_takes_colours_from_a_palette():
    nodes, edges = [Node(1, "/a", "Halves"), Node(2, "/b", "Quarters", standing=Standing.HERE)], [(1, 2)]
    plain = draw(nodes, edges, WORDS, shape=SHAPES["mid"])
    assert "style" not in plain
    assert "#" not in plain
    assert [link.get("class") for link in parsed(plain).iter("a")] == ["plain", "here"]
    printed = draw(nodes, edges, WORDS, shape=SHAPES["mid"], palette={"box": "#fff", "line": "#333"})
    assert [box.get("fill") for box in parsed(printed).iter("rect")] == ["#fff", "#fff"]
    assert [path.get("stroke") for path in parsed(printed).iter("path")] == ["#333", None]


def test_each_window_gets_a_picture_with_ids_of_its_own():
    drawn = pictures(long(8), [(n, n + 1) for n in range(7)], WORDS)
    ids = [re.findall(r' id="([^"]+)"', svg) for svg in drawn.values()]
    assert ids == [[f"picture-{size}-title", f"picture-{size}-desc"] for size in ("narrow", "mid", "wide")]


def test_eighty_targets_with_long_words_stay_readable():
    edges = [(n, n + gap) for n in range(80) for gap in (1, 3, 7) if n + gap < 80 and n % gap == 0]
    for size, svg in pictures(long(80), edges, WORDS).items():
        drawing = parsed(svg)
        assert drawing.get("viewBox", "").split()[2:] == [drawing.get("width"), drawing.get("height")]  # natural size
        boxes = list(drawing.iter("rect"))
        assert len(boxes) == 80
        room = SHAPES[size].box
        assert all(letters_wide(text.text or "") * LETTER <= room for text in drawing.iter("text"))


def test_titles_are_broken_between_words_and_cut_at_the_end():
    assert in_lines("Add and subtract fractions", 12, 3) == ["Add and", "subtract", "fractions"]
    assert in_lines("Add and subtract fractions", 12, 2) == ["Add and", "subtract…"]
    assert in_lines("Halves", 12, 3) == ["Halves"]
    assert in_lines("", 12, 3) == []
    assert in_lines("Halves", 12, 0) == []


def test_words_longer_than_a_line_and_writing_without_spaces_are_broken_anywhere():
    assert in_lines("Bruchrechnungsaufgaben", 12, 3) == ["Bruchrechnun", "gsaufgaben"]
    assert in_lines("分数を使って計算する", 10, 2) == ["分数を使っ", "て計算する"]


def test_long_codes_keep_their_end():
    assert cut_from_front("3.NF.A.1", 12) == "3.NF.A.1"
    assert cut_from_front("CCSS.Math.Content.3.NF.A.1", 12) == "…nt.3.NF.A.1"
