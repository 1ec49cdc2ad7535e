"""What a failed command says to a Japanese clerk: wrong words, errors that were written in English, questions, and keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer

from privmask.cli import keys, passphrases
from privmask.cli.failing import told
from privmask.cli.language import choose
from privmask.errors import CopyExistsError, DamagedFootageError, PlanError, PrivmaskError
from privmask.language import Text
from tests.cli.conftest import Privmask, Street
from tests.cli.governed import enter
from tests.cli.test_request import kinds


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("polcy", "コマンド 'polcy' はありません（もしかして 'policy'）"),
        ("xyz", "コマンド 'xyz' はありません"),
        ("mask", "CLIP が指定されていません"),
        ("mask a.mp4", "-o / --output が指定されていません"),
        ("mask a -o b --typ x", "オプション --typ はありません（もしかして --key、--output、--type）"),
        ("mask a -o b --type x", "--type の値が正しくありません。次のどれかを指定してください"),
        ("mask a -o b --quality x", "--quality の値が正しくありません。整数で指定してください"),
        ("policy check a b c", "余分な言葉があります：b c"),
        ("view --as", "オプション --as には、値が必要か"),
        ("mask a.y4m -o b.mp4", "隠すものがありません"),
        ("mask a.y4m -o b.mp4 --faces --recorded-at 2026-04-01T10:00", "時間帯がありません"),
        ("mask a.y4m -o b.mp4 --faces --key k --unsigned", "どれか1つだけ指定してください"),
        ("zones preview a.y4m --plan p.toml -o p.png --at -1", "最初のコマ（0秒）より前です"),
        ("models install nothing", "モデル nothing はありません"),
        ("demo --clip a.y4m", "--clip と --plan の両方を指定してください"),
        ("detect a.y4m -o t.jsonl", "探すものがありません"),
        ("verify a.mp4 --heatmap h.png", "--heatmap は映像の違いを示すものです"),
    ],
)
def test_wrong_words_are_answered_in_japanese(words: str, said: str, privmask: Privmask) -> None:
    done = privmask("--lang", "ja", *words.split())
    assert done.code == 2
    assert said in done.err
    assert "Missing" not in done.err
    assert "No such" not in done.err


def test_the_same_words_are_answered_in_english(privmask: Privmask) -> None:
    assert "Missing option '-o' / '--output'" in privmask("--lang", "en", "mask", "a.mp4").err
    assert "Try 'privmask mask --help'" in privmask("--lang", "en", "mask", "a.mp4").err


def test_a_group_without_a_command_shows_its_help(privmask: Privmask) -> None:
    done = privmask("--lang", "ja", "policy")
    assert done.code == 2
    assert done.err.startswith("使い方：privmask policy")


@pytest.mark.parametrize("kind", [PlanError, CopyExistsError, DamagedFootageError])
def test_what_only_english_was_written_for_gets_a_japanese_sentence_before_it(kind: type[PrivmaskError]) -> None:
    choose("ja")
    first, second = told(kind("the file {x} is odd")).split("\n")
    assert first.endswith("。")
    assert second == "詳細：the file {x} is odd"
    choose("en")
    assert told(kind("the file {x} is odd")) == "the file {x} is odd"
    assert told(kind(Text("変です", "odd"))) == "odd"


def test_an_interruption_is_told_in_japanese(
    privmask: Privmask, short: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("privmask.cli.probe.answer", interrupt)
    done = privmask("--lang", "ja", "probe", short.clip)
    assert done.code == 130
    assert "中断しました" in done.err


def test_keys_speak_japanese(privmask: Privmask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prompts: list[str] = []

    def typed(prompt: str) -> str:
        prompts.append(prompt)
        return "himitsu"

    monkeypatch.setattr("getpass.getpass", typed)
    monkeypatch.setattr(passphrases, "_is_terminal", lambda: True)
    folder = ("--folder", tmp_path / "keys")
    made = privmask("--lang", "ja", "keys", "new", "--name", "gate@office", *folder)
    assert (made.code, len(prompts)) == (0, 2)
    assert prompts[0].startswith("新しい鍵のパスフレーズ")
    assert "この機械に置き" in made.out
    shown = privmask("--lang", "ja", "keys", "show", *folder).out
    assert "現在の署名鍵" in shown
    assert "電話で読み上げ用" in shown
    later = datetime.now(UTC) + timedelta(hours=1)
    monkeypatch.setattr(keys, "_now", lambda: later)
    assert "もう署名しません" in privmask("--lang", "ja", "keys", "rotate", *folder).out
    revoked = privmask("--lang", "ja", "keys", "revoke", "current", "--reason", "紛失", *folder).out
    assert "失効させました" in revoked
    assert "privmask keys new" in revoked


def test_two_different_passphrases_make_no_key(
    privmask: Privmask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter(["one", "two"])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    monkeypatch.setattr(passphrases, "_is_terminal", lambda: True)
    done = privmask("--lang", "ja", "keys", "new", "--name", "a", "--folder", tmp_path / "keys")
    assert done.code == 2
    assert "2回のパスフレーズが違います" in done.err
    assert not (tmp_path / "keys" / "signing-key").exists()


def answering(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """A terminal on which these answers are typed, and then Ctrl-C."""
    typed = iter(answers)

    def prompt(*_: object, **__: object) -> str:
        try:
            return next(typed)
        except StopIteration:
            raise typer.Abort from None

    for module in ("policy", "request"):
        monkeypatch.setattr(f"privmask.cli.{module}.is_terminal", lambda: True)
    monkeypatch.setattr("typer.prompt", prompt)


@pytest.mark.parametrize("answers", [(), ("1",), ("1", "中央通り商店街", "2026-13-45", "令和8年4月1日")])
def test_rules_that_were_broken_off_leave_nothing(
    answers: tuple[str, ...], privmask: Privmask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answering(monkeypatch, *answers)
    done = privmask("--lang", "ja", "policy", "init")
    assert done.code == 130
    assert "作りかけのものは残していません" in done.err
    assert ("「2026-13-45」は日付ではありません" in done.err) == ("2026-13-45" in answers)
    assert list(tmp_path.iterdir()) == []


def test_a_request_that_was_broken_off_is_not_recorded(
    privmask: Privmask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = enter(tmp_path, monkeypatch)
    answering(monkeypatch, "", "高橋 三郎", "本人")
    done = privmask("--lang", "ja", "request", "new", "--as", "suzuki")
    assert (done.code, "中断しました" in done.err) == (130, True)
    assert "高橋" not in done.err
    assert kinds(site) == []
