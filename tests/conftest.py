"""Fixtures for every test: the footage with known quirks, and Hypothesis made repeatable."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "clips"

os.environ["PRIVMASK_KEYS"] = str(ROOT / "no-keys")  # whoever runs the tests may have keys; no test may use them

# The same examples in every run, so that a red run is red again; no deadline, because the first call of a kernel loads it.
settings.register_profile(
    "privmask", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
# `make campaigns`: new examples in every run, and many.
settings.register_profile("campaign", deadline=None, max_examples=3000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("campaign" if os.environ.get("PRIVMASK_CAMPAIGN") else "privmask")


def footage_folder() -> Path:
    """Where the real clips lie: `PRIVMASK_FOOTAGE`, or the shared folder beside the checkout."""
    return Path(os.environ.get("PRIVMASK_FOOTAGE") or SHARED)


@pytest.fixture(scope="session")
def footage() -> Callable[[str], Path]:
    """`footage("foreman_cif.264")` is that clip or still; without the folder the test is skipped, but fails on CI."""
    folder = footage_folder()

    def find(name: str) -> Path:
        for place in (folder / name, folder / "video" / name, *sorted(folder.glob(f"image/*/{name}"))):
            if place.is_file():
                return place
        message = f"no footage {name!r} in {folder}; PRIVMASK_FOOTAGE names the folder that holds video/ and image/"
        if folder.is_dir() or os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)

    return find
