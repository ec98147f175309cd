"""The words of a school, of a class, and of another language, beside the district's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import ContentArea, Framework, GuideLevel, Target, Topic, Translation, Wording
from curriculum.services.edits import check_may_write
from lpm.audit.services import record_entry
from lpm.people.models import Group, Organization, User
from lpm.people.policy import Action
from lpm.people.services import district_id_of

BATCH = 500
Translated = ContentArea | Topic | Target | GuideLevel
OWNERS: dict[type[Translated], str] = {
    ContentArea: "area",
    Topic: "topic",
    Target: "target",
    GuideLevel: "guide_level",
}
TEXTS = ("title", "text", "i_can")


class WordsRefused(Exception):
    """Nothing was written. The text is a sentence for the person."""


@transaction.atomic
def say_in_words_of_school(
    *, target: Target, organization: Organization, i_can: str, language: str, actor: User | None, day: date
) -> Wording:
    """From now on the organization says the target's "I can" sentence this way; its wording before is ended.

    The same words again change nothing. Raises WordsRefused, PermissionDenied.
    """
    _check_may_adapt(organization, actor, day)
    if target.topic.area.framework.owner_id == organization.pk:
        raise WordsRefused(_("This curriculum is your own. Change the sentence itself, in the curriculum."))
    return _say(target, organization, None, (i_can, language), actor)


@transaction.atomic
def say_in_words_of_class(
    *, target: Target, group: Group, i_can: str, language: str, actor: User | None, day: date
) -> Wording:
    """From now on the class says the target's "I can" sentence this way; its wording before is ended.

    The same words again change nothing. Raises WordsRefused, PermissionDenied.
    """
    _check_may_unpack(group, actor, day)
    return _say(target, group.school, group, (i_can, language), actor)


@transaction.atomic
def end_words_of_school(*, target: Target, organization: Organization, actor: User | None, day: date) -> None:
    """The district's words are said again. Raises WordsRefused, PermissionDenied."""
    _check_may_adapt(organization, actor, day)
    _take_back(target, organization, None, actor)


@transaction.atomic
def end_words_of_class(*, target: Target, group: Group, actor: User | None, day: date) -> None:
    """The school's or the district's words are said again. Raises WordsRefused, PermissionDenied."""
    _check_may_unpack(group, actor, day)
    _take_back(target, group.school, group, actor)


def _check_may_adapt(organization: Organization, actor: User | None, day: date) -> None:
    if actor is None:
        return
    allowed = Organization.objects.visible_to(actor, Action.ADAPT_CURRICULUM, day)
    if not allowed.filter(pk=organization.pk).exists():
        raise PermissionDenied(_("You may not choose the words of this school."))


def _check_may_unpack(group: Group, actor: User | None, day: date) -> None:
    if actor is None:
        return
    if not Group.objects.visible_to(actor, Action.UNPACK_TARGET, day).filter(pk=group.pk).exists():
        raise PermissionDenied(_("You may not choose the words of this class."))


def _say(
    target: Target, organization: Organization, group: Group | None, said: tuple[str, str], actor: User | None
) -> Wording:
    """``said`` is the sentence and its language."""
    i_can, language = said[0].strip(), said[1]
    if not i_can:
        raise WordsRefused(_("Write the sentence first."))
    if not Framework.objects.used_by(organization.pk).filter(areas__topics=target.topic_id).exists():
        raise WordsRefused(_("This curriculum is not used here."))
    now = timezone.now()
    before = _lock(target, organization, group)
    if before and (before.i_can, before.language) == (i_can, language):
        return before
    if before:
        _end(before, now)
    words = {"i_can": i_can, "language": language, "written_by": actor, "written_at": now}
    wording = Wording.objects.create(target=target, organization=organization, group=group, **words)
    _tell(wording, actor, "curriculum.say_in_own_words")
    return wording


