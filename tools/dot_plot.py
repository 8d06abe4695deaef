"""A dot plot as SVG: one row per method, a dot per seed, a bar at the mean and a diamond at the published figure."""

import math
from xml.sax.saxutils import escape

WIDTH, ROW, TOP, BOTTOM, MARGIN = 760, 34, 50, 34, 18
LETTER = 7.2  # width of one, about, in the font of the labels
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
MOST_STEPS = 8
SPREAD = (0, -7, 5, -3, 9, -9, 3, -5, 7, -1)  # of the seeds up and down a row, so that equal ones do not hide each other


def text(x, y, words, more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}"{more}>{escape(words)}</text>'


def dot(x, y):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.6" fill="#1f6fb2" fill-opacity=".45"/>'


def bar(x, y):
    return f'<path d="M{x:.1f} {y - 12:.1f}v24" stroke="#111" stroke-width="2.4"/>'


def diamond(x, y):
    return f'<path d="M{x:.1f} {y - 7:.1f}l7 7-7 7-7-7z" fill="none" stroke="#b3400e" stroke-width="1.8"/>'


def axis(values):
    """(step, first, last): the axis goes from first * step to last * step, and all values lie inside."""
    low, high = min(values), max(values)
    step = next((step for step in STEPS if high - low <= (MOST_STEPS - 2) * step), STEPS[-1])
    first, last = math.floor(round(low / step, 6)), math.ceil(round(high / step, 6))
    return step, first, max(last, first + 1)


def legend(published):
    """What the marks mean, in the upper right corner."""
    marks = [(dot, "one seed", 92), (bar, "mean", 70)] + [(diamond, "published", 84)] * published
    x, parts = WIDTH - MARGIN - sum(width for *_, width in marks), []
    for mark, words, width in marks:
        parts += [mark(x + 8, 24), text(x + 20, 28, words)]
        x += width
    return parts


def draw(title, rows):
    """The SVG of `rows`, from the top: (label, values by seed, mean, published figure or None)."""
    step, first, last = axis([value for _, values, _, published in rows for value in [*values, published] if value is not None])
    left, right = MARGIN + 12 + round(LETTER * max(len(label) for label, *_ in rows)), WIDTH - MARGIN - 14
    bottom = TOP + ROW * len(rows)

    def place(value):
        return left + 14 + (value / step - first) / (last - first) * (right - left - 28)

    parts = [text(MARGIN, 28, title, ' font-weight="bold"')] + legend(any(row[3] is not None for row in rows))
    for tick in range(first, last + 1):
        x, words = place(tick * step), f"{tick * step:.{len(f'{step:g}') - 2}f}"
        parts.append(f'<path d="M{x:.1f} {TOP}V{bottom + 5}" stroke="#ddd"/>')
        parts.append(text(x, bottom + 20, words, ' text-anchor="middle"'))
    for row, (label, values, mean, published) in enumerate(rows):
        y = TOP + ROW * (row + 0.5)
        parts.append(f'<path d="M{left} {y:.1f}H{right}" stroke="#eee"/>')
        parts.append(text(left - 8, y + 4.5, label, ' text-anchor="end"'))
        parts += [dot(place(value), y + SPREAD[seed % len(SPREAD)]) for seed, value in enumerate(values)]
        parts += [bar(place(mean), y)] + ([] if published is None else [diamond(place(published), y)])
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + BOTTOM}" width="{WIDTH}" '
        f'height="{bottom + BOTTOM}" role="img" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#222">',
        f"<title>{escape(title)}</title>", '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>", ""])
