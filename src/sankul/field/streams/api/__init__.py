"""The JSON API of the area streams."""

from ninja import Router

router = Router(tags=["streams"])
