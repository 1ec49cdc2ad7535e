"""The command as a process: how it ends."""

from __future__ import annotations

import subprocess

from tests.cli.conftest import command, environment


def test_all_that_was_said_arrives_before_the_end() -> None:
    done = subprocess.run([*command("doctor", "--json")], env=environment(), capture_output=True, check=True)
    assert done.stdout.rstrip().endswith(b"}")


def test_an_answer_that_could_not_be_written_is_no_success() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*command("doctor")], env=environment(), stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode != 0
