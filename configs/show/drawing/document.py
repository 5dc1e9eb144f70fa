"""A document of HTML that needs nothing else: no network, no other file."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Final

from ...core.html import escape

_DOCUMENT: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src '{style_hash}'; script-src '{script_hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}<script type="application/json" id="{data_id}">{data}</script>
<script>{script}</script>
</body>
</html>
"""
# So that nothing in the data can end the element it is in.
_IN_SCRIPT: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def html_document(
    title: str, body: str, data: str, *, style: str, script: str, data_id: str = "data"
) -> str:
    """Return a document that runs the one script and takes the one style that are in it.

    Args:
        title: Its title, as text.
        body: The fragment of HTML that it shows.
        data: What the script reads, as JSON.
        style: The style sheet.
        script: The script.
        data_id: The id of the element with the data.

    Example:
        >>> page = html_document("a < b", "", '"</script>"', style="", script="")
        >>> "<title>a &lt; b</title>" in page, page.count("</script>")
        (True, 2)
    """
    return _DOCUMENT.format(
        title=escape(title),
        body=body,
        data_id=data_id,
        data=data.translate(_IN_SCRIPT),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
    )


def asset(module: str, name: str) -> str:
    """Return the text of a file beside a module of that name."""
    return resources.files(module.rpartition(".")[0]).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
