"""Contacts on top of layers: elements with places of their own, at whose edges the layers are cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from usadel.description.elements.element import Element
from usadel.description.elements.materials import Layer, ResolvedLayer
from usadel.description.elements.on_top import Covering, OnTop
from usadel.description.values.ranges import SHORTEST
from usadel.errors import InputError


def on_top_of(place: str, element: Element) -> Iterator[tuple[str, OnTop]]:
    """Contacts on top of an element at a place, with their places."""
    if isinstance(element, Layer):
        yield from ((f"{place}.on_top.{i}", contact) for i, contact in enumerate(element.on_top))


def with_covered(elements: Mapping[str, Element]) -> dict[str, Element]:
    """Elements by place, followed by what lies on top of them, and by what is behind that."""
    found = dict(elements)
    for place, element in elements.items():
        for at, contact in on_top_of(place, element):
            found[at] = contact
            if contact.reservoir is not None:
                found[f"{at}.reservoir"] = contact.reservoir
    return found


def gathered(elements: Mapping[str, Element]) -> dict[str, Element]:
    """The elements without those, which are taken back into their layers."""
    found = dict(elements)
    for place, element in elements.items():
        known = dict(on_top_of(place, element))
        contacts = tuple(_with_reservoir(found.pop(at), found.pop(f"{at}.reservoir", None)) for at in known)
        if any(new is not old for new, old in zip(contacts, known.values(), strict=True)):
            found[place] = type(element)(**{**element.written(), "on_top": contacts})
    return found


def _with_reservoir(contact: Element, reservoir: Element | None) -> Element:
    assert isinstance(contact, OnTop)
    same = reservoir is contact.reservoir
    return contact if same else type(contact)(**{**contact.written(), "reservoir": reservoir})


Span = tuple[float, float]
"""Start and end of a contact on top, in z of the layer."""


def cut(whole: ResolvedLayer, on_top: Sequence[tuple[Span, Covering]], place: str) -> list[ResolvedLayer]:
    """The parts of a layer, each of them covered by the same contacts everywhere; itself if nothing lies on it.

    States have kinks in their second derivatives where a contact begins, so that grids have to begin there.
    """
    if not on_top:
        return [whole]
    edges = sorted({0.0, 1.0, *(edge for span, _ in on_top for edge in span)})
    parts = []
    for start, stop in pairwise(edges):
        if (stop - start) * whole.length < SHORTEST * whole.diffusion**0.5:
            least = f"{SHORTEST:g} √diffusion apart"
            raise InputError(f"contacts on top cut out a part from z = {start:g} to {stop:g}; allowed: edges {least}",
                             key=f"{place}.on_top")  # fmt: skip
        covering = tuple(contact for (left, right), contact in on_top if left <= start and stop <= right)
        parts.append(whole.part(start, stop, covering))
    return parts
