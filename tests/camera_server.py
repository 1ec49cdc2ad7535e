"""A camera, or a receiver of pushed streams: run by the system's Python, which has GStreamer's RTSP server, and never imported.

It is told what to do by one JSON object on its command line, answers with one line, its port, and then takes words from
standard input (see `tests/camera.py`, which starts it).
"""

from __future__ import annotations

import importlib
import json
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Any

gi: Any = importlib.import_module("gi")
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
GLib, Gst, Server = (importlib.import_module(f"gi.repository.{each}") for each in ("GLib", "Gst", "GstRtspServer"))

SEND = "( appsrc name=pictures is-live=true format=time caps={caps} ! {parse} ! {pay} name=pay0 )"
_H264 = ("video/x-h264,stream-format=byte-stream,alignment=au", "h264parse config-interval=-1", "rtph264pay pt=96")
_JPEG = ("image/jpeg,width={width},height={height},framerate={rate}/1", "identity", "rtpjpegpay pt=26")
TAKE = "( rtph264depay name=depay0 ! h264parse ! mpegtsmux ! filesink location={file} async=false sync=false )"


class Camera:
    """What is sent: the pictures of one of several clips, round and round, at its rate."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.clips = [_units(Path(each)) for each in told["clips"]]
        self.clip = self.at = self.damage = self.skip = 0
        self.going = threading.Event()
        self.going.set()

    def configure(self, _factory: Any, media: Any) -> None:
        source = media.get_element().get_by_name("pictures")
        threading.Thread(target=self.send, args=(source,), daemon=True).start()

    def send(self, source: Any) -> None:
        """Push pictures, each at its time, until nobody takes them any more."""
        step, speed, began, number, at = 1 / self.told["rate"], self.told["speed"], time.monotonic(), 0, 0
        while True:
            number = max(number, int((time.monotonic() - began) * speed / step) - 25)  # after a stall, time has gone on
            time.sleep(max(0.0, began + number * step / speed - time.monotonic()))
            self.going.wait()
            units = self.clips[self.clip]
            data = self.changed(units[at % len(units)])
            if data:
                buffer = Gst.Buffer.new_wrapped(data)
                buffer.pts = buffer.dts = round(number * step * Gst.SECOND)
                buffer.duration = round(step * Gst.SECOND)
                if source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
                    return
            number, at = number + 1, at + 1

    def changed(self, data: bytes) -> bytes:
        """The picture as it is sent: whole, damaged in its middle, or not at all."""
        if self.skip:
            self.skip -= 1
            return b""
        if self.damage and len(data) > 64:
            self.damage -= 1
            middle = len(data) // 2
            return data[:middle] + bytes((each ^ 0x5A) | 1 for each in data[middle : middle + 24]) + data[middle + 24 :]
        return data

    def obey(self, words: list[str]) -> None:
        match words:
            case ["clip", number]:
                self.clip = int(number)
            case ["damage", count]:
                self.damage = int(count)
            case ["skip", count]:
                self.skip = int(count)
            case ["stall"]:
                self.going.clear()
            case ["go"]:
                self.going.set()


def _units(path: Path) -> list[bytes]:
    data, found, at = path.read_bytes(), [], 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def _factory(told: dict[str, Any]) -> tuple[Any, Camera | None]:
    factory = Server.RTSPMediaFactory.new()
    if told.get("take"):
        factory.set_launch(TAKE.format(file=told["take"]))
        factory.set_transport_mode(Server.RTSPTransportMode.RECORD)
        return factory, None
    camera = Camera(told)
    caps, parse, pay = _JPEG if told.get("jpeg") else _H264
    width, height = told["size"]
    caps = caps.format(width=width, height=height, rate=told["rate"])
    factory.set_launch(SEND.format(caps=caps, parse=parse, pay=pay))
    factory.set_shared(True)
    factory.connect("media-configure", camera.configure)
    return factory, camera


def _protect(server: Any, factory: Any, told: dict[str, Any]) -> None:
    """Let in nobody but the user, and with a certificate nobody without TLS."""
    auth = Server.RTSPAuth()
    if told.get("certificate"):
        gio: Any = importlib.import_module("gi.repository.Gio")
        auth.set_tls_certificate(gio.TlsCertificate.new_from_file(told["certificate"]))
    if told.get("user"):
        token = Server.RTSPToken()
        token.set_string("media.factory.role", "user")
        basic = Server.RTSPAuth.make_basic(told["user"], told["password"])
        auth.add_basic(basic, token)
        permissions = Server.RTSPPermissions()
        for right in ("media.factory.access", "media.factory.construct"):
            permissions.add_permission_for_role("user", right, True)
        factory.set_permissions(permissions)
    server.set_auth(auth)


def main() -> None:
    told = json.loads(sys.argv[1])
    Gst.init(None)
    loop, server = GLib.MainLoop(), Server.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(told["port"]))
    factory, camera = _factory(told)
    if told.get("user") or told.get("certificate"):
        _protect(server, factory, told)
    server.get_mount_points().add_factory("/gate", factory)
    if not server.attach(None):
        sys.exit("the port is taken")

    def listen() -> None:
        for line in sys.stdin:
            if camera is not None:
                camera.obey(line.split())
        loop.quit()

    threading.Thread(target=listen, daemon=True).start()
    print(server.get_bound_port(), flush=True)
    loop.run()


main()
