"""The JSON API of the area facilities."""

from ninja import Router

router = Router(tags=["facilities"])
