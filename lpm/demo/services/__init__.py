"""The demonstration district: its files go through the importers, its history through the batch services."""

from lpm.demo.services.build import BUILDERS, build_district
from lpm.demo.services.people import PEOPLE, Person

__all__ = ["BUILDERS", "PEOPLE", "Person", "build_district"]
