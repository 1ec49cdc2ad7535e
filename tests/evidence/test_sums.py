from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from privmask.evidence.files import record_of
from privmask.evidence.sums import sums_bytes


def test_a_line_is_the_hash_two_spaces_and_the_name() -> None:
    record = record_of("copy.mp4", b"")
    assert sums_bytes([record]) == b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  copy.mp4\n"


@pytest.mark.parametrize("name", ["a b", "a\nb", "a\\b", "a\rb", "\\n", "-c", "写し", "*a"])
def test_the_lines_are_those_of_sha256sum(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"content")
    done = subprocess.run(["sha256sum", "--", name], cwd=tmp_path, capture_output=True, check=True)
    assert sums_bytes([record_of(name, b"content")]) == done.stdout
