"""What is in the picture, over time: models, detectors, and the tracks that detections become.

This room knows pictures and models; it is the only one with ONNX Runtime, OpenCV and `onnx`, which the extra `detect` brings.
It must not know what is done to what was found, open any file but a model and a tracks file, or fetch anything while it looks:
`install_model` is called by a person.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from privmask.detect.detector import Ask, Detection, Detector, NullDetector
    from privmask.detect.install import install_model
    from privmask.detect.making import make_detector
    from privmask.detect.models import Model, find_model, known_models, models_folder, state_of

_HOME = {
    "privmask.detect.detector": ("Ask", "Detection", "Detector", "NullDetector"),
    "privmask.detect.install": ("install_model",),
    "privmask.detect.making": ("make_detector",),
    "privmask.detect.models": ("Model", "find_model", "known_models", "models_folder", "state_of"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "Ask",
    "Detection",
    "Detector",
    "Model",
    "NullDetector",
    "find_model",
    "install_model",
    "known_models",
    "make_detector",
    "models_folder",
    "state_of",
]


def __getattr__(name: str) -> Any:
    """Load what needs numpy, OpenCV or ONNX Runtime only when it is asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_MODULE_OF[name]), name)
