"""The models by name, the check of their bytes, and the sessions made of them."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import pytest

from privmask.detect import graphs, tfjs
from privmask.detect.models import (
    MOST_THREADS,
    Model,
    ModelFile,
    _options,
    bound_threads,
    find_model,
    known_models,
    load_session,
    models_folder,
    read_model,
    state_of,
)
from privmask.errors import DetectorError
from tests.cli.conftest import environment
from tests.conftest import ROOT
from tests.detect.made import WEIGHTS, a_model

Installed = Callable[[str], Model]


@pytest.mark.parametrize("model", known_models(), ids=lambda model: model.name)
def test_each_model_says_what_it_is_where_it_comes_from_and_under_which_licence(model: Model) -> None:
    assert model.role
    assert model.labels
    assert model.licence in ("MIT", "Apache-2.0")
    assert model.note
    for file in model.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert re.fullmatch(r"[\w.-]+", file.name)
        assert file.member or not model.source


def test_no_two_models_share_a_name_or_a_file() -> None:
    names = [model.name for model in known_models()]
    files = [file.name for model in known_models() for file in model.files]
    assert len(set(names)) == len(names)
    assert len(set(files)) == len(files)


def test_the_face_models_say_what_they_were_trained_on() -> None:
    assert all("WIDER FACE" in model.note for model in known_models() if model.role.startswith("face"))


def test_what_comes_with_privmask_is_what_the_list_says() -> None:
    """After training a model anew its bytes and sha256 in models/models.toml have to follow."""
    for model in known_models():
        if model.source is None:
            assert state_of(model) == "installed", [hashlib.sha256(p.read_bytes()).hexdigest() for p in _own(model)]


def _own(model: Model) -> list[Path]:
    return [ROOT / "models" / model.name / file.name for file in model.files]


def test_a_name_that_no_model_has_is_told_with_those_there_are() -> None:
    with pytest.raises(DetectorError, match=r"no model is called 'yunnet'; there are yunet, centerface"):
        find_model("yunnet")


def test_a_model_that_is_not_there_is_told_with_the_one_command_to_run(kept: Path) -> None:
    assert state_of(a_model()) == "missing"
    with pytest.raises(DetectorError, match=r"not installed; run: privmask models install$"):
        load_session(a_model())
    assert not kept.exists()


@pytest.mark.parametrize(
    "found", [WEIGHTS[:-1], WEIGHTS[:-1] + b"!", b"", WEIGHTS + b"!"], ids=["cut", "changed", "empty", "longer"]
)
def test_a_file_with_another_hash_is_never_loaded(kept: Path, found: bytes) -> None:
    kept.mkdir()
    (kept / "made.onnx").write_bytes(found)
    assert state_of(a_model()) == "wrong"
    with pytest.raises(DetectorError) as told:
        load_session(a_model())
    assert hashlib.sha256(found).hexdigest() in str(told.value)
    assert hashlib.sha256(WEIGHTS).hexdigest() in str(told.value)
    assert "privmask models install" in str(told.value)


def test_a_file_that_nobody_may_read_is_told(kept: Path) -> None:
    (kept / "made.onnx").mkdir(parents=True)  # root may read everything else
    assert state_of(a_model()) == "wrong"
    with pytest.raises(DetectorError, match=r"cannot be read from '.*made.onnx': Is a directory"):
        read_model(a_model())


def test_a_model_with_one_of_its_files_is_not_installed(kept: Path) -> None:
    kept.mkdir()
    (kept / "made.onnx").write_bytes(WEIGHTS)
    (first,) = a_model().files
    both = a_model(files=(first, ModelFile("made.json", 2, hashlib.sha256(b"{}").hexdigest(), "made.json")))
    assert state_of(both) == "missing"
    (kept / "made.json").write_bytes(b"{}")
    assert state_of(both) == "installed"
    assert read_model(both) == (WEIGHTS, b"{}")


@pytest.mark.parametrize("name", ["made", "yunet", "centerface"])
def test_bytes_of_the_right_hash_that_are_no_model_are_told(kept: Path, name: str) -> None:
    kept.mkdir()
    (kept / "made.onnx").write_bytes(WEIGHTS)
    with pytest.raises(DetectorError, match=r"could not be loaded|no ONNX model"):
        load_session(a_model(name=name))


ERF = b'{"modelTopology": {"node": [{"op": "Erf", "name": "x"}]}, "weightsManifest": [{"weights": []}]}'


@pytest.mark.parametrize("topology", [b"", b"[]", b'{"modelTopology": {}}', ERF])
def test_a_graph_that_is_not_nanodets_is_told(topology: bytes) -> None:
    with pytest.raises(DetectorError, match="not of the expected kind") as told:
        tfjs.convert(b"", topology, ["heads"])
    assert ("operation Erf" in str(told.value)) == (topology == ERF)


@pytest.mark.parametrize("missing", ["onnxruntime", "onnx"])
def test_without_the_packages_the_command_that_brings_them_is_told(
    kept: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    kept.mkdir()
    (kept / "made.onnx").write_bytes(WEIGHTS)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(DetectorError, match=re.escape("pip install 'privmask[detect]'")):
        load_session(a_model(name="yunet"))


def test_the_session_is_made_of_the_bytes_that_were_checked(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    given: list[Any] = []
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda graph, *_, **__: given.append(graph))
    kept.mkdir()
    (kept / "made.onnx").write_bytes(WEIGHTS)
    load_session(a_model())
    assert given == [WEIGHTS]


def test_models_are_kept_where_the_user_says_or_in_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anyone")
    monkeypatch.setenv("PRIVMASK_MODELS", "")
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")
    assert models_folder() == Path("/home/anyone/.local/share/privmask/models")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert models_folder() == Path("/data/privmask/models")
    monkeypatch.setenv("PRIVMASK_MODELS", "/models")
    assert models_folder() == Path("/models")


def test_without_a_home_the_variable_to_set_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("PRIVMASK_MODELS", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(DetectorError, match="PRIVMASK_MODELS"):
        models_folder()


@pytest.mark.parametrize("name", [model.name for model in known_models()])
@pytest.mark.parametrize(("height", "width"), [(32, 32), (96, 64), (64, 160)])
def test_a_model_takes_pictures_whose_sides_are_any_whole_32s(
    installed: Installed, name: str, height: int, width: int
) -> None:
    session = load_session(installed(name))
    (given,) = session.get_inputs()
    outputs = session.run(None, {given.name: np.full((1, 3, height, width), 100, np.float32)})
    assert all(np.isfinite(output).all() for output in outputs)


def test_no_shape_of_the_size_it_was_exported_for_stays_in_a_model(installed: Installed) -> None:
    import onnx

    graph = onnx.load_model_from_string(graphs.any_size(*read_model(installed("yunet")))).graph
    assert not graph.value_info
    shapes = [[dim.dim_value or dim.dim_param for dim in value.type.tensor_type.shape.dim] for value in graph.output]
    assert all(shape[0] == 1 and all(isinstance(size, str) for size in shape[1:]) for shape in shapes)


def test_yunet_says_the_same_of_a_picture_as_before_its_size_was_freed(installed: Installed) -> None:
    picture = _noise(1, 3, 640, 640)
    for before, after in zip(*_as_shipped_and_edited(installed("yunet"), picture), strict=True):
        np.testing.assert_array_equal(before, after)


def test_centerface_says_the_same_of_a_picture_as_in_the_ten_it_was_exported_for(installed: Installed) -> None:
    picture = _noise(1, 3, 32, 32)
    for before, after in zip(*_as_shipped_and_edited(installed("centerface"), picture, times=10), strict=True):
        np.testing.assert_allclose(before[:1], after, atol=1e-4)


def _as_shipped_and_edited(model: Model, picture: Any, times: int = 1) -> tuple[Any, Any]:
    import onnxruntime

    (weights,) = read_model(model)
    shipped = onnxruntime.InferenceSession(weights)
    (given,) = shipped.get_inputs()
    edited = load_session(model)
    return shipped.run(None, {given.name: picture.repeat(times, 0)}), edited.run(None, {given.name: picture})


def _noise(*shape: int) -> Any:
    return np.random.default_rng(3).uniform(0, 255, shape).astype(np.float32)


# What TensorFlow.js 4.22 says of the same picture: `model.execute` of @tensorflow/tfjs with the backend "cpu", of the tensors
# PartitionedCall/transpose_99, _105 and _111: elements 0, 1000, 5000 and the last one, mean, and standard deviation.
NANODET_BY_TENSORFLOW = [
    (-3.971526, -4.671848, -5.603764, -0.491697, -3.618007, 2.794031),
    (-4.765449, -5.480632, -6.239868, -0.698235, -3.506642, 2.652359),
    (-4.832072, -4.995106, -4.119605, -1.203419, -3.103908, 2.480610),
]


def test_nanodet_says_the_same_as_in_tensorflow(installed: Installed) -> None:
    picture = np.sin(np.arange(3 * 416 * 416) / 7).astype(np.float32).reshape(1, 3, 416, 416)
    outputs = load_session(installed("nanodet")).run(None, {"picture": picture})
    assert [output.shape for output in outputs] == [(1, 124, 52, 52), (1, 124, 26, 26), (1, 124, 13, 13)]
    for output, expected in zip(outputs, NANODET_BY_TENSORFLOW, strict=True):
        flat = output.ravel()
        said = (*(flat[place] for place in (0, 1000, 5000, -1)), flat.mean(), flat.std())
        np.testing.assert_allclose(said, expected, atol=2e-5)


def test_every_edit_belongs_to_a_model_that_there_is() -> None:
    assert set(graphs.MADE_BY) <= {model.name for model in known_models()}


def test_loading_and_looking_write_nothing_to_the_terminal(installed: Installed) -> None:
    installed("yunet")
    script = """
