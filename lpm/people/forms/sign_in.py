from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from lpm.people.models import User
from lpm.people.queries.sign_in import people_of_email


class OwnDeviceField(forms.BooleanField):
    """Whether nobody else uses this computer or telephone."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            label=_("This is my own device"),
            help_text=_("Leave it empty on a computer that others use too."),
        )


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("Username"),
        max_length=255,
        help_text=_("Or your e-mail address."),
        widget=forms.TextInput(attrs={"autocomplete": "username webauthn", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    own_device = OwnDeviceField()


class AddressForm(forms.Form):
    """An e-mail address that the school has of one person; a username tells people apart who share it.

    An address that is nobody's gets a letter too, so that neither the page nor the time it takes tells.
    """

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none"})
    )
    username = forms.CharField(
        label=_("Username"),
        max_length=255,
        required=False,
        help_text=_("Only where several people have the same address, such as two children."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )

    def person(self) -> User | None:
        data = self.cleaned_data
        people = people_of_email(data["email"], data["username"])
        return people[0] if len(people) == 1 else None

    def write_to_nobody(self) -> None:
        get_adapter().send_mail(
            "account/email/unknown_account", self.cleaned_data["email"], {"request": context.request}
        )


class RequestCodeForm(AddressForm):
    own_device = OwnDeviceField()
    _user: User | None = None  # where allauth looks for it

    def clean(self) -> dict[str, Any]:
        data = cast(dict[str, Any], super().clean())
        if "email" in data and "username" in data:
            self._user = self.person()
            if self._user is None:
                self.write_to_nobody()
        return data


class ResetPasswordForm(AddressForm):
    def save(self, request: Any, **kwargs: Any) -> str:
        person = self.person()
        if person is None:
            self.write_to_nobody()
        email: str = self.cleaned_data["email"]
        flow = account_forms.flows.password_reset_by_code.PasswordResetVerificationProcess
        flow.initiate(request=request, user=person, email=email)
        return email


class BadgeForm(forms.Form):
    code = forms.CharField(max_length=100)


class StudentsForm(forms.Form):
    """Which students of a page are meant."""

    student = forms.TypedMultipleChoiceField(choices=(), error_messages={"required": _("Tick at least one student.")})

    def __init__(self, data: Any, *, students: list[str]) -> None:
        super().__init__(data)
        field = cast(forms.TypedMultipleChoiceField, self.fields["student"])
        field.choices = [(student, student) for student in students]


class StartLettersForm(StudentsForm):
    anew = forms.BooleanField(
        required=False,
        label=_("Also for those who forgot their password"),
        help_text=_("Their old password stays until they use the letter."),
    )


class FirstPasswordForm(forms.Form):
    """The password of ``user``, who holds a start letter."""

    password = forms.CharField(
        label=_("Your new password"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters. Three or four words in a row are good."),
    )

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        self._user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self._user)
        return password


class CarefulMixin:
    """What a browser sends as a passkey may be anything; whatever cannot be read is a wrong one."""

    def clean_credential(self) -> Any:
        return self._carefully(super().clean_credential)  # type: ignore[misc]  # of the form it is mixed into

    def _carefully(self, clean: Callable[[], Any]) -> Any:
        try:
            return clean()
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise get_factor_adapter().validation_error("incorrect_code") from error


class LoginPasskeyForm(CarefulMixin, passkey_forms.LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    pass


class StepPasskeyForm(CarefulMixin, passkey_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    pass


class AgainPasskeyForm(CarefulMixin, passkey_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    pass


class AddPasskeyForm(CarefulMixin, passkey_forms.AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    def clean_credential(self) -> Any:
        return self.cleaned_data["credential"]

    def clean(self) -> Any:
        return self._carefully(super().clean)
