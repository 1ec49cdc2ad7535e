"""`privmask gst-env`: what GStreamer needs to be told so that it finds the element `privmask`."""

from __future__ import annotations

import os
import shlex
from typing import Annotated

from privmask.cli import options
from privmask.cli.helping import both, in_japanese
from privmask.cli.language import said
from privmask.cli.words import answer, say
from privmask.language import Text


@in_japanese(
    "GStreamer が privmask の部品を見つけるための環境変数を、シェルの形で出します。使い方：eval \"$(privmask gst-env)\""
    "\n\n部品を動かせないときは何も出さず、理由を示して1で終わります。"
)
def gst_env(
    check: Annotated[
        bool,
        options.flag(
            "--check",
            both("1コマを実際に通して確かめます。", "Also send one picture through the element."),
        ),
    ] = False,
    as_json: options.Json = False,
) -> int:
    """Print the environment in which GStreamer finds the element: eval "$(privmask gst-env)"

    Where the element cannot run, nothing is printed but the reason, and it ends with 1.
    """
    from privmask.recorders.gst.environment import gap, trial, variables

    found = variables(os.environ)
    environment = {**os.environ, **found}
    missing = gap(environment)
    failure = said(missing.text) if missing else None
    if check and failure is None and (told := trial(environment)) is not None:
        failure = said(_FAILED.with_(told=told))
    if failure is not None:
        if as_json:
            answer({"error": {"kind": "GStreamer", "message": failure}, "exit_code": 1}, "", as_json=True)
        say(f"privmask: {failure}")
        return 1
    lines = [f"export {name}={shlex.quote(value)}" for name, value in found.items()]
    answer({**found, "exit_code": 0}, "\n".join(lines), as_json=as_json)
    return 0


_FAILED = Text("GStreamer の部品を動かせませんでした：{told}", "the element did not run: {told}")
