"""The service manager: telling systemd how a watch is, and a unit with which systemd runs one."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence


class Manager:
    """Tells the service manager that started this process; nobody where `environment` names none."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        limit = environment.get("WATCHDOG_USEC", "")
        self._every = int(limit) / 2e6 if limit.isdecimal() else float("inf")
        self._last, self._status = float("-inf"), ""

    def tell(self, *lines: str) -> None:
        """Say something, such as READY=1."""
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            try:
                line.sendto("\n".join(lines).encode(), self._address)
            except OSError:
                return  # it is its own matter whether it listens

    def beat(self, now: float, status: str) -> None:
        """Say that all is alive, as often as is asked for, and how things stand, when that is news."""
        if now - self._last >= min(self._every, 10.0):
            self._last = now
            lines = ["WATCHDOG=1"] if self._every != float("inf") else []
            news = [f"STATUS={status}"] if status != self._status else []
            self._status = status
            if lines or news:
                self.tell(*lines, *news)


def unit(words: Sequence[str], *, reads: Sequence[str], writes: Sequence[str], stop_after: float) -> str:
    """A unit that runs `words`: it may read the folders `reads`, write into `writes`, and little else."""
    return _UNIT.format(
        command=" ".join(map(_quoted, words)),
        reads=" ".join(map(_quoted, reads)),
        writes=" ".join(map(_quoted, writes)),
        stop=round(stop_after + 15),
    )


def _quoted(word: str) -> str:
    """A word as systemd reads it back: its `%` and `$` doubled, in quotes where it holds more than plain letters."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return text if text and all(letter.isalnum() or letter in "/._-=:+,@%" for letter in text) else f'"{text}"'


_UNIT = """\
# Made by `privmask watch --systemd`. As /etc/systemd/system/privmask-watch.service, then:
#   systemctl daemon-reload && systemctl enable --now privmask-watch
# A key with a passphrase: put the passphrase into a file of mode 600, and take the two lines below as they are meant.
[Unit]
Description=privmask: masked copies of recorded segments
After=local-fs.target remote-fs.target

[Service]
Type=notify
ExecStart={command}
# LoadCredential=passphrase:/etc/privmask/passphrase
# Environment=PRIVMASK_PASSPHRASE_FILE=%d/passphrase
Restart=on-failure
RestartSec=30
# What the site's rules refuse is recorded each time.
RestartPreventExitStatus=5
WatchdogSec=300
TimeoutStopSec={stop}
KillMode=mixed
UMask=0077
CacheDirectory=privmask
Environment=NUMBA_CACHE_DIR=%C/privmask
Nice=5

NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallArchitectures=native
SystemCallFilter=@system-service
ReadOnlyPaths={reads}
ReadWritePaths={writes}

[Install]
WantedBy=multi-user.target
"""
