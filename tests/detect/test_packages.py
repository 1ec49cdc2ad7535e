"""What is said where packages are missing, and what is not."""

from __future__ import annotations

import pytest

from privmask.detect.packages import packages_missing


def test_a_package_that_is_missing_is_an_error_that_says_how_to_get_it() -> None:
    assert "pip install 'privmask[detect]'" in str(packages_missing(ModuleNotFoundError("No module named 'onnxruntime'")))


def test_ctrl_c_while_a_package_is_loaded_is_no_missing_package() -> None:
    """ONNX Runtime makes `ImportError: initialization failed` of it."""
    stopped = ImportError("initialization failed")
    stopped.__cause__ = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        packages_missing(stopped)
