from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lpm.lib.forms import offer_choices, offer_rows
from lpm.lib.grades import grade_label
from lpm.people.models import Group, Household, Student, User
from lpm.people.queries.guardians import RELATIONSHIPS, Choice

NEW = "new"
CODE_MOST = 60


class RelationshipField(forms.ChoiceField):
    """``kept`` is a word that a roster or somebody else brought, and stays possible."""

    def __init__(self, *, label: Any, required: bool = False, **kwargs: Any) -> None:
        super().__init__(label=label, required=required, choices=self.words(), **kwargs)

    @staticmethod
    def words(kept: str = "") -> list[tuple[str, Any]]:
        others = [(kept, kept)] if kept and kept not in RELATIONSHIPS else []
        return [("", _("not said")), *others, *RELATIONSHIPS.items()]


class ContactForm(forms.Form):
    """What the office says of a guardian of ``student``."""

    relationship = RelationshipField(label=gettext_lazy("What they are to the student"))
    household = forms.ModelChoiceField(
        Household.objects.none(), label=gettext_lazy("Home"), required=False, to_field_name="uuid"
    )

    def __init__(self, *args: Any, student: Student, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["household"]
        homes = list(student.households.order_by("pk"))
        field.queryset = student.households.order_by("pk")
        field.choices = [("", _("none"))] + [(str(home.uuid), home_name(home, n)) for n, home in enumerate(homes, 1)]


def home_name(home: Household, number: int) -> str:
    return home.label or _("Home %(number)s") % {"number": number}


class GuardianshipForm(ContactForm):
    ends_on = forms.DateField(
        label=gettext_lazy("Last day of contact"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("From the day after, they no longer see the record. Empty: contact goes on."),
    )

    def __init__(self, *args: Any, relationship: str, is_rostered: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "relationship", RelationshipField.words(relationship))
        self.fields["ends_on"].disabled = is_rostered


class KnownGuardianForm(ContactForm):
    """Somebody who is in Cairn already."""

    person = forms.ModelChoiceField(User.objects.none(), to_field_name="uuid", widget=forms.HiddenInput)

    def __init__(self, *args: Any, candidates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "person", candidates)


class NewGuardianForm(ContactForm):
    given_name = forms.CharField(label=gettext_lazy("Given name"), max_length=200)
    family_name = forms.CharField(label=gettext_lazy("Family name"), max_length=200)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)

    field_order = ("given_name", "family_name", "email", "relationship", "household")


class HouseholdForm(forms.Form):
    label = forms.CharField(
        label=gettext_lazy("What the office calls this home"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Such as “Mother’s home”. Families and teachers never see it."),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of letters"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "language", [("", _("as the school writes")), *settings.LANGUAGES])


class StudentsForm(forms.Form):
    """Students among ``students``, by their identifiers."""

    students = forms.ModelMultipleChoiceField(Student.objects.none(), to_field_name="uuid")

    def __init__(self, *args: Any, students: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "students", students)


class ChoiceForm(forms.Form):
    """For whom letters are made."""

    group = forms.ModelChoiceField(
        Group.objects.none(),
        label=gettext_lazy("Group"),
        required=False,
        to_field_name="uuid",
        empty_label=gettext_lazy("the whole school"),
    )
    grade = forms.ChoiceField(label=gettext_lazy("Grade"), required=False)
    everybody = forms.BooleanField(
        label=gettext_lazy("Also children with a guardian who signs in already"), required=False
    )

    def __init__(self, *args: Any, groups: Any, grades: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "group", groups)
        words = [(grade, grade_label(grade)) for grade in grades]
        offer_choices(self, "grade", [("", _("every grade")), *words])

    @property
    def choice(self) -> Choice:
        data = self.cleaned_data
        return Choice(data.get("group"), data.get("grade") or "", not data.get("everybody"))


class CodeLifeForm(forms.Form):
    """How a code is made."""

    places = forms.IntegerField(
        label=gettext_lazy("How many adults may use one code"), min_value=1, max_value=6, initial=2
    )
    days = forms.IntegerField(
        label=gettext_lazy("For how many days a code is good"), min_value=1, max_value=180, initial=60
    )


class LetterForm(CodeLifeForm, ChoiceForm):
    is_together = forms.BooleanField(
        label=gettext_lazy("One letter for brothers and sisters who have all their guardians in common"),
        required=False,
        initial=True,
    )
    has_known = forms.BooleanField(
        label=gettext_lazy("Let the guardians you know take their place in Cairn with the code"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "Whoever uses the code may then say that they are one of them, and is shown the first letter of the given "
            "name and the family name. Leave it out where a letter may reach somebody else."
        ),
    )


# Joining


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("The code of your letter"),
        max_length=CODE_MOST,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "code"}
        ),
        help_text=gettext_lazy("Capital letters, spaces and dashes do not matter."),
        error_messages={"required": gettext_lazy("Type the code first.")},
    )


class ConfirmForm(forms.Form):
    relationship = RelationshipField(
        label=gettext_lazy("I am their …"),
        required=True,
        error_messages={"required": gettext_lazy("Say what you are to the children.")},
    )


class AccountForm(ConfirmForm):
    """A new sign-in, for somebody new or one of ``known``, the guardians of the home who have none yet.

    Who is known has a name, and from a roster a sign-in name: what they type there is passed over.
    """

    use_required_attribute = False

    person = forms.ChoiceField(label=gettext_lazy("Who are you?"), widget=forms.RadioSelect, initial=NEW)
    given_name = forms.CharField(
        label=gettext_lazy("Given name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    family_name = forms.CharField(
        label=gettext_lazy("Family name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    username = forms.CharField(
        label=gettext_lazy("A name to sign in with"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        help_text=gettext_lazy("Your e-mail address, or any name you will remember."),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 10 characters. Three or four words in a row are good."),
    )
    language = forms.ChoiceField(label=gettext_lazy("Your language"), choices=settings.LANGUAGES)

    field_order = (
        "person",
        "given_name",
        "family_name",
        "relationship",
        "username",
        "password",
        "language",
    )

    def __init__(self, *args: Any, known: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(user.uuid): user for user in known}
        somebody: Any = self.fields["person"]
        somebody.choices = [(key, short_name(user)) for key, user in self.known.items()] + [(NEW, _("somebody else"))]
        if not self.known:
            del self.fields["person"]
        for name in self._given():
            self.fields[name].required = False

    @property
    def guardian(self) -> User | None:
        return self.known.get(self.data.get("person", NEW))

    def _given(self) -> list[str]:
        """What need not be said."""
        if self.guardian is None:
            return []
        return ["given_name", "family_name", "username"] if self.guardian.source_id else ["given_name", "family_name"]

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"].strip()
        if "@" in username:
            validate_email(username)
        if username.startswith("~"):
            raise ValidationError(_("Begin the name with a letter."))
        return username

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "password" in data:
            self._check_password(data)
        return data

    def _check_password(self, data: dict[str, Any]) -> None:
        names = {name: data.get(name, "") for name in ("username", "given_name", "family_name")}
        try:
            validate_password(data["password"], self.guardian or User(**names))
        except ValidationError as error:
            self.add_error("password", error)


def short_name(user: User) -> str:
    """What somebody who holds the code of a home may read of its guardians: "L. Diallo"."""
    return f"{user.given_name[:1]}. {user.family_name}".strip()
