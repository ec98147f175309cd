from django.urls import path

from students.mastery.views import words

urlpatterns = [
    path("marks/<uuid:commented>/translation", words.comment_translate, name="comment-translate"),
    path("remarks/<uuid:remark>/translation", words.remark_translate, name="remark-translate"),
    path("showing/<uuid:reply>/translation", words.reply_translate, name="reply-translate"),
]
