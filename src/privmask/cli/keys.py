"""`privmask keys`: the keys that copies are signed with."""

from __future__ import annotations

import base64
import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from privmask.cli import keys_words as words
from privmask.cli import options
from privmask.cli.helping import Words, both, in_japanese
from privmask.cli.language import said
from privmask.cli.passphrases import new_passphrase
from privmask.cli.words import answer, columns_of, note, shown_name
from privmask.errors import PlanError

if TYPE_CHECKING:
    from privmask.evidence.allowed import AllowedSigner
    from privmask.evidence.keyring import OwnKey

keys = Words(
    help=both(
        "署名鍵：作る、表示する、替える、失効させる。",
        "Make, show, change and revoke the keys that copies are signed with.",
    ),
)

Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        metavar="DIR",
        help=both("鍵のフォルダー。指定がなければいつもの所。", "The folder of keys, if not the usual one."),
        file_okay=False,
    ),
]
NoPassphrase = Annotated[
    bool,
    options.flag(
        "--no-passphrase",
        both(
            "パスフレーズのない鍵にします。ファイルを読める人は誰でもあなたの名で署名できます。",
            "A key without one: whoever can read its file can sign in your name.",
        ),
    ),
]


@keys.command()
@in_japanese("複写に署名する鍵を作ります。今ある鍵を置き換えることはありません。")
def new(
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            metavar="WHO",
            help=both(
                "誰の鍵か（例：gate@office）。指定がなければ 利用者名@機械名。",
                "Whose key it is, such as gate@office; user@host if not given.",
            ),
        ),
    ] = None,
    folder: Folder = None,
    no_passphrase: NoPassphrase = False,
    as_json: options.Json = False,
) -> int:
    """Make the key that copies are signed with from now on. Nothing is ever replaced."""
    from privmask.evidence.allowed import allowed_line
    from privmask.evidence.keychange import make_key
    from privmask.evidence.keyring import KEY

    where = _folder(folder)
    who = name if name is not None else _own_name()
    signer = make_key(where, who, _passphrase(no_passphrase), _now())
    if no_passphrase:
        note(said(words.NAKED))
    line, path = allowed_line(signer), where / KEY
    text = [said(words.MADE.with_(path=shown_name(path))), "", line, "", said(words.HAND_OVER)]
    data = {"key": str(path), "name": who, "key_id": signer.key.key_id, "line": line, "passphrase": not no_passphrase}
    answer({**data, "exit_code": 0}, "\n".join(text), as_json=as_json)
    return 0


@keys.command()
@in_japanese("自分の鍵について、署名者一覧に載せる行と、電話で読み上げる指紋を表示します。")
def show(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help=both(
                "自分の鍵の代わりに表示する .pub ファイル又は署名者一覧。",
                "A .pub file (of an agent's key), or lines for allowed_signers, instead.",
            ),
        ),
    ] = None,
    folder: Folder = None,
    as_json: options.Json = False,
) -> int:
    """Show your keys: the lines for allowed_signers, and the fingerprints to read out over the phone."""
    from privmask.evidence.keyring import described, own_keys, read_signers

    where = _folder(folder)
    if file is None:
        found = own_keys(where)
    else:
        found = tuple(described(where, public, lines) for public, lines in read_signers(file).items())
    if not found:
        raise PlanError(words.NO_KEY_IN.with_(place=shown_name(file or where)))
    data = {"folder": str(where), "keys": [_as_data(each) for each in found], "exit_code": 0}
    answer(data, "\n\n".join("\n".join(_lines(each)) for each in found), as_json=as_json)
    return 0


@keys.command()
@in_japanese("新しい鍵に替え、前の鍵の有効期間を終えます。前の鍵でした署名は有効なままです。")
def rotate(
    folder: Folder = None,
    no_passphrase: NoPassphrase = False,
    as_json: options.Json = False,
) -> int:
    """Make a new key that signs from now on, and end the old one's validity. What it signed before stays good."""
    from privmask.evidence.keychange import rotate_key
    from privmask.evidence.keyring import own_keys

    where = _folder(folder)
    done = rotate_key(where, _passphrase(no_passphrase), _now())
    if done.resumed:
        note(said(words.RESUMED))
    elif no_passphrase:
        note(said(words.NAKED))
    lines = [line for each in own_keys(where) if each.public in (done.new, done.old) for line in _allowed(each)]
    text = [
        said(words.ROTATED.with_(new=done.new.key_id, old=done.old.key_id)),
        "",
        *lines,
        "",
        said(words.GIVE_BOTH),
    ]
    data = {"new": done.new.key_id, "old": done.old.key_id, "resumed": done.resumed, "lines": lines, "exit_code": 0}
    answer(data, "\n".join(text), as_json=as_json)
    return 0


