"""The page in a real browser: silent, offline, by keyboard, small, dark, printed, and right."""

import pytest

# Every text that is seen: its contrast with the background behind it (WCAG 2.2).
CONTRASTS = """(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !element.checkVisibility() || element.matches('script, style, option')) continue;
    const style = getComputedStyle(element);
    const text = light(parse(element instanceof SVGElement ? style.fill : style.color));
    const ground = light(behind(element));
    const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    found.push([element.tagName + '.' + element.getAttribute('class'), ratio]);
  }
  return found;
})()"""
ACTIVE = """(() => {
  const e = document.activeElement;
  const style = getComputedStyle(e);
  return [e.id || e.textContent.trim().slice(0, 30) || e.tagName, e.tagName, style.outlineStyle,
          parseFloat(style.outlineWidth)];
})()"""
ROWS = (
    "[...document.querySelectorAll('.ledger tbody tr:not([hidden]) code')].map(e => e.textContent)"
)
OPEN_ALL = "document.querySelectorAll('details').forEach((part) => { part.open = true; })"


def test_nothing_complains_and_nothing_is_asked_for(shown, finished):
    assert shown.complaints() == []
    assert shown.requests() == [(finished / "index.html").as_uri()]
    assert shown.evaluate("document.title") == "Generative Adversarial Nets, reproduced · gan-repro"


def test_a_page_that_does_ask_or_complain_is_noticed(shown, finished, tmp_path):
    text = (finished / "index.html").read_text(encoding="utf-8")
    policy = text.index('<meta http-equiv="Content-Security-Policy"')
    loud = text[:policy] + text[text.index(">", policy) + 1 :]
    loud = loud.replace("</main>", "<img src='missing.png'></main><script>nothing()</script>")
    (tmp_path / "loud.html").write_text(loud, encoding="utf-8")
    shown.open(tmp_path / "loud.html")
    assert shown.complaints()
    assert (tmp_path / "missing.png").as_uri() in shown.requests()


def test_the_slider_and_the_panels_show_the_recorded_game(shown):
    shown.evaluate("document.querySelector('#game-tool').scrollIntoView({behavior: 'instant'})")
    label = "document.querySelector('[data-value=label]').textContent"
    assert "<script>" in shown.evaluate(label)
    shown.focus("#game-frame")
    shown.press("ArrowRight")
    assert shown.evaluate(label) == "(a) moved 30"
    first = shown.evaluate("document.querySelector('svg.players .p-g').getAttribute('d')")
    shown.focus("button[data-panel=d]")
    shown.press("Enter")
    assert shown.evaluate(label) == "(d) moved 0"
    assert shown.evaluate("document.querySelector('svg.players .p-g').getAttribute('d')") != first
    assert shown.number("game-jsd") == 0
    pressed = "document.querySelector('button[aria-pressed=true]').textContent"
    assert shown.evaluate(pressed) == "(d)"


def test_play_goes_on_to_the_end_and_stops(shown):
    shown.focus("button[data-play]")
    shown.press("Space")
    shown.evaluate(
        "new Promise((done) => { const end = () => document.querySelector('button[data-play]')"
        ".textContent === 'Play' ? done() : setTimeout(end, 20); end(); })"
    )
    assert shown.evaluate("document.querySelector('#game-frame').valueAsNumber") == 4


def test_filters_show_the_rows_that_fit_and_count_them(shown):
    assert len(shown.evaluate(ROWS)) == 7
    choose = (
        "(() => {{ const s = document.querySelector('#claims-{0}'); s.value = {1!r};"
        " s.dispatchEvent(new Event('change')); }})()"
    )
    shown.evaluate(choose.format("kind", "theorem"))
    assert shown.evaluate(ROWS) == ["optimum", "convergence"]
    shown.evaluate(choose.format("verdict", "refined"))
    assert shown.evaluate(ROWS) == ["convergence"]
    assert shown.evaluate("document.querySelector('.found').textContent") == "1 of 7 claims"
    shown.focus("button[data-reset]")
    shown.press("Enter")
    shown.focus("#claims-text")
    shown.type("statement HELV")
    assert shown.evaluate(ROWS) == ["helvetica"]


def test_filters_hide_rows_on_a_telephone_too(shown, finished):
    shown.open(finished / "index.html", width=390, height=844)
    shown.focus("#claims-text")
    shown.type("helvetica")
    rows = "[...document.querySelectorAll('.ledger tbody tr')].filter(row => row.checkVisibility())"
    assert shown.evaluate(f"{rows}.length") == 1


