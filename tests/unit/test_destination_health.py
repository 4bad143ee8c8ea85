"""What a destination's answers make of it, check after check."""

import pytest

from trackflow.domain.destination_health import state_after


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([200], "Reachable"),
        ([301], "Reachable"),
        ([403], "Reachable"),
        ([404], "Not Found Once"),
        ([410, 404], "Not Found"),
        ([404, 200, 404], "Not Found Once"),
        ([404, 503, 404], "Not Found"),
        ([404, None, None], "Not Found Once"),
        ([404, 404, 404], "Not Found"),
        ([404, 404, 200], "Reachable"),
        ([None, 500], ""),
    ],
)
def test_a_page_is_not_found_when_two_checks_in_a_row_say_so(answers, expected):
    state = ""
    for answer in answers:
        state = state_after(state, answer)
    assert state == expected
