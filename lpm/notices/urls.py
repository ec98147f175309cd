from django.conf import settings
from django.urls import path

from lpm.notices.views import caught, centre, choices

app_name = "notices"

urlpatterns = [
    path("notices/", centre.notice_list, name="list"),
    path("notices/read", centre.notice_read, name="read"),
    path("notices/settings", choices.notice_settings, name="settings"),
    path("notices/settings/number", choices.number_ask, name="number-ask"),
    path("notices/settings/number/code", choices.number_confirm, name="number-confirm"),
    path("notices/settings/number/forget", choices.number_forget, name="number-forget"),
    path("notices/stop/<str:secret>/<str:what>", choices.letters_stop, name="stop"),
    path("notices/<uuid:notice>/", centre.notice_open, name="open"),
]

if settings.DEMO:
    urlpatterns += [
        path("caught/", caught.caught_list, name="caught"),
        path("caught/<str:letter>", caught.caught_show, name="caught-show"),
    ]
