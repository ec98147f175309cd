from django.urls import URLPattern, path

from lpm.people.views import roster

urlpatterns: list[URLPattern] = [
    path("organizations/<uuid:organization>/oneroster.zip", roster.roster_export, name="roster-export"),
]
