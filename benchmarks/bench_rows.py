"""The rows of the table that bench.py draws: what was measured and the figure, in English and in Japanese."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from statistics import median
from typing import Any, TypeAlias

Parts: TypeAlias = Mapping[str, Any]
Row: TypeAlias = tuple[tuple[str, str], tuple[str, str]]
"""What was measured, in English and in Japanese, and the figure, likewise."""


def rows(parts: Parts) -> Iterator[Row]:
    """The rows of all parts that were measured."""
    for name, of_part in _ROWS.items():
        if name in parts:
            yield from of_part(parts[name])


def _kernels(figures: Any) -> Iterator[Row]:
    took = {name: each["microseconds"] for name, each in figures["medians"].items()}
    of_types = [f"{took[f'hide, {kind}'] / 1000:.2f} ms" for kind in ("Color", "Pixelated", "Blurred")]
    yield (
        (
            "hiding 30 % of a 1080p frame (8-bit 4:2:0, one thread)",
            "1080p の画面の 30 % を隠す時間（8 ビット 4:2:0、1 スレッド）",
        ),
        (
            "Color {}, Pixelated {}, Blurred {}".format(*of_types),
            "塗りつぶし {}、モザイク {}、ぼかし {}".format(*of_types),
        ),
    )
    others = ("memset of the same bytes", "memcpy of the same bytes", "cv2.fillPoly", "numpy boolean mask")
    against = [_times(took["fill, luma"] / took[other]) for other in others]
    yield (
        (
            "filling the luma of a zone, against memset, memcpy, OpenCV's `fillPoly` and a NumPy mask",
            "輝度の塗りつぶしと、memset、memcpy、OpenCV の `fillPoly`、NumPy のマスクとの比",
        ),
        (", ".join(f"{each} ×" for each in against), "、".join(f"{each} 倍" for each in against)),
    )
    yield _against(
        ("Pixelated against OpenCV's mosaic of the same region", "モザイクと、OpenCV の同じ領域のモザイクとの比"),
        took["Pixelated, luma"] / took["cv2 mosaic of the same region"],
    )
    yield _against(
        (
            "Blurred against OpenCV's Gaussian blur of the same region",
            "ぼかしと、OpenCV の同じ領域のガウスぼかしとの比",
        ),
        took["Blurred, luma"] / took["cv2.GaussianBlur of the same region"],
    )


def _whole_job(figures: Any) -> Iterator[Row]:
    job = figures["clips"][0]
    seconds, height = round(job["clip"]["seconds"]), job["clip"]["height"]
    yield (
        (
            f"whole job, {seconds} s of {height}p, 30 % hidden, against a plain ffmpeg transcode (same x264 settings, threads)",
            f"全工程（{height}p、{seconds} 秒、30 % を隠す）と、同じ x264 設定・スレッド数の ffmpeg の変換との比",
        ),
        _both(job["ratios"]["privmask / ffmpeg"]),
    )
    yield (
        ("the same with the self-check", "複写の検査を含めた場合"),
        _both(job["ratios"]["privmask with self-check / ffmpeg"]),
    )
    peak = max(used["peak_mib"] for name, used in job["medians"].items() if name != "ffmpeg")
    yield ("peak memory of that job", "そのときの最大メモリー"), _alike(f"{peak:.0f} MiB")
    parts = job["parts_of_the_job"]
    yield (
        (
            "hashes, statement, signature and custody, of the job with everything on",
            "全工程のうち、ハッシュ、来歴、署名、原本の管理の占める割合",
        ),
        _alike(f"{parts['evidence']:.1%}".replace("%", " %")),
    )


def _peers(figures: Any) -> Iterator[Row]:
    ratios = figures["clips"][0]["ratios"]
    names = ("ffmpeg overlay", "ffmpeg maskedmerge", "ffmpeg pixelating")
    walls = [_times(ratios[f"{name} / ffmpeg"]["wall"]) for name in names]
    yield (
        (
            "ffmpeg's own ways to hide the same polygon, against its plain transcode (wall time)",
            "ffmpeg で同じ多角形を隠す方法と、ffmpeg の変換との比（経過時間）",
        ),
        (
            "`overlay` {} ×, `maskedmerge` {} ×, a pixelating graph {} ×".format(*walls),
            "`overlay` {} 倍、`maskedmerge` {} 倍、モザイクのフィルター {} 倍".format(*walls),
        ),
    )
    yield (
        (
            "whole job with Pixelated, against ffmpeg's pixelating graph",
            "全工程（モザイク）と、ffmpeg のモザイクのフィルターとの比",
        ),
        _both(ratios["privmask pixelated / ffmpeg pixelating"]),
    )


def _given(figures: Any) -> Iterator[Row]:
    for job in figures["clips"]:
        clip, ratios = job["clip"], job["ratios"]
        size = f"{clip['width']}x{clip['height']}"
        walls = [_times(ratios[f"{name} / ffmpeg"]["wall"]) for name in ("privmask", "ffmpeg pixelating")]
        yield (
            (
                f"a real clip, {size}, {clip['seconds']:.0f} s: whole job and ffmpeg's pixelating graph against a transcode",
                f"実際の映像（{size}、{clip['seconds']:.0f} 秒）の全工程、ffmpeg のモザイクのフィルターと、ffmpeg の変換との比",
            ),
            ("{} × and {} × its wall time".format(*walls), "経過時間 {} 倍、{} 倍".format(*walls)),
        )


def _passing(figures: Any) -> Iterator[Row]:
    times = [f"{figures['times as fast as ffmpeg'][part]:.1f}" for part in ("wall", "cpu")]
    yield (
        (
            "something to hide in a tenth of the groups of pictures, self-check included, against a plain transcode",
            "10 分の 1 の画像群にだけ隠すものがある映像（検査を含む）と、ffmpeg の変換との比",
        ),
        ("{} times as fast, {} by CPU time".format(*times), "{} 倍の速さ、CPU 時間では {} 倍".format(*times)),
    )


def _searching(figures: Any) -> Iterator[Row]:
    (job,) = figures["clips"]
    ratios = [f"{job[name]:.2f}" for name in ("masking / both", "masking / privmask detect")]
    yield (
        (
            "a face in a tenth of the groups of pictures: `mask --faces` against decoding plus searching, and against `detect`",
            "10 分の 1 の画像群にだけ顔がある映像の `mask --faces` と、復号と検出を足した時間、`detect` との比",
        ),
        ("{} × and {} × their wall time".format(*ratios), "経過時間 {} 倍、{} 倍".format(*ratios)),
    )


def _batch(figures: Any) -> Iterator[Row]:
    clips = figures["clips"]
    yield _faster(
        (
            f"{clips} short clips, `batch --jobs 2`, against one worker",
            f"短い映像 {clips} 本の `batch --jobs 2` と、1 つのときとの比",
        ),
        figures["times as fast"],
    )


def _parts(figures: Any) -> Iterator[Row]:
    minutes = round(figures["seconds"] / 60)
    yield _faster(
        (
            f"one clip of {minutes} minutes, `mask --jobs 2`, against one process, each on a core of its own",
            f"{minutes} 分の映像 1 本の `mask --jobs 2` と、1 プロセスのときとの比（1 プロセスに 1 コア）",
        ),
        figures["times as fast"],
    )


def _memory(figures: Any) -> Iterator[Row]:
    yield _against(
        (
            "peak memory for ten minutes of 1080p, against one minute",
            "1080p の 10 分の最大メモリーと、1 分のそれとの比",
        ),
        figures["ten_minutes / one_minute"],
    )


def _faces(figures: Any) -> Iterator[Row]:
    usual, quick, deface = (figures.get(name) for name in ("as it is", "veryfast", "deface"))
    rate, quick_rate = (round(each["frames_a_second"]) for each in (usual, quick))
    cpu, quick_cpu = (round(each["cpu_ms"]) for each in (usual, quick))
    beside = ("", "")
    if deface:
        beside = (
            f"; deface {deface['frames_a_second']:.1f} and {deface['cpu_ms']:.0f}",
            f"。deface は毎秒 {deface['frames_a_second']:.1f} コマ、{deface['cpu_ms']:.0f} ms",
        )
    told = f"{rate} frames a second, {cpu} ms of CPU a frame; with `--preset veryfast` {quick_rate} and {quick_cpu}"
    told_ja = (
        f"毎秒 {rate} コマ、1 コマの CPU 時間 {cpu} ms（`--preset veryfast` では {quick_rate} コマ、{quick_cpu} ms）"
    )
    yield (
        ("the 1080p street with 14 faces, `--faces`, all cores", "顔 14 の 1080p の街路、`--faces`、全コア"),
        (told + beside[0], told_ja + beside[1]),
    )


def _verify(figures: Any) -> Iterator[Row]:
    speed, peak = figures["speed of sha256sum"]["wall"], figures["medians"]["verify --bytes-only"]["peak_mib"]
    size = f"{figures['gigabytes']:.0f} GB"
    yield (
        (f"`verify --bytes-only`, {size}", f"`verify --bytes-only`、{size}"),
        (
            f"{speed:.1f} times as fast as `sha256sum`, {peak:.0f} MiB",
            f"`sha256sum` の {speed:.1f} 倍の速さ、{peak:.0f} MiB",
        ),
    )


def _startup(figures: Any) -> Iterator[Row]:
    took = figures["median_seconds"]
    first, help_, import_ = took["first frame"], took["privmask --help"], took["import privmask"]
    yield (
        ("start", "起動"),
        (
            f"`import privmask` {import_:.2f} s, `--help` {help_:.1f} s, first masked frame after {first:.1f} s",
            f"`import privmask` {import_:.2f} 秒、`--help` {help_:.1f} 秒、最初の 1 コマまで {first:.1f} 秒",
        ),
    )


def _register(figures: Any) -> Iterator[Row]:
    entries, slower = figures["entries"], figures["append, times slower"]
    speed = round(figures["verified a second"], -3)
    yield (
        (f"register of {round(entries, -4):,} entries", f"{round(entries / 10000)} 万件の台帳"),
        (
            f"an append takes {slower:.2f} times as long as at 1,000; {speed:,} entries are verified a second",
            f"1 件の記載は千件のときの {slower:.2f} 倍の時間。検証は毎秒 {speed:,} 件",
        ),
    )


def _vault(figures: Any) -> Iterator[Row]:
    speeds = [figures[job]["MiB / s"] for job in ("put", "take")]
    peak = max(each["peak MiB"] for each in figures.values() if isinstance(each, dict))
    yield (
        (
            f"a copy of {figures['mib']} MiB into the vault, and out of it",
            f"{figures['mib']} MiB の複写を保管庫に入れる、出す",
        ),
        (
            "{} and {} MiB a second, {:.0f} MiB of memory".format(*speeds, peak),
            "毎秒 {} MiB、{} MiB。メモリー {:.0f} MiB".format(*speeds, peak),
        ),
    )


def _footage(figures: Any) -> Iterator[Row]:
    made = [float(row["psnr"]) for row in figures if row["verdict"] == "verified" and row["psnr"] != "inf"]
    yield (
        (
            "quality outside the zones, the worst frame of each real clip and picture",
            "領域の外の画質。実際の映像と画像それぞれの最も悪いコマ",
        ),
        (
            f"{min(made):.0f} dB or more, half of the {len(made)} at least {median(made):.0f} dB",
            f"{min(made):.0f} dB 以上。{len(made)} 点の半数は {median(made):.0f} dB 以上",
        ),
    )


def _times(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 1.095 else f"{ratio:.1f}"


def _against(what: tuple[str, str], ratio: float) -> Row:
    return what, (f"{_times(ratio)} ×", f"{_times(ratio)} 倍")


def _faster(what: tuple[str, str], times: float) -> Row:
    return what, (f"{times:.2f} times as fast", f"{times:.2f} 倍の速さ")


def _both(ratios: Mapping[str, float]) -> tuple[str, str]:
    cpu, wall = f"{ratios['cpu']:.2f}", f"{ratios['wall']:.2f}"
    return f"{cpu} × its CPU time, {wall} × its wall time", f"CPU 時間 {cpu} 倍、経過時間 {wall} 倍"


def _alike(text: str) -> tuple[str, str]:
    return text, text


_ROWS: dict[str, Callable[[Any], Iterator[Row]]] = {
    "kernels": _kernels,
    "whole job": _whole_job,
    "peers": _peers,
    "given clips": _given,
    "passing": _passing,
    "searching": _searching,
    "batch": _batch,
    "parts": _parts,
    "memory": _memory,
    "faces": _faces,
    "verify": _verify,
    "register": _register,
    "vault": _vault,
    "startup": _startup,
    "footage": _footage,
}
