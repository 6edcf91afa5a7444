"""Things to look at: what they say as text is what they show as HTML."""

from __future__ import annotations

import re

from helpers.display import Rich, bars, code_box, inline, side_by_side, spans, stacked, table


def test_bars_say_their_value_in_words_and_show_it_as_a_length():
    shown = bars("Shares", [("a & b", 0.5, "50%"), ("c", 1, "all of <it>"), ("d", 0, "none")])
    assert shown.text.splitlines() == [
        "Shares",
        f"a & b  {'█' * 10:<20}  50%",
        f"c      {'█' * 20}  all of <it>",
        f"d      {'':20}  none",
    ]
    assert re.findall(r"width: ([\d.]+%)\"></div>", shown.html) == ["50.0%", "100.0%", "0.0%"]
    assert "<caption>Shares</caption>" in shown.html
    assert '<th scope="row"' in shown.html
    assert "a &amp; b" in shown.html
    assert "all of &lt;it&gt;" in shown.html


def test_a_bar_is_never_shorter_than_nothing_or_longer_than_the_whole():
    html = bars("Shares", [("less", -0.5, "-50%"), ("more", 7.0, "700%")]).html
    assert re.findall(r"width: ([\d.]+%)\"></div>", html) == ["0.0%", "100.0%"]


def test_the_length_of_a_bar_is_not_read_aloud():
    shown = bars("Shares", [("a", 0.5, "50%")])
    assert shown.html.count('<div aria-hidden="true"') == 1


def test_bars_without_rows_are_a_caption():
    assert bars("Nothing yet", []).text == "Nothing yet"


def test_results_stand_one_under_the_other_or_side_by_side():
    one, two = Rich("one", "<p>one</p>"), Rich("two", "<p>two</p>")
    assert (stacked(one, two).text, stacked(one, two).html) == ("one\ntwo", "<p>one</p><p>two</p>")
    beside = side_by_side(one, two)
    assert beside.text == "one\n\ntwo"
    assert beside.html.index("<p>one</p>") < beside.html.index("<p>two</p>")
    assert "flex-wrap: wrap" in beside.html


def test_a_column_is_as_wide_as_its_longest_word_and_only_what_is_no_word_breaks_anywhere():
    html = table("Answers", ["", "said"], [("completion tokens", "https://example.test/a/long/address")]).html
    label, said = re.findall(r"<td style=\"([^\"]+)\">", html)
    assert "anywhere" not in label
    assert "overflow-wrap: anywhere" in said


def test_the_name_of_a_class_may_break_between_its_words_and_nowhere_else():
    html = table("Raised", ["what", "by"], [("ServiceResponseTimeoutError", "call_aBcdEfghIjklm")]).html
    assert ">Service<wbr>Response<wbr>Timeout<wbr>Error<" in html
    assert ">call_aBcdEfghIjklm<" in html
    assert "anywhere" not in html


def test_code_between_backticks_is_set_as_code():
    assert spans("Write `a < b`, & no more.") == "Write <code>a &lt; b</code>, &amp; no more."
    assert spans(f"It says {inline('a ` b')}.") == "It says <code>a ` b</code>."
    assert spans("one ` alone") == "one ` alone"
    assert inline("x") == "`x`"


def test_code_to_copy_keeps_its_lines_and_can_be_scrolled_by_the_keyboard():
    html = code_box("In <Python>", "a = 1\n  b")
    assert 'aria-label="In &lt;Python&gt;" tabindex="0"' in html
    assert "a = 1\n  b</pre>" in html
    assert "white-space: pre;" in html
