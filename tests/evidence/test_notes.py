"""The note for the recipient: its commands are taken out of it and run by a shell, with the programs that they name."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import pytest

from privmask import Mask, MaskPlan, Writing, mask_clip
from privmask.errors import EvidenceError
from privmask.evidence import FileRecord, OriginalRecord
from privmask.evidence.allowed import AllowedSigner, allowed_line
from privmask.evidence.notes import note_bytes
from tests.evidence.small import KEY, KnownKey, statement_of
from tests.plans import polygon
from tests.video.clips import make_clip

PROGRAMS = ("sha256sum", "ssh-keygen", "ffmpeg", "privmask")
PLAN = MaskPlan((Mask("window", polygon("0,0 0.5,0 0.5,0.5 0,0.5")),))
NAMES = [
    "copy.mp4",
    "copy.mkv",
    "a copy.mp4",
    'it\'s "quoted"; $(id) `id`.mp4',
    "門の映像　その一.mp4",
    "-o copy.mp4",
    "a:b%03d{copy}.mkv",
    "two\nlines\u202e.mp4",
]


@dataclass(frozen=True)
class Answer:
    code: int
    text: str


@dataclass(frozen=True)
class Given:
    """A folder as a recipient has it: a copy, its companions, and the signer's line, which came another way."""

    copy: Path

    @property
    def note(self) -> str:
        return self.beside(".how-to-check.txt").read_text(encoding="utf-8")

    def beside(self, end: str) -> Path:
        return self.copy.with_name(self.copy.name + end)

    def commands(self, program: str) -> list[str]:
        """The lines of the note that begin with that program: first in the Japanese part, then in the English one."""
        return [line.strip() for line in self.note.splitlines() if line.startswith(f"    {program} ")]

    @property
    def expected(self) -> set[str]:
        """The lines that FFmpeg has to print."""
        return {line.strip() for line in self.note.splitlines() if line.strip().startswith("0,v,")}

    def run(self, program: str) -> Answer:
        """The command of that program, run by a shell in the folder."""
        (command,) = set(self.commands(program))
        (self.copy.parent / "allowed_signers").write_text(f"{allowed_line(AllowedSigner('gate@office', KEY.public))}\n")
        done = subprocess.run(
            ["/bin/sh", "-c", command.replace("WHO", "gate@office")],
            cwd=self.copy.parent,
            env={**os.environ, "PATH": f"{self._tools()}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            timeout=60,
        )
        return Answer(done.returncode, done.stdout.decode(errors="replace"))

    def _tools(self) -> Path:
        """A folder that has FFmpeg under its usual name."""
        tools = self.copy.parent.with_name("tools")
        tools.mkdir(exist_ok=True)
        if not (tools / "ffmpeg").exists():
            (tools / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
        return tools

    def checks_out(self) -> tuple[bool, bool, bool]:
        """Whether each of the three commands answers what the note says."""
        sums, signature, pictures = (self.run(program) for program in PROGRAMS[:3])
        return (
            sums.code == 0 and all(line.endswith(": OK") for line in sums.text.splitlines()),
            signature.code == 0 and signature.text.startswith('Good "privmask.provenance.v1" signature'),
            pictures.code == 0 and {pictures.text.strip()} == self.expected and self._is_stated(pictures.text),
        )

    def _is_stated(self, line: str) -> bool:
        return (
            f'"stream_sha256":"{line.strip().partition("SHA256=")[2]}"' in self.beside(".provenance.json").read_text()
        )


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", size=(96, 64), frames=10)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Path:
    path = tmp_path_factory.mktemp("stills") / "still.png"
    words = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", clip, "-frames:v", "1", path]
    subprocess.run(words, check=True)
    return path


def give(
    clip: Path, folder: Path, name: str = "copy.mp4", signer: KnownKey | None = KEY, writing: Writing | None = None
) -> Given:
    (folder / "given").mkdir()
    made = mask_clip(clip, folder / "given" / name, PLAN, writing=writing, signer=signer, self_check=False)
    return Given(made.copy)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_the_commands_of_the_note_confirm_a_copy_under_any_name(name: str, clip: Path, tmp_path: Path) -> None:
    given = give(clip, tmp_path, name)
    assert given.checks_out() == (True, True, True)


@pytest.mark.parametrize("name", ["still.png", "still%03d.png", "窓 [1].png"])
def test_the_commands_of_the_note_confirm_a_still(name: str, still: Path, tmp_path: Path) -> None:
    given = give(still, tmp_path, name)
    given.copy.with_name("still001.png").write_bytes(still.read_bytes())  # one of a row, which is not meant
    assert given.checks_out() == (True, True, True)


@pytest.mark.parametrize(
    ("name", "writing"),
    [
        ("copy.mp4", Writing(codec="hevc")),
        ("copy.mkv", Writing(codec="av1")),
        ("copy.mp4", Writing(codec="av1")),
        ("copy.mkv", Writing(codec="ffv1")),
        ("copy.mp4", Writing(audio="keep")),
        ("copy.mkv", Writing(audio="keep", lossless=True)),
    ],
    ids=str,
)
def test_the_commands_of_the_note_confirm_a_copy_of_any_kind(name: str, writing: Writing, tmp_path: Path) -> None:
    sounding = make_clip(tmp_path / "sounding.mp4", size=(96, 64), frames=10, audio="aac")
    assert give(sounding, tmp_path, name, writing=writing).checks_out() == (True, True, True)


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_the_commands_of_the_note_tell_changed_pictures(clip: Path, tmp_path: Path) -> None:
    given = give(clip, tmp_path, "copy.mkv")
    flip(given.copy, given.copy.stat().st_size // 2)
    assert given.checks_out() == (False, True, False)


def test_the_commands_of_the_note_tell_a_copy_that_was_exchanged(clip: Path, tmp_path: Path) -> None:
    given = give(clip, tmp_path)
    given.copy.unlink()
    make_clip(given.copy, size=(96, 64), frames=10)
    assert given.checks_out() == (False, True, False)


def test_the_commands_of_the_note_tell_a_changed_statement(clip: Path, tmp_path: Path) -> None:
    given = give(clip, tmp_path)
    statement = given.beside(".provenance.json")
    statement.write_bytes(statement.read_bytes().replace(b'"out":10', b'"out":11'))
    assert given.checks_out() == (False, False, True)


def test_the_commands_of_the_note_tell_a_statement_that_another_key_signed(clip: Path, tmp_path: Path) -> None:
    given = give(clip, tmp_path, signer=KnownKey(1))
    assert given.checks_out() == (True, False, True)


def test_another_copy_with_its_own_list_and_note_is_told_by_the_signed_statement(clip: Path, tmp_path: Path) -> None:
    given = give(clip, tmp_path)
    (tmp_path / "other").mkdir()
    forged = give(make_clip(tmp_path / "other.mp4", size=(96, 64), frames=12), tmp_path / "other")
    for end in ("", ".how-to-check.txt"):
        given.beside(end).write_bytes(forged.beside(end).read_bytes())
    lines = given.beside(".SHA256SUMS").read_text().splitlines()
    lines[0] = forged.beside(".SHA256SUMS").read_text().splitlines()[0]
    given.beside(".SHA256SUMS").write_text("\n".join(lines) + "\n")
    assert given.checks_out() == (True, True, False)


def test_the_note_says_everything_in_japanese_and_then_in_english(clip: Path, tmp_path: Path) -> None:
    given = give(clip, tmp_path)
    assert {program: len(given.commands(program)) for program in PROGRAMS} == dict.fromkeys(PROGRAMS, 2)
    assert "電話" in given.note.partition("How to check 'copy.mp4'")[0]
    assert "by telephone" in given.note.partition("How to check 'copy.mp4'")[2]
    assert len(given.note.splitlines()) <= 45
    assert all(line == line.rstrip() for line in given.note.splitlines())


def test_the_note_vouches_for_no_key(clip: Path, tmp_path: Path) -> None:
    note = give(clip, tmp_path).note
    assert KEY.key_id not in note
    assert KEY.public.text not in note


def test_the_note_of_an_unsigned_copy_says_that_nobody_signed_it(clip: Path, tmp_path: Path) -> None:
    given = give(clip, tmp_path, signer=None)
    assert "BEWARE: nobody signed this statement" in given.note
    assert "誰も署名していません" in given.note
    assert "ssh-keygen" not in given.note
    assert ".sig" not in given.note
    assert given.run("sha256sum").code == 0
    assert {given.run("ffmpeg").text.strip()} == given.expected


def test_the_privmask_command_of_the_note_is_one_that_there_is(clip: Path, tmp_path: Path) -> None:
    for signer in (KEY, None):
        folder = tmp_path / str(signer is None)
        folder.mkdir()
        (command,) = set(give(clip, folder, "a copy.mp4", signer).commands("privmask"))
        words = "--allowed-signers allowed_signers" if signer else "--unsigned"
        assert command == f"privmask verify './a copy.mp4' {words}"


def test_a_name_cannot_bend_the_note() -> None:
    before = FileRecord("clip.mp4", 1, "1" * 64)
    name = "x.mp4\n    rm -rf .\n\x1b[2J\u202e.mp4"
    note = note_bytes(statement_of(OriginalRecord(before, before, 1), FileRecord(name, 1, "2" * 64))).decode()
    assert not any(line.strip().startswith("rm") for line in note.splitlines())
    assert note.replace("\n", "").isprintable()


def test_a_note_is_about_a_statement() -> None:
    with pytest.raises(EvidenceError):
        note_bytes(b"{}")
