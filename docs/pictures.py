"""Take the pictures of the README and the tutorials: ``make pictures``; it needs Chromium.

The pages that are shown are made anew: by the function of the README, and by the examples of the
tutorials, which are run.
"""

from __future__ import annotations

import base64
import itertools
import shutil
import sys
import tempfile
import time
from pathlib import Path

import attrs
from selenium import webdriver

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "guide"
FOLDER = GUIDE / "assets" / "pictures"
sys.path.insert(0, str(ROOT / "tests" / "cases"))


@attrs.frozen
class Picture:
    """A picture of a page that the examples of `source` write.

    Args:
        name: The name of the picture, without its suffix.
        source: The Markdown file, in the guide.
        page: The HTML file that it writes.
        width: Of the picture, in CSS pixels.
        height: The same.
        script: JavaScript to run before it is taken.
    """

    name: str
    source: str
    page: str
    width: int = 900
    height: int = 560
    script: str = ""


DRAWING = "document.getElementById('draw').click()"
PICTURES = (
    Picture("graph", "../../README.md", "graph.html", 1100, 560, DRAWING),
    Picture("first-graph", "tutorials/first-graph.md", "graph.html", 1100, 640),
    Picture("project", "tutorials/project.md", "changes.html", 1100, 560),
    Picture("torch", "tutorials/torch.md", "spirals.html", 1100, 540, DRAWING),
    Picture("sweep", "tutorials/torch.md", "runs.html", 1100, 760),
)


def take(browser: webdriver.Chrome, picture: Picture, page: Path) -> None:
    """Open a page, and write what it looks like as WebP."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {
            "width": picture.width,
            "height": picture.height,
            "deviceScaleFactor": 1.5,
            "mobile": False,
        },
    )
    browser.get(page.as_uri())
    browser.execute_script(picture.script)
    time.sleep(1)  # a drawing glides to its place
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": 80})
    file = FOLDER / f"{picture.name}.webp"
    file.write_bytes(base64.b64decode(shot["data"]))
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB")


def main(names: list[str]) -> None:
    """Take all pictures, or those that are named."""
    import pages  # noqa: PLC0415 - it stands among the tests

    FOLDER.mkdir(parents=True, exist_ok=True)
    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(word)
    browser = webdriver.Chrome(options=options)
    try:
        wanted = [picture for picture in PICTURES if not names or picture.name in names]
        for source, pictures in itertools.groupby(wanted, lambda picture: picture.source):
            # Pages say where their nodes were made, so the folder has a name to be read.
            folder = Path(tempfile.gettempdir(), "example")
            folder.mkdir()
            try:
                pages.run_page((GUIDE / source).resolve(), folder)
                for picture in pictures:
                    take(browser, picture, folder / picture.page)
            finally:
                shutil.rmtree(folder)
    finally:
        browser.quit()


if __name__ == "__main__":
    main(sys.argv[1:])
