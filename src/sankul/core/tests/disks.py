"""A disk that can be full: a small file system where tests may mount one, else files that may not grow."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SMALL = 256 * 1024


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 256 KiB at ``folder``; a plain folder for who may not mount."""
    folder.mkdir()
    if not _is_mounted(folder):
        yield folder
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _is_mounted(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)]
    return os.geteuid() == 0 and not subprocess.run(command, check=False).returncode


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Not a byte more fits on the disk inside: no space left on a small one, else no file may be larger than nothing."""
    room = os.statvfs(disk)
    if room.f_blocks * room.f_frsize > SMALL:
        with _no_file_grows():
            yield
        return
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def _no_file_grows() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
