from tests.routes.common import Expected

EXPECTED: dict[str, Expected] = {}
