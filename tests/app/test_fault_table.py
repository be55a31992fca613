from tests.app.fault_table import CALLS, ELSEWHERE, FAULTS, rows


def test_each_call_meets_each_fault_or_it_is_said_why_not() -> None:
    found = rows()
    assert {call for call, _ in found} == set(CALLS)
    assert {fault for _, fault in found} == set(FAULTS)
    empty = {(call, fault) for call in CALLS for fault in FAULTS if not found[call, fault]}
    assert empty == set(ELSEWHERE)
