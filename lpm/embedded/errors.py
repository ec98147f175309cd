"""What can go wrong with the embedded servers, said so that the reader knows what to do."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Below this neither a write-ahead log segment (16 MB) nor an answer to a checkpoint is sure to fit.
LEAST_FREE_BYTES = 32 * 1024 * 1024


class EmbeddedError(Exception):
    """One sentence: what is wrong, and what to do."""


def disk_full(path: Path) -> EmbeddedError:
    return EmbeddedError(
        f"The disk that holds {path} is full: free some space there, or set LPM_DATA_DIR to a folder on "
        "another disk, then start again. Nothing that was saved is lost."
    )


def not_writable(path: Path) -> EmbeddedError:
    return EmbeddedError(
        f"The folder {path} cannot be written to: give yourself the right to write there, or set "
        "LPM_DATA_DIR to a folder of your own."
    )


def not_a_folder(path: Path) -> EmbeddedError:
    return EmbeddedError(f"{path} is a file, not a folder: set LPM_DATA_DIR to the name of a folder.")


@contextmanager
def runnable(program: str) -> Iterator[None]:
    """Around the start of a program: names what cannot be run, where the system names only the error."""
    try:
        yield
    except OSError as error:
        raise EmbeddedError(
            f"{program} cannot be run here ({error.strerror}): start Cairn as an ordinary user on Linux "
            "(glibc) or macOS, or set DATABASE_URL and REDIS_URL."
        ) from error


def is_disk_full(path: Path, said: str = "") -> bool:
    """Whether a failure was for want of space: ``said`` by the program, or seen on the disk (a full disk may
    have kept the program from saying it)."""
    if "No space left on device" in said:
        return True
    disk = os.statvfs(path)
    return disk.f_bavail * disk.f_frsize < LEAST_FREE_BYTES


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turns the errors of the file system into sentences."""
    try:
        yield
    except OSError as error:
        where = Path(error.filename) if isinstance(error.filename, str) else folder
        if error.errno in (errno.ENOSPC, errno.EDQUOT) or os.strerror(errno.ENOSPC) in str(error):
            raise disk_full(where) from error  # copying a tree tells it in words only
        match error.errno:
            case errno.EACCES | errno.EPERM | errno.EROFS:
                raise not_writable(where) from error
            case errno.ENOTDIR | errno.EEXIST:
                raise not_a_folder(where) from error
        raise EmbeddedError(
            f"The folder {folder} cannot be used ({error.strerror or error}): set LPM_DATA_DIR to a folder "
            "on a local disk."
        ) from error
