"""`privmask policy`: the site's rules (設置・運用規程), from the first line of them to the paper on the wall."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from privmask.cli import coding, options
from privmask.cli import policy_words as words
from privmask.cli.asking import ask, is_terminal, pick
from privmask.cli.helping import Words, both, in_japanese
from privmask.cli.language import said
from privmask.cli.reference import reference
from privmask.cli.words import answer, shown_name
from privmask.errors import CopyExistsError, PlanError, PolicyError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.evidence import Aside
    from privmask.policy import Complaint, Site
    from privmask.policy.starting import Question, Template

policy = Words(
    help=both(
        "設置・運用規程：作る、検査する、採択する、印刷する。設置の表示板も作ります。",
        "The site's rules (設置・運用規程): begin, check, adopt and print them, and the sign that says there are cameras.",
    ),
)

File = Annotated[Path, typer.Argument(metavar="FILE", help=both("設置・運用規程のファイル。", "The site's rules."))]
Page = Annotated[
    Path,
    typer.Option(
        "-o", "--output", metavar="HTML", help=both("作る HTML（新しいファイル）。", "The page to write: a new file.")
    ),
]
SITE = Path("site.toml")
policy.command()(reference)


@policy.command()
@in_japanese("ひな形から設置・運用規程を作り始めます。端末で一つずつ尋ねます。既にあるファイルは置き換えません。")
def init(
    template: Annotated[
        Literal["road", "shop", "apartment"] | None,
        typer.Option(
            "--template",
            help=both(
                "ひな形。road（道路）、shop（店舗）、apartment（集合住宅）。",
                "Which rules to begin with: a public road, a shop, or an apartment house.",
            ),
        ),
    ] = None,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=both("作るファイルの名前（新しいもの）。", "The file to write: a new one."),
        ),
    ] = SITE,
    yes: Annotated[
        bool,
        options.flag(
            "--yes",
            both(
                "何も尋ねません。記入の必要な所は、ファイルの中に「要記入」と示します。",
                "Ask nothing; what only you know is marked 要記入 in the file.",
            ),
        ),
    ] = False,
    as_json: options.Json = False,
) -> int:
    """Begin the rules of a site from a template. Asks step by step on a terminal; nothing is ever replaced."""
    from privmask.policy.starting import MANAGERS_KEY, filled, gaps, questions

    if not yes and not is_terminal():
        raise PlanError(words.NO_TERMINAL)
    if yes and template is None:
        raise PlanError(words.WHICH_TEMPLATE)
    with _new_file(output) as aside:
        chosen = template or _ask_template()
        key_id = _own_key()
        known = {MANAGERS_KEY: key_id} if key_id else {}
        open_ = [] if yes else [each for each in questions(chosen) if each.kind != "drawn" and each.label not in known]
        text = filled(
            chosen,
            {**known, **{each.label: _ask(each, f"{number}/{len(open_)}") for number, each in enumerate(open_, 1)}},
        )
        aside.publish(text.encode())
    data = {"file": str(output), "template": chosen, "key_id": key_id, "to_fill_in": gaps(text), "exit_code": 0}
    begun = words.BEGUN.with_(file=shown_name(output), count=gaps(text))
    lines = [(words.KEY_FILLED_IN if key_id else words.KEY_TO_COME).with_(key=key_id), begun]
    answer(data, "\n".join(map(said, lines)), as_json=as_json)
    return 0


@policy.command()
@in_japanese("規程の誤りと注意点を、場所とともに全て示します。誤りがあれば2で終わります。")
def check(file: File = SITE, as_json: options.Json = False) -> int:
    """Say everything that is wrong with the rules, or unwise, each with its place. Ends with 2 if they do not stand."""
    from privmask.policy import examine_site, read_site

    site, complaints = examine_site(read_site(file), _now())
    if site is not None:
        from privmask.zoning import file_complaints

        complaints += file_complaints(file, site)
    wrong = [each for each in complaints if each.severity == "error"]
    code = 2 if wrong else 0
    data: dict[str, object] = {
        "file": str(file),
        "stands": not wrong,
        "guideline_applies": site.scope.applies if site is not None else None,
        "complaints": [_as_data(each) for each in complaints],
        "exit_code": code,
    }
    adopted = _adopted(file) if not wrong else None
    data["adopted"] = adopted is not None and adopted[0]
    lines = [*map(_line, complaints), *_verdict(file, site, wrong), *(adopted[1:] if adopted else ())]
    answer(data, "\n".join(lines), as_json=as_json)
    return code


@policy.command()
@in_japanese("管理責任者が署名して規程を採択します。1文字でも変えたら、もう一度採択が必要です。")
def adopt(
    person: Annotated[
        str,
        typer.Option(
            "--as", metavar="PERSON_ID", help=both("採択する人（管理責任者の id）。", "Who adopts them: the manager.")
        ),
    ],
    file: File = SITE,
    key: coding.Key = None,
    agent: coding.Agent = None,
    as_json: options.Json = False,
) -> int:
    """Put the rules into force by the manager's signature. One changed character later they have to be adopted again."""
    from privmask.adopting import adopt_site, adoption_path
    from privmask.cli.signing import signer_of
    from privmask.evidence.keyring import default_key
    from privmask.office import REGISTER
    from privmask.policy import load_site
    from privmask.refusing import refusals_at_the_door

    now = _now()
    site = load_site(file, now)
    with refusals_at_the_door(file.parent / REGISTER, file, now, {"act": "adopt"}, person):
        site.actor(person, now, "manager")  # before anybody is asked for a passphrase
    if key is None and agent is None and default_key() is None:
        raise PlanError(words.NO_KEY)
    signer = signer_of(key, agent, unsigned=False)
    assert signer is not None
    with refusals_at_the_door(file.parent / REGISTER, file, now, {"act": "adopt", "key_id": signer.key_id}, person):
        done = adopt_site(file, person, signer, now)
    data = {
        "file": str(file),
        "adoption": str(adoption_path(file)),
        "sha256": done.sha256,
        "by": done.by,
        "at": done.at.isoformat(),
        "key_id": done.key_id,
        "exit_code": 0,
    }
    done_words = words.ADOPTED.with_(
        file=shown_name(file), by=done.by, sha256=done.sha256, record=shown_name(adoption_path(file))
    )
    answer(data, said(done_words), as_json=as_json)
    return 0


