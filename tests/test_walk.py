"""README.ja.md's walk: its commands, run in their order in an empty folder, say what it shows.

In its section the blocks marked `console` hold commands after `$` and what they say below them; a line `…` alone stands for any
lines. A comment `# 2026-11-23 10:00` sets the clock, and the block marked `json` is the file `request.json`. Ids and hashes are
others in every run, and are compared by their places only.
"""

from __future__ import annotations

import re
import shlex
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from privmask.cli import clock, keys, policy, register
from privmask.cli.ending import run
from privmask.office import REGISTER, VAULT
from privmask.register import open_register
from privmask.register.sealing import open_sealed
from privmask.register.vault import open_vault
from privmask.street import write_street
from tests.conftest import ROOT
from tests.register.vaults import IDENTITY, RECIPIENT

HEADINGS = {"README.ja.md": "## ガイドラインとともに使う", "README.md": "## With the site's rules"}
JAPAN = timezone(timedelta(hours=9))
ID = r"\b[0-9a-f]{32}\b"
HASH = r"[0-9a-f]{16,}"
FINGERPRINT = r"SHA256:[A-Za-z0-9+/]{43}"
KINDS = ["adoption", "request", "decision", "copy", "provision", "erasure"]

FILLED_IN = {
    "日": "2026-04-01",
    "任期の末日": "2027-03-31",
    "頂点": "[[212, 52], [332, 52], [332, 208], [212, 208]]",
    "記録装置の保存日数": "14",
    "複写の保存日数": "30",
    "台帳の保存年数": "5",
    "表示板の場所": '"中央通り北口 支柱"',
}
"""What a clerk writes over a gap, by the end of its name; anything else is a text."""


@dataclass(frozen=True)
class Step:
    """A command, when it is typed, and what the README says that it answers."""

    at: datetime
    words: list[str]
    answer: str


def section(name: str) -> str:
    """The walk's section of that README."""
    text = (ROOT / name).read_text("utf-8")
    return text.split(HEADINGS[name] + "\n", 1)[1].split("\n## ", 1)[0]


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", section(name), re.MULTILINE | re.DOTALL)


def steps(name: str) -> Iterator[Step]:
    at = datetime(2026, 11, 23, 10, tzinfo=JAPAN)
    for block in blocks(name, "console"):
        for part in re.split(r"^(?=[$#] )", block.replace("\\\n", " "), flags=re.MULTILINE):
            line, _, answer = part.partition("\n")
            if line.startswith("# "):
                at = datetime.fromisoformat(line[2:18]).replace(tzinfo=JAPAN)
            elif line:
                yield Step(at, shlex.split(line.removeprefix("$ ")), answer)


def pattern(shown: str) -> str:
    """A regular expression for that answer: a line `…` is any lines, a hash any hash."""
    lines = (r"(?:.*\n)*" if line == "…" else _any_hash(line) + r"\n" for line in shown.splitlines())
    return "".join(lines)


def _any_hash(line: str) -> str:
    pieces = re.split(FINGERPRINT, line)
    return FINGERPRINT.join(re.sub(HASH, HASH, re.escape(piece)) for piece in pieces)


def fill_in(site: Path) -> None:
    """What is marked 要記入, as somebody with an editor would write it."""

    def value(gap: re.Match[str]) -> str:
        ends = [end for end in FILLED_IN if gap[1].endswith(end)]
        return FILLED_IN[max(ends, key=len)] if ends else f'"{gap[1]}"'

    text = site.read_text("utf-8").replace("[1920, 1080]  ", "[640, 360]  ")
    site.write_text(re.sub(r'"要記入：([^"]*)"', value, text), "utf-8")


def make_clip(folder: Path) -> Path:
    """Half a second of the drawn street, as a recorder would have it."""
    import av

    write_street(folder / "street.y4m")
    with av.open(str(folder / "street.y4m")) as source, av.open(str(folder / "gate.mp4"), "w") as sink:
        stream = sink.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for _, frame in zip(range(6), source.decode(video=0), strict=False):
            sink.mux(stream.encode(frame))
        sink.mux(stream.encode(None))
    return folder / "gate.mp4"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and a clerk's environment, with keys elsewhere."""
    (tmp_path / "passphrase").write_text("seven words that nobody guesses today\n")
    (tmp_path / "passphrase").chmod(0o600)
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PRIVMASK_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("PRIVMASK_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    (tmp_path / "desk").mkdir()
    monkeypatch.chdir(tmp_path / "desk")
    return tmp_path / "desk"


def set_clock(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: at)
    monkeypatch.setattr(keys, "_now", lambda: at.astimezone(UTC))
    monkeypatch.setattr(policy, "_now", lambda: at.astimezone(UTC))
    monkeypatch.setattr(register, "_now", lambda: at)


@pytest.mark.parametrize("name", HEADINGS)
def test_the_walk_of_the_readme_says_what_the_readme_shows(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv("LANG", "ja_JP.UTF-8" if name == "README.ja.md" else "C.UTF-8")
    make_clip(tmp_path).rename(desk / "gate.mp4")
    (request,) = blocks("README.ja.md", "json")
    (desk / "request.json").write_text(request, "utf-8")
    (shown_id,) = set(re.findall(ID, section(name)))
    real_id = ""
    for step in steps(name):
        set_clock(monkeypatch, step.at)
        if step.words[1:3] == ["policy", "check"]:
            fill_in(desk / "site.toml")
        code = run([word.replace(shown_id, real_id).replace("age1…", RECIPIENT) for word in step.words[1:]])
        out, err = capsys.readouterr()
        assert code == 0, (step.words, out, err)
        shown = pattern(step.answer.replace(shown_id, real_id or shown_id))
        assert re.fullmatch(shown, err + out), f"{step.words}\nshown:\n{step.answer}\nsaid:\n{err}{out}"
        real_id = next(iter(re.findall(ID, out)), real_id)
    assert list(open_vault(desk / VAULT).held()) == []
    with open_register(desk / REGISTER) as book:
        assert [each.kind for each in book.entries()] == KINDS
    open_sealed(desk / "gate.age", tmp_path / "handed.tar", [IDENTITY])
    with tarfile.open(tmp_path / "handed.tar") as handed:
        assert "gate-masked.mp4" in {Path(each).name for each in handed.getnames()}


def test_both_walks_have_the_same_commands() -> None:
    japanese, english = ([step.words[1:3] for step in steps(name)] for name in HEADINGS)
    assert english == japanese
    assert english[-1] == ["report"]
