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
from bytefig.tracer.sweep.results_page import write_page
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
    keys = "[...document.querySelectorAll('.row .k')].filter(key => key.checkVisibility())"
    return browser.execute_script(f"return {keys}.map(key => key.textContent)")


def row(browser: Any, key: str) -> Any:
    """Return the line of the first row with a key."""
    return browser.find_element("xpath", f"//div[@class='line'][span[@class='k'] = '{key}']")


def search(browser: Any, text: str) -> str:
    query = browser.find_element("id", "query")
    query.clear()
    query.send_keys(text)
    return browser.find_element("id", "found").text


def path(browser: Any) -> str:
    return browser.find_element("id", "path").text


def wait_until(browser: Any, true: Callable[[], bool]) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(browser, 20).until(lambda _: true())


def actions(browser: Any) -> Any:
    from selenium.webdriver import ActionChains

    return ActionChains(browser)


def test_a_node_opens_and_closes(browser: Any, show: Any) -> None:
    show(to_html(a_model()))
    assert "head" in shown(browser)
    browser.find_element("css selector", ".row .line").click()
    assert shown(browser) == []
    browser.switch_to.active_element.send_keys("\ue007")  # Enter: it has the focus
    assert "head" in shown(browser)
    assert path(browser) == "<root>"
    browser.find_element("id", "collapse").click()
    assert shown(browser) == ["layers", "head", "note"]
    row(browser, "layers").click()
    assert shown(browser) == ["layers", "[0]", "[1]", "[2]", "head", "note"]
    assert path(browser) == "<root>.layers"
    browser.find_element("id", "expand").click()
    assert shown(browser).count("units") == 4


def test_search_opens_what_it_finds(browser: Any, show: Any) -> None:
    show(to_html(a_model()))
    browser.find_element("id", "collapse").click()
    assert search(browser, "layers[1].units") == "1 found"
    assert shown(browser) == ["layers", "[1]", "units"]
    hit = browser.find_element("css selector", ".hit")
    assert hit.text == "units = 128"
    browser.find_element("id", "query").send_keys("\ue007")
    assert browser.find_element("id", "found").text == "1 of 1"
    assert path(browser) == "<root>.layers[1].units"
    assert search(browser, "#width") == "1 found"
    assert browser.find_element("css selector", ".hit").text.startswith("units = 10")
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
    row(browser, "head").click()
    browser.find_element("css selector", "a.s").click()
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
    changed = browser.find_element("css selector", ".changed .line")
    assert changed.text.endswith("units = 64 65")
    plain = row(browser, "head")
    colors = [item.value_of_css_property("background-color") for item in (changed, plain)]
    assert colors[0] != colors[1]
    browser.find_element("id", "only").click()
    assert shown(browser) == ["layers", "[0]", "units", "[1]", "activation", "note"]


def test_a_deep_graph(browser: Any, show: Any) -> None:
    graph = Config(dict, bottom="found me")
    for _ in range(20_000):
        graph = Config(dict, x=graph)
    show(to_html(graph))
    assert search(browser, "'found me'") == "1 found"
    browser.find_element("id", "next").click()
    assert path(browser) == "<root>" + ".x" * 20_000 + ".bottom"
    browser.find_element("id", "draw").click()
    browser.find_element("id", "fit").click()


def test_only_what_is_near_the_screen_is_there(browser: Any, show: Any) -> None:
    show(to_html(Config(model, [Config(dense, units) for units in range(5000)])))
    browser.find_element("id", "expand").click()
    assert len(browser.find_elements("css selector", ".row")) < 500
    assert search(browser, "units = 4999") == "1 found"
    browser.find_element("id", "next").click()
    assert path(browser) == "<root>.layers[4999].units"
    search(browser, " ")
    browser.execute_script("scrollTo(0, document.body.scrollHeight)")
    wait_until(browser, lambda: "[4999]" in shown(browser))
    assert len(browser.find_elements("css selector", ".row")) < 500


def test_a_row_stays_in_place_when_it_opens(browser: Any, show: Any) -> None:
    show(to_html(Config(model, [Config(dense, units, "elu") for units in range(5000)])))
    browser.find_element("id", "expand").click()
    # What has been on the screen is as high as it is; what has not is as high as is guessed.
    for number in range(2000, 2501, 20):
        browser.execute_script("goTo(2 + 3 * arguments[0])", number)
    line = row(browser, "[2500]")
    top = browser.execute_script("return arguments[0].getBoundingClientRect().top", line)
    line.click()
    line = row(browser, "[2500]")
    now = browser.execute_script("return arguments[0].getBoundingClientRect().top", line)
    assert abs(now - top) < 3


def test_an_insertion_is_one_row(browser: Any, show: Any) -> None:
    earlier = a_model()
    graph = copy.deepcopy(earlier)
    graph.layers.insert(1, Config(dense, 96))
    show(to_html(graph, diff=earlier))
    marked = browser.find_elements("css selector", ".row.added > .line > .k, .row.changed .k")
    assert [key.text for key in marked] == ["[1]", "units"]


def test_keys_lead_through_the_rows(browser: Any, show: Any) -> None:
    show(to_html(a_model()))
    browser.find_element("id", "collapse").click()
    browser.find_element("css selector", ".row").send_keys("\ue015")  # down
    right, left, end = "\ue014", "\ue012", "\ue010"
    for keys, expected in (
        ("", "<root>.layers"),
        (right + right, "<root>.layers[0]"),
        (right + right, "<root>.layers[0].units"),
        (left, "<root>.layers[0]"),
        (left + left, "<root>.layers"),
        (end, "<root>.note"),
    ):
        for key in keys:
            browser.switch_to.active_element.send_keys(key)
        assert path(browser) == expected


def test_drawing(browser: Any, show: Any) -> None:
    show(to_html(a_model()))
    search(browser, "units 128")
    browser.find_element("id", "draw").click()
    canvas = browser.find_element("css selector", "canvas")
    assert canvas.get_attribute("aria-label") == "Drawing of 6 nodes and 8 lines"
    assert shown(browser) == []

    def pixels() -> str:
        return browser.execute_script("return arguments[0].toDataURL()", canvas)

    seen = [pixels()]
    for name in ("nearer", "farther", "fit"):
        browser.find_element("id", name).click()
        seen.append(pixels())
    chain = actions(browser)
    chain.move_to_element(canvas).click_and_hold().move_by_offset(60, 40).release().perform()
    seen.append(pixels())
    # At first all is in sight, as it is after going nearer and farther again, or fitting it in.
    assert seen[0] == seen[2] == seen[3]
    assert len({*seen}) == 3
    browser.find_element("id", "next").click()  # a hit is in the middle, and chosen
    assert path(browser) == "<root>.layers[1].units"
    actions(browser).move_to_element(canvas).double_click().perform()
    assert browser.find_element("css selector", ".current").text.startswith("[1] = Config dense")


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
    node = browser.find_element("css selector", ".hit")
    node.find_element("css selector", ".line").click()
    assert path(browser) == "<root>.steps[1][1]"
    text = browser.find_element("id", "graph").text
    assert "max_iter = 500" in text
    assert "wine_model.py:12 in build_pipeline" in text
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
