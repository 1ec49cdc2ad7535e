"""The walls of the house, as rules that `test_walls.py` keeps: who may import whom, who may print, and how long code may be.

A rule takes modules (dotted name and syntax tree) and yields one line for each break, so that each rule can be shown to bite
on a few lines of made-up code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median

GROUND = {"errors", "geometry", "frame", "language", "memory", "sighting", "workers"}
ROOMS = {"masks", "video", "detect", "evidence", "policy", "register"}
DOORS = {"cli", "recorders", "web", "batch"}

# Foreign package -> the only places that may import it. A place is a module or a room below privmask.
FOREIGN = {
    "av": {"video"},
    "numpy": {"frame", "masks", "video", "detect", "masker", "preview", "street", "report", "recorders.gst.buffers"},
    "numba": {"masks.kernels"},
    "gi": {"recorders.gst.python"},
    "cv2": {"detect"},
    "onnxruntime": {"detect"},
    "onnx": {"detect"},
    "distributed": {"batch.cluster", "batch.task"},
    "inotify_simple": {"recorders.closing"},
    "prometheus_client": {"recorders.metrics"},
    "yaml": {"masks.imports.frigate"},
    "rfc8785": {"evidence"},
    "cryptography": {"evidence"},
    "pydantic": {"masks", "policy"},
    "sqlite3": {"register"},
    "pyrage": {"register"},
    "PIL": {"preview", "sheet", "report", "turned"},
    "typer": {"cli"},
    "rich": {"cli"},
}

# A worker process ends a job as the cli ends a command: with what was raised, told to whoever began it.
CATCHING = {"cli", "batch.masking", "parts.child"}

# Module of the standard library -> the only places that may use it: it talks to people or ends the program.
TALKING = {"argparse": {"cli"}, "getpass": {"cli"}}

LONGEST_MODULE = 300
LONGEST_FUNCTION = 60
MEDIAN_FUNCTION = 10


@dataclass(frozen=True)
class Module:
    """One module below privmask: its dotted name ("masks.plan", "" for the package itself) and its text."""

    name: str
    text: str
    is_package: bool = False

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def place(self) -> str:
        """The room, door, corridor or ground-floor module that it belongs to."""
        return self.name.split(".")[0].replace("__main__", "cli")


@dataclass(frozen=True)
class Import:
    target: str
    line: int
    typing_only: bool


def read_modules(package: Path) -> list[Module]:
    """Every module below the folder `package`."""
    modules = []
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        modules.append(Module(".".join(parts[:-1] if is_package else parts), path.read_text("utf-8"), is_package))
    return modules


def imports(module: Module) -> Iterator[Import]:
    """Everything that the module imports, wherever it does so; `from a import b` counts as `a.b`."""
    typing_lines = _typing_only_lines(module.tree)
    for node in ast.walk(module.tree):
        for target in _targets(node, module):
            line = getattr(node, "lineno", 0)
            yield Import(target, line, line in typing_lines)


def _targets(node: ast.AST, module: Module) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = _absolute(node, module)
        return [f"{base}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__") and node.args:
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            return [first.value]
    return []


def _absolute(node: ast.ImportFrom, module: Module) -> str:
    if not node.level:
        return node.module or ""
    package = ["privmask", *filter(None, module.name.split("."))]
    kept = package[: len(package) - node.level + module.is_package]
    return ".".join([*kept, *filter(None, [node.module])])


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _typing_only_lines(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for child in node.body:
                lines.update(range(child.lineno, (child.end_lineno or child.lineno) + 1))
    return lines


def _own(target: str) -> str | None:
    """The part after "privmask." of one of our own modules, "" for the package itself, None for a foreign one."""
    head, _, rest = target.partition(".")
    return rest if head == "privmask" else None


def _within(name: str, places: Iterable[str]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


def broken_floors(modules: Iterable[Module]) -> Iterator[str]:
    """Ground floor and rooms import the ground floor and themselves; corridors no door; nobody imports the cli."""
    for module in modules:
        for each in imports(module):
            own = _own(each.target)
            if own is None or not module.name:
                continue
            place = own.split(".")[0]
            if place == module.place or place in GROUND:
                continue
            if module.place in GROUND | ROOMS:
                yield f"{module.name}:{each.line} imports {each.target}; {module.place} may know the ground floor only"
            elif place == "cli" or (place in DOORS and module.place not in DOORS):
                yield f"{module.name}:{each.line} imports the door {each.target}"


def misplaced_packages(modules: Iterable[Module]) -> Iterator[str]:
    """Each foreign package is known to one room only. Imports for type checkers alone are free, except in rooms."""
    for module in modules:
        for each in imports(module):
            places = (FOREIGN | TALKING).get(each.target.split(".")[0])
            free = each.typing_only and module.place not in ROOMS
            if places and not free and not _within(module.name, places):
                yield f"{module.name}:{each.line} imports {each.target}, which belongs to {', '.join(sorted(places))}"


def cycles(modules: Iterable[Module]) -> Iterator[str]:
    """Imports at run time go one way. A package's `__init__` stands for the package and is left out."""
    modules = list(modules)
    names = {module.name for module in modules if not module.is_package}
    graph = {m.name: _neighbours(m, names) for m in modules if not m.is_package}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield "import cycle: " + " → ".join(error.args[1])


