from __future__ import annotations

from typing import Any

from django.db import models

from lpm.lib.text import folded


class Searchable(models.Model):
    """A row that is found by its words: ``search_text`` is ``words_to_find()`` without accents and case.

    It is made at every save; bulk writers call ``fill_search_text()`` themselves.
    """

    search_text = models.TextField(default="", blank=True, editable=False)

    class Meta:
        abstract = True

    def words_to_find(self) -> str:
        raise NotImplementedError

    def fill_search_text(self) -> None:
        self.search_text = folded(self.words_to_find())

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fill_search_text()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "search_text"}
        super().save(*args, **kwargs)
