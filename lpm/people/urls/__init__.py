"""Addresses of people, the places they belong to, and how they come in; a module for each part."""

from lpm.people.urls import groups, guardians, organizations, privacy, roster, sign_in, staff, students, tokens, year

app_name = "people"

urlpatterns = [
    *organizations.urlpatterns,
    *staff.urlpatterns,
    *students.urlpatterns,
    *groups.urlpatterns,
    *guardians.urlpatterns,
    *sign_in.urlpatterns,
    *roster.urlpatterns,
    *year.urlpatterns,
    *privacy.urlpatterns,
    *tokens.urlpatterns,
]
