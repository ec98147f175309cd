"""A student's own pages: where am I, what is next, what changed."""

from students.home.queries.areas import AreaView, TopicView, find_places, read_areas, read_left, topics_in_use
from students.home.queries.meanings import Meaning, read_meanings
from students.home.queries.news import Coming, News, Returned, read_news, said_on
from students.home.queries.record import Record, read_record
from students.home.queries.things import Stones, Thing, read_done, read_things
from students.home.queries.trail import Step, Trail, find_left, read_growth, read_trail
from students.home.queries.weeks import Week, read_weeks, start_of_week

__all__ = [
    "AreaView",
    "Coming",
    "Meaning",
    "News",
    "Record",
    "Returned",
    "Step",
    "Stones",
    "Thing",
    "TopicView",
    "Trail",
    "Week",
    "find_left",
    "find_places",
    "read_areas",
    "read_done",
    "read_growth",
    "read_left",
    "read_meanings",
    "read_news",
    "read_record",
    "read_things",
    "read_trail",
    "read_weeks",
    "said_on",
    "start_of_week",
    "topics_in_use",
]
