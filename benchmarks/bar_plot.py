"""A plot of horizontal bars as SVG: one row per variant, its spread as a whisker, limits as dashed lines."""

import math
import pathlib
import sys
from xml.sax.saxutils import escape

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
from dot_plot import LETTER, MARGIN, ROW, WIDTH, text

TOP, BOTTOM, VALUES = 86, 34, 62  # VALUES: width of the column of values, at the right
MOST_TICKS = 8


def tick_step(highest):
    """The smallest of 1, 2 or 5 times a power of ten that needs no more than MOST_TICKS steps up to `highest`."""
    power = 10 ** math.floor(math.log10(highest / MOST_TICKS))
    return next(power * digit for digit in (1, 2, 5, 10) if highest <= power * digit * MOST_TICKS)


def draw(title, rows, limits):
    """The SVG of `rows`, from the top: (label, value, low, high, colour), and of `limits`: (label, value)."""
    step = tick_step(max([row[3] for row in rows] + [value for _, value in limits]))
    ticks = math.ceil(max([row[3] for row in rows] + [value for _, value in limits]) / step)
    left, right = MARGIN + 12 + round(LETTER * max(len(row[0]) for row in rows)), WIDTH - MARGIN - VALUES
    bottom = TOP + ROW * len(rows)

    def place(value):
        return left + value / (step * ticks) * (right - left)

    parts = [text(MARGIN, 28, title, ' font-weight="bold"')]
    for tick in range(ticks + 1):
        x = place(tick * step)
        parts.append(f'<path d="M{x:.1f} {TOP}V{bottom + 5}" stroke="#ddd"/>')
        parts.append(text(x, bottom + 20, f"{tick * step:g}", ' text-anchor="middle"'))
    for row, (label, value, low, high, colour) in enumerate(rows):
        y = TOP + ROW * (row + 0.5)
        parts.append(f'<path d="M{left} {y - 10:.1f}H{place(value):.1f}v20H{left}z" fill="{colour}"/>')
        parts.append(f'<path d="M{place(low):.1f} {y - 5:.1f}v10m0-5H{place(high):.1f}m0-5v10" fill="none" stroke="#111"/>')
        parts.append(text(left - 8, y + 4.5, label, ' text-anchor="end"'))
        parts.append(text(WIDTH - MARGIN, y + 4.5, f"{value:.1f}", ' text-anchor="end"'))
    for row, (label, value) in enumerate(sorted(limits, key=lambda limit: limit[1])):  # the first is the highest label
        x, y = place(value), TOP - 30 + 18 * row
        side = -1 if x + LETTER * len(label) > WIDTH - MARGIN else 1
        parts.append(f'<path d="M{x:.1f} {y - 10}V{bottom}" stroke="#b3400e" stroke-width="1.4" stroke-dasharray="5 4"/>')
        parts.append(text(x + 5 * side, y, label, f' fill="#b3400e" text-anchor="{"start" if side > 0 else "end"}"'))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + BOTTOM}" width="{WIDTH}" '
        f'height="{bottom + BOTTOM}" role="img" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#222">',
        f"<title>{escape(title)}</title>", '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>", ""])
