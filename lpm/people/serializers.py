"""Shapes that every part of the API has in common."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail


class Shape(serializers.Serializer[Any]):
    """What is sent has these fields and no others: one that is spelled wrongly would be lost without a word."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            detail = ErrorDetail("", code="unknown_field")
            raise serializers.ValidationError({str(unknown[0])[:100]: [detail]})
        return super().to_internal_value(data)


class Problem(serializers.Serializer[Any]):
    """Why something was not done: ``code`` for programs, ``sentence`` for people, and the field it is about."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    field = serializers.CharField(required=False)


class LevelField(serializers.DecimalField):
    """A level: a number or a text such as "2.5"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=4, decimal_places=2, **options)
