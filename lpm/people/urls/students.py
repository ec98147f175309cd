from django.urls import URLPattern, path

from lpm.people.views import demographics
from lpm.people.views import students as views

urlpatterns: list[URLPattern] = [
    path("organizations/<uuid:organization>/students/", views.student_list, name="student-list"),
    path("organizations/<uuid:organization>/students/add", views.student_add, name="student-add"),
    path("organizations/<uuid:organization>/students/doubles", views.student_doubles, name="student-doubles"),
    path("students/<uuid:student>/profile/", views.student_show, name="student-show"),
    path("students/<uuid:student>/profile/change", views.student_change, name="student-change"),
    path("students/<uuid:student>/profile/names", views.student_names, name="student-names"),
    path("students/<uuid:student>/profile/counted-by", demographics.student_demographics, name="student-demographics"),
    path("students/<uuid:student>/profile/sign-in", views.sign_in_give, name="student-sign-in"),
    path("students/<uuid:student>/profile/sign-in/take", views.sign_in_take, name="student-sign-in-take"),
    path("students/<uuid:student>/profile/caseload", views.caseload_add, name="caseload-add"),
    path("students/<uuid:student>/profile/merge", views.merge_choose, name="merge-choose"),
    path("students/<uuid:student>/profile/merge/<uuid:other>", views.student_merge, name="student-merge"),
    path("caseloads/<uuid:caseload>/end", views.caseload_end, name="caseload-end"),
    path("merges/<uuid:merge>/undo", views.merge_undo, name="merge-undo"),
]
