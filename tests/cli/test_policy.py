"""`privmask policy`, from an empty folder to adopted rules and the paper on the wall."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from privmask.cli import policy as command
from privmask.cli.language import of_locale
from privmask.evidence.keyring import KEY
from privmask.evidence.keys import read_public
from privmask.policy.starting import TEMPLATES, questions
from tests.cli.conftest import Privmask, environment
from tests.cli.conftest import command as command_line
from tests.evidence import rings
from tests.policy.sites import NOON, keyed, site_text


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command runs at noon of one day, in an empty folder, with a ring of keys of its own, in no locale."""
    monkeypatch.setattr(command, "_now", lambda: NOON)
    monkeypatch.setenv("PRIVMASK_KEYS", str(tmp_path / "keys"))
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "site"
    home.mkdir()
    monkeypatch.chdir(home)
    return home


@pytest.fixture
def site(folder: Path) -> Path:
    (folder / "reference").mkdir()
    (folder / "reference" / "gate.png").write_bytes(b"a picture")
    (folder / "site.toml").write_bytes(site_text())
    return folder / "site.toml"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    rings.make(tmp_path / "keys")
    return tmp_path / "keys" / KEY


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_written_and_says_what_is_left(privmask: Privmask, folder: Path, template: str) -> None:
    done = privmask("--lang", "ja", "policy", "init", "--template", template, "--yes")
    assert (done.code, done.err) == (0, "")
    assert "要記入" in done.out
    assert (folder / "site.toml").stat().st_mode & 0o077 == 0
    checked = privmask("--lang", "ja", "policy", "check")
    assert checked.code == 2
    assert checked.out.count("まだ記入されていません") == len(questions(template))  # type: ignore[arg-type]  # TEMPLATES are those names
    assert "14行目 site.name" in checked.out


def test_init_never_replaces_a_file(privmask: Privmask, site: Path) -> None:
    done = privmask("--lang", "ja", "policy", "init", "--template", "road", "--yes")
    assert done.code == 7
    assert "上書きはしません" in done.err
    assert site.read_bytes() == site_text()


@pytest.mark.parametrize(
    ("words", "said"), [((), "terminal"), (("--template", "road"), "terminal"), (("--yes",), "--template")]
)
def test_init_without_a_terminal_says_how(privmask: Privmask, folder: Path, words: tuple[str, ...], said: str) -> None:
    done = privmask("policy", "init", *words)
    assert done.code == 2
    assert said in done.err
    assert list(folder.iterdir()) == []


def test_init_asks_step_by_step_on_a_terminal(folder: Path) -> None:
    answers = {"制定日": "2026-04-01", "複写の保存日数": "many\n30", "設置者の名称": "中央通り振興組合"}
    typed = "9\n1\n" + "".join(f"{answers.get(each.label, '')}\n" for each in questions("road") if each.kind != "drawn")
    said = _on_a_terminal(folder, typed, "--lang", "ja", "policy", "init")
    assert "どこの防犯カメラですか" in said
    assert "1から3までの番号で答えてください" in said
    assert "「many」は1以上の整数ではありません" in said
    text = (folder / "site.toml").read_text()
    assert 'name = "中央通り振興組合"' in text
    assert "established_on = 2026-04-01" in text
    assert "copies_days = 30 " in text
    assert "要記入：台帳の保存年数" in text


def test_init_that_is_interrupted_leaves_nothing(folder: Path) -> None:
    _on_a_terminal(folder, "1\n\x03", "policy", "init")
    assert list(folder.iterdir()) == []


