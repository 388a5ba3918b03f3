"""Pages of field systems: things, streams, data to take away, outlines; tables sent, and what was refused."""

from .data import stream_data, stream_file, thing_data, thing_file
from .fleet import fleet
from .letters import letter, letters
from .outlines import outline_new, outline_remove, outlines
from .stream import stream
from .thing import thing
from .upload import upload

__all__ = [
    "fleet",
    "letter",
    "letters",
    "outline_new",
    "outline_remove",
    "outlines",
    "stream",
    "stream_data",
    "stream_file",
    "thing",
    "thing_data",
    "thing_file",
    "upload",
]
