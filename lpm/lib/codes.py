"""Codes that are printed on paper and typed from it: without letters that look alike, kept as digests only."""

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
GROUP = 4
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code(length: int) -> str:
    """A random code of ``length`` letters and digits, each worth 5 bits, in groups of four with dashes between."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(length))
    return "-".join(letters[start : start + GROUP] for start in range(0, length, GROUP))


def normalise(text: str) -> str:
    """What was meant: capitals, without spaces, dashes and other marks, the look-alikes O, I and L read as digits."""
    return "".join(letter for letter in text.upper() if letter.isascii() and letter.isalnum()).translate(READ_AS)


def digest(code: str) -> str:
    """The SHA-256, as 64 hex digits, of what was meant by ``code``: all that is kept of it."""
    return hashlib.sha256(normalise(code).encode()).hexdigest()