def _on_a_terminal(folder: Path, typed: str, *words: str) -> str:
    """What is shown on a terminal on which somebody types that."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        command_line(*words), stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=environment(), start_new_session=True,
        preexec_fn=_own_terminal,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    for line in typed.splitlines(keepends=True):
        while not shown.rstrip(b" ").endswith(b":"):
            shown += os.read(ours, 4096)
        os.write(ours, line.encode())
        shown += b"|"
    shown += _rest(ours, again=b"\x03" if typed.endswith("\x03") else b"")
    running.wait(60)
    os.close(ours)
    return shown.decode()


def _rest(ours: int, again: bytes) -> bytes:
    """What comes until the other end is gone. An interrupt just before a reading is not heard: it is sent `again`."""
    shown, silent = b"", 0
    while silent < 12:
        if not select.select([ours], [], [], 5)[0]:
            silent += os.write(ours, again) or 1
            continue
        try:
            shown += os.read(ours, 4096)
        except OSError:
            break
    return shown


def _own_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_good_rules_are_said_to_stand_and_never_to_comply(privmask: Privmask, site: Path) -> None:
    done = privmask("--lang", "ja", "policy", "check", site)
    assert done.code == 0
    assert "ガイドラインの対象となるカメラです" in done.out
    assert "適合" not in done.out
    assert "注意：34行目 person[1].key" in done.out


def test_rules_outside_the_guideline_are_said_to_be(privmask: Privmask, site: Path) -> None:
    site.write_bytes(site_text(("recording = true", "recording = false")))
    done = privmask("policy", "check", "--json")
    assert (done.code, done.data["guideline_applies"]) == (0, False)
    assert "outside the guideline" in privmask("policy", "check").out


def test_check_tells_every_mistake_with_its_line_in_the_language_asked_for(privmask: Privmask, site: Path) -> None:
    site.write_bytes(site_text(("copies_days = 30", "copies_day = 30"), ('id = "suzuki"', 'id = "sato"')))
    japanese, english = privmask("--lang", "ja", "policy", "check"), privmask("--lang", "en", "policy", "check")
    assert (japanese.code, english.code) == (2, 2)
    assert "98行目 retention.copies_day：知らない項目です。「copies_days」の書き間違いではありませんか" in japanese.out
    assert "line 98, retention.copies_day: is not known; did you mean 'copies_days'?" in english.out


def test_check_gives_both_languages_as_json(privmask: Privmask, site: Path) -> None:
    site.write_bytes(site_text(("copies_days = 30", "copies_days = 0")))
    done = privmask("policy", "check", "--json")
    assert (done.code, done.data["stands"], done.data["exit_code"]) == (2, False, 2)
    (found,) = (each for each in done.data["complaints"] if each["severity"] == "error")
    assert (found["place"], found["line"], found["clause"]) == ("retention.copies_days", 98, "II-6(3)")
    assert found["ja"] != found["en"]


def test_check_looks_at_the_files_that_the_rules_name(privmask: Privmask, site: Path) -> None:
    (site.parent / "reference" / "gate.png").unlink()
    done = privmask("policy", "check")
    assert done.code == 2
    assert "reference/gate.png" in done.out


def test_a_manager_who_expired_stops_the_check(privmask: Privmask, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_now", lambda: datetime.fromisoformat("2027-04-01T12:00+09:00"))
    assert site.exists()
    done = privmask("policy", "check")
    assert done.code == 2
    assert "no manager is valid on 2027-04-01" in done.out


def test_the_manager_adopts_and_a_changed_character_is_told(privmask: Privmask, site: Path, key: Path) -> None:
    from privmask.adopting import require_adopted
    from privmask.errors import PolicyError

    name_the_key(site, key)
    done = privmask("--lang", "ja", "policy", "adopt", "--as", "sato", "--key", key)
    assert (done.code, done.err) == (0, "")
    assert "採択しました" in done.out
    assert require_adopted(site, NOON).by == "sato"
    assert "2026-11-23に採択した内容のまま" in privmask("--lang", "ja", "policy", "check").out
    site.write_bytes(site.read_bytes() + b"#")
    checked = privmask("--lang", "ja", "policy", "check")
    assert (checked.code, "変わっています" in checked.out) == (0, True)
    assert privmask("policy", "check", "--json").data["adopted"] is False
    with pytest.raises(PolicyError, match="adopt"):
        require_adopted(site, NOON)
    assert privmask("policy", "adopt", "--as", "sato").code == 0
    assert require_adopted(site, NOON).by == "sato"


def name_the_key(site: Path, key: Path) -> None:
    site.write_bytes(keyed(site.read_bytes(), read_public(f"{key}.pub").key_id))


def test_iii_adopting_by_a_key_that_the_rules_do_not_name_is_refused_with_the_line_to_add(
    privmask: Privmask, site: Path, key: Path
) -> None:
    line = f'key = "{read_public(f"{key}.pub").key_id}"'
    done = privmask("--lang", "ja", "policy", "adopt", "--as", "sato", "--key", key)
    assert done.code == 5
    assert done.err.splitlines()[-1] == line
    assert not (site.parent / "site.adopted.json").exists()
    site.write_text(site.read_text().replace('id = "sato"\n', f'id = "sato"\n{line}\n'))
    assert privmask("policy", "adopt", "--as", "sato", "--key", key).code == 0


def test_init_writes_the_key_that_stands_and_else_says_how_to_get_one(
    privmask: Privmask, folder: Path, tmp_path: Path
) -> None:
    without = privmask("--lang", "ja", "policy", "init", "--template", "road", "--yes", "-o", "without.toml")
    assert "privmask keys new" in without.out
    assert "要記入：管理責任者の署名鍵の指紋" in (folder / "without.toml").read_text()
    key = rings.make(tmp_path / "keys")
    done = privmask("--lang", "ja", "policy", "init", "--template", "road", "--yes")
    assert key.key_id in done.out
    assert f'\nkey = "{key.key_id}"' in (folder / "site.toml").read_text()
    (tmp_path / "keys" / "revoked").write_text(f"{key.key_id}\n")
    assert privmask("policy", "init", "--template", "shop", "--yes", "-o", "shop.toml", "--json").data["key_id"] is None


def test_an_operator_cannot_adopt(privmask: Privmask, site: Path, key: Path) -> None:
    done = privmask("--lang", "ja", "policy", "adopt", "--as", "suzuki", "--key", key)
    assert done.code == 5
    assert done.err == "privmask: 「suzuki」は管理責任者ではありません\n"
    assert not (site.parent / "site.adopted.json").exists()


def test_a_refusal_as_json_names_its_clause(privmask: Privmask, site: Path, key: Path) -> None:
    done = privmask("policy", "adopt", "--as", "suzuki", "--key", key, "--json")
    assert site.exists()
    assert (done.code, done.data["error"]["kind"], done.data["error"]["clause"]) == (5, "Policy", "II-4")


def test_adopting_without_a_key_says_how_to_get_one(privmask: Privmask, site: Path) -> None:
    assert site.exists()
    done = privmask("--lang", "ja", "policy", "adopt", "--as", "sato")
    assert done.code == 2
    assert "署名する鍵がありません。作るには：privmask keys new" in done.err


def test_adopting_unfinished_rules_is_refused_with_every_place(privmask: Privmask, folder: Path, key: Path) -> None:
    privmask("policy", "init", "--template", "road", "--yes")
    done = privmask("--lang", "ja", "policy", "adopt", "--as", "manager-1", "--key", key)
    assert done.code == 2
    assert done.err.count("まだ記入されていません") == len(questions("road")) - 1  # all but the key, which init knew
    assert [each.name for each in folder.iterdir()] == ["site.toml"]


@pytest.mark.parametrize(("word", "holds"), [("print", "第20条"), ("sign", "防犯カメラ作動中")])
def test_papers_are_written_for_the_owner_and_replace_nothing(
    privmask: Privmask, site: Path, word: str, holds: str
) -> None:
    assert privmask("policy", word, "-o", "page.html").code == 0
    page = site.parent / "page.html"
    assert holds in page.read_text()
    assert page.stat().st_mode & 0o077 == 0
    assert privmask("policy", word, "-o", "page.html").code == 7


def test_unfinished_rules_are_not_printed(privmask: Privmask, folder: Path) -> None:
    privmask("policy", "init", "--template", "shop", "--yes")
    assert privmask("policy", "print", "-o", "page.html").code == 2
    assert not (folder / "page.html").exists()


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "jam_JM.UTF-8"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8"}, "ja"),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "ja_JP.eucJP"}, "ja"),
    ],
)
def test_the_locale_says_the_language(locale: dict[str, str], language: str) -> None:
    assert of_locale(locale) == language


def test_the_word_before_the_command_outranks_the_locale(
    privmask: Privmask, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert site.exists()
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert "形式上の誤りはありません" in privmask("policy", "check").out
    assert "no mistakes of form" in privmask("--lang", "en", "policy", "check").out
    assert "形式上の誤りはありません" in privmask("policy", "check").out
