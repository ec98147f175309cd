from pathlib import Path

import pytest

from lpm.people.models import User
from tests.notices.mail import with_address
from tests.world import World


@pytest.fixture
def folder(settings, tmp_path: Path) -> Path:
    settings.EMAIL_FILE_PATH = tmp_path
    return tmp_path


@pytest.fixture
def guardian(world: World) -> User:
    return with_address(world.guardian)
