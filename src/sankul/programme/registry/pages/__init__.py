"""The registry as pages."""

from .clusters import clusters
from .governance import governance
from .organisations import organisation, organisations
from .profile import cluster_context

__all__ = ["cluster_context", "clusters", "governance", "organisation", "organisations"]
