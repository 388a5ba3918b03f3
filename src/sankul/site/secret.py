"""The key that signs sessions and tokens."""

import os
import secrets

from sankul.site import data


def secret_key() -> str:
    """SANKUL_SECRET_KEY if set, else the key of the data folder, made there once (mode 0600).

    Processes that start together get the same key: it is written beside its place and linked into
    it, and whoever comes second reads the first one's.
    """
    if given := os.environ.get("SANKUL_SECRET_KEY"):
        return given
    path = data.made(data.data_folder()) / "secret-key"
    if not path.exists():
        draft = path.with_name(f"secret-key.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii")
