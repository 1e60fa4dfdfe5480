"""Make the Word templates that ship, the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

from templates import agreement, assessments, match, parent, request
from templates.page import Page

FOLDER = Path(__file__).resolve().parent.parent / "matcher" / "report" / "documents" / "templates"
EPOCH = datetime(2026, 1, 1)
PAGES = {
    "request-record": request.page,
    "match-record": match.page,
    "joint-risk-assessment": assessments.joint_risk_assessment,
    "placement-with-parents-assessment": assessments.placement_with_parents,
    "placement-plan": agreement.page,
    "for-the-parent": parent.page,
}


def content(page: Page) -> bytes:
    """A template as a Word file that bears no time of writing."""
    properties = page.word.core_properties
    properties.author = properties.last_modified_by = "carer-matcher"
    properties.created = properties.modified = EPOCH
    made, again = io.BytesIO(), io.BytesIO()
    page.word.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return again.getvalue()


def main() -> None:
    """Write the templates."""
    FOLDER.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / f"{name}.docx").write_bytes(content(page()))


if __name__ == "__main__":
    main()