@policy.command("print")
@in_japanese("設置・運用規程の全文を、A4 に印刷できる文書（HTML）にします。")
def print_(output: Page, file: File = SITE, as_json: options.Json = False) -> int:
    """Write the whole rules (設置・運用規程) as a Japanese page made for printing on A4."""
    from privmask.policy import policy_hash, read_site, site_from
    from privmask.policy.printing import rules_page

    text = read_site(file)
    site = site_from(text, str(file))
    return _write(output, rules_page(site, policy_hash(text), site.day(_now())), words.PRINTED, as_json=as_json)


@policy.command()
@in_japanese("防犯カメラの設置を表示する表示板（II-3）を、A4 又は A3 に印刷できる HTML にします。")
def sign(
    output: Page,
    file: File = SITE,
    paper: Annotated[
        Literal["a4", "a3"],
        typer.Option("--paper", help=both("用紙の大きさ。どちらも横長です。", "The paper; either is across.")),
    ] = "a4",
    as_json: options.Json = False,
) -> int:
    """Write the sign that says there are cameras, whose and what for (II-3), for A4 or A3 across."""
    from privmask.policy import load_site
    from privmask.policy.signboard import sign_page

    written = words.SIGN.with_(page="{page}", paper=paper.upper())
    return _write(output, sign_page(load_site(file), paper), written, as_json=as_json)


def _write(output: Path, page: bytes, written: Text, *, as_json: bool) -> int:
    with _new_file(output) as aside:
        aside.publish(page)
    answer({"page": str(output), "exit_code": 0}, said(written.with_(page=shown_name(output))), as_json=as_json)
    return 0


@contextmanager
def _new_file(path: Path) -> Iterator[Aside]:
    from privmask.evidence import keep_aside

    try:
        with keep_aside(path) as aside:
            yield aside
    except CopyExistsError as error:
        error.text = words.EXISTS.with_(file=shown_name(path))
        raise


def _line(complaint: Complaint) -> str:
    mark = words.MARKS[complaint.severity]
    clause = f" [{complaint.clause}]" if complaint.clause else ""
    return said(words.COMPLAINT.with_(mark=mark, sentence=complaint.sentence)) + clause


def _verdict(file: Path, site: Site | None, wrong: list[Complaint]) -> list[str]:
    if site is None or wrong:
        return [said(words.STANDS_NOT.with_(file=shown_name(file), count=len(wrong)))]
    scope = words.APPLIES if site.scope.applies else words.OUTSIDE
    return [said(words.STANDS.with_(file=shown_name(file))), said(scope)]


def _adopted(file: Path) -> tuple[bool, str]:
    """Whether the rules are adopted as they are, in words too; a check does not fail because they are not yet."""
    from privmask.adopting import require_adopted

    try:
        found = require_adopted(file, _now())
    except PolicyError as error:
        return False, said(error.text) if error.text else str(error)
    return True, said(words.IN_FORCE.with_(by=found.by, day=found.site.day(found.at)))


def _as_data(complaint: Complaint) -> dict[str, object]:
    return {
        "place": complaint.place,
        "line": complaint.line,
        "severity": complaint.severity,
        "clause": complaint.clause,
        "ja": complaint.text.ja,
        "en": complaint.text.en,
    }


def _own_key() -> str | None:
    """The fingerprint of this user's own key, if there is one that may sign."""
    from privmask.evidence.keyring import default_folder, default_key, own_keys

    if default_key() is None:
        return None
    return next((each.public.key_id for each in own_keys(default_folder()) if each.current and not each.revoked), None)


def _ask_template() -> Template:
    from privmask.policy.starting import TEMPLATE_WORDS, TEMPLATES

    return TEMPLATES[pick(words.WHERE, [TEMPLATE_WORDS[name] for name in TEMPLATES])]


def _ask(question: Question, place: str) -> str:
    """An answer that can be written; an empty one leaves the gap for later."""
    asked = words.NUMBERED.with_(place=place, asked=question.asked, hint=words.HINTS[question.kind])
    return ask(asked, question.written)


def _now() -> datetime:
    return datetime.now(UTC)
