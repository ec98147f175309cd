from django.urls import path

from students.threads import views

app_name = "threads"

urlpatterns = [
    path("messages/", views.thread_list, name="thread-list"),
    path("messages/<uuid:thread>/", views.thread_show, name="thread-show"),
    path("messages/of/<uuid:message>/translate", views.message_translate, name="message-translate"),
    path("messages/about/<uuid:student>/", views.thread_choose, name="thread-choose"),
    path("messages/about/<uuid:student>/to/<uuid:person>/", views.thread_begin, name="thread-begin"),
    path("messages/overseen/<uuid:thread>/", views.overseen_show, name="overseen-show"),
    path("messages/overseen/students/<uuid:student>/", views.overseen_of_student, name="overseen-of-student"),
    path("messages/overseen/schools/<uuid:school>/", views.overseen_at_school, name="overseen-at-school"),
]
