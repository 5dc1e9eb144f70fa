"""The pages of `to_html` and of sweeps in a headless Chromium, used as a reader would."""

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
from bytefig.tracer.sweep import Results, sweep
from bytefig.tracer.sweep.page import write_page
from bytefig.tracer.sweep.returned import Returned

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


def a_sweep(folder: Path) -> Path:
    """Write the page of a sweep, and return its file."""
    points = [{"width": width, "kind": kind} for width in (1, 10, 100) for kind in ("<b>", "None")]
    swept = sweep(Config(dict, width=0, kind=""), points)
    place = swept.save(folder / "runs")
    for number, trial in enumerate(swept):
        result = {"loss": 1 / (1 + number), "test": {"score": number}}
        place.publish(trial.id, Returned.of(result).to_json())
        (place.trial(trial.id) / "log.txt").write_text("said")
    shutil.rmtree(place.root / "journal")
    write_page(Results(place, place.ledger()), folder / "page.html", ["builtins"])
    return folder / "page.html"


@pytest.fixture
def sweep_page(browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    browser.get(a_sweep(tmp_path).as_uri())
    yield browser
    assert browser.get_log("browser") == []


def texts(browser: Any, selector: str) -> list[str]:
    return [found.text for found in browser.find_elements("css selector", selector)]


def test_the_plots_of_a_sweep(sweep_page: Any) -> None:
    assert len(sweep_page.find_elements("css selector", "#parallel polyline")) == 6
    assert len(sweep_page.find_elements("css selector", "#scatter circle")) == 6
    script = "return [...document.querySelectorAll('#parallel .tick')].map(t => t.firstChild.data)"
    ticks = sweep_page.execute_script(script)
    # The widths are placed by their logarithm, and all there are have a tick.
    assert ticks[:5] == ["1", "10", "100", "<b>", "None"]
    heights = [
        float(tick.get_attribute("y"))
        for tick in sweep_page.find_elements("css selector", "#parallel .tick")[:3]
    ]
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2])
    metric = sweep_page.find_element("id", "metric")
    assert [each.text for each in metric.find_elements("tag name", "option")] == [
        "loss",
        "test.score",
    ]
    before = sweep_page.find_element("css selector", "#parallel polyline").get_attribute("points")
    metric.send_keys("test.score")
    after = sweep_page.find_element("css selector", "#parallel polyline").get_attribute("points")
    assert before != after
    assert "test.score" in texts(sweep_page, "#scatter text")


def test_a_trial_is_found_in_all_plots_and_the_table(sweep_page: Any) -> None:
    line = sweep_page.find_element("css selector", "#rows tr:nth-child(3)")
    trial = line.get_attribute("data-trial")
    sweep_page.execute_script(
        "arguments[0].dispatchEvent(new MouseEvent('mouseenter'))",
        sweep_page.find_element("css selector", f"circle[data-trial='{trial}']"),
    )
    said = sweep_page.find_element("id", "said").text
    assert said.startswith(trial) and "width=10 kind=<b>" in said and "loss: 0.3333" in said
    assert len(sweep_page.find_elements("css selector", ".on")) == 3


def test_the_table_of_a_sweep_is_sorted_and_links(sweep_page: Any) -> None:
    def column(number: int) -> list[str]:
        return texts(sweep_page, f"#rows td:nth-child({number})")

    head = texts(sweep_page, "thead button")
    assert head == ["id", "width", "kind", "status", "loss", "test.score", "graph"]
    button = sweep_page.find_elements("css selector", "thead button")[4]
    button.click()
    assert column(6) == ["5", "4", "3", "2", "1", "0"]
    button.click()
    assert column(6) == ["0", "1", "2", "3", "4", "5"]
    sweep_page.find_element("link text", "diff").click()
    assert "against the base" in sweep_page.title
    assert "changed" in sweep_page.find_element("css selector", ".legend").text
    sweep_page.back()
