"""One HTML file that holds its styles, scripts and data, and asks nobody for anything."""

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

STYLE = "style.css"
# In the order in which they use each other.
SCRIPTS = (
    "unpack.js",
    "elements.js",
    "state.js",
    "tables.js",
    "charts.js",
    "layer_curves.js",
    "holds_view.js",
    "models_view.js",
    "anatomy.js",
    "volume_view.js",
    "story_view.js",
    "language_view.js",
    "training_view.js",
    "trust_view.js",
    "cortex_view.js",
    "provenance_view.js",
    "against_view.js",
    "keep.js",
    "start.js",
)
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Concord: report</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<noscript>This page draws its tables and pictures by scripts of its own; allow them to read it.
</noscript>
<div id="report"></div>
<script type="application/json" id="data">{data}</script>
{scripts}
</body>
</html>
"""


def make_page(content: Mapping[str, Any]) -> str:
    """Make the page.

    What names say cannot end the data early, nor become markup (scripts set text, never HTML), and
    the policy lets the browser run only the scripts that are here, and fetch nothing.

    Parameters
    ----------
    content : mapping
        Data of the page, as JSON can hold it.
    """
    style = _asset(STYLE)
    scripts = [_asset(name) for name in SCRIPTS]
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(map(_digest, scripts))}",
            f"style-src {_digest(style)}",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return PAGE.format(
        policy=policy,
        style=style,
        data=json_in_html(content),
        scripts="\n".join(f"<script>{one}</script>" for one in scripts),
    )


def json_in_html(content: Mapping[str, Any]) -> str:
    """Write strict JSON that is harmless inside of a script element."""
    text = json.dumps(content, allow_nan=False, ensure_ascii=True, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _asset(name: str) -> str:
    return (files("stages.report") / "page" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