def _neighbours(module: Module, names: set[str]) -> set[str]:
    found = set()
    for each in imports(module):
        own = _own(each.target) or ""
        for candidate in (own, own.rpartition(".")[0]):
            if candidate in names and candidate != module.name and not each.typing_only:
                found.add(candidate)
    return found


def talkers(modules: Iterable[Module]) -> Iterator[str]:
    """Only the cli prints, asks, exits, or touches the root logger."""
    for module in modules:
        if module.place == "cli":
            continue
        for node in ast.walk(module.tree):
            said = _says(node)
            if said:
                yield f"{module.name}:{getattr(node, 'lineno', 0)} {said}; only cli/ talks to people or exits"


def _says(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        root_logger = called == "logging.getLogger" and not node.args
        logs = called.startswith("logging.") and called.split(".")[1] in _ROOT_LOGGER
        if called in _TALK or root_logger or logs:
            return f"calls {called}"
    if isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.stdout", "sys.stderr"):
        return f"uses {ast.unparse(node)}"
    if isinstance(node, ast.Raise) and node.exc is not None and ast.unparse(node.exc).startswith("SystemExit"):
        return "raises SystemExit"
    return ""


_TALK = {"print", "input", "exit", "quit", "sys.exit", "os._exit", "breakpoint"}
_ROOT_LOGGER = {"basicConfig", "debug", "info", "warning", "error", "exception", "critical", "log", "disable"}


def catchers(modules: Iterable[Module]) -> Iterator[str]:
    """Only where a command or a worker's job ends is PrivmaskError caught as such; a bare `except:` is nobody's."""
    for module in modules:
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            if node.type is None:
                yield f"{module.name}:{node.lineno} bare except"
            elif not _within(module.name, CATCHING) and "PrivmaskError" in re.findall(r"\w+", ast.unparse(node.type)):
                yield f"{module.name}:{node.lineno} catches PrivmaskError; only {' and '.join(sorted(CATCHING))} do"


def functions(module: Module) -> Iterator[tuple[str, int]]:
    """Name and number of lines of each function in the module, without its docstring and decorators."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None and len(node.body) > 1 else node.body
            said = body[0].lineno - node.body[0].lineno
            yield f"{module.name}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1 - said


def too_long(modules: Iterable[Module]) -> Iterator[str]:
    """Modules, functions, and the median function, against their limits."""
    sizes: list[int] = []
    for module in modules:
        lines = module.text.count("\n")
        if lines > LONGEST_MODULE:
            yield f"{module.name}: {lines} lines; is it two modules? ({LONGEST_MODULE} at most)"
        for name, size in functions(module):
            sizes.append(size)
            if size > LONGEST_FUNCTION:
                yield f"{name}: {size} lines ({LONGEST_FUNCTION} at most)"
    if sizes and median(sizes) > MEDIAN_FUNCTION:
        yield f"the median function has {median(sizes)} lines ({MEDIAN_FUNCTION} at most)"