def _take_back(target: Target, organization: Organization, group: Group | None, actor: User | None) -> None:
    wording = _lock(target, organization, group)
    if wording is None:
        raise WordsRefused(_("There are no words of your own on this target any more."))
    _end(wording, timezone.now())
    _tell(wording, actor, "curriculum.end_own_words")


def _lock(target: Target, organization: Organization, group: Group | None) -> Wording | None:
    """The wording in force. Whoever writes on the same target waits until this one is done."""
    Target.objects.select_for_update(no_key=True, of=("self",)).get(pk=target.pk)
    return Wording.objects.in_force().filter(target=target, organization=organization, group=group).first()


def _end(wording: Wording, now: datetime) -> None:
    wording.ended_at = now
    wording.save(update_fields=["ended_at"])


def _tell(wording: Wording, actor: User | None, action: str) -> None:
    of_group = {"group": str(wording.group.uuid)} if wording.group else {}
    record_entry(
        actor_id=actor.pk if actor else None,
        action=action,
        subject_uuid=wording.target.uuid,
        district_id=district_id_of(wording.organization),
        organization=str(wording.organization.uuid),
        **of_group,
    )


@dataclass(frozen=True)
class TranslatedRow:
    """``texts`` maps ``title``, ``text`` and ``i_can`` to words in the other language; "" where there are none."""

    of: Translated
    texts: Mapping[str, str]


@transaction.atomic
def save_translations(
    *,
    framework: Framework,
    language: str,
    rows: Sequence[TranslatedRow],
    actor: User | None,
    day: date,
    is_looked_through: bool = False,
) -> int:
    """Write down what is new in ``rows``, all of them of ``framework``; returns how many were written or taken away.

    A row without any words is taken away. One that says the same as before stays as it was written, unless somebody
    looked it through: then it counts as written now. Raises PermissionDenied.
    """
    check_may_write(framework=framework, actor=actor, day=day)
    Framework.objects.select_for_update(no_key=True, of=("self",)).get(pk=framework.pk)
    stored = _stored(rows, language)
    add, change, remove = [], [], []
    for row in rows:
        texts = {name: row.texts.get(name, "").strip() for name in TEXTS}
        written = stored.get((type(row.of), row.of.pk))
        is_same = bool(written) and all(getattr(written, name) == words for name, words in texts.items())
        if not any(texts.values()):
            remove += [written.pk] if written else []
        elif written is None:
            of = {OWNERS[type(row.of)]: row.of}
            add.append(Translation(**of, language=language, written_by=actor, **texts))
        elif is_looked_through or not is_same:
            change.append(_rewritten(written, texts, actor))
    Translation.objects.filter(pk__in=remove).delete()
    Translation.objects.bulk_create(add, batch_size=BATCH)
    Translation.objects.bulk_update(change, [*TEXTS, "written_by", "written_at"], batch_size=BATCH)
    counts = {"added": len(add), "changed": len(change), "removed": len(remove)}
    if sum(counts.values()):
        record_entry(
            actor_id=actor.pk if actor else None,
            action="curriculum.translate",
            subject_uuid=framework.uuid,
            district_id=district_id_of(framework.owner),
            language=language,
            **counts,
        )
    return sum(counts.values())


def _stored(rows: Sequence[TranslatedRow], language: str) -> dict[tuple[type[Translated], int], Translation]:
    found: dict[tuple[type[Translated], int], Translation] = {}
    for model, name in OWNERS.items():
        pks = [row.of.pk for row in rows if isinstance(row.of, model)]
        if pks:
            written = Translation.objects.filter(**{f"{name}__in": pks}, language=language)
            found |= {(model, getattr(one, f"{name}_id")): one for one in written}
    return found


def _rewritten(written: Translation, texts: Mapping[str, str], actor: User | None) -> Translation:
    for name, words in texts.items():
        setattr(written, name, words)
    written.written_by, written.written_at = actor, timezone.now()
    return written
