"""The JSON API of the area water."""

from ninja import Router

router = Router(tags=["water"])
