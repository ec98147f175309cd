from django.urls import URLPattern, path

from lpm.people.views import organizations as views
from lpm.people.views.parts import parts_change
from lpm.people.views.settings import settings_change

ONE = "organizations/<uuid:organization>"

urlpatterns: list[URLPattern] = [
    path("organizations/", views.organization_list, name="organization-list"),
    path(f"{ONE}/", views.organization_show, name="organization-show"),
    path(f"{ONE}/add", views.organization_add, name="organization-add"),
    path(f"{ONE}/change", views.organization_change, name="organization-change"),
    path(f"{ONE}/settings", settings_change, name="settings-change"),
    path(f"{ONE}/parts", parts_change, name="parts-change"),
    path(f"{ONE}/calendar/", views.calendar_show, name="calendar-show"),
    path(f"{ONE}/calendar/years/add", views.school_year_add, name="school-year-add"),
    path(f"{ONE}/calendar/closures/add", views.closure_add, name="closure-add"),
    path("school-years/<uuid:year>/change", views.school_year_change, name="school-year-change"),
    path("school-years/<uuid:year>/terms/add", views.term_add, name="term-add"),
    path("terms/<uuid:term>/change", views.term_change, name="term-change"),
    path("closures/<uuid:closure>/change", views.closure_change, name="closure-change"),
    path("closures/<uuid:closure>/remove", views.closure_remove, name="closure-remove"),
]
