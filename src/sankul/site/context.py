"""What every page knows."""

from django.http import HttpRequest

import sankul


def site(request: HttpRequest) -> dict[str, object]:
    """The version, for the foot of the page; views say ``is_demonstration`` themselves."""
    return {"version": sankul.__version__}
