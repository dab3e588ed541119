from collections.abc import Mapping
from typing import Any

POLICIES: tuple[str, ...]
DEFAULTS: dict[str, Any]

def checked(options: Mapping[str, Any], max_workers: int) -> dict[str, Any]: ...
def whole(name: str, value: object, least: int) -> int: ...
