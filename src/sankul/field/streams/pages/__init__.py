"""Pages of field systems: tables sent, what was refused and its mending."""

from .letters import letter, letters
from .upload import upload

__all__ = ["letter", "letters", "upload"]
