"""The drill of `make recorders`, in a few seconds."""

from __future__ import annotations

from pathlib import Path

from tests.needed import needs
from tests.recorders.drill import Drill


def test_real_recorders_killed_with_everything_else_leave_one_copy_of_each_good_segment(tmp_path: Path) -> None:
    needs("motion", "rtsp-server")
    found = Drill(tmp_path, seconds=9, speed=2).run()
    assert found.wrong == []
    assert found.killed == {"worker": 3, "recorder": 2, "watch": 1}
    assert len(found.good) > 6
    assert found.copies == found.contents
    assert found.quarantined == len(found.broken) > 0
