"""Messages: what goes in comes out, in Python and in the page's own reader."""

import numpy as np
import pytest

from usadel.explorer.answers.wire import pack, unpack

HEADER = {"kind": "profiles", "text": "Δ ≤ ξ", "value": 0.1 + 0.2, "nothing": None}
ARRAYS = {"a": np.arange(6.0).reshape(2, 3), "b": np.array([np.nan, np.inf, 1e-30]), "empty": np.zeros((0, 4))}


def test_round_trip():
    header, arrays = unpack(pack(HEADER, ARRAYS))
    assert header == HEADER
    for name, array in ARRAYS.items():
        assert np.array_equal(arrays[name], array.astype("f4"), equal_nan=True)


def test_numbers_that_are_not_finite_belong_in_arrays():
    with pytest.raises(ValueError):
        pack({"error": np.inf})


def test_the_page_reads_the_same(page):
    found = page.page.evaluate(
        """async (bytes) => { const { unpack } = await import("/static/wire.js");
        const { header, arrays, rest } = unpack(new Uint8Array(bytes).buffer);
        const texts = Object.entries(arrays).map(([k, a]) => [k, [a.shape, Array.from(a.data, String)]]);
        return [header, Object.fromEntries(texts), rest.length]; }""",
        list(pack(HEADER, ARRAYS) + b"12345"),
    )
    header, arrays, rest = found
    assert rest == 5
    assert {name: header[name] for name in HEADER} == HEADER
    for name, array in ARRAYS.items():
        shape, texts = arrays[name]
        assert shape == list(array.shape)
        assert np.array_equal(
            [float(text.replace("Infinity", "inf")) for text in texts], array.astype("f4").ravel(), equal_nan=True
        )
