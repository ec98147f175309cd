"""Text made comparable, without the database's collation."""

import re
import unicodedata

SORT_KEY_LENGTH = 200


def sort_key(text: str) -> str:
    """``text`` without accents and case, its numbers padded to 8 digits: "Élan 9" sorts before "elan 10"."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    padded = re.sub(r"\d+", lambda number: number.group().zfill(8), plain.casefold())
    return " ".join(padded.split())[:SORT_KEY_LENGTH]
