"""The page of tables made from the results."""

from benchmarks.machine import about

INTRODUCTION = """# Benchmarks

Written by `make bench` from `benchmarks/results/*.json`. Rivals run in turns in one process, warmed; the ratios are
of best times to the reference in the same run (medians in brackets). Absolute times belong to the machine of the
run and say nothing elsewhere. Products with Kronecker products, against every peer and against the limit of the
machine, have their own page: [performance.md](performance.md).
"""


def page(results: list[dict]) -> str:
    """Return all tables as one page."""
    return "\n".join([INTRODUCTION, *map(section, results)])


def section(result: dict) -> str:
    """Return the section of one benchmark: what is claimed, on which machine, what was measured."""
    lines = [
        f"## {result['title']}",
        "",
        f"To reach: {result['claim']}.",
        "",
        f"Machine: {about(result['machine'])}.",
        "",
    ]
    return "\n".join(lines + tables(result["records"]))


def tables(records: list[dict]) -> list[str]:
    """Return a table of the races among the records, and one of the others."""
    races = [r for r in records if "timings" in r]
    plain = [r for r in records if "timings" not in r]
    return (races_table(races) if races else []) + (plain_table(plain) if plain else [])


def recovery_table(records: list[dict]) -> list[str]:
    """Return how often the shapes were found, a column for each ratio of signal to noise."""
    ratios = list(dict.fromkeys(r["signal_to_noise"] for r in records))
    found: dict[tuple, dict[int, str]] = {}
    for r in records:
        row = found.setdefault((r["factors"], r["terms"], r["criterion"]), {})
        row[r["signal_to_noise"]] = f"{r['shapes_right']} ({r['shapes_and_terms_right']}) of {r['seeds']}"
    rows = [[*map(str, case), *(row.get(ratio, "–") for ratio in ratios)] for case, row in found.items()]
    return table(["factors", "terms", "chosen by", *(f"signal to noise {ratio}" for ratio in ratios)], rows)


def races_table(records: list[dict]) -> list[str]:
    """Return a table of ratios: a row per case, a column per rival, then what else was recorded."""
    names = list(dict.fromkeys(t["name"] for r in records for t in r["timings"]))
    more = list(dict.fromkeys(key for r in records for key in r if key not in ("case", "reference", "timings")))
    rows = []
    for r in records:
        by_name = {t["name"]: t for t in r["timings"]}
        cells = [
            f"{by_name[n]['ratio']:.2f} ({by_name[n]['median_ratio']:.2f})" if n in by_name else "–" for n in names
        ]
        rows.append([r["case"], *cells, *(_number(r.get(key, "–")) for key in more)])
    heads = ["case", *names, *(key.replace("_", " ") for key in more)]
    return [f"Time as a multiple of {records[0]['reference']}:", "", *table(heads, rows), ""]


def plain_table(records: list[dict]) -> list[str]:
    """Return a table of the records' own fields."""
    heads = list(records[0])
    return [*table([head.replace("_", " ") for head in heads], [[_number(r[h]) for h in heads] for r in records]), ""]


def table(heads: list[str], rows: list[list[str]]) -> list[str]:
    """Return a Markdown table."""
    return [f"| {' | '.join(cells)} |" for cells in [heads, ["---"] * len(heads), *rows]]


def _number(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
