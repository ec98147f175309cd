from lpm.people.views.door import PersonRequest, get_permitted, parse_uuid, permits, visible

__all__ = ["PersonRequest", "get_permitted", "parse_uuid", "permits", "visible"]
