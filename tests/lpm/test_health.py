import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

ALL_WELL = {"database": "ok", "migrations": "ok", "broker": "ok"}


def test_healthz_says_ok_without_the_database(client):
    """A query would fail this test, which may not use the database."""
    response = client.get(reverse("home:healthz"))

    assert (response.status_code, response.content) == (200, b"ok")
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_readyz_says_each_check(client, django_assert_num_queries):
    with django_assert_num_queries(2):
        response = client.get(reverse("home:readyz"))

    assert (response.status_code, response.json()) == (200, ALL_WELL)
    assert not response.cookies


@pytest.mark.django_db
def test_readyz_is_503_with_a_migration_to_apply(client):
    MigrationRecorder(connection).migration_qs.filter(app="people").delete()

    response = client.get(reverse("home:readyz"))

    assert (response.status_code, response.json()) == (503, ALL_WELL | {"migrations": "missing"})


@pytest.mark.django_db
def test_readyz_stays_200_with_a_migration_of_a_later_version(client):
    """While a new version is rolled out, the old one still serves."""
    MigrationRecorder(connection).record_applied("people", "9999_later")

    assert client.get(reverse("home:readyz")).status_code == 200


@pytest.mark.django_db
def test_readyz_stays_200_without_the_broker(client, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    response = client.get(reverse("home:readyz"))

    assert (response.status_code, response.json()) == (200, ALL_WELL | {"broker": "away"})


def test_readyz_is_503_without_the_database(client, monkeypatch):
    """Stubs the network's answer; tests/faults/test_readyz.py kills the server."""

    def refuse(recorder: MigrationRecorder) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", refuse)

    response = client.get(reverse("home:readyz"))

    assert response.status_code == 503
    assert response.json() == ALL_WELL | {"database": "away", "migrations": "unknown"}


@pytest.mark.parametrize("name", ["home:healthz", "home:readyz"])
def test_health_is_only_read(client, name):
    assert client.post(reverse(name)).status_code == 405
