"""Contacts on top of layers, and their reservoirs, as elements with places of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from usadel.description.elements.element import Element
from usadel.description.elements.materials import Layer
from usadel.description.elements.on_top import OnTop


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
