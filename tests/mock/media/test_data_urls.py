"""Base64 as it stands in a request: the quick decoder and Python's own, which stands in for it, agree."""

from __future__ import annotations

import base64

import pybase64
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.mock.media import data_urls

_ALMOST = st.one_of(
    st.text("AQz09+/=-_ \n", max_size=12),
    st.builds(
        lambda data, end: base64.b64encode(data).decode() + end, st.binary(max_size=9), st.text("A=", max_size=4)
    ),
)


def _with(decoder, text: str) -> bytes | str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_urls, "_decoder", lambda: decoder)
        try:
            return data_urls.decode_base64(text)
        except ValueError as error:
            return str(error)


@given(text=_ALMOST)
def test_both_decoders_give_the_same_bytes_and_the_same_complaints(text: str):
    assert _with(pybase64.b64decode, text) == _with(base64.b64decode, text)


@given(data=st.binary(max_size=100))
def test_bytes_come_back_and_white_space_is_skipped(data: bytes):
    lines = base64.encodebytes(data).decode()
    assert lines == "" or data_urls.decode_base64(lines) == data


@pytest.mark.parametrize("text", ["QQ===", "QUI==", "QUJD=", "QUJD====", "QQ", "Q"])
def test_surplus_and_missing_padding_is_refused(text: str):
    with pytest.raises(ValueError, match="cut off or wrongly padded"):
        data_urls.decode_base64(text)
