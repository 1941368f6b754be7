"""Only messages of this protocol are read, and what is refused leaves no trace in the refusal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federated.contract.messages import (
    MAX_MESSAGE_BYTES,
    MOST_ENTRIES,
    PROTOCOL,
    Acknowledgement,
    Answer,
    Countersignature,
    Malformed,
    Notice,
    Question,
    Receipt,
    Refusal,
    decode_from_site,
    decode_to_site,
    digest,
    encode,
    notice_slot,
    reply_slot,
)
from tests.privacy.ledger.test_shared import attempt, chained

QUESTION = Question(
    question_id="a" * 64,
    attempt_id="b" * 64,
    attempt=1,
    site="ous",
    indicator="readmission",
    definition="c" * 64,
    period="2024",
    edition=1,
    roster=["ahus", "ous"],
    scale=8.5,
    countersignatures={"bydel": "A" * 86 + "=="},
)
ENTRIES = chained(attempt(1), attempt(2, roster=("ahus", "ous"), pure=0.5))
NOTICE = Notice(site="ous", entries=ENTRIES)
COUNTERSIGNATURE = Countersignature(site="ous", known=2, signatures=["A" * 86 + "==", None])
ANSWER = Answer(
    question_id="a" * 64,
    attempt_id="b" * 64,
    site="ous",
    values=[3, -7, 2**53],
    persons_cut=[-2],
    scale=8.5,
    rho_site=0.05,
    rho_federation=0.1,
    data_through={"npr": "2024-12", "kpr-omsorg": "2024-11"},
    end_stated=True,
    not_private=False,
    data_origin="generated",
)
REFUSAL = Refusal(question_id="", attempt_id="", site="ous")
RECEIPT = Receipt(
    site="ous",
    question_id="a" * 64,
    attempt_id="b" * 64,
    release_id="readmission-2024-e1-bbbbbbbb",
    release_digest="d" * 64,
)
ACKNOWLEDGEMENT = Acknowledgement(question_id="a" * 64, attempt_id="b" * 64, site="ous")

BY_DECODER = [
    (decode_to_site, QUESTION),
    (decode_to_site, RECEIPT),
    (decode_to_site, NOTICE),
    (decode_from_site, ANSWER),
    (decode_from_site, REFUSAL),
    (decode_from_site, COUNTERSIGNATURE),
    (decode_from_site, ACKNOWLEDGEMENT),
]
SENTENCES = {"not a message of this protocol", "message too large"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def changed(message, **fields) -> bytes:
    return json.dumps({**json.loads(encode(message)), **fields}).encode()


def without(message, field: str) -> bytes:
    content = json.loads(encode(message))
    del content[field]
    return json.dumps(content).encode()


def refused(decode, payload: bytes) -> bool:
    """True if refused; anything but Malformed in its closed words fails the test."""
    try:
        decode(payload)
    except Malformed as malformed:
        assert str(malformed) in SENTENCES
        assert malformed.__cause__ is None and malformed.__suppress_context__
        return True
    return False


@pytest.mark.parametrize(("decode", "message"), BY_DECODER)
def test_every_message_comes_back_as_it_was_with_the_same_bytes(decode, message):
    payload = encode(message)
    assert decode(payload) == message
    assert encode(decode(payload)) == payload


@pytest.mark.parametrize(("decode", "message"), BY_DECODER)
def test_bytes_are_canonical_whatever_order_and_spacing_they_came_in(decode, message):
    content = json.loads(encode(message))
    loose = json.dumps(dict(reversed(content.items())), indent=3).encode()
    assert encode(decode(loose)) == encode(message)
    assert encode(message) == json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("decode", "message"),
    [(decode_from_site, QUESTION), (decode_from_site, RECEIPT), (decode_to_site, ANSWER)],
)
def test_a_message_in_the_wrong_direction_is_refused(decode, message):
    assert refused(decode, encode(message))


@pytest.mark.parametrize(
    "fields",
    [
        {"protocol": PROTOCOL + 1},
        {"protocol": True},
        {"protocol": 1.5},
        {"protocol": "2"},
        {"kind": "sql"},
        {"kind": None},
        {"extra": "x"},
        {"site": "../ous"},
        {"site": "OUS"},
        {"site": "ous\n"},
        {"question_id": "a" * 63},
        {"question_id": "A" * 64},
        {"attempt": 0},
        {"attempt": 4},
        {"attempt": True},
        {"attempt": "1"},
        {"period": "20x4"},
        {"period": "２０２４"},  # digits, but not ours: would be another question about 2024
        {"period": 2024},
        {"period": "2024\n"},
        {"edition": 0},
        {"roster": []},
        {"roster": ["ous"] * 501},
        {"roster": "ous"},
        {"scale": 0},
        {"scale": -1.0},
        {"scale": float("nan")},
        {"scale": float("inf")},
        {"scale": "8.5"},
    ],
)
def test_a_question_with_one_wrong_field_is_refused(fields):
    assert refused(decode_to_site, changed(QUESTION, **fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"values": [1.5]},
        {"values": "AAAA"},
        {"values": "not base64"},
        {"persons_cut": []},
        {"persons_cut": [1, 2]},
        {"values": ["1"]},
        {"values": [True]},
        {"values": [2**53 + 1]},
        {"values": [-(2**70)]},
        {"rho_site": float("nan")},
        {"rho_site": 0},
        {"rho_federation": float("inf")},
        {"scale": float("nan")},
        {"data_through": {"npr": "2024-12-31"}},
        {"data_through": {"npr": "2024-13"}},
        {"data_origin": "synthetic"},
        {"not_private": 0},
        {"rows": []},
    ],
)
def test_an_answer_with_one_wrong_field_is_refused(fields):
    assert refused(decode_from_site, changed(ANSWER, **fields))


@pytest.mark.parametrize("field", sorted(set(json.loads(encode(QUESTION))) - {"protocol"}))
def test_a_question_that_lacks_a_field_is_refused(field):
    assert refused(decode_to_site, without(QUESTION, field))


def test_a_refusal_has_no_room_for_a_reason():
    assert refused(decode_from_site, changed(REFUSAL, code="no stays in 2024"))


@given(st.lists(st.integers(-(2**53), 2**53), max_size=50))
def test_an_answer_s_length_depends_on_how_many_values_it_has_alone(values):
    zeros = ANSWER.model_copy(update={"values": [0] * len(values)})
    answer = ANSWER.model_copy(update={"values": values})
    assert len(encode(answer)) == len(encode(zeros)) <= reply_slot(len(values))
    assert decode_from_site(encode(answer)) == answer


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b'"question"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"kind":' * 50_000,
        b'{"kind":"question","roster":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"kind":"\\ud800"}',
        b'{"kind":"question","scale":' + b"9" * 100_000 + b"}",
        encode(QUESTION)[:-1],
        encode(QUESTION) + b"{}",
    ],
    ids=range(12),
)
def test_what_is_no_message_is_refused(payload):
    assert refused(decode_to_site, payload)
    assert refused(decode_from_site, payload)


def test_a_huge_message_is_refused_before_it_is_read():
    padded = encode(QUESTION) + b" " * (MAX_MESSAGE_BYTES - len(encode(QUESTION)))
    assert decode_to_site(padded) == QUESTION
    with pytest.raises(Malformed, match=r"^message too large$"):
        decode_to_site(padded + b" ")


def test_a_refusal_to_read_says_nothing_of_what_was_read():
    canary = "01017012345"
    with pytest.raises(Malformed) as caught:
        decode_to_site(changed(QUESTION, period=canary, **{canary: canary}))
    assert canary not in str(caught.value) + repr(caught.value)
    assert caught.value.__cause__ is None


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(payload):
    assert refused(decode_to_site, payload)
    assert refused(decode_from_site, payload)


@given(st.sampled_from(BY_DECODER), st.data())
def test_a_valid_message_with_changed_bytes_is_read_or_refused(pair, data):
    decode, message = pair
    payload = bytearray(encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(payload) - 1))
        payload[place] = data.draw(st.integers(0, 255))
    refused(decode, bytes(payload))


@given(st.sampled_from(BY_DECODER), st.data(), json_values)
def test_a_valid_message_with_a_changed_field_is_read_or_refused(pair, data, value):
    decode, message = pair
    field = data.draw(st.sampled_from(sorted(json.loads(encode(message)))))
    payload = changed(message, **{field: value})
    if not refused(decode, payload):
        assert decode(encode(decode(payload))) == decode(payload)


@given(json_values, st.text(min_size=1, max_size=8))
def test_an_extra_field_is_refused(value, name):
    if name not in json.loads(encode(QUESTION)):
        assert refused(decode_to_site, changed(QUESTION, **{name: value}))


def test_ids_depend_on_every_part_and_on_their_order():
    assert digest("a", 1) == digest("a", 1)
    assert (
        len({digest("a", 1), digest("a", 2), digest(1, "a"), digest("a", "1"), digest("a1")}) == 5
    )


@pytest.mark.parametrize("entries", [1, 2, MOST_ENTRIES])
def test_every_reply_to_a_notice_fits_its_slot(entries):
    signatures = ["A" * 86 + "=="] * entries
    longest = Countersignature(site="s" * 64, known=10**12, signatures=signatures)
    assert len(encode(longest)) <= notice_slot(entries)


def test_the_longest_notice_is_no_larger_than_a_message_may_be():
    roster = tuple(sorted(f"{number:03d}{'x' * 61}" for number in range(20)))
    entries = chained(*(attempt(n, roster=roster) for n in range(MOST_ENTRIES)))
    assert len(encode(Notice(site="ous", entries=entries))) < MAX_MESSAGE_BYTES
