"""Fixtures for the tests of the detect room: the installed models, and an empty folder for models."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from privmask.detect.models import Model, find_model, state_of


@pytest.fixture(scope="session")
def installed() -> Callable[[str], Model]:
    """`installed("yunet")` is that model; where it does not stand the test is skipped, but fails on CI."""

    def find(name: str) -> Model:
        model = find_model(name)
        if state_of(model) != "installed":
            message = f"the model {name} is not installed; run: make models"
            if os.environ.get("CI") and not model.optional:
                pytest.fail(message)
            pytest.skip(message)
        return model

    return find


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that models are kept in, which is not there yet."""
    folder = tmp_path / "kept"
    monkeypatch.setenv("PRIVMASK_MODELS", str(folder))
    return folder
