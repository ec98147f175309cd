"""The audit, in words: who did what in a district."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lpm.audit.models import Entry
from lpm.lib.dates import end_of_day
from lpm.lib.text import sort_key
from lpm.people.models import Organization, User

ENTRIES_ON_A_PAGE = 50

# What each kind of entry says somebody did. One that is not here is shown by its code.
SENTENCES: dict[str, str | Promise] = {
    "people.sign_in": gettext_lazy("signed in"),
    "people.sign_in_by_badge": gettext_lazy("signed in with a badge"),
    "people.sign_out": gettext_lazy("signed out"),
    "people.sign_in_failed": gettext_lazy("tried to sign in, and failed"),
    "people.end_sessions": gettext_lazy("ended somebody’s sign-ins"),
    "people.create_user": gettext_lazy("added a person"),
    "people.add_staff": gettext_lazy("added somebody to the staff"),
    "people.change_staff": gettext_lazy("changed somebody of the staff"),
    "people.change_user": gettext_lazy("changed an account"),
    "people.close_account": gettext_lazy("closed an account"),
    "people.reopen_account": gettext_lazy("opened an account again"),
    "people.hand_over_staff": gettext_lazy("handed over what somebody who leaves had"),
    "people.grant_role": gettext_lazy("gave a role"),
    "people.end_role": gettext_lazy("took back a role"),
    "people.create_organization": gettext_lazy("made an organization"),
    "people.change_organization": gettext_lazy("changed an organization"),
    "people.change_settings": gettext_lazy("changed settings"),
    "people.add_school_year": gettext_lazy("added a school year"),
    "people.change_school_year": gettext_lazy("changed a school year"),
    "people.add_term": gettext_lazy("added a term"),
    "people.change_term": gettext_lazy("changed a term"),
    "people.add_closures": gettext_lazy("added days without school"),
    "people.change_closure": gettext_lazy("changed days without school"),
    "people.remove_closure": gettext_lazy("removed days without school"),
    "people.roll_over": gettext_lazy("began the next school year"),
    "people.add_student": gettext_lazy("added a student"),
    "people.change_student": gettext_lazy("changed a student"),
    "people.change_demographics": gettext_lazy("changed what a student is counted by"),
    "people.change_names": gettext_lazy("changed what a student is called"),
    "people.choose_pages": gettext_lazy("said which pages a student has"),
    "people.give_sign_in": gettext_lazy("gave a student a sign-in"),
    "people.take_sign_in": gettext_lazy("took back a student’s sign-in"),
    "people.merge_students": gettext_lazy("put two records of one student together"),
    "people.unmerge_students": gettext_lazy("took two records apart again"),
    "people.transfer_student": gettext_lazy("moved a student to another school"),
    "people.release_student": gettext_lazy("let a student go"),
    "people.take_in_student": gettext_lazy("took in a student"),
    "people.create_group": gettext_lazy("made a group"),
    "people.change_group": gettext_lazy("changed a group"),
    "people.enroll_students": gettext_lazy("put students into a group"),
    "people.change_enrollment": gettext_lazy("changed a place in a group"),
    "people.receive_class_list": gettext_lazy("pasted a class list"),
    "people.assign_substitute": gettext_lazy("named a substitute"),
    "people.withdraw_substitute": gettext_lazy("took back a substitute"),
    "people.add_caseload": gettext_lazy("put a student on a caseload"),
    "people.end_caseload": gettext_lazy("took a student off a caseload"),
    "people.add_guardian": gettext_lazy("added a guardian"),
    "people.change_guardian": gettext_lazy("changed a guardian"),
    "people.restrict_contact": gettext_lazy("restricted a guardian’s contact"),
    "people.lift_restriction": gettext_lazy("lifted a restriction of contact"),
    "people.let_guardian_write": gettext_lazy("let a guardian without contact write to teachers"),
    "people.end_guardian_writing": gettext_lazy("ended that a guardian without contact writes to teachers"),
    "people.make_household": gettext_lazy("made a home"),
    "people.change_household": gettext_lazy("changed a home"),
    "people.add_to_household": gettext_lazy("added somebody to a home"),
    "people.remove_from_household": gettext_lazy("took somebody out of a home"),
    "people.make_invitation": gettext_lazy("made a letter of invitation"),
    "people.make_invitations": gettext_lazy("made letters of invitation"),
    "people.revoke_invitations": gettext_lazy("revoked letters of invitation"),
    "people.join_household": gettext_lazy("joined by a letter"),
    "people.join_failed": gettext_lazy("tried to join, and failed"),
    "people.join_alarm": gettext_lazy("had too many wrong codes of letters tried"),
    "people.make_badges": gettext_lazy("made badges"),
    "people.revoke_badges": gettext_lazy("revoked badges"),
    "people.make_start_letters": gettext_lazy("made start letters"),
    "people.use_start_letter": gettext_lazy("set a password by a start letter"),
    "people.make_token": gettext_lazy("made a token for a program"),
    "people.revoke_token": gettext_lazy("revoked the token of a program"),
    "people.use_token": gettext_lazy("had a program come in with a token"),
    "people.remove_second_step": gettext_lazy("removed somebody’s second step"),
    "people.import_roster": gettext_lazy("brought in people and classes"),
    "people.export_roster": gettext_lazy("took out people and classes"),
    "people.allow_guardians": gettext_lazy("said which guardians go on seeing the record"),
    "people.export_person": gettext_lazy("took out everything about a person"),
    "people.erase_person": gettext_lazy("erased a person"),
    "people.make_operator": gettext_lazy("made somebody an operator"),
    "people.end_operator": gettext_lazy("ended somebody’s being an operator"),
    "people.open_operator_session": gettext_lazy("opened an operator’s session"),
    "people.end_operator_session": gettext_lazy("ended an operator’s session early"),
    "imports.uploaded": gettext_lazy("sent a file to bring in"),
    "imports.mapped": gettext_lazy("said what the items of a file become"),
    "imports.confirmed": gettext_lazy("had a file applied"),
    "curriculum.create_scale": gettext_lazy("made a scale"),
    "curriculum.adopt": gettext_lazy("decided to use a curriculum"),
    "curriculum.end_adoption": gettext_lazy("decided to use a curriculum no more"),
    "curriculum.say_in_own_words": gettext_lazy("said a target in words of a school or class"),
    "curriculum.end_own_words": gettext_lazy("put away the words of a school or class"),
    "curriculum.translate": gettext_lazy("translated a part of a curriculum"),
    "curriculum.comment": gettext_lazy("commented on a curriculum"),
    "curriculum.answer_comment": gettext_lazy("answered a comment on a curriculum"),
    "curriculum.settle_comment": gettext_lazy("settled a comment on a curriculum"),
    "curriculum.bring_in": gettext_lazy("brought in a curriculum"),
    "curriculum.map": gettext_lazy("said what the items of a package become"),
    "curriculum.end_writer": gettext_lazy("ended somebody’s writing on a curriculum"),
    "curriculum.name_writer": gettext_lazy("named somebody to write on a curriculum"),
    "curriculum.open": gettext_lazy("opened a curriculum to the world"),
    "curriculum.close": gettext_lazy("closed a curriculum to the world"),
    "curriculum.publish": gettext_lazy("published a curriculum"),
    "curriculum.edit": gettext_lazy("wrote on a curriculum"),
    "curriculum.create": gettext_lazy("began a curriculum"),
    "mastery.create_view": gettext_lazy("kept a view of the grid"),
    "mastery.change_view": gettext_lazy("changed a view of the grid"),
    "mastery.delete_view": gettext_lazy("removed a view of the grid"),
    "mastery.translate_words": gettext_lazy("translated what was written about a student"),
    "mastery.note_absences": gettext_lazy("noted who was absent"),
    "mastery.ask_to_show": gettext_lazy("asked to show something"),
    "mastery.withdraw_request": gettext_lazy("took back a request to show something"),
    "mastery.answer_request": gettext_lazy("answered a request to show something"),
    "mastery.return_request": gettext_lazy("said what comes before showing something"),
    "mastery.plan_session": gettext_lazy("planned a showing session"),
    "mastery.seat_requests": gettext_lazy("put students into a showing session"),
    "mastery.unseat_request": gettext_lazy("took a student out of a showing session"),
    "mastery.cancel_session": gettext_lazy("cancelled a showing session"),
    "mastery.make_seminar": gettext_lazy("made a seminar"),
    "mastery.change_seminar": gettext_lazy("changed a seminar"),
    "mastery.cancel_seminar": gettext_lazy("cancelled a seminar"),
    "mastery.join_seminar": gettext_lazy("joined a seminar"),
    "mastery.leave_seminar": gettext_lazy("left a seminar"),
    "mastery.pause_strand": gettext_lazy("had habits or reasoning not recorded for a student"),
    "mastery.resume_strand": gettext_lazy("had habits or reasoning recorded again for a student"),
    "mastery.choose_method": gettext_lazy("had counted what another method of making levels would change"),
    "mastery.choose_scale": gettext_lazy("had counted what another scale would change"),
    "mastery.apply_change": gettext_lazy("decided how levels are made"),
    "mastery.drop_change": gettext_lazy("left levels made as they were"),
    "mastery.retry_change": gettext_lazy("had a change of levels done again"),
    "mastery.change_settings": gettext_lazy("changed settings of levels"),
    "mastery.export_progress": gettext_lazy("took out counts of how students are doing"),
    "curriculum.move_to_scale": gettext_lazy("moved a curriculum to another scale"),
    "threads.begin": gettext_lazy("wrote to somebody about a student for the first time"),
    "threads.send": gettext_lazy("sent a message about a student"),
    "threads.translate": gettext_lazy("put a message into another language"),
    "letters.queue": gettext_lazy("had the weekly letters to families written"),
}


@dataclass(frozen=True)
class Deed:
    """Something somebody did. ``name`` is "" for what came from the shell, or from somebody who was erased."""

    at: datetime
    name: str
    action: str
    said: str
    subject: str


def action_title(action: str) -> str:
    return str(SENTENCES.get(action, action))


def kinds_of(organization: Organization) -> list[tuple[str, str]]:
    """The kinds of entries to choose from: those that have words, in the order of these."""
    return sorted(((action, str(said)) for action, said in SENTENCES.items()), key=lambda kind: kind[1])


def entries_of(organization: Organization, zone: str, wanted: dict[str, Any]) -> QuerySet[Entry]:
    """The entries of the district, as the filters say: since, until (days), person (a part of the name), kind."""
    entries = Entry.objects.filter(district_id=organization.pk).select_related("actor")
    if since := wanted.get("since"):
        entries = entries.filter(at__gte=end_of_day(since - timedelta(days=1), zone))
    if until := wanted.get("until"):
        entries = entries.filter(at__lt=end_of_day(until, zone))
    if kind := wanted.get("kind"):
        entries = entries.filter(action=kind)
    if person := wanted.get("person"):
        entries = entries.filter(actor__in=_named(person))
    return entries.order_by("-at", "-pk")


def _named(text: str) -> QuerySet[User]:
    people = User.objects.all()
    for word in text.split():
        people = people.filter(sort_key__contains=sort_key(word))
    return people


def read_deeds(entries: QuerySet[Entry], number: str | int) -> tuple[list[Deed], Page[Any]]:
    """In 2 queries."""
    page = Paginator(entries, ENTRIES_ON_A_PAGE).get_page(number)
    return [_deed(entry) for entry in page.object_list], page


def _deed(entry: Entry) -> Deed:
    return Deed(
        at=entry.at,
        name=entry.actor.name if entry.actor else _("The system"),
        action=entry.action,
        said=action_title(entry.action),
        subject=str(entry.subject_uuid or ""),
    )
