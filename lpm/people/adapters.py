"""How somebody proves who they are."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from lpm.people.models import User


class PersonBackend(ModelBackend):
    """Password sign-in; loads a person together with where they belong, since every page needs both."""

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("organization").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
