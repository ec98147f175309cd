"""Curriculum to files: CASE packages of 1EdTech, 1.0 and 1.1."""

from curriculum.exports.identifiers import prefix_of
from curriculum.exports.package import Export, export_package
from curriculum.exports.served import last_revised, serve_documents, serve_package
from curriculum.exports.versions import VERSIONS

__all__ = [
    "VERSIONS",
    "Export",
    "export_package",
    "last_revised",
    "prefix_of",
    "serve_documents",
    "serve_package",
]
