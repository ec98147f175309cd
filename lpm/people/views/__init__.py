from lpm.people.views.door import PersonRequest, get_permitted, parse_uuid, permits, record_looks, visible

__all__ = ["PersonRequest", "get_permitted", "parse_uuid", "permits", "record_looks", "visible"]
