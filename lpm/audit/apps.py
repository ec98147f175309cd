from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "lpm.audit"
    label = "audit"
