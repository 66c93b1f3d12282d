"""Draws the rooms of the house and the arrows between them: `python tests/architecture/picture.py`.

Rows go from the ground up; every room stands above all that it uses. Drawn are the arrows that do not follow from
others (A uses C is left out where A uses B and B uses C); all of them are in the tooltip of a room.
"""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path

from package_source import ROOT
from rooms import BY_NAME, Arrow, Graph, arrows, imported, public_users, room_graph, room_of

FILE = Path(__file__).resolve().parents[2] / "docs" / "images" / "rooms.svg"
TOOLS = {"__main__", "_version", "_cores", "_compile"}  # plumbing: used nearly everywhere, and left out
WIDTH, HEIGHT, ROW, MARGIN = 136, 26, 74, 18  # of a box; distance of rows; all in pixels
SWEEPS = 12  # in which neighbours in a row are sorted by the places of what they use and what uses them


def drawing() -> str:
    """The picture as SVG, the same for the same arrows."""
    graph = room_graph(pair for pair in _all_arrows() if not TOOLS & set(pair))
    rows = _sorted_rows(graph)
    columns = max(map(len, rows))
    width, height = 2 * MARGIN + columns * (WIDTH + MARGIN), 2 * MARGIN + (len(rows) - 1) * ROW + HEIGHT
    place = {}
    for level, row in enumerate(rows):
        left = 0.5 * (width - len(row) * (WIDTH + MARGIN))
        for column, room in enumerate(row):
            place[room] = left + (column + 0.5) * (WIDTH + MARGIN), height - MARGIN - 0.5 * HEIGHT - level * ROW
    lines = [_line(place[one], place[other]) for one, other in sorted(_essential(graph))]
    boxes = [_box(room, place[room], sorted(graph[room])) for room in sorted(graph)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">'
    marker = (
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#667"/></marker></defs>'
    )
    background = f'<rect width="{width}" height="{height}" fill="white"/>'
    return "\n".join([head, marker, background, *lines, *boxes, "</svg>"]) + "\n"


def _all_arrows() -> set[Arrow]:
    """Those of rooms, and those from and to the public names of `usadel` itself."""
    offered = {("usadel", room_of(name)) for name in imported(BY_NAME["usadel"])}
    return set(arrows()) | offered | {(room, "usadel") for room in public_users()}


def _levels(graph: Graph) -> dict[str, int]:
    """Height of each room: one more than that of the highest it uses."""
    found: dict[str, int] = {}

    def level(room: str) -> int:
        if room not in found:
            found[room] = 1 + max((level(other) for other in sorted(graph[room])), default=-1)
        return found[room]

    for room in sorted(graph):
        level(room)
    return found


def _sorted_rows(graph: Graph) -> list[list[str]]:
    """Rooms by height, neighbours near to those that they are joined with."""
    level = _levels(graph)
    rows = [sorted(room for room in graph if level[room] == k) for k in range(max(level.values()) + 1)]
    joined: dict[str, set[str]] = {room: set() for room in graph}
    for one, other in _essential(graph):
        joined[one].add(other)
        joined[other].add(one)
    for _ in range(SWEEPS):
        at = {room: (k + 0.5) / len(row) for row in rows for k, room in enumerate(row)}
        means = {
            room: sum(at[o] for o in others) / len(others) if others else at[room] for room, others in joined.items()
        }
        rows = [sorted(row, key=lambda room: (round(means[room], 6), room)) for row in rows]
    return rows


def _essential(graph: Graph) -> set[Arrow]:
    """Arrows that do not follow from others."""

    @cache
    def reached(room: str) -> frozenset[str]:
        return frozenset(graph[room]).union(*(reached(other) for other in graph[room]))

    return {
        (room, other)
        for room, others in graph.items()
        for other in others
        if not any(other in reached(between) for between in others)
    }


def _line(start: tuple[float, float], end: tuple[float, float]) -> str:
    (a, b), (c, d) = start, end
    b, d = b + 0.5 * HEIGHT, d - 0.5 * HEIGHT
    bend = 0.4 * (d - b)
    path = f"M{a:.1f} {b:.1f}C{a:.1f} {b + bend:.1f} {c:.1f} {d - bend:.1f} {c:.1f} {d:.1f}"
    return f'<path d="{path}" fill="none" stroke="#667" stroke-width="1" marker-end="url(#head)"/>'


def _box(room: str, place: tuple[float, float], uses: list[str]) -> str:
    x, y = place
    tooltip = escape(f"{room} uses {', '.join(uses) or 'nothing'}")
    return (
        f'<g><title>{tooltip}</title><rect x="{x - WIDTH / 2:.1f}" y="{y - HEIGHT / 2:.1f}" width="{WIDTH}" '
        f'height="{HEIGHT}" rx="4" fill="#eef3fa" stroke="#446"/>'
        f'<text x="{x:.1f}" y="{y + 4:.1f}" font-size="12" text-anchor="middle">{escape(room)}</text></g>'
    )


if __name__ == "__main__":
    FILE.write_text(drawing(), encoding="utf-8")
    print(f"{FILE}, of {ROOT}")