def test_a_count_of_the_verdict_leads_to_its_claims(shown):
    shown.focus("a[data-verdict='check failed']")
    shown.press("Enter")
    assert shown.evaluate(ROWS) == ["gradient"]
    assert shown.evaluate("location.hash") == "#claims"


@pytest.mark.parametrize(
    ("column", "ascending", "descending"),
    [
        # As numbers, and what is empty last.
        (
            4,
            ["optimum", "helvetica", "convergence", "gradient", "mnist", "tfd", "later"],
            ["mnist", "gradient", "convergence", "helvetica", "optimum", "tfd", "later"],
        ),
        (
            6,
            ["mnist", "gradient", "convergence", "optimum", "helvetica", "tfd", "later"],
            ["helvetica", "optimum", "convergence", "gradient", "mnist", "tfd", "later"],
        ),
        # As words; equal ones in the ledger's order.
        (
            2,
            ["mnist", "tfd", "helvetica", "gradient", "later", "optimum", "convergence"],
            ["optimum", "convergence", "helvetica", "gradient", "later", "mnist", "tfd"],
        ),
    ],
)
def test_a_column_s_head_sorts_by_it_with_the_keyboard(shown, column, ascending, descending):
    head = f".ledger th:nth-child({column + 1})"
    shown.focus(f"{head} button")
    for order, name in ((ascending, "ascending"), (descending, "descending")):
        shown.press("Enter")
        assert shown.evaluate(ROWS) == order
        assert shown.evaluate(f"document.querySelector('{head}').ariaSort") == name


def test_tab_reaches_everything_and_shows_where_it_is(shown):
    reached = {}
    for _ in range(90):
        shown.press("Tab")
        name, tag, style, width = shown.evaluate(ACTIVE)
        if tag == "BODY":
            break
        reached[name] = (tag, style, width)
    for name in (
        "To the verdict",
        "Play",
        "theorem-shift",
        "claims-text",
        "claims-verdict",
        "game-frame",
    ):
        assert name in reached, name
    unseen = [name for name, (_, style, width) in reached.items() if style == "none" or width < 1]
    assert not unseen


def test_the_first_tab_stop_skips_to_the_verdict(shown):
    shown.press("Tab")
    assert shown.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    shown.press("Enter")
    assert shown.evaluate("location.hash") == "#verdict"


@pytest.mark.parametrize("width", [390, 768, 1200])
def test_the_body_does_not_scroll_sideways(shown, finished, width):
    shown.open(finished / "index.html", width=width, height=844)
    shown.evaluate(OPEN_ALL)
    shown.settle()
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.evaluate("document.querySelector('svg.densities').clientWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_their_background(shown, scheme):
    shown.media(scheme)
    shown.evaluate(OPEN_ALL)
    shown.settle()
    found = shown.evaluate(CONTRASTS)
    assert len(found) > 200
    assert [(name, round(ratio, 2)) for name, ratio in found if ratio < 4.5] == []
    background = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(253, 253, 251)") == (scheme == "light")


def test_verdicts_are_words_and_figures_are_described(shown):
    words = shown.evaluate(
        "[...document.querySelectorAll('.tally .verdict')].map(e => e.textContent.trim())"
    )
    assert words == [
        "✓ confirmed", "≈ refined", "✗ not reproduced", "– not testable here", "… not checked yet",
        "! check failed",
    ]  # fmt: skip
    undescribed = "[...document.images].filter((image) => image.alt.length < 20).length"
    assert shown.evaluate("document.images.length") == 5
    assert shown.evaluate(undescribed) == 0
    unnamed = "[...document.querySelectorAll('svg')].filter(e => !e.ariaLabel || !e.role).length"
    assert shown.evaluate(unnamed) == 0


def test_on_paper_everything_is_open_and_controls_are_gone(shown):
    closed = "document.querySelectorAll('details:not([open])').length"
    before = shown.evaluate(closed)
    assert before > 20
    shown.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert shown.evaluate(closed) == 0
    shown.media("dark", "print")
    controls = "[...document.querySelectorAll('.buttons, .filters, #contents')]"
    seen = f"{controls}.some((control) => control.checkVisibility())"
    assert not shown.evaluate(seen)
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    shown.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert shown.evaluate(closed) == before
    paper = shown.pdf()
    assert paper.startswith(b"%PDF")
    assert len(paper) > 100_000
