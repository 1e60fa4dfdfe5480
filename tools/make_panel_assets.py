"""Make the panel's style sheet and script of govuk-frontend's compiled ones, without what is GOV.UK's alone.

Run by hand when the version moves: npm pack govuk-frontend@6.3.0, then
python tools/make_panel_assets.py govuk-frontend-6.3.0.tgz
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tarfile
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "matcher/panel/static/panel"
FONT = '"Helvetica Neue",Arial,"Liberation Sans",sans-serif'
FILES = {
    "govuk.css": "package/dist/govuk/govuk-frontend.min.css",
    "govuk.js": "package/dist/govuk/govuk-frontend.min.js",
}
GONE = ("GDS Transport", "/assets/", "crest")


def without_govuk(css: str) -> str:
    """The style sheet without the font, the crest and the files that are GOV.UK's alone."""
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = css.replace('"GDS Transport",arial,sans-serif', FONT).replace(
        "GDS Transport,arial,sans-serif", FONT
    )
    css = re.sub(r"@supports[^{]*\{\.govuk-footer__copyright-logo:before\{[^}]*\}\}", "", css)
    css = re.sub(r"@media[^{]*\{\.govuk-footer__copyright-logo:before\{[^}]*\}\}", "", css)
    return re.sub(r"\.govuk-footer__copyright-logo:before\{[^}]*\}", "", css)


def main() -> int:
    """Write the files of the archive that is named, and the hashes that a test holds them against."""
    STATIC.mkdir(parents=True, exist_ok=True)
    hashes = {}
    with tarfile.open(sys.argv[1]) as archive:
        version = json.load(archive.extractfile("package/package.json"))["version"]
        for name, path in FILES.items():
            text = archive.extractfile(path).read().decode("utf-8")
            text = re.sub(r"\n?(?:/\*|//)# sourceMappingURL=.*", "", text)
            text = without_govuk(text) if name.endswith(".css") else text
            left = [word for word in GONE if word in text]
            assert not left, f"{name} still has {left}"
            (STATIC / name).write_text(text, "utf-8")
            hashes[name] = hashlib.sha256(text.encode()).hexdigest()
    record = {"govuk-frontend": version, "sha256": hashes}
    (STATIC / "govuk.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
