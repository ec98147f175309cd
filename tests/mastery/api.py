"""A program that uses the API: every answer it gets is held to the schema."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import resolve, reverse
from jsonschema import Draft202012Validator

from lpm.people.api.schema import read_schema
from lpm.people.models import User
from lpm.people.services.tokens import day_of, make_token
from tests.world import DAY, Place


class Program:
    """Comes in with a token of ``user``."""

    def __init__(self, user: User, *, may_write: bool = True) -> None:
        made = make_token(
            user=user, name="a gradebook", may_write=may_write, lasts=timedelta(days=30), day=day_of(user)
        )
        self.token, self.client = made.row, Client(headers={"authorization": f"Bearer {made.text}"})

    def get(self, route: str, *named: object, **query: str) -> Any:
        address = reverse(f"api:{route}", args=[getattr(one, "uuid", one) for one in named])
        return checked(self.client.get(address, query), address, "get")

    def post(self, route: str, body: object, *named: object) -> Any:
        address = reverse(f"api:{route}", args=[getattr(one, "uuid", one) for one in named])
        return checked(self.client.post(address, body, content_type="application/json"), address, "post")


def checked(response: Any, address: str, method: str) -> Any:
    """The response, which is what the schema says it is."""
    known = read_schema()
    pattern = "/" + resolve(address).route.replace("<uuid:", "{").replace(">", "}")
    responses = known["paths"][pattern][method]["responses"]
    told = responses.get(str(response.status_code), responses["default"])
    shape = told["content"]["application/json"]["schema"]
    Draft202012Validator({**shape, "components": known["components"]}).validate(response.json())
    return response


def assessment(place: Place, number: int = 0, **fields: Any) -> dict[str, Any]:
    """Evidence as it is sent: the student of ``place`` on one of its targets."""
    student, target = place.student, place.targets[number]
    named = {"uuid": str(uuid4()), "student": str(student.uuid), "target": str(target.uuid)}
    return {**named, "level": "2.5", "performed_on": str(DAY), **fields}


def judgement(place: Place, number: int = 0, **fields: Any) -> dict[str, Any]:
    sent = assessment(place, number, kind="set")
    del sent["performed_on"]
    return {**sent, **fields}
