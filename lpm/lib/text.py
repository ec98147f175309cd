"""Text made comparable, without the database's collation."""

import re
import unicodedata

SORT_KEY_LENGTH = 200


def folded(text: str) -> str:
    """``text`` without accents and case, its words one space apart: "  Élan  9" becomes "elan 9"."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


def sort_key(text: str) -> str:
    """``folded``, its numbers padded to 8 digits: "Élan 9" sorts before "elan 10"."""
    padded = re.sub(r"\d+", lambda number: number.group().zfill(8), folded(text))
    return padded[:SORT_KEY_LENGTH]
