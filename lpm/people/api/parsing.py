"""Reading what a program sends: JSON and nothing else, of a size that we can take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from lpm.people.api.errors import too_large

HALF_LETTER = "\\ud"


class StrictJson(BaseParser):
    """Numbers stay exact. What is too large, too deep or no JSON is the sender's mistake."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        sent = stream.read(most + 1)
        if len(sent) > most:
            raise too_large()
        try:
            text = sent.decode()
            read = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
            if HALF_LETTER in text.lower():
                json.dumps(read, ensure_ascii=False, default=str).encode()  # a pair is a letter; one alone is none
            return read
        except (ValueError, ArithmeticError, RecursionError):
            raise ParseError from None


def _no_number(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON


class JsonAlways(BaseContentNegotiation):
    """There is one form of the answer, whatever a browser would rather have."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        sent = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type
