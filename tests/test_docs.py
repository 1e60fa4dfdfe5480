"""The pages for whoever carries on name what there is: modules, terms and links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
CODE = re.compile(r"`([^`\n]+)`")


@pytest.mark.parametrize(("folder", "more"), [("matcher", {"data/"}), ("matcher/panel", set())])
def test_every_module_has_its_row(folder: str, more: set[str]) -> None:
    """What architecture.md has no row for, or has one for and is gone."""
    top, _, panel = (DOCS / "architecture.md").read_text("utf-8").partition("## The panel")
    rows = re.findall(r"^\| (`.*?) \|", panel if "/" in folder else top, re.MULTILINE)
    named = [name for row in rows for name in CODE.findall(row)]
    place = ROOT / folder
    folders = {f"{path.name}/" for path in place.iterdir() if (path / "__init__.py").exists()}
    modules = {path.stem for path in place.glob("*.py")} - {"__init__"}
    assert sorted(named) == sorted({*folders, *modules, *more})


@pytest.mark.parametrize("name", ["architecture.md", "glossary.md", "recipes.md"])
def test_every_module_that_a_page_names_is_there(name: str) -> None:
    text = (DOCS / name).read_text("utf-8")
    paths = [code for code in CODE.findall(text) if re.fullmatch(r"[\w/]+\.(py|toml)", code)]
    written = set(re.findall(r"^ *# (matcher/\S+\.py)$", text, re.MULTILINE))  # by a recipe
    assert len(paths) > 5
    for path in paths:
        known = (ROOT / path, ROOT / "matcher" / path, ROOT / "matcher/policy" / path)
        made = any(new.endswith(f"/{path}") for new in written)
        assert made or any(place.exists() for place in known), f"{name} names {path}"


def test_a_term_of_the_glossary_has_a_sentence_and_a_module() -> None:
    text = (DOCS / "glossary.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and "Module" not in line]
    assert len(rows) > 60
    for row in rows:
        _, term, sentence, module, _ = (cell.strip() for cell in row.split("|"))
        assert sentence.endswith("."), term
        assert CODE.fullmatch(module), term


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if re.match(r"\w+:", target):
            continue
        path, _, heading = target.partition("#")
        there = page if not path else page.parent / path
        assert there.exists(), f"{page.name} links to {target}"
        if heading and there.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", there.read_text("utf-8"), re.MULTILINE)
            anchors = [re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings]
            assert heading in anchors, f"{page.name} links to {target}"


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((DOCS / "decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
