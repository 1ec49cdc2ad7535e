"""A signer of your own: a command that signs what it reads, on another machine for instance, so that no key is kept here.

python examples/own_signer.py CLIP PLAN COPY PUBKEY ssh office ssh-keygen -Y sign -n privmask.provenance.v1 -f KEY
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import privmask


class CommandSigner:
    """Signs with whatever private key the command holds; `public` is its .pub file."""

    def __init__(self, public: Path, command: list[str]) -> None:
        said = subprocess.run(["ssh-keygen", "-l", "-f", public], check=True, capture_output=True, text=True)
        self.key_id = said.stdout.split()[1]
        self._command = command

    def sign(self, message: bytes) -> bytes:
        """The armoured signature; privmask checks it before the copy gets its name."""
        return subprocess.run(self._command, input=message, check=True, stdout=subprocess.PIPE).stdout


def main(clip: Path, plan: Path, copy: Path, signer: privmask.Signer) -> None:
    """Mask `clip`, and have the statement signed elsewhere."""
    result = privmask.mask_clip(clip, copy, privmask.load_plan(plan), signer=signer)
    print(f"{result.copy}, signed by {result.key_id}")


if __name__ == "__main__":
    own = CommandSigner(Path(sys.argv[4]), sys.argv[5:])
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), own)
