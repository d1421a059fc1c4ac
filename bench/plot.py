"""Draws the benchmark's picture: what each subject costs, as a multiple of what mcp-stdio costs."""

import math

# Title, variant, metric, and how a figure becomes a cost with its unit.
LINES = [
    ("Start to first answer", "start", "ms", lambda v: (v, "ms")),
    ("Idle memory (private)", "one idle", "private dirty MB", lambda v: (v, "MB")),
    ("Ten idle together (PSS)", "ten idle", "PSS MB", lambda v: (v, "MB")),
    ("One call (median)", "1 in flight, JSON", "p50 us", lambda v: (v, "µs")),
    ("Time per call, 32 in flight", "32 in flight, JSON", "calls/s", lambda v: (1e6 / v, "µs")),
    ("CPU per call, 32 in flight", "32 in flight, JSON", "CPU us/call", lambda v: (v, "µs")),
    ("20 MB result, JSON", "20 MB text, JSON", "ms", lambda v: (v, "ms")),
    ("20 MB result, one SSE event", "20 MB text, SSE", "ms", lambda v: (v, "ms")),
    ("Peak memory for 20 MB", "20 MB rich, JSON", "peak MB", lambda v: (v, "MB")),
    ("10,000 notifications", "10,000 notifications", "ms", lambda v: (v, "ms")),
]
# Name, mark, colour, and whether its figure stands above the line. What a direct client burns itself
# is no cost of a bridge, so the floor has no CPU figure.
SUBJECTS = [
    ("floor", "no bridge", "#6e7781", False),
    ("mcp-stdio", "mcp-stdio", "#0969da", True),
    ("mcp-remote", "mcp-remote", "#cf222e", True),
    ("supergateway", "supergateway", "#9a6700", False),
]
WIDTH, LEFT, RIGHT, TOP, STEP = 860, 220, 50, 84, 44
STYLE = """
text { font: 13px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.card { fill: #ffffff; stroke: #d0d7de } .grid { stroke: #d8dee4 } .axis, .note { fill: #59636e; font-size: 11px }
.figure { font-size: 11px } .title { font-size: 15px; font-weight: 600 }
@media (prefers-color-scheme: dark) {
 text { fill: #e6edf3 } .card { fill: #0d1117; stroke: #30363d } .grid { stroke: #21262d } .axis, .note { fill: #9198a1 }
}
"""


def amount(value, unit):
    if unit == "µs" and value >= 1000:
        value, unit = value / 1000, "ms"
    if unit == "ms" and value >= 1000:
        value, unit = value / 1000, "s"
    return f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"


def costs(figures, line):
    """(subject's index, cost, unit) of everyone who has a figure."""
    _, variant, metric, cost_of = line
    for index, (name, *_) in enumerate(SUBJECTS):
        value = figures.get(variant, metric, name)
        if value and not (name == "floor" and metric.startswith("CPU")):
            yield (index, *cost_of(value))


def draw(figures, around):
    lines = [(line[0], list(costs(figures, line))) for line in LINES]
    lines = [(title, found) for title, found in lines if any(i == 1 for i, *_ in found)]
    relative = [(title, [(i, c / next(o for j, o, _ in found if j == 1), c, u) for i, c, u in found])
                for title, found in lines]
    shares = [share for _, found in relative for _, share, *_ in found]
    low, high = math.floor(math.log10(min(shares))), math.ceil(math.log10(max(shares)))
    height = TOP + STEP * len(lines) + 40
    bottom = height - 44

    def x(share):
        return LEFT + (math.log10(share) - low) / max(1, high - low) * (WIDTH - LEFT - RIGHT)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
           f"<title>What each bridge costs compared with mcp-stdio</title><style>{STYLE}</style>",
           f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
           '<text class="title" x="20" y="30">Cost relative to mcp-stdio (logarithmic; less is better)</text>']
    legend = LEFT
    for _, label, colour, _ in SUBJECTS:
        out.append(f'<circle cx="{legend}" cy="52" r="5" fill="{colour}"/>'
                   f'<text x="{legend + 10}" y="56.5">{label}</text>')
        legend += 40 + 8 * len(label)
    for power in range(low, high + 1):
        at = x(10 ** power)
        name = f"{10 ** power:,} ×" if power >= 0 else f"1/{10 ** -power} ×"
        out.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 10}" y2="{bottom}"/>'
                   f'<text class="axis" x="{at:.1f}" y="{bottom + 16}" text-anchor="middle">{name}</text>')
    for row, (title, found) in enumerate(relative):
        y = TOP + 12 + STEP * row
        places = [x(share) for _, share, *_ in found]
        out.append(f'<text x="20" y="{y + 4}">{title}</text>'
                   f'<line class="grid" stroke-width="2" x1="{min(places):.1f}" x2="{max(places):.1f}" y1="{y}" y2="{y}"/>')
        for (index, _, cost, unit), at in zip(found, places):
            _, _, colour, is_above = SUBJECTS[index]
            out.append(f'<circle cx="{at:.1f}" cy="{y}" r="5.5" fill="{colour}"/>'
                       f'<text class="figure" x="{at:.1f}" y="{y + (-9 if is_above else 18)}" '
                       f'text-anchor="middle">{amount(cost, unit)}</text>')
    out.append(f'<text class="note" x="20" y="{height - 10}">{around["date"]}, {around["machine"]}, '
               f'Node.js {around["node"]}. Medians of one interleaved run.</text></svg>')
    return "\n".join(out) + "\n"
