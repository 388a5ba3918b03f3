"""Claims as JSON: what one may see, and recording, proving, submitting, amending and withdrawing for those who may."""

from ninja import Router

from . import claims, imports

router = Router()
router.add_router("", imports.router)  # first: "import" is no number of a claim
router.add_router("", claims.router)

__all__ = ["router"]
