"""Those who write a curriculum: what is being written, what the staff said of it, what is still to be said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.enums import FrameworkStatus, RevisionStatus
from curriculum.models import Comment, Framework, FrameworkAdoption, GuideLevel, Revision, Target
from lpm.people.models import Organization, User
from lpm.people.policy import Action


@dataclass(frozen=True)
class Gaps:
    targets: int = 0
    without_i_can: int = 0
    without_guide: int = 0


@dataclass(frozen=True)
class Work:
    """A framework; ``revision`` is the open one. ``may_publish``: it is for the person to publish and to adopt it."""

    framework: Framework
    revision: Revision | None
    comments: int
    users: int
    gaps: Gaps
    may_publish: bool

    @property
    def is_draft(self) -> bool:
        return self.framework.status == FrameworkStatus.DRAFT

    @property
    def is_scheduled(self) -> bool:
        return self.revision is not None and self.revision.status == RevisionStatus.SCHEDULED

    @property
    def has_gaps(self) -> bool:
        return bool(self.comments or self.revision or self.gaps.without_i_can or self.gaps.without_guide)

    @property
    def next_step(self) -> tuple[str, str] | None:
        """What to do first: words, and where. None when nothing waits."""
        of = {"framework": self.framework.uuid}
        if self.comments:
            return _("Answer what was said"), reverse("curriculum:comment-desk", kwargs=of)
        if self.is_draft and (self.gaps.without_i_can or self.gaps.without_guide or not self.gaps.targets):
            return _("Go on writing"), reverse("curriculum:framework-write", kwargs=of)
        if self.is_draft:
            return (_("Publish it"), reverse("curriculum:framework-publish", kwargs=of)) if self.may_publish else None
        if self.revision is not None:
            return _("Open the revision"), reverse("curriculum:revision-show", kwargs={"revision": self.revision.uuid})
        if not self.users and self.may_publish:
            return _("Say who uses it"), reverse("curriculum:adoption-choose")
        return None


@dataclass(frozen=True)
class Writing:
    """What waits comes first, then by title. ``used`` are frameworks that somebody else writes, where the person says
    what is used."""

    works: Sequence[Work]
    used: Sequence[Framework] = ()

    def __bool__(self) -> bool:
        return bool(self.works or self.used)

    @property
    def sentence(self) -> str:
        comments = sum(work.comments for work in self.works)
        if comments:
            return ngettext(
                "%(n)s comment on what you write waits for an answer.",
                "%(n)s comments on what you write wait for an answer.",
                comments,
            ) % {"n": comments}
        if any(work.is_draft for work in self.works):
            return _("A draft is not published yet.")
        if any(work.revision for work in self.works):
            return _("A revision is open. Until it is published, everybody learns by what was before.")
        if not self.works:
            return _("What is used here is written by others. You can say something about it to them.")
        return _("Nothing waits: what you write is published, and nobody asks anything.")


def read_writing(user: User, day: date) -> Writing:
    """In 5 queries, in 1 where somebody writes nothing; in 1 more for whoever says what is used somewhere."""
    published = Framework.objects.visible_to(user, Action.PUBLISH_CURRICULUM, day)
    rows: Any = Framework.objects.visible_to(user, Action.WRITE_CURRICULUM, day).exclude(status=FrameworkStatus.RETIRED)
    rows = rows.select_related("owner").annotate(may_publish=Exists(published.filter(pk=OuterRef("pk"))))
    frameworks = list(rows.by_title())
    used = _read_used(user, day, {framework.pk for framework in frameworks})
    if not frameworks:
        return Writing([], used)
    revisions = {row.framework_id: row for row in Revision.objects.open().filter(framework__in=frameworks)}
    said = Comment.objects.filter(framework__in=frameworks, answers__isnull=True, settled_at__isnull=True)
    comments = dict(said.order_by().values_list("framework").annotate(Count("pk")))
    using = FrameworkAdoption.objects.filter(framework__in=frameworks, ended_on__isnull=True)
    users = dict(using.order_by().values_list("framework").annotate(Count("pk")))
    gaps = _read_gaps([framework.pk for framework in frameworks])
    works = [
        Work(
            framework,
            revisions.get(framework.pk),
            comments.get(framework.pk, 0),
            users.get(framework.pk, 0),
            gaps.get(framework.pk, Gaps()),
            framework.may_publish,
        )
        for framework in frameworks
    ]
    return Writing(sorted(works, key=lambda work: work.next_step is None), used)


def _read_used(user: User, day: date, written: Collection[int]) -> list[Framework]:
    """By title: what is in use where the person says what is; nothing of whoever does not."""
    places = Organization.objects.visible_to(user, Action.ADOPT_CURRICULUM, day)
    using = FrameworkAdoption.objects.filter(ended_on__isnull=True, organization__below__descendant__in=places)
    rows = Framework.objects.filter(pk__in=using.values("framework")).exclude(pk__in=written)
    rows = rows.exclude(status__in=[FrameworkStatus.DRAFT, FrameworkStatus.RETIRED])
    return list(rows.select_related("owner").by_title())


def _read_gaps(frameworks: Sequence[int]) -> dict[int, Gaps]:
    """Of each framework: whole targets in use, those without an "I can" sentence, those without a scoring guide."""
    own, of_topic = GuideLevel.objects.filter(target=OuterRef("pk")), GuideLevel.objects.filter(topic=OuterRef("topic"))
    has_guide = ExpressionWrapper(Q(Exists(own)) | Q(Exists(of_topic)), BooleanField())
    targets = Target.objects.current().filter(topic__area__framework__in=frameworks).annotate(has_guide=has_guide)
    rows: Any = (
        targets.order_by()
        .values_list("topic__area__framework")
        .annotate(
            targets=Count("pk"),
            without_i_can=Count("pk", filter=Q(i_can="")),
            without_guide=Count("pk", filter=Q(has_guide=False)),
        )
    )
    return {framework: Gaps(*counts) for framework, *counts in rows}
