from django.urls import path

from students.mastery.views import offered, ready, sessions, showing

urlpatterns = [
    path("students/<uuid:student>/ready/", ready.ready_list, name="ready-list"),
    path("students/<uuid:student>/ready/<uuid:ready>/take-back", ready.ready_withdraw, name="ready-withdraw"),
    path("students/<uuid:student>/targets/<uuid:target>/ready", ready.ready_ask, name="ready-ask"),
    path("students/<uuid:student>/targets/<uuid:target>/self", ready.self_record, name="self-record"),
    path("showing/", showing.request_list, name="request-list"),
    path("showing/requests/<uuid:ready>/", showing.request_answer, name="request-answer"),
    path("showing/requests/<uuid:ready>/first", showing.request_return, name="request-return"),
    path("showing/sessions/new", sessions.session_create, name="session-create"),
    path("showing/sessions/<uuid:showing>/", sessions.session_show, name="session-show"),
    path("showing/sessions/<uuid:showing>/seats", sessions.session_seat, name="session-seat"),
    path("showing/sessions/<uuid:showing>/cancel", sessions.session_cancel, name="session-cancel"),
    path("showing/offered", offered.offered_settle, name="offered-settle"),
]
