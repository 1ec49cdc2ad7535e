from __future__ import annotations

import re

import pytest

from tests import needed as parts
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(parts.PARTS, "sundial", (lambda: False, "sundial"))
    monkeypatch.delenv("PRIVMASK_PARTS", raising=False)


def test_a_missing_part_skips_a_test_by_name_and_says_what_to_install() -> None:
    with pytest.raises(pytest.skip.Exception, match="sundial is not here; on Debian: apt-get install sundial"):
        parts.needs("sundial")


def test_where_ci_has_installed_all_parts_a_missing_one_fails_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIVMASK_PARTS", "all")
    with pytest.raises(pytest.fail.Exception, match="sundial"):
        parts.needs("sundial")


def test_ci_installs_every_package_that_a_part_comes_from_and_the_readme_names_them() -> None:
    packages = {package for part, (_, names) in parts.PARTS.items() if part != "sundial" for package in names.split()}
    (listed,) = re.findall(r"^parts=\((.*?)\)", (ROOT / ".ci" / "run").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert packages <= set(listed.split())
    for readme in ("README.md", "README.ja.md"):
        assert set(listed.split()) <= set((ROOT / readme).read_text("utf-8").split())