@keys.command()
@in_japanese("鍵と、その鍵でした全ての署名を無効にします。元には戻せません。")
def revoke(
    key: Annotated[
        str,
        typer.Argument(
            metavar="FINGERPRINT|PUBKEY|current",
            help=both(
                "どの鍵か。指紋（SHA256:…）、.pub ファイル又は current（今の鍵）。",
                "Which key: SHA256:…, or a .pub file.",
            ),
        ),
    ],
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            metavar="TEXT",
            help=both(
                "理由。一覧に載り、一覧とともに他の人に伝わります。",
                "Why; it stands in the list, and goes to others with it.",
            ),
        ),
    ],
    folder: Folder = None,
    as_json: options.Json = False,
) -> int:
    """Declare a key void, with everything that it ever signed. There is no way back."""
    from privmask.evidence.keychange import revoke_key
    from privmask.evidence.keyring import REVOKED, find_key

    where = _folder(folder)
    public = find_key(where, key)
    done = revoke_key(where, public, reason, _now())
    text = [
        said((words.IS_REVOKED if done.new else words.WAS_REVOKED).with_(key=public.key_id)),
        said(words.WHAT_FOLLOWS.with_(list=shown_name(where / REVOKED))),
    ]
    if done.was_current:
        text.append(said(words.OUT_OF_USE))
    data = {"key_id": public.key_id, "new": done.new, "was_current": done.was_current, "list": str(where / REVOKED)}
    answer({**data, "exit_code": 0}, "\n".join(text), as_json=as_json)
    return 0


def digits(key_id: str) -> str:
    """A fingerprint as one number of 80 digits, in groups of four: no letter to mishear, in any language."""
    number = int.from_bytes(base64.b64decode(key_id.removeprefix("SHA256:") + "="), "big")
    return _grouped(f"{number:080d}")


def _grouped(text: str) -> str:
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _lines(key: OwnKey) -> Iterator[str]:
    comma = said(words.COMMA)
    yield f"{key.public.key_id}  {comma.join([_state(key), *map(_validity, key.lines)])}"
    yield from _allowed(key) or [f"{said(words.NOBODYS)}  {key.public.text}"]
    read_out = digits(key.public.key_id)
    yield f"  {said(words.AS_LETTERS)}  {_grouped(key.public.key_id.removeprefix('SHA256:'))}"
    yield f"  {said(words.AS_DIGITS)}  {read_out[:49]}"
    yield f"  {' ' * columns_of(said(words.AS_DIGITS))}  {read_out[50:]}"


def _state(key: OwnKey) -> str:
    if key.revoked:
        return said(words.REVOKED)
    return said(words.SIGNS if key.current else words.SIGNS_NOT)


def _validity(line: AllowedSigner) -> str:
    from privmask.evidence.allowed import in_words

    start = words.FROM.with_(time=in_words(line.after)) if line.after else words.SINCE_EVER
    end = words.UNTIL.with_(time=in_words(line.before)) if line.before else words.ON
    return said(words.VALID.with_(start=start, end=end))


def _allowed(key: OwnKey) -> list[str]:
    from privmask.evidence.allowed import allowed_line

    return [allowed_line(line) for line in key.lines]


def _as_data(key: OwnKey) -> dict[str, object]:
    return {
        "key_id": key.public.key_id,
        "digits": digits(key.public.key_id),
        "current": key.current,
        "revoked": key.revoked,
        "lines": [
            {"line": text, "name": line.principals, "valid_from": _iso(line.after), "valid_until": _iso(line.before)}
            for line, text in zip(key.lines, _allowed(key), strict=True)
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _folder(folder: Path | None) -> Path:
    from privmask.evidence.keyring import default_folder

    return folder if folder is not None else Path(default_folder())


def _passphrase(without: bool) -> Callable[[], bytes | None]:
    return (lambda: None) if without else new_passphrase


def _own_name() -> str:
    from getpass import getuser

    try:
        return f"{getuser()}@{platform.node()}"
    except (OSError, KeyError) as cause:  # a user without a name, as in some containers
        raise PlanError(words.NO_NAME) from cause


def _now() -> datetime:
    return datetime.now(UTC)
