"""What a process needs in its environment so that its GStreamer finds the element, and the element its libraries."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from privmask.language import Text

ELEMENT = "privmask"
_LIBRARIES = ("privmask", "numpy", "numba", "llvmlite", "pydantic", "pydantic_core")
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Gap:
    """Why GStreamer cannot run the element here, and what to do about it."""

    text: Text


def variables(environment: Mapping[str, str]) -> dict[str, str]:
    """GST_PLUGIN_PATH, PYTHONPATH and GST_REGISTRY for a process that otherwise has `environment`.

    GStreamer keeps what it found in a registry, and keeps that even when what it points to has moved: this install has its own.
    """
    plugins, libraries = str(Path(__file__).parent), [*library_folders(), *binding_folders()]
    return {
        "GST_PLUGIN_PATH": _before([plugins], environment.get("GST_PLUGIN_PATH", "")),
        "PYTHONPATH": _before(libraries, environment.get("PYTHONPATH", "")),
        "GST_REGISTRY": str(_registry(environment, [plugins, *libraries])),
    }


def library_folders() -> list[str]:
    """The folders from which this process imports what the element needs."""
    specs = (find_spec(name) for name in _LIBRARIES)
    places = [place for spec in specs if spec for place in (spec.submodule_search_locations or ())]
    return list(dict.fromkeys(str(Path(place).resolve().parent) for place in places))


def binding_folders() -> list[str]:
    """Where the distribution keeps `gi`, GStreamer's bindings.

    The Python inside GStreamer takes itself for the first `python3` on the PATH. Where that is a virtual environment's, it
    does not look there by itself.
    """
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    places = ("/usr/lib/python3/dist-packages", f"/usr/lib64/{version}/site-packages", f"/usr/lib/{version}/site-packages")
    return [place for place in places if (Path(place) / "gi").is_dir()]


def gap(environment: Mapping[str, str]) -> Gap | None:
    """What keeps GStreamer from running the element in this environment of `variables`; None if it is found.

    GStreamer remembers a failure in its registry, for which nothing may be wrong any more: that is forgotten once.
    """
    found, registry = _gap(environment), Path(environment.get("GST_REGISTRY", ""))
    if found and registry.parent.name == ELEMENT and registry.is_file():
        registry.unlink(missing_ok=True)
        found = _gap(environment)
    return found


def _gap(environment: Mapping[str, str]) -> Gap | None:
    told = _run(["gst-inspect-1.0", "python"], environment)
    if told is None:
        return Gap(_NO_GSTREAMER)
    found = re.search(r"^\s*Filename\s+(\S+)", told, re.MULTILINE)
    if not found:
        return Gap(_NO_LOADER)
    theirs, ours = embedded_python(Path(found[1])), f"{sys.version_info[0]}.{sys.version_info[1]}"
    if theirs not in (None, ours):
        return Gap(_OTHER_PYTHON.with_(theirs=theirs, ours=ours))
    if "PrivmaskElement" not in (_run(["gst-inspect-1.0", ELEMENT], environment) or ""):
        return Gap(_NOT_FOUND)
    return None


def embedded_python(loader: Path) -> str | None:
    """The version ("3.11") of the Python library that GStreamer's loader of Python plugins is linked to, if it tells."""
    found = re.search(rb"libpython(3\.\d+)", loader.read_bytes())
    return found[1].decode() if found else None


def trial(environment: Mapping[str, str]) -> str | None:
    """Send one picture through the element; what GStreamer says if that fails."""
    source, picture = ["videotestsrc", "num-buffers=1", "!"], ["video/x-raw,format=NV12", "!"]
    words = ["gst-launch-1.0", "-q", *source, *picture, ELEMENT, "zone=0,0 1,0 1,1", "!", "fakesink"]
    done = subprocess.run(words, env=dict(environment), capture_output=True, timeout=_SECONDS, check=False)
    return None if done.returncode == 0 else done.stderr.decode("utf-8", "replace").strip()


def _before(folders: list[str], others: str) -> str:
    return os.pathsep.join(dict.fromkeys([*folders, *filter(None, others.split(os.pathsep))]))


def _registry(environment: Mapping[str, str], places: list[str]) -> Path:
    cache = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME") or Path.home()) / ".cache"
    key = hashlib.sha256("\n".join([version("privmask"), *places]).encode()).hexdigest()[:16]
    return Path(cache) / "privmask" / f"gstreamer-{key}.bin"


def _run(words: list[str], environment: Mapping[str, str]) -> str | None:
    """What a program says, in English; None if there is no such program."""
    try:
        done = subprocess.run(
            words, env={**environment, "LC_ALL": "C.UTF-8"}, capture_output=True, timeout=_SECONDS, check=False
        )
    except FileNotFoundError:
        return None
    return done.stdout.decode("utf-8", "replace")


_NO_GSTREAMER = Text(
    "GStreamer がありません（gst-inspect-1.0 が見つかりません）。Debian では apt-get install gstreamer1.0-tools",
    "there is no GStreamer here (gst-inspect-1.0 is not found); on Debian: apt-get install gstreamer1.0-tools",
)
_NO_LOADER = Text(
    "この GStreamer は Python の部品を読み込めません。Debian では "
    "apt-get install gstreamer1.0-python3-plugin-loader python3-gst-1.0",
    "this GStreamer cannot load elements in Python; on Debian: "
    "apt-get install gstreamer1.0-python3-plugin-loader python3-gst-1.0",
)
_OTHER_PYTHON = Text(
    "GStreamer の Python は {theirs}、privmask が入っているのは Python {ours} です。"
    "Python {theirs} の環境に privmask を入れ、そこから実行してください",
    "GStreamer runs Python {theirs}, and this privmask is installed for Python {ours}; install privmask with Python {theirs} "
    "and run this command from there",
)
_NOT_FOUND = Text(
    "GStreamer が privmask の部品を見つけられません。gst-inspect-1.0 privmask の言うことを見てください",
    "GStreamer does not find the element; see what gst-inspect-1.0 privmask says in this environment",
)
