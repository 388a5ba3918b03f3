"""Documents, given to whoever may see a record that cites them."""

from django.http import FileResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from sankul.core.doors import Request
from sankul.core.models import Document
from sankul.core.queries import documents
from sankul.core.rules.documents import INLINE, TEXTS

NOTHING = "default-src 'none'; style-src 'unsafe-inline'"
"""An uploaded file may do nothing: no script, no form, no request; and, unless it is a PDF, it has no origin of its own.

Browsers refuse to open their PDF viewer in a sandbox; it keeps a document's scripts away from the site by itself.
"""


@require_safe
@xframe_options_sameorigin
def document(request: Request, sha256: str) -> HttpResponseBase:
    """The bytes of a document under their digest; 404 whether there is none or one may not read it.

    Shown in the browser only for kinds that cannot run (``rules.documents.INLINE``), downloaded otherwise; never sniffed. Only
    pages of this site may frame it, beside the claim that it proves.
    """
    found = get_object_or_404(documents.readable(request.actor), pk=sha256)
    unchanged = get_conditional_response(request, etag=quote_etag(found.sha256))
    response = unchanged if unchanged is not None else _file(found)
    response["ETag"] = quote_etag(found.sha256)
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _policy(found)
    return response


def _content_type(found: Document) -> str:
    """Texts name their encoding, or a browser might guess one in which harmless bytes are markup."""
    return f"{found.media_type}; charset=utf-8" if found.media_type in TEXTS else found.media_type


def _policy(found: Document) -> str:
    return NOTHING if found.media_type == "application/pdf" else f"{NOTHING}; sandbox"


def _file(found: Document) -> HttpResponseBase:
    response = FileResponse(
        found.open(),
        as_attachment=found.media_type not in INLINE,
        filename=found.name,
        content_type=_content_type(found),
    )
    response["Content-Length"] = str(found.size_bytes)
    return response
