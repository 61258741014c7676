"""A page, read by Python's own parser: its elements in their order, and what is wrong with them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

_VOID = {"meta", "link", "input", "br", "img", "hr"}
_OUTSIDE = re.compile(r"(?i)url\(|@import|https?:")
_NAMING = ("aria-labelledby", "aria-controls", "href")


@dataclass
class Element:
    """An element, with what it is in and the text right inside it."""

    name: str
    attributes: dict[str, str | None]
    within: tuple[str, ...]
    text: str = ""


@dataclass
class Page:
    """The elements of a page in order, and what its end tags close that was not open."""

    elements: list[Element] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)

    def named(self, name: str) -> list[Element]:
        return [element for element in self.elements if element.name == name]

    def names_within(self, name: str) -> set[str]:
        return {element.name for element in self.elements if name in element.within}

    @property
    def texts(self) -> set[str]:
        return {element.text.strip() for element in self.elements}

    @property
    def data(self) -> dict[str, Any]:
        (element,) = [each for each in self.named("script") if each.attributes.get("type") == "application/json"]
        found: dict[str, Any] = json.loads(element.text)
        return found

    def faults(self) -> list[str]:
        """Say what is not as a sound page has it."""
        ids = [element.attributes["id"] for element in self.elements if "id" in element.attributes]
        found = [f"{name} is not closed, or closed twice" for name in self.unbalanced]
        found += [f"the id {each} comes twice" for each in sorted(set(map(str, ids))) if ids.count(each) > 1]
        for element in self.elements:
            found += [f"{element.name} {fault}" for fault in _faults(element, ids)]
        levels = [int(each.name[1]) for each in self.elements if re.fullmatch("h[1-6]", each.name)]
        if levels.count(1) != 1 or any(after > before + 1 for before, after in pairwise(levels)):
            found.append(f"the headings have the levels {levels}")
        return found

    def allowed(self, directive: str) -> str:
        """Give what the policy of the page allows."""
        (policy,) = [each for each in self.named("meta") if each.attributes.get("http-equiv")]
        return dict(part.split(" ", 1) for part in str(policy.attributes["content"]).split("; "))[directive]


def read_page(content: bytes) -> Page:
    """Read a page."""
    reader = _Reader()
    reader.feed(content.decode("utf-8"))
    reader.close()
    reader.page.unbalanced += [element.name for element in reader.open]
    return reader.page


def policy_hash(text: str) -> str:
    """Give the hash by which a policy allows a style or a script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _faults(element: Element, ids: list[str | None]) -> list[str]:
    found = []
    for name, value in element.attributes.items():
        if name == "style" or name.startswith("on"):
            found.append(f"has the attribute {name}")
        target = str(value).removeprefix("#")
        if name in _NAMING and (name != "href" or str(value).startswith("#")) and target not in ids:
            found.append(f"names {value}, which is not there")
        if name in {"src", "href"} and not str(value).startswith(("#", "data:")):
            found.append(f"loads {value}")
    if element.name == "style" and _OUTSIDE.search(element.text):
        found.append("loads something")
    if element.name == "th" and "scope" not in element.attributes:
        found.append("has no scope")
    if element.attributes.get("role") == "img" and not element.attributes.get("aria-label"):
        found.append("is a picture without words")
    if element.name in {"input", "select"} and "label" not in element.within:
        found.append("has no label")
    if element.name == "svg" and element.attributes.get("aria-hidden") != "true":
        found.append("is read out shape by shape")
    return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), tuple(each.name for each in self.open))
        self.page.elements.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.elements.append(Element(tag, dict(attrs), tuple(each.name for each in self.open)))

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1].name == tag:
            self.open.pop()
        else:
            self.page.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open:
            self.open[-1].text += data
