"""orgs.csv: who sends the roster, and which organizations it is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NoReturn

from django.utils.translation import gettext as _

from lpm.lib.imports import Counts, ImportRefused, Problem
from lpm.people.enums import OrganizationKind
from lpm.people.imports.context import Context
from lpm.people.imports.roster import Org, Roster
from lpm.people.models import Organization, RosterSource, User
from lpm.people.services import (
    PARENT_KINDS,
    create_organization,
    place_organizations,
    receive_roster,
    write_rows,
)

LEVELS = (OrganizationKind.DISTRICT, OrganizationKind.SCHOOL, OrganizationKind.TEAM)


def find_source(
    *, roster: Roster, organization: Organization | None, actor: User | None, counts: Counts
) -> RosterSource:
    """The source of a roster for ``organization``.

    When no organization is named: the source of this name whose organizations the roster holds already; or a new
    one, for a new district. Two districts may well use the same sourcedIds, so the names of the topmost
    organizations must agree too; when in doubt a person has to say. Raises ImportRefused.
    """
    if organization is None:
        source = _known_source(roster)
        organization = source.organization if source else _new_district(roster, actor, counts)
    return receive_roster(organization=organization, name=roster.system_name)


def place_organizations_of(context: Context) -> None:
    """Find or make every organization of the roster; fills ``context.places``.

    An organization that cannot stand where it should is left out of the bundle.
    """
    orgs, known = context.roster.orgs, context.known.organizations
    context.places.update({key: row for key, row in known.items() if key not in orgs})
    parents = kept_parents(orgs, context.places)
    _take_host(context, parents)
    for level in LEVELS:
        keys = [key for key, org in orgs.items() if org.kind == level and key not in context.places]
        _place_level(context, {key: parents[key] for key in keys}, known)
    for key, org in orgs.items():
        if org.kind is None:
            context.places[key] = context.places.get(parents[key], context.organization)


def kept_parents(orgs: Mapping[str, Org], known: Collection[str] = ()) -> dict[str, str]:
    """For each organization, the nearest one above it that is kept; "" when there is none."""
    parents = {}
    for key, org in orgs.items():
        at = org.parent
        while at in orgs and orgs[at].kind is None:
            at = orgs[at].parent
        parents[key] = at if at in orgs or at in known else ""
    return parents


def _tops(roster: Roster) -> dict[str, Org]:
    parents = kept_parents(roster.orgs)
    return {key: org for key, org in roster.orgs.items() if org.kind and not parents[key]}


# Who sends it


def _known_source(roster: Roster) -> RosterSource | None:
    tops = _tops(roster)
    rows = Organization.objects.filter(source__name=roster.system_name, sourced_id__in=tops.keys())
    known = list(rows.select_related("source__organization"))
    same = {row.source for row in known if row.name.casefold() == tops[row.sourced_id].name.casefold()}
    if known and len(same) != 1:
        _stop(
            "which_organization",
            _("It is not clear whose roster this is. Say with --org for which organization."),
        )
    return same.pop() if same else None


def _new_district(roster: Roster, actor: User | None, counts: Counts) -> Organization:
    tops = _tops(roster)
    districts = [org.name for org in tops.values() if org.kind == OrganizationKind.DISTRICT]
    schools = [org.name for org in tops.values() if org.kind == OrganizationKind.SCHOOL]
    if len(districts) > 1:
        _stop("which_organization", _("There is more than one district. Say with --org for which consortium."))
    if not districts and not schools:
        _stop(
            "no_school",
            _("There is no district or school at the top. Say with --org where the rest belongs."),
        )
    name = [*districts, *schools][0]
    if Organization.objects.filter(kind=OrganizationKind.DISTRICT, name__iexact=name).exists():
        _stop(
            "district_exists",
            _("A district of this name is here already. Say with --org whether it is meant."),
        )
    counts.add += 1
    return create_organization(kind=OrganizationKind.DISTRICT, name=name, parent=None, actor=actor)


def _stop(code: str, sentence: str) -> NoReturn:
    raise ImportRefused(Problem(code, sentence, file="orgs.csv"))


# Where each belongs


def _take_host(context: Context, parents: Mapping[str, str]) -> None:
    """The roster's topmost organization of the kind of the one that receives it is that one. It keeps its name."""
    host = context.organization
    keys = [key for key, org in context.roster.orgs.items() if org.kind == host.kind and not parents[key]]
    for key in keys[1:]:
        sentence = _("It stands beside another one, but the roster is for a single {kind}.")
        context.leave_out("orgs", key, "host_twice", sentence.format(kind=host.get_kind_display()), "type")
    if not keys:
        return
    context.places.update(dict.fromkeys(keys, host))
    counts = context.report.count("organizations")
    ours = {"source_id": context.source.pk, "sourced_id": keys[0]}
    write_rows(
        model=Organization,
        source=context.source,
        found={keys[0]: host},
        wanted={keys[0]: ours if host.source_id is None else {}},
        counts=Counts() if counts.add else counts,  # made a moment ago, and counted
    )


def _place_level(context: Context, parents: Mapping[str, str], found: Mapping[str, Organization]) -> None:
    """Organizations of one kind, below those of larger kinds, which have their places. ``parents`` as kept."""
    fitting = {key: _parent(context, above) for key, above in parents.items() if _fits(context, key, above)}
    new = {key: _new(context, key, parent) for key, parent in fitting.items() if key not in found}
    place_organizations(organizations=list(new.values()))
    counts = context.report.count("organizations")
    counts.add += len(new)
    known = {key: found[key] for key in fitting if key in found}
    wanted = {key: {"name": context.roster.orgs[key].name} for key in known}
    write_rows(model=Organization, source=context.source, found=known, wanted=wanted, counts=counts)
    for key, row in known.items():
        if (row.kind, row.parent_id) != (context.roster.orgs[key].kind, fitting[key].pk):
            sentence = _("It now stands elsewhere, or is of another kind; it was left where it is.")
            context.warn("orgs", "organization_moved", sentence, context.roster.orgs[key].line)
    context.places.update({**known, **new})


def _parent(context: Context, above: str) -> Organization:
    return context.places.get(above, context.organization)


def _fits(context: Context, key: str, above: str) -> bool:
    """Whether it may stand there. Where not, it stands for what is above it, and ``notes`` say so."""
    org, parent = context.roster.orgs[key], _parent(context, above)
    kind = context.roster.orgs[above].kind if above and above not in context.places else parent.kind
    if org.kind and kind == PARENT_KINDS[org.kind]:
        return True
    context.places[key] = parent
    if org.kind == OrganizationKind.TEAM:
        sentence = _("The department belongs to no school and was not brought in.")
        context.warn("orgs", "team_not_kept", sentence, org.line, "parentSourcedId")
    else:
        words = {"kind": _label(org.kind), "parent": _label(kind)}
        sentence = _("A {kind} cannot belong to a {parent}.").format(**words)
        context.leave_out("orgs", key, "wrong_parent", sentence, "parentSourcedId")
    return False


def _label(kind: str | None) -> str:
    return str(OrganizationKind(kind).label) if kind else ""


def _new(context: Context, key: str, parent: Organization) -> Organization:
    org = context.roster.orgs[key]
    assert org.kind
    return Organization(kind=org.kind, name=org.name, parent=parent, source=context.source, sourced_id=key)
