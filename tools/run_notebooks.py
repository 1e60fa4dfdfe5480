"""Run every notebook and keep what it shows; the tests say when that is stale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


def executed(path: Path) -> Any:
    """A notebook as it is when run from its folder, with no trace of when."""
    book = nbformat.read(path, as_version=4)
    client = NotebookClient(
        book,
        timeout=300,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    book.metadata = {"kernelspec": book.metadata["kernelspec"]}
    return book


def texts(book: Any) -> list[str]:
    """What each cell shows as text, in one: a kernel may send it in parts. Pictures are their kind."""
    return [
        "".join(out.get("text") or out["data"].get("text/plain", "") for out in cell.outputs)
        for cell in book.cells
        if cell.get("outputs")
    ]


def main() -> None:
    """Run all notebooks in their place."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        nbformat.write(executed(path), path)
        print(path.name)


if __name__ == "__main__":
    main()
