from django.urls import URLPattern, path

from lpm.people.views import privacy

urlpatterns: list[URLPattern] = [
    path("students/<uuid:student>/access", privacy.student_access, name="student-access"),
    path("students/<uuid:student>/access/guardians", privacy.student_allow, name="student-allow"),
    path("people/<uuid:person>/export", privacy.person_export, name="person-export"),
    path("people/<uuid:person>/erase", privacy.person_erase, name="person-erase"),
    path("operator", privacy.operator_session, name="operator-session"),
    path("operator/<uuid:session>/end", privacy.operator_end, name="operator-end"),
    path("districts/<uuid:district>/audit", privacy.audit_list, name="audit-list"),
]
