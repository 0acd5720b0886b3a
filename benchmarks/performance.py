"""The tables of docs/performance.md: each stands between two comments in the page, the prose around them is written."""

import re
from collections import Counter

from benchmarks.figures import EQUAL, figures
from benchmarks.machine import about
from benchmarks.page import recovery_table, table, tables
from benchmarks.readings import OURS, fraction, library, losses, ours, peers, seconds

NAMES = ("products", "threads", "overhead", "eager")
PLACE = re.compile(r"(<!-- table: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
NOT_YET = ["Not measured yet: `make bench` does it.", ""]
FULL = 7  # rounds of a rival that was run as often as asked


def filled(text: str, results: dict[str, dict]) -> str:
    """Return the page with its tables made anew from the results."""
    makers = {
        "machine": machine_line,
        "figures": figures_table,
        "losses": losses_table,
        "limits": limits_table,
        "products": products_table,
        "left out": left_out_table,
        "ceilings": ceilings_table,
    }

    def content(name: str) -> list[str]:
        if name in makers:
            return makers[name](results) if "products" in results else NOT_YET
        if name not in results:
            return NOT_YET
        return (recovery_table if name == "recovery" else tables)(results[name]["records"])

    return PLACE.sub(lambda m: m[1] + "\n" + "\n".join(content(m[2])).strip() + "\n\n" + m[3], text)


def machine_line(results: dict[str, dict]) -> list[str]:
    described = results["products"]["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in described["peers"].items())
    return [f"{about(described)}. Peers: {versions}."]


def figures_table(results: dict[str, dict]) -> list[str]:
    rows = [[f.promised, f.measured, "yes" if f.reached else "**no**"] for f in figures(results)]
    return table(["promised", "measured", "reached"], rows)


def losses_table(results: dict[str, dict]) -> list[str]:
    found = losses(results["products"]["records"], EQUAL)
    if not found:
        return ["At no point is a peer within 5 % of otimes."]
    layouts = dict(zip(OURS, ("K X", "X K"), strict=True))
    return table(
        ["point", "otimes as", "peer", "peer / otimes"],
        [[loss.case, layouts[loss.ours], loss.peer, f"{loss.ratio:.2f}"] for loss in found],
    )


def limits_table(results: dict[str, dict]) -> list[str]:
    """Return the time of each point beside the limit, and which of its two parts it is."""
    rows = []
    for r in results["products"]["records"]:
        bound = r["limit"]
        both = [ours(r, layout) for layout in OURS if layout in seconds(r)]
        by = "flops" if bound["seconds_there"] <= bound["seconds_at_peak"] else "bytes"
        shares = [f"{fraction(r, kind):.0%}" for kind in ("there", "new")]
        rows.append([r["case"], " / ".join(map(_ms, both)), _ms(bound["seconds_there"]), by, *shares])
    heads = ["point", "otimes, ms (K X / X K)", "limit, ms", "set by", "K X of the limit", "with a new result"]
    return table(heads, rows)


def products_table(results: dict[str, dict]) -> list[str]:
    """Return peer / otimes for K X; a library has its better layout or form, a star says that it ran fewer times."""
    records = results["products"]["records"]
    names = list(dict.fromkeys(library(t["name"]) for r in records for t in r["timings"] if t["name"] not in OURS))
    rows = []
    for r in records:
        best = peers(r)
        few = {
            library(t["name"]) for t in r["timings"] if t["runs"] < FULL and t["best"] == best.get(library(t["name"]))
        }
        rows.append([r["case"], *(f"{best[n] / ours(r):.1f}{'*' * (n in few)}" if n in best else "–" for n in names)])
    return table(["point", *names], rows)


def left_out_table(results: dict[str, dict]) -> list[str]:
    """Return why peers did not run, and at how many points; that a layout has no meaning there is not told."""
    counts = Counter(
        (name, reason)
        for r in results["products"]["records"]
        for name, reason in r["left_out"].items()
        if not reason.startswith(("with one column", "no neighbours"))
    )
    return table(["peer", "reason", "points"], [[name, reason, str(n)] for (name, reason), n in counts.items()])


def ceilings_table(results: dict[str, dict]) -> list[str]:
    rows = results["products"]["ceilings"]
    heads = [name for name in rows[0] if name != "threads"]
    return table(
        ["ceiling", *(f"{r['threads']} thread{'s' * (r['threads'] > 1)}" for r in rows)],
        [[head, *(f"{r[head]:.0f}" for r in rows)] for head in heads],
    )


def _ms(value: float) -> str:
    return f"{value * 1e3:.3g}"
