"""What a device looks like in a notebook: drawn to scale, and what differs from defaults; every value on a click."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from usadel.description.elements.element import Element
from usadel.description.elements.interfaces import Interface
from usadel.description.elements.materials import Layer
from usadel.description.text.sketch import Drawn, Sketchable, parameters_text, settings_text, sketch, values_text

WIDTH = 480.0  # pixels of all layers of the longest line
THINNEST = 3.0  # pixels: a thinner layer would not be seen
HEIGHT, ROW = 44.0, 64.0  # pixels of an element, and from line to line
LID = 7.0  # pixels of the height of a contact on top
LETTER = 7.0  # pixels of a letter, about
FIXED = {  # kind -> pixels of what has no length
    "transparent": 1.0, "tunnel": 5.0, "spin_active": 14.0, "ferromagnetic_insulator": 16.0, "vacuum": 6.0,
}  # fmt: skip
RESERVOIR = 56.0
COLOURS = {
    "superconductor": "#a9c9ea", "normal_metal": "#ece5d0", "ferromagnet": "#f0b48a", "half_metal": "#dd9a9a",
    "transparent": "#ffffff", "tunnel": "#404040", "spin_active": "#8c4a2f", "ferromagnetic_insulator": "#c4623f",
    "vacuum": "none", "superconducting_reservoir": "#cfe1f4", "normal_reservoir": "#f6f2e6",
    "spin_pumped_reservoir": "#f8d9c4",
}  # fmt: skip
MOST_ROWS = 40  # of the table; the rest stands in the sketch


@dataclass(frozen=True)
class Box:
    """An element in the drawing: its place in the device, and its size in pixels."""

    element: Element
    place: str
    width: float
    length: float | None


def html(device: Sketchable) -> str:
    """Title, drawing, table of what differs from defaults, and the sketch with every value in force, folded."""
    title = f"<b>{escape(device.title)}</b><br>" if device.title else ""
    notes = "".join(f"<div>note: {escape(note)}</div>" for note in device.notes())
    full = f"<details><summary>every value in force</summary><pre>{escape(sketch(device))}</pre></details>"
    return f'<div class="usadel-device">{title}{drawing(device)}{_table(device)}{notes}{full}</div>'


def drawing(device: Sketchable) -> str:
    """The device as SVG: layers to scale, a line for each wire; hovering over an element shows its values."""
    lines = list(_lines(device))
    longest = max(sum(box.length or 0.0 for box in boxes) for _, boxes in lines)
    scale = WIDTH / longest if longest else 1.0
    before = max(len(line.before) for line, _ in lines) * LETTER
    behind = max(len(line.behind) for line, _ in lines) * LETTER
    parts, widest = [], 0.0
    for number, (line, boxes) in enumerate(lines):
        drawn, end = _line(device, line, boxes, scale, (before + 1.0, 4.0 + number * ROW))
        parts += drawn
        widest = max(widest, end)
    bottom = len(lines) * ROW - (ROW - HEIGHT) + 10.0
    parts.append(_scale_bar(longest, scale, before + 1.0, bottom))
    width, height = widest + behind + 1.0, bottom + 20.0
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="sans-serif" font-size="12" fill="currentColor">'
        f"{''.join(parts)}</svg>"
    )


def _lines(device: Sketchable) -> Iterator[tuple[Drawn, list[Box]]]:
    """Each line of the drawing with its elements, which are the first of all places, in order."""
    placed = iter(device.elements_by_place().items())
    for line in device.drawing():
        yield line, [_box(device, *next(placed)) for _ in line.elements]


def _box(device: Sketchable, place: str, element: Element) -> Box:
    if isinstance(element, Layer):
        return Box(element, place, 0.0, float(device.in_force_at(place)["length"]))
    return Box(element, place, FIXED[element.kind] if isinstance(element, Interface) else RESERVOIR, None)


def _line(
    device: Sketchable, line: Drawn, boxes: Iterable[Box], scale: float, corner: tuple[float, float]
) -> tuple[list[str], float]:
    """The shapes of one line, and where it ends."""
    x, y = corner
    middle = y + HEIGHT / 2 + 4
    parts = [f'<text x="{x - 6:.1f}" y="{middle:.1f}" text-anchor="end">{escape(line.before.strip())}</text>']
    for box in boxes:
        width = box.width if box.length is None else max(THINNEST, box.length * scale)
        parts.append(_shape(device, box, x, y, width))
        x += width
    parts.append(f'<text x="{x + 6:.1f}" y="{middle:.1f}">{escape(line.behind.strip())}</text>')
    return parts, x


def _shape(device: Sketchable, box: Box, x: float, y: float, width: float) -> str:
    """A rectangle with its name and length, as far as they fit."""
    element = box.element
    told = "\n".join([f"{box.place} {element.kind}", *_differing(device, box.place, element)])
    dashed = ' stroke-dasharray="3 2"' if box.length is None and not isinstance(element, Interface) else ""
    parts = [
        f"<g><title>{escape(told)}</title>"
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{HEIGHT:.0f}" '
        f'fill="{COLOURS[element.kind]}" stroke="#303030" stroke-width="0.7"{dashed}/>'
    ]
    name = element.name or element.symbol.strip("[]")
    texts = [name] if box.length is None else [name, f"{box.length:.4g} ξ"]
    texts = [text for text in texts if len(text) * LETTER < width]
    ink = "#ffffff" if isinstance(element, Interface) else "#202020"
    for number, text in enumerate(texts):
        at = y + HEIGHT / 2 + 4 + 15 * (number - (len(texts) - 1) / 2)
        parts.append(
            f'<text x="{x + width / 2:.1f}" y="{at:.1f}" text-anchor="middle" fill="{ink}">{escape(text)}</text>'
        )
    return "".join(parts) + "</g>" + _on_top(device, box, x, y, width)


def _on_top(device: Sketchable, box: Box, x: float, y: float, width: float) -> str:
    """Contacts on top of a layer, along its upper edge."""
    contacts = box.element.on_top if isinstance(box.element, Layer) else ()
    found = ""
    for number, contact in enumerate(contacts):
        place = f"{box.place}.on_top.{number}"
        start, stop = device.in_force_at(place)["range"]
        told = "\n".join([f"{place} {contact.kind}", *_differing(device, place, contact)])
        found += (
            f'<g><title>{escape(told)}</title><rect x="{x + start * width:.1f}" y="{y:.1f}" '
            f'width="{(stop - start) * width:.1f}" height="{LID:.0f}" fill="{COLOURS[contact.kind]}"/></g>'
        )
    return found


def _scale_bar(longest: float, scale: float, x: float, y: float) -> str:
    """A bar of a round length, at most a third of the longest line."""
    if not longest:
        return ""
    power = 10.0 ** math.floor(math.log10(longest / 3))
    length = max(step * power for step in (1, 2, 5) if step * power <= longest / 3)
    stop = x + length * scale
    return (
        f'<path d="M{x:.1f} {y - 3:.1f}v6m0 -3H{stop:.1f}m0 -3v6" stroke="currentColor" fill="none"/>'
        f'<text x="{stop + 6:.1f}" y="{y + 4:.1f}">{length:g} ξ</text>'
    )


def _table(device: Sketchable) -> str:
    """What was written, for the device and each of its elements."""
    rows = [("device", "", settings_text(device, device.written()) + parameters_text(device))]
    for place, element in device.elements_by_place().items():
        rows.append((element.name or place, element.kind, _differing(device, place, element)))
    hidden = len(rows) - MOST_ROWS
    cells = "".join(_row(*row) for row in rows[:MOST_ROWS])
    more = f'<tr><td colspan="3">and {hidden} more elements</td></tr>' if hidden > 0 else ""
    return f"<table>{cells}{more}</table>"


def _row(name: str, kind: str, values: Iterable[str]) -> str:
    text = escape(", ".join(values)) or "<i>all as by default</i>"
    left = ' style="text-align:left"'
    return f"<tr><th{left}>{escape(name)}</th><td{left}>{escape(kind)}</td><td{left}>{text}</td></tr>"


def _differing(device: Sketchable, place: str, element: Element) -> list[str]:
    """Values that were written and are not those by default."""
    in_force: Mapping[str, object] = device.in_force_at(place)
    changed = [key for key, value in element.written().items() if value != type(element).default(key)]
    return values_text(element, in_force, device.metal(), changed)