import cv2
import numpy as np
import onnxruntime
from privmask.detect.models import find_model, load_session
session = load_session(find_model("yunet"))
session.run(None, {"input": np.zeros((1, 3, 64, 64), np.float32)})
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment(), timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("name", ["yunet", "centerface", "plates", "ppocr-det", "nanodet"])
def test_a_model_answers_the_same_with_any_number_of_threads(
    monkeypatch: pytest.MonkeyPatch, installed: Installed, name: str
) -> None:
    model, noise = installed(name), np.random.default_rng(1).uniform(0, 255, (1, 3, 320, 320)).astype(np.float32)

    def answers(threads: int) -> list[Any]:
        monkeypatch.setattr("privmask.detect.models._Threads.most", threads)
        session = load_session(model)
        return list(session.run(None, {session.get_inputs()[0].name: noise}))

    for one, two in zip(answers(1), answers(2), strict=True):
        assert np.array_equal(one, two)


def test_a_process_can_be_told_to_use_fewer_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    monkeypatch.setattr("privmask.detect.models._Threads.most", MOST_THREADS)
    before = cv2.getNumThreads()
    try:
        assert _options(onnxruntime).intra_op_num_threads == MOST_THREADS
        bound_threads(1)
        assert _options(onnxruntime).intra_op_num_threads == cv2.getNumThreads() == 1
    finally:
        cv2.setNumThreads(before)
