"""Private files that are no copies: found tracks, and pictures of them. They take their names whole, all of them or none.

Nothing stands in their folder while a job runs; what is wrong with the names is told before it begins.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from privmask.errors import CopyError, CopyExistsError
from privmask.evidence.custody import Custody
from privmask.evidence.files import Content
from privmask.evidence.hidden import HiddenFile, naming_in, sync_folder
from privmask.evidence.places import checked_place, open_folder, require_free, require_length, require_other_file
from privmask.evidence.sweep import sweep_open
from privmask.evidence.words import Path, in_words, shown
from privmask.language import Text

_FILE = "file"


class _Place:
    """A free name in a folder that is held open."""

    def __init__(self, path: Path, original: Custody | None) -> None:
        self.shown = shown(path)
        place = checked_place(path, _FILE)
        self.name = os.path.basename(place)
        self.folder = open_folder(os.path.dirname(place), _FILE)
        try:
            require_length(self.folder, self.name, _FILE)
            if original:
                require_other_file(self.folder, self.name, original, _FILE)
                sweep_open(self.folder, spared=original.stand)
            require_free(self.folder, self.name, _FILE)
            self._naming = naming_in(self.folder, self.name)
        except BaseException:
            self.close()
            raise

    @property
    def key(self) -> tuple[int, int, str]:
        found = os.fstat(self.folder)
        return found.st_dev, found.st_ino, self.name

    @contextmanager
    def written(self, content: Content) -> Iterator[HiddenFile]:
        file = HiddenFile(self.folder, self.name, self._naming)
        try:
            file.write(content)
            yield file
        finally:
            file.close()

    def close(self) -> None:
        os.close(self.folder)


class Aside:
    """Names for files that are yet to be written; made by `keep_aside`."""

    def __init__(self, places: tuple[_Place, ...]) -> None:
        self._places = places

    def publish(self, *contents: Content | None) -> None:
        """Write one content for each name, readable by its owner only (0600), the last name last; None: no such file.

        Raises `CopyExistsError` if a name was taken meanwhile and `CopyError` if the disk refuses: none of them is there then.
        """
        with ExitStack() as stack:
            try:
                pairs = zip(self._places, contents, strict=True)
                written = [(place, content) for place, content in pairs if content is not None]
                files = [(place, stack.enter_context(place.written(content))) for place, content in written]
                _give_names(files)
            except OSError as cause:
                names = " and ".join(place.shown for place in self._places)
                raise CopyError(
                    Text(
                        f"{names} を書き込めません（{in_words(cause).ja}）。何も残していません",
                        f"{names} cannot be written: {in_words(cause)}; nothing was kept",
                    )
                ) from cause


@contextmanager
def keep_aside(*paths: Path, original: Custody | None = None) -> Iterator[Aside]:
    """Names for new private files, for a `with` block in which an original is looked at, or a finished copy (None).

    Raises `CopyExistsError` if anything has one of the names, and `CopyError` if one of them is the original itself under any
    spelling or link, two are the same, or nothing can be written there.
    """
    with ExitStack() as stack:
        places: list[_Place] = []
        for path in paths:
            try:
                place = _Place(path, original)
            except OSError as cause:
                raise CopyError(
                    Text(
                        f"ファイル {shown(path)} を書き込めません（{in_words(cause).ja}）",
                        f"the file {shown(path)} cannot be written: {in_words(cause)}",
                    )
                ) from cause
            stack.callback(place.close)
            if place.key in [other.key for other in places]:
                raise CopyError(
                    Text(
                        f"{place.shown} が2回指定されています。それぞれ別の名前にしてください",
                        f"{place.shown} is named twice; each file needs a name of its own",
                    )
                )
            places.append(place)
        yield Aside(tuple(places))


def _give_names(files: list[tuple[_Place, HiddenFile]]) -> None:
    done = False
    try:
        for place, file in files:
            _take_name(place, file)
        for place, _ in files:
            sync_folder(place.folder)
        done = True
    finally:
        for place, file in () if done else reversed(files):
            file.lose_name(place.name)


def _take_name(place: _Place, file: HiddenFile) -> None:
    try:
        file.take_name(place.name)
    except FileExistsError as cause:
        raise CopyExistsError(
            Text(
                f"その間に {place.shown} ができました。何も置き換えていません",
                f"meanwhile {place.shown} came into being; nothing was replaced",
            )
        ) from cause
