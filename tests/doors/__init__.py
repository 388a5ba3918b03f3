"""The addresses of areas that keep a table of their own: each module has ``DOORS`` and makes the ``places()`` behind them."""

from types import ModuleType

AREAS: dict[str, ModuleType] = {}
