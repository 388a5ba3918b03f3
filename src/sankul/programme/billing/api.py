"""The JSON API of the area billing."""

from ninja import Router

router = Router(tags=["billing"])
