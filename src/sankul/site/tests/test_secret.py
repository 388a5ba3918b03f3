import subprocess
import sys
from pathlib import Path

import pytest

from sankul.site import data, secret


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SANKUL_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("SANKUL_SECRET_KEY", raising=False)
    return tmp_path / "data"


def test_the_key_is_made_once_long_and_private(folder: Path) -> None:
    key = secret.secret_key()
    assert len(key) == 67
    assert secret.secret_key() == key
    assert (folder / "secret-key").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in folder.iterdir()) == [".made-by-sankul", "secret-key"]


def test_processes_that_start_together_get_one_key(folder: Path) -> None:
    command = [sys.executable, "-c", "from sankul.site import secret; print(secret.secret_key())"]
    several = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate()[0] for process in several}) == 1


def test_the_environments_key_wins_and_nothing_is_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANKUL_SECRET_KEY", "given")
    assert secret.secret_key() == "given"
    assert not folder.exists()


def test_an_existing_folders_mode_is_left_alone(folder: Path) -> None:
    folder.mkdir(0o755)
    folder.chmod(0o755)
    assert data.private_folder("mail").stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_mode & 0o777 == 0o755
    assert not (folder / data.MARKER).exists()
