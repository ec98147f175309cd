"""What the API of every app has in common: who asks, how often, in which form, and what went wrong."""

from lpm.people.api.door import ApiRequest, endpoint
from lpm.people.api.errors import ApiError, first_problem
from lpm.people.api.paging import PAGING, as_of_day, moment_of, page_of, parameter, uuid_of

__all__ = [
    "PAGING",
    "ApiError",
    "ApiRequest",
    "as_of_day",
    "endpoint",
    "first_problem",
    "moment_of",
    "page_of",
    "parameter",
    "uuid_of",
]
