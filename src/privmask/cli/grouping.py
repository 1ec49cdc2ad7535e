"""Words that go together, as one value: a command asks for the value, and typer sees each of its words.

A group is a frozen dataclass whose fields are words (`Annotated` types of `options`) or other groups. A command takes it by
keyword, and its words stand in the help where the group stands among the command's parameters.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from inspect import Parameter
from typing import Any, get_type_hints


def grouped(command: Callable[..., int]) -> Callable[..., int]:
    """The command with the words of its groups in the place of the groups."""
    signature = inspect.signature(command, eval_str=True)
    taken = list(signature.parameters.values())
    words = [word for each in taken for word in _words_of(each)]

    @functools.wraps(command)
    def with_words(**given: Any) -> int:
        return command(**{each.name: _value(each.annotation, each.name, given) for each in taken})

    with_words.__signature__ = signature.replace(parameters=words)  # type: ignore[attr-defined]  # PEP 362 names it, the stubs do not
    with_words.__annotations__ = {word.name: word.annotation for word in words}
    return with_words


def _words_of(parameter: Parameter) -> Iterator[Parameter]:
    if not is_dataclass(parameter.annotation):
        yield parameter.replace(kind=Parameter.KEYWORD_ONLY)
        return
    hints = get_type_hints(parameter.annotation, include_extras=True)
    for field in fields(parameter.annotation):
        default = Parameter.empty if field.default is MISSING else field.default
        yield from _words_of(
            Parameter(field.name, Parameter.KEYWORD_ONLY, default=default, annotation=hints[field.name])
        )


def _value(kind: Any, name: str, given: Mapping[str, Any]) -> Any:
    """What the words that were given say: a word as it is, a group made of its own words."""
    if not is_dataclass(kind):
        return given[name]
    hints = get_type_hints(kind, include_extras=True)
    made: Any = kind
    return made(**{field.name: _value(hints[field.name], field.name, given) for field in fields(kind)})
