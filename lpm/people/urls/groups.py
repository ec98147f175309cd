from django.urls import URLPattern, path

from lpm.people.views import groups as views

urlpatterns: list[URLPattern] = [
    path("schools/<uuid:organization>/groups/new", views.group_create, name="group-create"),
    path("groups/<uuid:group>/people", views.group_show, name="group-show"),
    path("groups/<uuid:group>/change", views.group_change, name="group-change"),
    path("groups/<uuid:group>/students", views.enrollment_create, name="enrollment-create"),
    path("groups/<uuid:group>/students/paste", views.list_paste, name="group-paste"),
    path("groups/<uuid:group>/students/<uuid:enrollment>", views.enrollment_change, name="enrollment-change"),
    path("groups/<uuid:group>/teachers", views.staffing_create, name="staffing-create"),
    path("groups/<uuid:group>/teachers/<uuid:staffing>", views.staffing_change, name="staffing-change"),
    path("groups/<uuid:group>/substitutes", views.substitute_create, name="substitute-create"),
    path(
        "groups/<uuid:group>/substitutes/<uuid:substitution>/withdraw",
        views.substitute_withdraw,
        name="substitute-withdraw",
    ),
    path("morning", views.morning, name="morning"),
]
