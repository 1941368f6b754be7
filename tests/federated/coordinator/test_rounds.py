"""One question to every site: who answers, who does not, and what the coordinator makes of it.

A plain function stands in for the wire, as `rounds.ask` documents; the sites here reply with real
messages of the protocol.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

import pytest

from federated.contract.messages import (
    Acknowledgement,
    Answer,
    Question,
    Refusal,
    decode_to_site,
    encode,
)
from federated.coordinator.rounds import MAX_ATTEMPTS, QuestionBook, ask
from privacy.accounting import rho_of
from privacy.mechanisms import gaussian_rho
from privacy.problem import Problem

ROSTER = ["ahus", "diakonhjemmet", "ous"]
PERIOD = "2024"
EPSILON, DELTA = 2.0, 5e-7
SHAPE = 40
L2_SQUARED = 8.25
"""8 of the counts, a quarter of the number of persons cut."""

Reply = Callable[[Question], bytes | str]


def answer(question: Question, **changes) -> bytes:
    fields = {
        "question_id": question.question_id,
        "attempt_id": question.attempt_id,
        "site": question.site,
        "values": list(range(SHAPE)),
        "scale": question.scale,
        "rho_site": gaussian_rho(question.scale, Fraction(L2_SQUARED)),
        "rho_federation": 3 * gaussian_rho(question.scale, Fraction(L2_SQUARED)),
        "persons_cut": [0],
        "data_through": {"npr": "2025-01"},
        "end_stated": True,
        "not_private": False,
        "data_origin": "generated",
    }
    return encode(Answer(**(fields | changes)))


def refusal(question: Question) -> bytes:
    return encode(
        Refusal(
            question_id=question.question_id,
            attempt_id=question.attempt_id,
            site=question.site,
        )
    )


def silence(question: Question) -> str:
    return "no reply"


class Wire:
    """Sites that reply as they are told, and every message that they were sent."""

    def __init__(self, **replies: Reply) -> None:
        self.replies = replies
        self.sent: list[dict[str, bytes]] = []

    def __call__(self, messages: Mapping[str, bytes]) -> dict[str, bytes | str]:
        self.sent.append(dict(messages))
        replies: dict[str, bytes | str] = {}
        for site, payload in messages.items():
            question = decode_to_site(payload)
            assert isinstance(question, Question) and question.site == site
            replies[site] = self.replies.get(site, answer)(question)
        return replies


def untold(_asked: object) -> Mapping[str, str]:
    """A federation without a global ledger."""
    return {}


@pytest.fixture
def book(tmp_path):
    return QuestionBook(tmp_path / "questions")


@pytest.fixture
def opened(book, indicator):
    assert len(indicator.domain(PERIOD)) * len(indicator.definition.atoms) == SHAPE
    assert indicator.bound.charged_l2_squared == L2_SQUARED
    return book.open_attempt(indicator, PERIOD, ROSTER, epsilon=EPSILON, delta=DELTA)


@pytest.fixture
def put(book, opened, indicator):
    return lambda wire: ask(book, opened, indicator, PERIOD, wire, announce=untold)


def problem(put, wire) -> Problem:
    with pytest.raises(Problem) as caught:
        put(wire)
    return caught.value


def test_all_answer_one_attempt(put, book, opened):
    wire = Wire()
    asked, answers = put(wire)
    assert asked == opened
    assert list(answers) == ROSTER
    assert {a.attempt_id for a in answers.values()} == {opened.attempt_id}
    assert len(wire.sent) == 1 and sorted(wire.sent[0]) == ROSTER
    assert book.answers(opened) == answers


def test_the_scale_spends_the_epsilon_on_the_whole_roster(opened, indicator):
    rho = len(ROSTER) * gaussian_rho(opened.scale, indicator.bound.charged_l2_squared)
    assert rho <= rho_of(EPSILON, DELTA) < rho * 1.000001


def test_the_roster_is_sorted_whatever_order_it_was_given_in(tmp_path, indicator, opened):
    other = QuestionBook(tmp_path / "other")
    asked = other.open_attempt(indicator, PERIOD, ROSTER[::-1], epsilon=EPSILON, delta=DELTA)
    assert asked == opened


def test_a_question_that_all_have_answered_is_not_put_again(put):
    first = put(Wire())
    silent = Wire()
    assert put(silent) == first
    assert silent.sent == []


def test_one_silent_site_is_named_and_the_others_are_not_asked_again(put, opened):
    found = problem(put, Wire(diakonhjemmet=lambda question: "offline"))
    assert found.what == "site `diakonhjemmet` did not answer: offline"
    again = Wire()
    asked, answers = put(again)
    assert list(again.sent[0]) == ["diakonhjemmet"]
    assert asked == opened and sorted(answers) == ROSTER


def test_a_site_that_the_wire_says_nothing_about_is_silent(put):
    wire = Wire()
    found = problem(put, lambda messages: {s: r for s, r in wire(messages).items() if s != "ous"})
    assert found.what == "site `ous` did not answer: no reply"


def test_a_refusal_is_named_with_its_site_and_where_to_look(put, opened):
    wire = Wire(ahus=refusal)
    found = problem(put, wire)
    assert found.what == "site `ahus` did not answer: it refused"
    assert found.where == opened.indicator and "sloyfe ledger show" in found.mend
    assert len(wire.sent) == 1


def test_a_site_that_could_not_read_the_question_says_so_without_ids(put):
    unread = encode(Refusal(question_id="", attempt_id="", site="ous"))
    assert "site `ous` did not answer: it refused" in problem(put, Wire(ous=lambda _: unread)).what


def test_a_refusal_is_told_before_a_silence(put):
    assert "`ous`" in problem(put, Wire(ahus=silence, ous=refusal)).what


def test_a_site_that_refuses_is_asked_the_same_attempt_again(put, opened):
    """Its people may mend the cause; the others have answered and are not charged anew."""
    problem(put, Wire(ous=refusal))
    problem(put, Wire(ous=refusal))
    wire = Wire()
    asked, answers = put(wire)
    assert asked == opened and list(wire.sent[0]) == ["ous"]
    assert list(answers) == ROSTER


def lost_the_first(question: Question) -> bytes:
    return refusal(question) if question.attempt == 1 else answer(question)


def test_a_lost_answer_leads_to_a_fresh_attempt_for_all(put, book, opened):
    """It was sent, nothing came back, and now the site will not draw noise for it again."""
    problem(put, Wire(ous=silence))
    wire = Wire(ous=lost_the_first)
    asked, answers = put(wire)
    assert asked.attempt == 2 and asked.attempt_id != opened.attempt_id
    assert asked.question_id == opened.question_id
    assert [sorted(sent) for sent in wire.sent] == [["ous"], ROSTER]
    assert {a.attempt_id for a in answers.values()} == {asked.attempt_id}
    assert book.latest(opened.question_id) == asked


def test_there_are_at_most_three_attempts(put, book, opened):
    """The site dies on every attempt, and refuses to go on with it when it is up again."""
    begun: set[str] = set()

    def dies(question: Question) -> bytes | str:
        again = question.attempt_id in begun
        begun.add(question.attempt_id)
        return refusal(question) if again else "no reply"

    for _ in range(2 * MAX_ATTEMPTS):
        problem(put, Wire(ous=dies))
    assert len(begun) == MAX_ATTEMPTS == 3
    latest = book.latest(opened.question_id)
    assert latest is not None and latest.attempt == MAX_ATTEMPTS


@pytest.mark.parametrize("other", [silence, refusal])
def test_no_fresh_attempt_is_made_while_another_site_stands_in_the_way(put, book, opened, other):
    """It would cost every site a second charge and still not be answered in full."""
    problem(put, Wire(ous=silence, ahus=refusal))
    wire = Wire(ous=refusal, ahus=other)
    problem(put, wire)
    assert len(wire.sent) == 1
    assert book.latest(opened.question_id) == opened


def test_a_coordinator_that_crashed_asks_only_the_missing_with_identical_bytes(
    book, indicator, opened
):
    class Crash(Exception):
        pass

    first: list[dict[str, bytes]] = []

    def crash(messages):
        first.append(dict(messages))
        raise Crash

    with pytest.raises(Crash):
        ask(book, opened, indicator, PERIOD, crash, announce=untold)
    with pytest.raises(Problem):
        ask(book, opened, indicator, PERIOD, Wire(ous=lambda _: "no reply"), announce=untold)
    restarted = QuestionBook(book.folder)
    asked = restarted.open_attempt(indicator, PERIOD, ROSTER, epsilon=EPSILON, delta=DELTA)
    wire = Wire()
    ask(restarted, asked, indicator, PERIOD, wire, announce=untold)
    assert wire.sent == [{"ous": first[0]["ous"]}]


def test_a_half_written_answer_is_not_an_answer(book, opened, put):
    put(Wire())
    (kept,) = book.folder.rglob("answer-ous.json")
    kept.rename(kept.with_suffix(".new"))
    assert sorted(book.answers(opened)) == ["ahus", "diakonhjemmet"]


WRONG = {
    "its answer has another shape than the question": [
        lambda q: answer(q, values=list(range(SHAPE - 1))),
        lambda q: answer(q, values=[]),
        lambda q: answer(q, scale=q.scale / 2),
    ],
    "it states another cost than its noise has": [
        lambda q: answer(q, rho_site=gaussian_rho(q.scale, Fraction(L2_SQUARED)) / 2),
        lambda q: answer(q, rho_site=1e9),
    ],
    "its reply is to another question": [
        lambda q: answer(q, site="ahus"),
        lambda q: answer(q, attempt_id="0" * 64),
        lambda q: answer(q.model_copy(update={"site": "stranger"})),
    ],
    "its reply is not a message of this protocol": [
        lambda q: b"",
        lambda q: b"garbage",
        encode,
        lambda q: answer(q)[:-1],
    ],
    "its reply is of another kind": [
        lambda q: encode(
            Acknowledgement(question_id=q.question_id, attempt_id=q.attempt_id, site=q.site)
        ),
    ],
}


@pytest.mark.parametrize(
    ("why", "reply"), [(why, reply) for why, replies in WRONG.items() for reply in replies]
)
def test_a_reply_that_is_not_the_answer_is_not_kept(put, book, opened, why, reply):
    assert problem(put, Wire(ous=reply)).what == f"site `ous` did not answer: {why}"
    assert "ous" not in book.answers(opened)


def test_receipts_are_remembered_by_site(book, opened):
    assert not book.has_receipt(opened, "ous")
    book.keep_receipt(opened, "ous")
    assert book.has_receipt(opened, "ous") and not book.has_receipt(opened, "ahus")


def test_a_question_is_not_asked_again_on_other_terms(book, indicator, opened):
    assert book.open_attempt(indicator, PERIOD, ROSTER, epsilon=EPSILON, delta=DELTA) == opened
    for changes in ({"epsilon": EPSILON / 2}, {"delta": DELTA / 2}):
        terms = {"epsilon": EPSILON, "delta": DELTA} | changes
        with pytest.raises(Problem, match="another epsilon"):
            book.open_attempt(indicator, PERIOD, ROSTER, **terms)
    with pytest.raises(Problem, match="roster"):
        book.open_attempt(indicator, PERIOD, ROSTER[:2], epsilon=EPSILON, delta=DELTA)
    again = book.open_attempt(
        indicator, PERIOD, ROSTER[:2], epsilon=EPSILON, delta=DELTA, edition=2
    )
    assert again.question_id != opened.question_id


def test_noise_that_would_drown_everything_is_not_asked_for(book, indicator):
    with pytest.raises(Problem, match="drown"):
        book.open_attempt(indicator, PERIOD, ROSTER, epsilon=1e-7, delta=DELTA)
    assert book.latest(indicator.question_id(PERIOD, 1)) is None
