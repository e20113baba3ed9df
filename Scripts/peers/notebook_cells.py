#!/usr/bin/env python3
"""Runs the code cells of Scripts/run.ipynb on a run, in order and without Jupyter, and ends with 1 at the first error.

    RUN=runs/today Scripts/peers/notebook_cells.py
"""

import json
import os
import pathlib
import traceback

os.environ.setdefault("MPLBACKEND", "Agg")
NOTEBOOK = pathlib.Path(__file__).resolve().parents[1] / "run.ipynb"


def main():
    names = {}
    cells = [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells, 1):
        try:
            exec(compile("".join(cell["source"]), f"{NOTEBOOK.name}, code cell {number}", "exec"), names)
        except Exception:
            traceback.print_exc()
            raise SystemExit(1) from None
    if names["steps"].empty or names["evaluations"].empty or names["training"].empty:
        raise SystemExit(f"{NOTEBOOK.name} found no steps, no evaluations or no traces in {names['run']}")
    print(f"{len(cells)} cells of {NOTEBOOK.name} ran on {len(names['steps'])} steps")


if __name__ == "__main__":
    main()
