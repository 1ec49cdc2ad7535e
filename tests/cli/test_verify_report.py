"""`privmask verify -o report.html --heatmap diff.png`: both are new files, whole, their owner's, and true."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import rfc8785
from PIL import Image

from privmask.report.heatmap import RING
from tests.cli.conftest import Done, Privmask, Street


@dataclass(frozen=True)
class Copied:
    copy: Path
    original: Path

    @property
    def report(self) -> Path:
        return self.copy.with_name("report.html")

    @property
    def heat(self) -> Path:
        return self.copy.with_name("diff.png")


@pytest.fixture(scope="module")
def masked(short: Street, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from privmask import load_plan, mask_clip

    copy = tmp_path_factory.mktemp("copied") / "copy.mkv"
    mask_clip(short.clip, copy, load_plan(short.plan))
    return copy


@pytest.fixture
def copied(masked: Path, short: Street, tmp_path: Path) -> Copied:
    shutil.copytree(masked.parent, tmp_path, dirs_exist_ok=True)
    return Copied(tmp_path / masked.name, short.clip)


def verify(privmask: Privmask, copied: Copied, *words: object) -> Done:
    return privmask("verify", copied.copy, "--unsigned", *words)


def has_ring(picture: Path) -> bool:
    return bool((np.array(Image.open(picture).convert("RGB")) == RING).all(axis=-1).any())


def put_a_patch(copied: Copied) -> None:
    """A forger puts a patch on three frames, outside the masks, and states the copy anew."""
    forged = copied.copy.with_name("forged.mkv")
    with av.open(str(copied.copy)) as source, av.open(str(forged), "w") as sink:
        stream = source.streams.video[0]
        coded = sink.add_stream("libx264", rate=25, options={"crf": "10"})
        coded.width, coded.height, coded.pix_fmt = stream.width, stream.height, "yuv420p"
        coded.codec_context.time_base = Fraction(stream.time_base or 1)
        for number, picture in enumerate(source.decode(stream)):
            planes = picture.to_ndarray(format="yuv420p")
            if number in (2, 3, 4):
                planes[8:40, 8:40] = np.random.default_rng(number).integers(60, 220, (32, 32))
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = picture.pts, picture.time_base
            sink.mux(coded.encode(frame))
        sink.mux(coded.encode())
    forged.replace(copied.copy)
    path = Path(f"{copied.copy}.provenance.json")
    statement = json.loads(path.read_bytes())
    sha256 = hashlib.sha256(copied.copy.read_bytes()).hexdigest()
    statement["subject"][0]["digest"]["sha256"] = statement["predicate"]["copy"]["sha256"] = sha256
    statement["predicate"]["copy"]["bytes"] = copied.copy.stat().st_size
    path.write_bytes(rfc8785.dumps(statement))


def test_a_good_copy_has_a_good_report_and_a_heat_map_without_a_ring(privmask: Privmask, copied: Copied) -> None:
    words = ("--original", copied.original, "-o", copied.report, "--heatmap", copied.heat)
    done = verify(privmask, copied, *words)
    assert done.code == 0, done.out + done.err
    page = copied.report.read_text()
    assert "THE EVIDENCE HOLDS" in page
    assert page.count("data:image/jpeg") == 2
    assert {path.stat().st_mode & 0o777 for path in (copied.report, copied.heat)} == {0o600}
    assert not has_ring(copied.heat)


def test_a_patch_outside_the_masks_has_a_ring_in_the_heat_map_and_its_frame_in_the_report(
    privmask: Privmask, copied: Copied
) -> None:
    put_a_patch(copied)
    words = ("--original", copied.original, "-o", copied.report, "--heatmap", copied.heat)
    assert verify(privmask, copied, *words).code == 3
    assert has_ring(copied.heat)
    page = copied.report.read_text()
    assert "THE EVIDENCE DOES NOT HOLD" in page
    assert page.count("data:image/jpeg") == 3


def test_without_the_original_the_report_shows_the_copy_alone(privmask: Privmask, copied: Copied) -> None:
    assert verify(privmask, copied, "-o", copied.report).code == 0
    page = copied.report.read_text()
    assert page.count("data:image/jpeg") == 1
    assert "Not looked at" in page


def test_the_answer_and_the_exit_code_are_the_same_with_and_without_a_report(
    privmask: Privmask, copied: Copied
) -> None:
    alone = verify(privmask, copied, "--json")
    told = verify(privmask, copied, "--json", "-o", copied.report)
    assert (told.code, told.data) == (alone.code, alone.data)


@pytest.mark.parametrize("words", [["--heatmap"], ["--bytes-only", "--original", "clip", "--heatmap"]])
def test_a_heat_map_needs_an_original_and_pictures(privmask: Privmask, copied: Copied, words: list[str]) -> None:
    done = verify(privmask, copied, *words, copied.heat)
    assert done.code == 2
    assert "--original" in done.err
    assert not copied.heat.exists()


@pytest.mark.parametrize("option", ["-o", "--heatmap"])
def test_an_existing_file_is_not_replaced_and_nothing_is_verified_for_it(
    privmask: Privmask, copied: Copied, option: str
) -> None:
    copied.report.write_text("mine")
    done = verify(privmask, copied, "--original", copied.original, option, copied.report)
    assert done.code == 7
    assert "replaces nothing" in done.err
    assert done.out == ""
    assert copied.report.read_text() == "mine"


def test_the_copy_itself_is_never_the_report(privmask: Privmask, copied: Copied) -> None:
    before = copied.copy.read_bytes()
    assert verify(privmask, copied, "-o", copied.copy).code == 7
    assert copied.copy.read_bytes() == before


def test_both_files_need_names_of_their_own(privmask: Privmask, copied: Copied) -> None:
    done = verify(privmask, copied, "--original", copied.original, "-o", copied.heat, "--heatmap", copied.heat)
    assert done.code == 7
    assert "named twice" in done.err


def test_a_copy_that_was_compared_with_nothing_has_a_report_and_no_heat_map(
    privmask: Privmask, copied: Copied, street: Street
) -> None:
    """The original that is given is another one, so nothing can be held against it."""
    words = ("--original", street.clip, "-o", copied.report, "--heatmap", copied.heat)
    done = verify(privmask, copied, *words)
    assert done.code == 3
    assert "no heat map was written" in done.err
    assert copied.report.exists()
    assert not copied.heat.exists()


def test_a_copy_without_its_statement_has_a_report_that_says_so(privmask: Privmask, copied: Copied) -> None:
    Path(f"{copied.copy}.provenance.json").unlink()
    assert verify(privmask, copied, "-o", copied.report).code == 3
    page = copied.report.read_text()
    assert "DOES NOT HOLD" in page
    assert "no statement that can be read" in page
    assert "data:image" not in page


def test_bytes_alone_can_be_reported(privmask: Privmask, copied: Copied) -> None:
    assert verify(privmask, copied, "--bytes-only", "-o", copied.report).code == 0
    assert "No picture was looked at" in copied.report.read_text()


def test_a_name_that_is_a_script_is_only_a_name(privmask: Privmask, copied: Copied) -> None:
    name = "<script>alert(1)<&\"'\u202e.mkv"
    strange = Copied(copied.copy.rename(copied.copy.with_name(name)), copied.original)
    for end in (".provenance.json", ".SHA256SUMS"):
        Path(f"{copied.copy}{end}").rename(f"{strange.copy}{end}")
    assert verify(privmask, strange, "-o", copied.report).code == 3
    page = copied.report.read_text()
    assert "<script" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;alert(1)&lt;&amp;" in page
