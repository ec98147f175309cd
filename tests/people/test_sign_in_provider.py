"""Google, Microsoft and the like, as one that runs here: a real OpenID Connect provider, over HTTP."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client
from django.urls import reverse
from oidc_provider_mock import User as Account
from oidc_provider_mock import run_server_in_thread

from lpm.audit.models import Entry
from lpm.people.models import User
from tests.world import World

SIGN_IN = reverse("home:sign-in")
BEGIN, BACK = reverse("openid_connect_login", args=["district"]), reverse("openid_connect_callback", args=["district"])
GOOD: dict[str, object] = {"email": "teacher@north.example", "email_verified": True, "name": "Somebody Else"}
ACCOUNTS: dict[str, dict[str, object]] = {
    "good": GOOD,
    "unverified": {**GOOD, "email_verified": False},
    "says nothing": {"email": GOOD["email"]},
    "unknown": {**GOOD, "email": "nobody@north.example"},
    "of another domain": {**GOOD, "email": "teacher@elsewhere.example"},
    "of a domain that ends alike": {**GOOD, "email": "teacher@far-north.example"},
    "without an address": {"email_verified": True},
    "of the tenant": {**GOOD, "tid": "the-tenant"},
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    people = [Account(sub=sub, claims=claims) for sub, claims in ACCOUNTS.items()]
    with run_server_in_thread(user_claims=people) as running:
        yield f"http://localhost:{running.server_port}"


@dataclass
class Provider:
    """How the provider is set up here."""

    url: str
    settings: Any

    def set_up(self, **more: Any) -> None:
        app = {
            "provider_id": "district",
            "name": "North District",
            "client_id": "cairn",
            "secret": "a secret",
            "settings": {
                "server_url": self.url,
                "domains": ["north.example"],
                "tenant": "",
                "vouches_for_email": False,
                **more,
            },
        }
        self.settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


@pytest.fixture
def provider(server: str, settings, world: World) -> Provider:
    world.teacher.email = "Teacher@North.example"
    world.teacher.save()
    provider = Provider(server, settings)
    provider.set_up()
    return provider


def there(client: Client, account: str, action: str = "allow", **query: str) -> str:
    """Go to the provider, say who one is, and be sent back: the address that one is sent back to."""
    response: Any = client.get(BEGIN, query)
    assert response.status_code == 302
    asked = parse_qs(urlsplit(response.url).query)
    assert asked["code_challenge_method"] == ["S256"]
    allowed = requests.post(response.url, {"sub": account, "action": action}, allow_redirects=False, timeout=5)
    return allowed.headers["Location"]


def back(client: Client, address: str) -> Any:
    parts = urlsplit(address)
    assert parts.path == BACK
    return client.get(f"{parts.path}?{parts.query}")


def come_in(client: Client, account: str, **query: str) -> Any:
    return back(client, there(client, account, **query))


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def sentence(client: Client, response: Any) -> str:
    assert response.url == SIGN_IN
    return " ".join(str(message) for message in client.get(SIGN_IN).context["messages"])


def test_the_verified_address_lets_in_the_one_who_has_it(provider, world: World, client):
    assert "Sign in with North District" in client.get(SIGN_IN).content.decode()

    assert come_in(client, "good", next="/curriculum/").url == "/curriculum/"

    assert who(client) == str(world.teacher.pk)
    account = SocialAccount.objects.get()
    assert (account.user_id, account.provider, account.uid, account.extra_data) == (
        world.teacher.pk, "district", "good", {},
    )  # fmt: skip
    assert not SocialToken.objects.exists()
    assert world.teacher.name == User.objects.get(pk=world.teacher.pk).name
    actions = Entry.objects.filter(subject_uuid=world.teacher.uuid).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["people.connect_provider", "people.sign_in"]


def test_once_connected_the_number_counts_and_no_longer_the_address(provider, world: World, client):
    come_in(Client(), "good")
    User.objects.filter(pk=world.teacher.pk).update(email="")

    come_in(client, "good")

    assert who(client) == str(world.teacher.pk)
    assert SocialAccount.objects.get().extra_data == {}


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ("unverified", "has not verified your e-mail address"),
        ("says nothing", "has not verified your e-mail address"),
        ("unknown", "We know nobody by this account"),
        ("of another domain", "is not one of your school’s"),
        ("of a domain that ends alike", "is not one of your school’s"),
        ("without an address", "is not one of your school’s"),
    ],
)
def test_nobody_else_gets_in_and_nobody_is_made(account, words, provider, world: World, client):
    before = User.objects.count()
    world.guardian.email = "teacher@elsewhere.example"
    world.guardian.save()

    assert words in sentence(client, come_in(client, account))

    assert who(client) is None
    assert (User.objects.count(), SocialAccount.objects.count()) == (before, 0)


def test_a_provider_that_vouches_need_not_say_that_it_verified(provider, world: World, client):
    provider.set_up(vouches_for_email=True)

    come_in(client, "says nothing")

    assert who(client) == str(world.teacher.pk)


@pytest.mark.parametrize(("account", "is_in"), [("of the tenant", True), ("good", False)])
def test_another_tenant_does_not_get_in(account, is_in, provider, client):
    provider.set_up(tenant="the-tenant")

    come_in(client, account)

    assert (who(client) is not None) is is_in


def test_two_who_share_the_address_come_in_another_way(provider, world: World, client):
    world.co_teacher.email = "teacher@north.example"
    world.co_teacher.save()

    assert "We know nobody by this account" in sentence(client, come_in(client, "good"))


@pytest.mark.parametrize("is_connected", [True, False])
def test_a_closed_account_does_not_get_in(is_connected, provider, world: World, client):
    if is_connected:
        come_in(Client(), "good")
    User.objects.filter(pk=world.teacher.pk).update(is_active=False)

    words = sentence(client, come_in(client, "good"))

    assert ("This account is closed" if is_connected else "We know nobody") in words
    assert who(client) is None


def test_an_answer_that_was_not_asked_for_is_refused(provider, client):
    address = there(client, "good")

    for tampered in (address.replace("state=", "state=x"), address.replace("state=", "other=")):
        assert "did not work this time" in sentence(client, back(client, tampered))
    assert "did not work this time" in sentence(client, back(Client(), address) and back(client, BACK))
    assert who(client) is None


def test_an_answer_to_another_browser_is_refused(provider):
    mine, theirs = Client(), Client()
    address = there(mine, "good")

    assert "did not work this time" in sentence(theirs, back(theirs, address))
    assert who(theirs) is None


def test_an_answer_counts_once(provider, client):
    address = there(client, "good")
    back(client, address)
    client.post(reverse("home:sign-out"))

    back(client, address)

    assert who(client) is None


def test_a_code_that_the_provider_does_not_know_is_refused(provider, client):
    address = there(client, "good").replace("code=", "code=x")

    assert "did not work this time" in sentence(client, back(client, address))


def test_whoever_stops_there_is_told_so(provider, client):
    address = there(client, "good")
    state = parse_qs(urlsplit(address).query)["state"][0]

    stopped = client.get(BACK, {"state": state, "error": "access_denied"})
    assert "You stopped" in sentence(client, stopped)


def test_a_provider_is_never_connected_to_whoever_is_signed_in(provider, world: World, as_person):
    client = as_person(world.guardian)

    come_in(client, "good", process="connect")

    assert not SocialAccount.objects.filter(user=world.guardian).exists()


def test_the_second_step_is_asked_for_all_the_same(provider, world: World, client):
    TOTP.activate(world.teacher, generate_totp_secret())

    assert come_in(client, "good").url == reverse("mfa_authenticate")
    assert who(client) is None


def test_a_provider_that_does_not_answer_is_said_so(provider, client):
    provider.url = "http://localhost:1"
    provider.set_up()

    assert "does not answer" in sentence(client, client.get(BEGIN))


def test_a_provider_that_is_not_set_up_is_not_there(provider, client):
    for route in ("openid_connect_login", "openid_connect_callback"):
        assert client.get(reverse(route, args=["google"])).status_code == 404
