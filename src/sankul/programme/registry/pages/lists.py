"""What the registry's lists share."""

from sankul.core.doors import Listing, Request
from sankul.core.ui import Pages


def pages(request: Request, page: Listing) -> Pages:
    """The links below a list."""
    total = None if page.is_capped else page.total
    return Pages(request.GET, page=page.page, last=page.page + page.has_next, total=total)
