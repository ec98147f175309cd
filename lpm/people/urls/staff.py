from django.urls import URLPattern, path

from lpm.people.views import staff as views

ONE = "staff/<uuid:member>"

urlpatterns: list[URLPattern] = [
    path("organizations/<uuid:organization>/staff/", views.staff_list_page, name="staff-list"),
    path("organizations/<uuid:organization>/staff/add", views.staff_add, name="staff-add"),
    path(f"{ONE}/", views.user_show, name="user-show"),
    path(f"{ONE}/change", views.user_change, name="user-change"),
    path(f"{ONE}/close", views.user_close, name="user-close"),
    path(f"{ONE}/reopen", views.user_reopen, name="user-reopen"),
    path(f"{ONE}/roles/add", views.role_grant, name="role-grant"),
    path("roles/<uuid:grant>/end", views.role_end, name="role-end"),
]
