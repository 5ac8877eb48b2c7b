"""Product pictures: flat drawings by kind, in the product's first colour."""

from __future__ import annotations

import zlib

from demo.content import Product
from demo.drawings import ALIKE, ANY, DARK, DRAWINGS, LIGHT, SEAM
from demo.markup import Markup, html

_COLOURS = {
    "moss": "#6b7f4a", "fern": "#5f8f5a", "pine": "#2f5d4a", "oat": "#cdbb97", "sand": "#cbb084",
    "slate": "#5b6b7a", "steel": "#7d8d9a", "graphite": "#4a5158", "charcoal": "#3f464c",
    "basalt": "#4b4f56", "black": "#33383d", "ink": "#2f4160", "lake": "#3f7f96",
    "bark": "#7a5a43", "chestnut": "#8a4f35", "rust": "#b05a35", "ember": "#c9582f",
    "coral": "#d9705c", "heather": "#8a719f", "ochre": "#c6953c", "snow": "#dfe5e8",
}  # fmt: skip

_FALLBACK = ["#5f8f5a", "#3f7f96", "#b05a35", "#5b6b7a", "#8a719f", "#c6953c"]

_FRAME = (
    '<svg class="picture" viewBox="0 0 240 200" role="img" aria-label="{label}">'
    '<rect width="240" height="200" fill="{colour}" fill-opacity=".13"/>'
    '<path fill="{colour}" fill-opacity=".1" '
    'd="M0 200v-46l46-42 30 24 52-66 46 58 22-18 44 40v50z"/>'
    "{drawing}</svg>"
)


def colour_of(product: Product) -> str:
    """A colour for the drawing: the product's first, else one that its id decides."""
    colours = product.attributes.get("colours")
    first = str(colours[0]).lower() if isinstance(colours, list) and colours else ""
    known = next((code for name, code in _COLOURS.items() if name in first), None)
    return known or _FALLBACK[zlib.crc32(product.id.encode()) % len(_FALLBACK)]


def picture(product: Product) -> Markup:
    """The product as inline SVG."""
    colour = colour_of(product)
    shapes = DRAWINGS.get(ALIKE.get(product.kind, product.kind), ANY)
    drawing = shapes.format(c=colour, l=LIGHT, d=DARK, s=SEAM)
    return html(_FRAME, label=f"Drawing: {product.name}", colour=colour, drawing=Markup(drawing))
