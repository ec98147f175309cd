from django.urls import path

from curriculum.views import comments as views

urlpatterns = [
    path("curriculum/<uuid:framework>/comments/", views.comment_list, name="comment-list"),
    path("curriculum/<uuid:framework>/comments/answers/", views.comment_desk, name="comment-desk"),
    path("curriculum/comments/<uuid:comment>/answer/", views.comment_answer, name="comment-answer"),
    path("curriculum/comments/<uuid:comment>/settle/", views.comment_settle, name="comment-settle"),
]
