"""Zip files whose bytes depend on nothing but their content: no time, no user, no machine."""

import io
import zipfile
from collections.abc import Iterable

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The only time that stands in such a file: the first that the format knows."""


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """The files under their names, in this order."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            member = zipfile.ZipInfo(name, FIRST_DAY)
            member.compress_type, member.create_system, member.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(member, content)
    return made.getvalue()


def unzipped(archive: bytes) -> Iterable[tuple[str, bytes]]:
    """The files of an archive that is ours, in its order."""
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        for name in members.namelist():
            yield name, members.read(name)
