"""Scripts by hashed names, also where one imports another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from lpm.lib.static import StaticStorage

STATIC = Path(settings.BASE_DIR) / "static"
FIRST = "import { two } from './parts/second.js';\nimport {\n  three,\n} from './parts/third.js';\n"
PACKAGE = "import { gone } from './nowhere.js';\n"


@pytest.fixture
def collected(tmp_path):
    """name → text of what is served, by its name without the hash."""
    source = FileSystemStorage(tmp_path / "source")
    files = {
        "js/first.js": FIRST,
        "js/parts/second.js": "import { three } from './third.js';\n",
        "js/parts/third.js": "export const three = 3;\n",
        "package/other.js": PACKAGE,
    }
    storage = StaticStorage(location=tmp_path / "served", base_url="/static/")
    for name, text in files.items():
        for place in (source, storage):
            place.save(name, ContentFile(text.encode()))
    paths = {name: (source, name) for name in files}
    errors = [processed for _, _, processed in storage.post_process(paths) if isinstance(processed, Exception)]
    assert errors == []
    return {name: storage.open(storage.hashed_files[name]).read().decode() for name in files}


def test_imports_of_our_scripts_have_the_hashed_names(collected, tmp_path):
    imported = re.findall(r'from "\./(.*?)"', collected["js/first.js"])

    assert [re.sub(r"\.[0-9a-f]{12}\.", ".", name) for name in imported] == ["parts/second.js", "parts/third.js"]
    assert all((tmp_path / "served" / "js" / name).is_file() for name in imported)


def test_scripts_of_packages_stay_as_they_are(collected):
    assert collected["package/other.js"] == PACKAGE


def test_our_own_scripts_settle(tmp_path):
    """They import one another in no circle, and nothing that is not there."""
    source, storage = FileSystemStorage(STATIC), StaticStorage(location=tmp_path, base_url="/static/")
    names = [path.relative_to(STATIC).as_posix() for path in STATIC.glob("js/**/*.js")]
    for name in names:
        storage.save(name, source.open(name))

    answers = [*storage.post_process({name: (source, name) for name in names})]

    assert [processed for _, _, processed in answers if isinstance(processed, Exception)] == []
    assert set(storage.hashed_files) == set(names)
