from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Upper
from django.utils import timezone

from lpm.people.enums import BadgePurpose, Role
from lpm.people.models.base import Dated, Identified, Rostered, Sorted, once_per_source
from lpm.people.models.organizations import Organization, district_id_of
from lpm.people.querysets import RoleGrantQuerySet, UserManager


class User(AbstractBaseUser, Identified, Sorted, Rostered):
    """A person who can sign in, or could.

    ``district`` is the one that ``organization`` is or lies in; sign-in names are unique within it.

    Personal data: names, e-mail, sign-in name; kept while the person belongs to the district, then erased.
    """

    username = models.CharField(max_length=255)
    email = models.EmailField(blank=True)
    given_name = models.CharField(max_length=200)
    family_name = models.CharField(max_length=200)
    language = models.CharField(max_length=10, blank=True)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="members")
    district = models.ForeignKey(Organization, models.PROTECT, null=True, editable=False, related_name="+")
    is_operator = models.BooleanField(default=False)  # looks after the installation; sees a district in sessions only
    is_active = models.BooleanField(default=True)
    closes_on = models.DateField(null=True, blank=True)  # the last day, when somebody said so; closed after it
    demo_caption = models.CharField(max_length=200, blank=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    objects = UserManager()

    class Meta:
        indexes: ClassVar = [models.Index(Upper("email"), name="user_by_email")]  # as email__iexact asks
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("username"), "district", nulls_distinct=False, name="username_once_per_district"
            ),
            models.CheckConstraint(
                condition=Q(is_operator=False) | Q(organization__isnull=True), name="operator_belongs_nowhere"
            ),
            once_per_source("user"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def sort_text(self) -> str:
        return f"{self.family_name} {self.given_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Bulk writers set ``district`` themselves."""
        fields = kwargs.get("update_fields")
        if fields is None or "organization" in fields:
            self.district_id = district_id_of(self.organization)
            if fields is not None:
                kwargs["update_fields"] = {*fields, "district"}
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class RoleGrant(Identified, Dated):
    """A role over an organization and everything under it, with its dates. Personal data: who holds it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)

    objects = RoleGrantQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.role} of {self.organization_id}"


class OperatorSession(Identified):
    """An operator of the installation looks at a district, for a reason that is written down, until it ends.

    Personal data: who it was; kept with the audit.
    """

    operator = models.ForeignKey(User, models.PROTECT, related_name="operator_sessions")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="operator_sessions")
    reason = models.CharField(max_length=500)
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(starts_at__lte=F("ends_at")), name="operator_session_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.operator_id} at {self.organization_id}"


class Badge(Identified):
    """A printed code. A badge signs a young student in, to their own pages and nothing else; a start letter lets
    somebody without a password set their first one, once.

    The code itself is kept nowhere: ``digest`` is its SHA-256. Personal data: whose it is; goes with the person.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="badges")
    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=20, choices=BadgePurpose.choices, default=BadgePurpose.SIGN_IN)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_on = models.DateField()
    used_at = models.DateTimeField(null=True, blank=True)  # a start letter, once
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.uuid)


class ApiToken(Identified):
    """A program may do by the API what its person may do, until the token ends or is revoked.

    The token itself is shown once and kept nowhere: ``digest`` is its SHA-256, ``hint`` its last letters.
    Personal data: whose it is, and when it was used; goes with the person.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    may_write = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)
    expires_on = models.DateField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.uuid)
