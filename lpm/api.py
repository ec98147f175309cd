"""Every address of the API, version 1."""

from django.urls import URLPattern, path

from lpm.people.api.schema import docs_show, schema_show
from students.mastery.api import assessments, curriculum, judgements, people, states

app_name = "api"

urlpatterns: list[URLPattern] = [
    path("", docs_show, name="docs"),
    path("schema", schema_show, name="schema"),
    path("me", people.me_show, name="me"),
    path("groups", people.group_list, name="group-list"),
    path("groups/<uuid:group>/states", states.group_states, name="group-states"),
    path("students", people.student_list, name="student-list"),
    path("students/<uuid:student>", people.student_show, name="student-show"),
    path("students/<uuid:student>/assessments", assessments.student_assessments, name="student-assessments"),
    path("students/<uuid:student>/judgements", judgements.student_judgements, name="student-judgements"),
    path("students/<uuid:student>/states", states.student_states, name="student-states"),
    path("students/<uuid:student>/targets/<uuid:target>/why", states.why_show, name="why-show"),
    path("frameworks", curriculum.framework_list, name="framework-list"),
    path("targets", curriculum.target_list, name="target-list"),
    path("assessments", assessments.assessment_create, name="assessment-create"),
    path("assessments/batch", assessments.assessment_batch, name="assessment-batch"),
    path("assessments/<uuid:assessment>/void", assessments.assessment_void, name="assessment-void"),
    path("judgements", judgements.judgement_create, name="judgement-create"),
    path("judgements/batch", judgements.judgement_batch, name="judgement-batch"),
]
