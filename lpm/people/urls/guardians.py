from django.urls import URLPattern, path

from lpm.people.views import guardians, invitations, join

urlpatterns: list[URLPattern] = [
    path("students/<uuid:student>/contacts/", guardians.contacts_show, name="student-contacts"),
    path("students/<uuid:student>/contacts/add", guardians.guardian_add, name="guardian-add"),
    path("guardianships/<uuid:guardianship>/", guardians.guardianship_change, name="guardianship-change"),
    path("guardianships/<uuid:guardianship>/restrict", guardians.guardianship_restrict, name="guardianship-restrict"),
    path("guardianships/<uuid:guardianship>/write", guardians.guardianship_write, name="guardianship-write"),
    path("students/<uuid:student>/homes/add", guardians.household_add, name="household-add"),
    path("homes/<uuid:household>/", guardians.household_show, name="household-show"),
    path("homes/<uuid:household>/change", guardians.household_change, name="household-change"),
    path("homes/<uuid:household>/join", guardians.household_join, name="household-join"),
    path("homes/<uuid:household>/leave", guardians.household_leave, name="household-leave"),
    path("homes/<uuid:household>/invite", invitations.household_invite, name="household-invite"),
    path("homes/<uuid:household>/revoke", invitations.invitation_revoke, name="invitation-revoke"),
    path("schools/<uuid:school>/homes/", guardians.household_guess, name="household-guess"),
    path("schools/<uuid:school>/letters/", invitations.invitation_choose, name="invitation-choose"),
    path("schools/<uuid:school>/letters/make", invitations.invitation_make, name="invitation-make"),
    path("join", join.join, name="join"),
    path("join/account", join.join_account, name="join-account"),
    path("join/confirm", join.join_confirm, name="join-confirm"),
]
