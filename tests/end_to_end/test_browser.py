"""The page of `to_html` in a headless Chromium, used as a reader would."""

from __future__ import annotations

import copy
import importlib.util
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bytefig.configs import Config, Partial, Tag, add_tag, to_html
from bytefig.tracer import auto_config

pytestmark = [pytest.mark.needs_browser, pytest.mark.needs_subprocess]

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "sourceless.py"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1100,900",
)


class Width(Tag):
    """How wide the layers are."""


def dense(units, activation="relu", init=None): ...


def model(layers, head=None, note=None): ...


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    chromedriver = shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("Chromium and its driver are not installed; see make setup-browser")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(chromedriver))
    yield driver
    driver.quit()


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    def write(page: str) -> None:
        file = tmp_path / "page.html"
        file.write_text(page, encoding="utf-8")
        browser.get(file.as_uri())

    yield write
    assert browser.get_log("browser") == []  # neither errors nor what the policy refused


def a_model() -> Config[Any]:
    init = Config(dict, scale=0.02)
    layers = [Config(dense, units, init=init) for units in (64, 128, 256)]
    graph = Config(
        model, layers, head=Partial(dense, 10, init=init), note="<script>boom()</script>"
    )
    add_tag(graph.head, "units", Width)
    return graph


def shown(browser: Any) -> list[str]:
    """Return the keys of the rows that can be seen."""
    return [key.text for key in browser.find_elements("css selector", "li .k") if key.text]


def search(browser: Any, text: str) -> str:
    query = browser.find_element("id", "query")
    query.clear()
    query.send_keys(text)
    return browser.find_element("id", "found").text


def path(browser: Any) -> str:
    return browser.find_element("id", "path").text


def test_a_node_opens_and_closes(browser: Any, show: Any) -> None:
    show(to_html(a_model()))
    assert "head" in shown(browser)
    root = browser.find_element("css selector", "main summary")
    root.click()
    assert shown(browser) == []
    root.send_keys("\ue007")  # Enter: it has the focus
    assert "head" in shown(browser)
    assert path(browser) == "<root>"
    browser.find_element("id", "collapse").click()
    assert shown(browser) == ["layers", "head", "note"]
    summary = browser.find_element("xpath", "//summary[span[@class='k'] = 'layers']")
    summary.click()
    assert shown(browser) == ["layers", "[0]", "[1]", "[2]", "head", "note"]
    assert path(browser) == "<root>.layers"
    browser.find_element("id", "expand").click()
    assert shown(browser).count("units") == 4


def test_search_opens_what_it_finds(browser: Any, show: Any) -> None:
    show(to_html(a_model()))
    browser.find_element("id", "collapse").click()
    assert search(browser, "layers[1].units") == "1 found"
    assert shown(browser) == ["layers", "[1]", "units"]
    hit = browser.find_element("css selector", "li.hit")
    assert hit.text == "units = 128"
    browser.find_element("id", "query").send_keys("\ue007")
    assert browser.find_element("id", "found").text == "1 of 1"
    assert path(browser) == "<root>.layers[1].units"
    assert search(browser, "#width") == "1 found"
    assert browser.find_element("css selector", "li.hit").text.startswith("units = 10")
    assert search(browser, "dense 256") == "nothing found"
    assert shown(browser) == []
    search(browser, " ")
    browser.find_element("id", "query").send_keys("\ue003")  # Backspace: all is as before
    assert shown(browser) == ["layers", "head", "note"]


def test_search_goes_round(browser: Any, show: Any) -> None:
    show(to_html(a_model()))
    assert search(browser, "units") == "4 found"
    for button, expected in (("next", "1 of 4"), ("next", "2 of 4"), ("previous", "1 of 4")):
        browser.find_element("id", button).click()
        assert browser.find_element("id", "found").text == expected
    browser.find_element("id", "previous").click()
    assert path(browser) == "<root>.head.units"


def test_a_shared_node_is_a_link_to_where_it_is_shown(browser: Any, show: Any) -> None:
    show(to_html(a_model()))
    browser.find_element("id", "collapse").click()
    head = browser.find_element("xpath", "//details[summary/span[@class='k'] = 'head']")
    head.find_element("xpath", "./summary").click()
    head.find_element("css selector", "a.s").click()
    assert browser.switch_to.active_element.text.startswith("init = Config dict shared ×4")
    assert path(browser) == "<root>.layers[0].init"


def test_changes_are_coloured(browser: Any, show: Any) -> None:
    earlier = a_model()
    graph = copy.deepcopy(earlier)
    graph.layers[0].units = 65
    graph.layers[1].activation = "elu"
    del graph.note
    show(to_html(graph, diff=earlier))
    legend = browser.find_element("css selector", ".legend").text
    assert "1 added" in legend and "1 removed" in legend and "1 changed" in legend
    changed = browser.find_element("css selector", "li.changed")
    assert changed.text.endswith("units = 64 65")
    plain = browser.find_element("xpath", "//li[span[@class='k'] = 'units'][not(@class)]")
    colors = [item.value_of_css_property("background-color") for item in (changed, plain)]
    assert colors[0] != colors[1]
    browser.find_element("id", "only").click()
    assert shown(browser) == ["layers", "[0]", "units", "[1]", "activation", "note"]


def test_a_deep_graph_goes_on_in_sections(browser: Any, show: Any) -> None:
    graph = Config(dict, bottom="found me")
    for _ in range(100):
        graph = Config(dict, x=graph)
    show(to_html(graph))
    assert search(browser, "'found me'") == "1 found"
    browser.find_element("id", "next").click()
    assert path(browser) == "<root>" + ".x" * 100 + ".bottom"
    search(browser, " ")
    link = browser.find_element("css selector", "section a")
    link.send_keys("\ue007")
    assert "continues below" in browser.switch_to.active_element.text
    assert path(browser) == "<root>" + ".x" * 24


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(browser: Any, show: Any, scheme: str, tmp_path: Path) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    show(to_html(a_model()))
    color = browser.find_element("tag name", "body").value_of_css_property("background-color")
    red = int(color.partition("(")[2].partition(",")[0])
    assert (red > 200) == (scheme == "light")
    assert browser.save_screenshot(str(tmp_path / f"{scheme}.png"))


@pytest.mark.needs_scikit_learn
def test_the_graph_of_the_demo(browser: Any, show: Any, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("sourceless_for_browser", EXAMPLE)
    assert spec is not None and spec.loader is not None
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    build_pipeline = demo.import_without_source(tmp_path).build_pipeline
    graph: Any = auto_config(build_pipeline).as_buildable([0, 1, 2])
    show(to_html(graph))
    assert browser.title == "Pipeline"
    browser.find_element("id", "collapse").click()
    assert search(browser, "logistic") == "1 found"
    node = browser.find_element("css selector", "li.hit")
    node.find_element("xpath", "./details/summary").click()
    assert path(browser) == "<root>.steps[1][1]"
    assert "max_iter = 500" in node.text
    assert "wine_model.py:12 in build_pipeline" in node.text
    assert browser.save_screenshot(str(tmp_path / "demo.png"))
