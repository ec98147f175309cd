from django.conf import settings
from django.urls import path

from lpm.home import views

app_name = "home"

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("language", views.language_choose, name="set-language"),
    path("schools/<uuid:school>/", views.school_groups, name="school"),
    path("imports/", views.import_list, name="import-list"),
    path("imports/<uuid:run>/", views.import_show, name="import-show"),
    path("imports/<uuid:run>/apply", views.import_apply, name="import-apply"),
    path("imports/<uuid:run>/mapping", views.import_map, name="import-map"),
    path("imports/<uuid:run>/left-out.csv", views.import_left_out, name="import-left-out"),
    path("organizations/<uuid:organization>/roster-drop", views.drop_change, name="drop-change"),
    path("who", views.who, name="who"),
    path("sw.js", views.service_worker, name="service-worker"),
    path("cairn.webmanifest", views.manifest, name="manifest"),
    path("offline", views.offline, name="offline"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]

if settings.DEMO:
    urlpatterns.append(path("demo-sign-in", views.demo_sign_in, name="demo-sign-in"))
