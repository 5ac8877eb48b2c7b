"""The shapes of the product pictures, on a field of 240 x 200.

`{c}` is the product's colour, `{l}` a lighter and `{d}` a darker layer over it, `{s}` a seam.
"""

from __future__ import annotations

LIGHT = 'fill="#fff" fill-opacity=".22"'
DARK = 'fill="#000" fill-opacity=".2"'
SEAM = 'fill="none" stroke="#000" stroke-opacity=".28" stroke-width="2.5" stroke-linecap="round"'

_GLOVE = (
    '<g transform="{place}"><path fill="{c}" d="M72 164v-48L54 92q-6-10 3-14 7-3 12 4l11 '
    '14V50q0-8 7-8t7 8v34h4V40q0-8 7-8t7 8v44h4V46q0-8 7-8t7 8v40h4V60q0-7 6-7t6 7v104z"/>'
    '<path {d} d="M72 146h72v18H72z"/></g>'
)

DRAWINGS = {
    "jacket": (
        '<path fill="{c}" d="M92 58q2-34 28-34t28 34q-28 14-56 0z"/>'
        '<path {d} d="M101 56q3-23 19-23t19 23q-19 9-38 0z"/>'
        '<path fill="{c}" d="M94 54 72 64 48 128l20 9 14-33v62q38 9 76 0v-62l14 33 '
        '20-9-24-64-22-10q-26 12-52 0z"/>'
        '<path {d} d="M82 104v62q6 1.5 12 2.5V80zM158 104v62q-6 1.5-12 2.5V80z"/>'
        '<path {s} d="M120 62v108M92 138h16M132 138h16"/>'
    ),
    "fleece": (
        '<path fill="{c}" d="M102 56q0-16 18-16t18 16q-18 10-36 0z"/>'
        '<path fill="{c}" d="M94 54 72 64 48 128l20 9 14-33v62q38 9 76 0v-62l14 33 '
        '20-9-24-64-22-10q-26 12-52 0z"/>'
        '<path {d} d="M82 104v62q6 1.5 12 2.5V80zM158 104v62q-6 1.5-12 2.5V80z"/>'
        '<path {s} d="M120 60v109M129 92h20M92 140q8-7 16 0M132 140q8-7 16 0"/>'
    ),
    "shirt": (
        '<path fill="{c}" d="M94 54 72 64 48 128l20 9 14-33v62q38 9 76 0v-62l14 33 '
        '20-9-24-64-22-10q-26 12-52 0z"/>'
        '<path {d} d="M82 104v62q6 1.5 12 2.5V80zM158 104v62q-6 1.5-12 2.5V80z"/>'
        '<path {d} d="M98 55q22 20 44 0-22 9-44 0z"/>'
        '<path {s} d="M82 158q38 9 76 0M52 119l19 9M188 119l-19 9"/>'
    ),
    "trousers": (
        '<path fill="{c}" d="M84 32h72l12 140h-34l-14-92-14 92H72z"/>'
        '<path {d} d="M84 32h72l1 13H83z"/>'
        '<path {s} d="M120 45v34M92 52l-4 22M148 52l4 22M79 128h26M135 128h26"/>'
    ),
    "socks": (
        '<path fill="{c}" d="M70 36h34v74q0 10 12 16l18 10q12 8 6 20-5 10-20 '
        '8-40-6-46-20-4-9-4-24z"/>'
        '<path {d} d="M70 36h34v16H70zM74 144q6 14 46 20 15 2 20-8 2-5 1-9-27 6-44-8-12 0-23 '
        '5z"/>'
        '<path fill="{c}" d="M142 44h30v62q0 9 10 14l10 6q10 7 5 18-5 9-18 '
        '7-24-4-30-14-7-9-7-23z"/>'
        '<path {l} d="M142 44h30v14h-30z"/>'
    ),
    "gloves": _GLOVE.format(place="translate(0 24) scale(.8)", c="{c}", d="{d}")
    + _GLOVE.format(place="translate(240 24) scale(-.8 .8)", c="{c}", d="{d}"),
    "hat": (
        '<path fill="{c}" d="M64 128q0-78 56-78t56 78z"/>'
        '<path {d} d="M58 122h124q6 0 6 6v20q0 6-6 6H58q-6 0-6-6v-20q0-6 6-6z"/>'
        '<circle fill="{c}" cx="120" cy="44" r="15"/>'
    ),
    "boots": (
        '<path fill="{c}" d="M78 34h52v58q4 16 30 22 26 5 26 28v8H74q-4-60 4-116z"/>'
        '<path fill="#33383d" d="M72 150h116v8q0 8-8 8h-18l-5-6-7 6h-16l-6-6-6 6H80q-8 0-8-8z"/>'
        '<path {l} d="M78 34h52v14H77z"/>'
        '<path {s} d="M108 62h24M108 78h24M114 94h24M126 108l18-8"/>'
    ),
    "shoes": (
        '<path fill="{c}" d="M48 96q2-16 14-12 12 8 28-2 8-8 18 2 14 18 44 26 44 8 44 '
        '32v6H46q-4-30 2-52z"/>'
        '<path fill="#e9e4da" d="M44 142h154q2 16-10 18H56q-12 0-12-18z"/>'
        '<path {l} d="M108 84q14 18 44 26 44 8 44 32h-38q-40-6-66-46z"/>'
        '<path {s} d="M104 108l12-14M118 118l12-14M134 126l12-13"/>'
    ),
    "tent": (
        '<path fill="{c}" d="M28 158 116 46h12l84 112z"/>'
        '<path {d} d="M122 46h6l84 112h-64z"/>'
        '<path {l} d="M92 158 120 70l20 88z"/>'
        '<path {s} d="M120 70v88M28 158H14M212 158h14M116 46l-4-9"/>'
    ),
    "backpack": (
        '<path fill="#4a5158" d="M96 46q0-20 24-20t24 20h-11q0-10-13-10t-13 10z"/>'
        '<path fill="{c}" d="M82 66q0-26 38-26t38 26l6 96q0 10-10 10H86q-10 0-10-10z"/>'
        '<path {l} d="M80 66q2-26 40-26t40 26l1 18q-41 16-82 0z"/>'
        '<path {d} d="M90 116h60q6 0 6 6v30q0 6-6 6H90q-6 0-6-6v-30q0-6 6-6z"/>'
        '<path {s} d="M102 66v34M138 66v34M98 130h44"/>'
    ),
    "sleeping-bag": (
        '<path fill="{c}" d="M74 166q-12-40 2-96 8-40 44-40t44 40q14 56 2 96-46 12-92 0z"/>'
        '<path fill="#fff" fill-opacity=".7" d="M96 74q0-28 24-28t24 28q-24 14-48 0z"/>'
        '<path {d} d="M120 82h44q9 46 2 84-22 6-46 6z"/>'
        '<path {s} d="M74 96q22 8 46 8M71 120q24 8 49 8M71 144q24 8 49 8M120 84v86"/>'
    ),
    "mat": (
        '<path fill="{c}" d="M66 60q0-18 18-18h84q16 0 16 18v88H66z"/>'
        '<path fill="{c}" d="M64 130h110q20 0 20 18t-20 18H82q-18 0-18-18z"/>'
        '<path {d} d="M64 130h110q20 0 20 18t-20 18H82q-18 0-18-18z"/>'
        '<circle {l} cx="175" cy="148" r="11"/>'
        '<path {s} d="M84 58v66M104 54v70M124 54v70M144 54v70M164 58v66"/>'
    ),
    "stove": (
        '<path fill="#4a5158" d="M88 86h64l-6-18h-52z"/>'
        '<path fill="{c}" d="M78 122q0-12 12-12h60q12 0 12 12v36q0 14-14 14H92q-14 0-14-14z"/>'
        '<path {l} d="M78 132h84v16H78z"/>'
        '<path fill="#5b6b7a" d="M112 86h16v26h-16z"/>'
        '<path fill="#e08a2e" d="M120 26q18 18 14 32-3 10-14 10t-14-10q-3-9 4-16 3 4 6 4 2-8 '
        '4-20z"/>'
        '<path fill="#ffd27a" d="M120 46q7 8 5 14-1 5-5 5t-5-5q-1-5 5-14z"/>'
    ),
    "headlamp": (
        '<path fill="none" stroke="{c}" stroke-width="15" d="M54 108q0-56 66-56t66 56"/>'
        '<path fill="{c}" d="M88 86h64q10 0 10 10v34q0 12-12 12H90q-12 0-12-12V96q0-10 '
        '10-10z"/>'
        '<circle fill="#fff5cf" cx="120" cy="114" r="18"/>'
        '<circle fill="#ffd866" cx="120" cy="114" r="9"/>'
        '<path fill="#ffe9a6" fill-opacity=".55" d="M106 138 82 186h76l-24-48z"/>'
    ),
    "poles": (
        '<g fill="none" stroke-linecap="round">'
        '<path stroke="{c}" stroke-width="7" d="M84 60 104 172M156 60l-20 112"/>'
        '<path stroke="#33383d" stroke-width="13" d="M80 34l4 26M160 34l-4 26"/>'
        '<path stroke="#33383d" stroke-width="4" d="M94 156h18M128 156h18M82 40q-18 14 0 '
        '26M158 40q18 14 0 26"/>'
        "</g>"
    ),
    "bottle": (
        '<path fill="#4a5158" d="M104 26h32v20h-32z"/>'
        '<path fill="#6b747c" d="M100 44h40v10h-40z"/>'
        '<path fill="{c}" d="M100 54h40q14 12 14 30v76q0 12-12 12H98q-12 0-12-12V84q0-18 '
        '14-30z"/>'
        '<path {l} d="M98 84q0-14 8-22h8q-8 10-8 22v80h-8z"/>'
        '<path {s} d="M86 128h68"/>'
    ),
}

ALIKE = {"vest": "jacket", "shorts": "trousers", "lamp": "headlamp", "pack": "backpack"}
"""Kinds drawn like another."""

ANY = (
    '<path fill="{c}" d="M70 70h100v90q0 8-8 8H78q-8 0-8-8z"/>'
    '<path {s} d="M100 84V64q0-20 20-20t20 20v20"/>'
)
"""Of a kind that has no drawing of its own: a bag."""
