"""`privmask demo`: the whole job once, on a drawn street or on a clip of your own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import both, in_japanese
from privmask.cli.verify import checklist, verdict_data
from privmask.cli.words import answer, note, shown_name
from privmask.errors import CopyError, EvidenceError, PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.evidence import Signer

_KEYS = "throw-away-key"

BEFORE_AND_AFTER_AT = Fraction(5, 2)  # seconds: the person stands before the private window


@in_japanese("短い街路の映像を描き、3つの領域を隠し、署名と検証をして、前と後を並べた画像を作ります。")
def demo(
    clip: Annotated[
        Path | None, typer.Option("--clip", metavar="CLIP", help=both("手元の映像。", "A clip of your own."))
    ] = None,
    plan: options.PlanFile = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help=both("ファイルを作るフォルダー。", "Where the files go."))
    ] = Path("demo"),
    as_json: options.Json = False,
) -> int:
    """Draw a short street clip, mask it with three zones, sign and verify the copy, and make a picture of before and after."""
    if (clip is None) != (plan is None):
        raise PlanError(
            Text(
                "手元の映像には計画が要り、計画には映像が要ります。--clip と --plan の両方を指定してください",
                "a clip of your own needs a plan of its own, and the other way round: give both --clip and --plan",
            )
        )
    from privmask.cli.progress import progress_bar
    from privmask.copying import mask_clip
    from privmask.masks import load_plan
    from privmask.preview import beside, save_new, still, with_zones
    from privmask.verifying import verify_copy

    with _fresh_folder(out) as folder, progress_bar() as progress:
        if clip is None or plan is None:
            clip, plan = _draw_street(folder)
        zones = load_plan(plan)
        copy = folder / (
            "masked" + (clip.suffix if clip.suffix.lower() in (".jpg", ".jpeg", ".png", ".mkv") else ".mp4")
        )
        signer, allowed = _throw_away_key(folder)
        result = mask_clip(clip, copy, zones, signer=signer, progress=progress)
        verdict = verify_copy(copy, original=clip, allowed_signers=allowed, progress=progress)
    picture = folder / "before-and-after.png"
    before = with_zones(still(clip, BEFORE_AND_AFTER_AT), zones)
    save_new(beside(before, still(copy, BEFORE_AND_AFTER_AT)), picture)
    for notice in result.notices:
        note(notice)
    files = {
        "original": clip,
        "plan": plan,
        "copy": copy,
        "statement": result.statement,
        "signature": result.signature,
        "how to check": result.note,
        "allowed signers": allowed,
        "before and after": picture,
    }
    lines = [f"{name:<17} {shown_name(path)}" for name, path in files.items() if path]
    lines.append(f"The key in {shown_name(allowed.parent)} is a throw-away one, and nobody's.")
    lines.append("One of your own is made by: privmask keys new")
    data = {
        "files": {name: str(path) for name, path in files.items()},
        "result": result.as_data(),
        "verdict": verdict_data(verdict),
    }
    answer(data, "\n".join([checklist(copy, verdict), "", *lines]), as_json=as_json)
    return 0 if verdict.holds else EvidenceError.exit_code


def _throw_away_key(folder: Path) -> tuple[Signer, Path]:
    """A new key without a passphrase in a folder of its own, and the list that allows it to sign."""
    from privmask.copying import utc_now
    from privmask.evidence import KeyFileSigner
    from privmask.evidence.keychange import make_key
    from privmask.evidence.keyring import ALLOWED, KEY

    keys = folder / _KEYS
    make_key(keys, "demo", lambda: None, utc_now())
    return KeyFileSigner(keys / KEY), keys / ALLOWED


@contextmanager
def _fresh_folder(out: Path) -> Iterator[Path]:
    """A folder that was not there before; if the job fails its key goes again, and so does the folder unless more is in it."""
    folder = _made_folder(out)
    try:
        yield folder
    except BaseException:
        rmtree(folder / _KEYS, ignore_errors=True)
        with suppress(OSError):  # not empty: what is in it stays
            folder.rmdir()
        raise


def _made_folder(out: Path) -> Path:
    """`out`, or `out-2`, `out-3` … when a demo has been there: nothing is replaced."""
    for number in range(1, 1000):
        folder = out if number == 1 else out.with_name(f"{out.name}-{number}")
        try:
            folder.mkdir(parents=True, mode=0o700)
        except FileExistsError:
            continue
        except OSError as error:
            raise CopyError(
                Text(
                    f"フォルダー {str(folder)!r} を作れません（{error.strerror}）",
                    f"the folder {str(folder)!r} could not be made: {error.strerror}",
                )
            ) from error
        return folder
    raise CopyError(
        Text(
            f"{str(out)!r} など998個のフォルダーが既にあります。--out で別のフォルダーを指定してください",
            f"{str(out)!r} and 998 more like it exist; name another folder with --out",
        )
    )


def _draw_street(folder: Path) -> tuple[Path, Path]:
    from privmask.street import PLAN, write_street

    clip, plan = folder / "street.y4m", folder / "zones.toml"
    try:
        write_street(clip)
        plan.write_text(PLAN, encoding="utf-8")
    except OSError as error:
        raise CopyError(
            Text(f"映像を書き込めません（{error.strerror}）", f"the demo clip could not be written: {error.strerror}")
        ) from error
    return clip, plan
