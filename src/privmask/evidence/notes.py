"""`X.how-to-check.txt`: how somebody who never saw privmask checks the copy X, with programs that are not ours.

The note is signed by nobody and proves nothing: what counts is what its commands answer.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from privmask.evidence.names import PROVENANCE, SIGNATURE, SUMS
from privmask.evidence.provenance import read_statement
from privmask.evidence.sshsig import NAMESPACE
from privmask.evidence.words import shown

_STILLS = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True, slots=True)
class _Language:
    head: str
    unsigned: str
    files: dict[str, str]
    begin: str
    sums: str
    signature: str
    pictures: str
    end: str


_JAPANESE = _Language(
    head="""\
{copy} の確かめ方 (English below)
{copy} は、録画のうち人に見せられない所を privmask で隠した複写です。次のファイルと一つのフォルダーに置いてください。""",
    unsigned="""\
【注意】この来歴には誰も署名していません。下の命令で破損や取り違えは分かりますが、誰が作ったかも、
複写と来歴が一緒に書き換えられていないかも分かりません。""",
    files={PROVENANCE: "来歴：何から、いつ、何を隠して作ったか", SIGNATURE: "来歴への署名", SUMS: "ハッシュ値の一覧"},
    begin="そのフォルダーで次の命令を順に実行します。一つでも答えが違えば、この複写を信用せず、渡した人に知らせてください。",
    sums="""\
ファイルは一覧のとおりか。どの行にも OK (または「成功」「完了」) と出ます。
    {command}
   (macOS では shasum -a 256 -c、Windows では certutil -hashfile 名前 SHA256 の答えを一覧と見比べます。)""",
    signature="""\
来歴に署名したのは誰か。Good "{namespace}" signature と出ます。
    {command}
   allowed_signers は署名者の一行を書いたファイル、WHO はその一行の先頭の名前です。その一行は、電話や公式サイトなど、
   必ず複写とは別の道で受け取ってください。複写と一緒に届いた一行は何の証明にもなりません。
   正しい署名が示すのは、誰がそう述べたかであって、述べたことが本当かどうかではありません。""",
    pictures="""\
映像は来歴のとおりか。命令の下の一行が出ます。同じ値が来歴の中にも stream_sha256 として書かれていなければなりません。
    {command}
    {expected}""",
    end="""\
privmask があれば、これらをまとめて確かめ、映像の中まで点検できます。点検できないことは、そう表示されます。
    {command}
このメモには誰も署名していません。頼りになるのはメモではなく、命令の答えです。""",
)

_ENGLISH = _Language(
    head="""\
How to check {copy}
{copy} is a copy of a recording in which privmask has hidden what must not be shown. Keep it in one folder with""",
    unsigned="""\
BEWARE: nobody signed this statement. The commands show damage and mix-ups, but not who made the copy, nor whether
copy and statement were rewritten together.""",
    files={
        PROVENANCE: "statement: what it was made from, when, and what was hidden",
        SIGNATURE: "signature of the statement",
        SUMS: "list of hashes",
    },
    begin="""\
In that folder run these commands in turn. If one of them answers anything but what is said here, do not trust the copy,
and tell whoever gave it to you.""",
    sums="""\
Are the files those of the list? Every line says OK.
    {command}
   (macOS: shasum -a 256 -c. Windows: certutil -hashfile NAME SHA256, to be compared with the list.)""",
    signature="""\
Who signed the statement? The answer begins with Good "{namespace}" signature.
    {command}
   allowed_signers is a file with the signer's line, and WHO is the name that opens that line. Get the line another way
   than the copy: by telephone, or from the office's own site. A line that came with the copy proves nothing.
   A good signature shows who states this, not that it is true.""",
    pictures="""\
Are the pictures those of the statement? The line below the command comes out, and the same value must stand in the
   statement, as stream_sha256.
    {command}
    {expected}""",
    end="""\
With privmask, one command checks all this and looks into the pictures; what it cannot check, it says.
    {command}
Nobody signed this note. Rely on what the commands answer, not on the note.""",
)


def note_bytes(statement: bytes) -> bytes:
    """The note for the recipient of the copy that `statement` is about: UTF-8 text, in Japanese and then in English.

    Raises `EvidenceError` if `statement` is none.
    """
    said = read_statement(statement)
    both = (_told(each, said.copy.name, said.stream_sha256, said.key_id is not None) for each in (_JAPANESE, _ENGLISH))
    return f"\n{'-' * 80}\n".join(both).encode()


def _told(words: _Language, copy: str, stream_sha256: str, signed: bool) -> str:
    files = [f"  {shown(copy + end)}  {what}" for end, what in words.files.items() if signed or end != SIGNATURE]
    steps = [
        words.sums.format(command=f"sha256sum -c {_quoted(copy + SUMS)}"),
        *([words.signature.format(command=_ssh_keygen(copy), namespace=NAMESPACE)] if signed else []),
        words.pictures.format(command=_ffmpeg(copy), expected=f"0,v,SHA256={stream_sha256}"),
    ]
    numbered = [f"{number}. {step}" for number, step in enumerate(steps, 1)]
    head = [words.head.format(copy=shown(copy)), *files]
    warning = [] if signed else [words.unsigned]
    end = words.end.format(command=_privmask(copy, signed))
    return "\n".join([*head, *warning, words.begin, *numbered, end, ""])


def _ssh_keygen(copy: str) -> str:
    files = f"-s {_quoted(copy + SIGNATURE)} < {_quoted(copy + PROVENANCE)}"
    return f"ssh-keygen -Y verify -f allowed_signers -I WHO -n {NAMESPACE} {files}"


def _ffmpeg(copy: str) -> str:
    # In the name of a still FFmpeg takes "%03d" for a row of pictures, unless it is told not to.
    opening = "-f image2 -pattern_type none " if "%" in copy and copy.lower().endswith(_STILLS) else ""
    return f"ffmpeg -v error {opening}-i {_quoted(copy)} -map 0:v -c copy -f streamhash -hash sha256 -"


def _privmask(copy: str, signed: bool) -> str:
    return f"privmask verify {_quoted(copy)} {'--allowed-signers allowed_signers' if signed else '--unsigned'}"


def _quoted(name: str) -> str:
    """The name as a word of a POSIX shell that no program takes for an option; what cannot be printed in octal."""
    path = f"./{name}"
    if path.isprintable():
        return shlex.quote(path)
    octal = "".join(f"\\{byte:03o}" for byte in path.encode())
    return f"\"$(printf '{octal}')\""
