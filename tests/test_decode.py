"""What becomes of a record: the scanner agrees with the models, whatever stands beside the record."""

import gc
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import TOPIC_OF, TOPICS, type_name
from schemas.refusals import VALUE_MAX_BYTES, Reason
from schemas.render.examples import CASES, example
from streams import decode as decoding
from streams.decode import Chunk, TopicDecoder
from streams.layout import Field, Hashes, Layout, Rule, layout_of
from streams.scanner import MOST, Scanner
from tests.wire import (
    ARRIVAL,
    KINDS,
    altered,
    as_scanned,
    damaged,
    encoded,
    epoch_ms,
    every_text,
    minimal,
    models_say,
    plain,
    sound,
    texts_of,
)

READABLE = {"calls": {"call.queued": "call_id", "call.answered": "call_id"}}
DECODERS = {topic: TopicDecoder(topic, every_text(topic), READABLE.get(topic, {})) for topic in TOPICS}
SCANNERS = {topic: Scanner(layout_of(topic), {}) for topic in TOPICS}
CALLS = tuple(type_name(model) for model in TOPICS["calls"])
BROKEN_UTF8 = encoded(minimal("call.ended"))[:-1] + b', "extra": "\xc3"}'
RESERVED = encoded(minimal("call.ended", team="__other__"))
TOO_LARGE = encoded(minimal("call.ended")).ljust(VALUE_MAX_BYTES + 1)


def decode(topic: str, *values: bytes | None, decoder: TopicDecoder | None = None) -> Chunk:
    """Decode values that arrive a second after the examples' time."""
    return (decoder or DECODERS[topic]).decode_chunk(values, [ARRIVAL] * len(values))


def reason(
    topic: str, value: bytes | None, arrival: int = ARRIVAL, decoder: TopicDecoder | None = None
) -> Reason | None:
    """Return why a single value is refused, None where it is not."""
    chunk = (decoder or DECODERS[topic]).decode_chunk([value], [arrival])
    assert chunk.events.table["taken"].tolist() == [0 if chunk.refusals else 1]
    return chunk.refusals[0].reason if chunk.refusals else None


def told(topic: str, chunk: Chunk) -> list[dict[str, Any] | None]:
    """Return all that the events of a chunk say, with None where one is refused."""
    taken = chunk.events.table["taken"].tolist()
    layout = DECODERS[topic].layout
    return [plain(chunk.events, place, layout) if taken[place] else None for place in range(len(taken))]


def is_plain(topic: str, value: bytes) -> bool:
    """Say whether the scanner takes a value by itself."""
    SCANNERS[topic].begin(1)
    table, _ = SCANNERS[topic].scan([value])
    return bool(table["taken"][0])


class TestTheModelsAreTheContract:
    @pytest.mark.parametrize("case", CASES)
    @pytest.mark.parametrize("kind", KINDS)
    def test_an_example_decodes_to_what_its_model_holds(self, kind: str, case: str) -> None:
        topic, value = TOPIC_OF[kind], encoded(example(kind, case))
        chunk = decode(topic, value)
        assert not chunk.refusals
        said = models_say(topic, value)
        assert said is not None
        assert told(topic, chunk) == [as_scanned(said, DECODERS[topic].layout)]
        assert chunk.events.table["ms"].tolist() == [ARRIVAL - 1000]
        assert chunk.events.table["arrival"].tolist() == [ARRIVAL]

    @pytest.mark.parametrize("case", CASES)
    @pytest.mark.parametrize("kind", KINDS)
    def test_an_example_is_plain_to_the_scanner(self, kind: str, case: str) -> None:
        assert is_plain(TOPIC_OF[kind], encoded(example(kind, case)))

    @given(st.sampled_from(list(TOPICS)), st.one_of(altered(), damaged()))
    def test_what_the_models_refuse_is_refused_and_what_they_accept_is_equal(self, topic: str, value: bytes) -> None:
        self.agree(topic, value)

    @given(st.data())
    def test_so_it_is_for_events_in_their_own_topic(self, data: st.DataObject) -> None:
        topic = data.draw(st.sampled_from(list(TOPICS)))
        kinds = tuple(type_name(model) for model in TOPICS[topic])
        self.agree(topic, data.draw(st.one_of(altered(kinds), damaged(kinds))))

    def agree(self, topic: str, value: bytes) -> None:
        said = models_say(topic, value)
        arrival = ARRIVAL if said is None else epoch_ms(said["time"]) or 0
        chunk = DECODERS[topic].decode_chunk([value], [arrival])
        assert told(topic, chunk) == [None if said is None else as_scanned(said, DECODERS[topic].layout)]
        assert len(chunk.refusals) == (said is None)

    @given(sound())
    def test_the_careful_way_makes_the_same_event_as_the_fast_one(self, event: dict[str, Any]) -> None:
        topic = TOPIC_OF[event["type"]]
        # a repeated key is more than the scanner takes
        fast, careful = encoded(event), encoded(event).replace(b"{", b'{"type": "call.parked", "data": 5, ', 1)
        assert (is_plain(topic, fast), is_plain(topic, careful)) == (True, False)
        one, other = told(topic, decode(topic, fast, careful))
        assert one == other
        assert one is not None

    @given(st.sampled_from(["call.queued", "call.answered", "call.ended"]), st.text(min_size=1, max_size=20))
    def test_a_readable_text_comes_with_its_event(self, kind: str, text: str) -> None:
        event = minimal(kind, call_id=text)
        value = encoded(event)
        careful = value.replace(b"{", b'{"type": "call.parked", ', 1)
        for one in (value, encoded(event, ascii_only=True), careful):
            assert texts_of(decode("calls", one).events) == [None if kind == "call.ended" else text]


class TestFields:
    @pytest.mark.parametrize("topic", TOPICS)
    def test_an_event_without_a_type_is_invalid_in_every_topic(self, topic: str) -> None:
        event = minimal(type_name(TOPICS[topic][0]))
        del event["type"]
        assert reason(topic, encoded(event)) is Reason.INVALID

    def test_a_state_change_of_the_unassigned_rep_is_invalid(self) -> None:
        assert reason("reps", encoded(minimal("rep.state_changed", rep="unassigned"))) is Reason.INVALID
        assert reason("reps", encoded(minimal("rep.state_changed", team="unassigned"))) is None

    @pytest.mark.parametrize("kind", ["email.opened", "link.clicked"])
    def test_a_null_machine_is_false_on_either_way(self, kind: str) -> None:
        topic = TOPIC_OF[kind]
        value = encoded(minimal(kind, machine=None))
        careful = value.replace(b'"data"', b'"data": 5, "data"').replace(b'"subject"', b'"__subject"')
        assert (is_plain(topic, value), is_plain(topic, careful)) == (True, False)
        slot = DECODERS[topic].layout.slots["machine"]
        assert decode(topic, value, careful).events.table["slots"][:, slot].tolist() == [0, 0]

    @pytest.mark.parametrize("kind", ['"\\ud800"', '""', "null", "5", '["call.ended"]'])
    def test_a_type_that_is_no_text_is_invalid(self, kind: str) -> None:
        value = encoded(minimal("call.ended")).replace(b'"call.ended"', kind.encode())
        assert reason("calls", value) is Reason.INVALID

    def test_an_integer_of_any_length_in_an_unread_field_is_ignored(self) -> None:
        value = encoded(minimal("call.ended"))[:-1] + b', "extra": ' + b"7" * 5000 + b"}"
        assert reason("calls", value) is None
        assert reason("calls", value.replace(b'"specversion"', b'"type": "call.parked", "specversion"')) is None

    def test_an_integer_of_any_length_in_a_read_field_is_invalid(self) -> None:
        value = encoded(minimal("call.ended", wait_ms=1)).replace(b'"wait_ms": 1', b'"wait_ms": ' + b"7" * 5000)
        assert reason("calls", value) is Reason.INVALID

    def test_of_a_repeated_key_the_last_wins(self) -> None:
        value = encoded(minimal("call.ended")).replace(b'"data"', b'"data": {"call_id": 5}, "data"')
        assert reason("calls", value) is None
        assert reason("calls", value[:-1] + b', "data": 5}') is Reason.INVALID
        assert reason("calls", value[:-1] + b', "type": "email.sent"}') is Reason.WRONG_TOPIC

    @pytest.mark.parametrize("constant", [b"NaN", b"Infinity", b"-Infinity"])
    def test_a_constant_that_json_lacks_is_not_json(self, constant: bytes) -> None:
        assert reason("calls", encoded(minimal("call.ended"))[:-1] + b', "x": ' + constant + b"}") is Reason.NOT_JSON


class TestReasons:
    LATE, SOON = ARRIVAL + 36 * 86_400_000, ARRIVAL - 600_000

    @pytest.mark.parametrize(
        ("first", "value", "arrival"),
        [
            (Reason.TOO_LARGE, b"\xff" * (VALUE_MAX_BYTES + 1), ARRIVAL),
            (Reason.NOT_JSON, b'{"type": "call.parked", "id": "\xff"}', ARRIVAL),
            (Reason.INVALID, b'{"data": 5}', LATE),
            (Reason.UNKNOWN_TYPE, b'{"type": "call.parked", "data": 5}', LATE),
            (Reason.WRONG_TOPIC, b'{"type": "email.sent", "data": 5}', LATE),
            (Reason.INVALID, encoded(minimal("call.ended", wait_ms=-1)), LATE),
            (Reason.INVALID, encoded(minimal("call.ended", team="__a")), LATE),
            (Reason.INVALID, encoded(minimal("call.ended", team="__a") | {"time": "x"}), LATE),
            (Reason.INVALID, encoded(minimal("call.ended") | {"time": "2026-11-24T09:30:00"}), LATE),
            (Reason.FUTURE, encoded(minimal("call.ended")), SOON),
            (Reason.TOO_LATE, encoded(minimal("call.ended")), LATE),
        ],
    )
    def test_the_first_reason_that_applies_is_given(self, first: Reason, value: bytes, arrival: int) -> None:
        assert reason("calls", value, arrival) is first

    @pytest.mark.parametrize(
        ("kind", "least_lag_ms", "most_lag_ms"),
        [("call.ended", -300_000, 35 * 86_400_000), ("rep.state_changed", -300_000, 48 * 3_600_000)],
    )
    def test_the_limits_of_time_are_still_accepted(self, kind: str, least_lag_ms: int, most_lag_ms: int) -> None:
        value, topic, time = encoded(minimal(kind)), TOPIC_OF[kind], ARRIVAL - 1000
        assert reason(topic, value, time + least_lag_ms) is None
        assert reason(topic, value, time + least_lag_ms - 1) is Reason.FUTURE
        assert reason(topic, value, time + most_lag_ms) is None
        assert reason(topic, value, time + most_lag_ms + 1) is Reason.TOO_LATE

    def test_a_record_without_a_timestamp_is_told_so(self) -> None:
        (refusal,) = TopicDecoder("calls").decode_chunk([encoded(minimal("call.ended"))], [-1]).refusals
        assert (refusal.reason, refusal.error) == (
            Reason.FUTURE,
            "the record has no timestamp: its arrival is unknown",
        )

    def test_a_value_of_the_greatest_size_is_accepted(self) -> None:
        assert reason("calls", TOO_LARGE[:-1]) is None

    @given(damaged())
    def test_the_words_can_be_sent_as_a_header(self, value: bytes) -> None:
        assert all(refusal.error.encode() for refusal in decode("calls", value).refusals)


class TestNeighbours:
    """A replay cuts other chunks: what stands beside a record must not matter."""

    VALUES = st.one_of(
        sound(CALLS).map(encoded),
        altered(CALLS),
        damaged(CALLS),
        st.sampled_from(
            [None, b"", b"\n", BROKEN_UTF8, RESERVED, TOO_LARGE, b'"__', b"\\", b"\xc3", b"\xa9", b'"', b"_"]
        ),
    )

    @given(st.lists(VALUES, max_size=8))
    def test_a_record_alone_decodes_as_within_any_chunk(self, values: list[bytes | None]) -> None:
        chunk = decode("calls", *values)
        alone = [decode("calls", value) for value in values]
        assert told("calls", chunk) == [event for one in alone for event in told("calls", one)]
        assert texts_of(chunk.events) == [text for one in alone for text in texts_of(one.events)]
        assert [(refusal.index, refusal.reason, refusal.error) for refusal in chunk.refusals] == [
            (index, one.refusals[0].reason, one.refusals[0].error) for index, one in enumerate(alone) if one.refusals
        ]

    @pytest.mark.parametrize("bad", [None, b"", BROKEN_UTF8, RESERVED, TOO_LARGE, b"[", encoded({"type": 5})])
    def test_bad_records_are_named_by_their_places_in_a_long_chunk(self, bad: bytes | None) -> None:
        places = {0, 1, 255, 256, 257, 511, 512, 699}
        good = encoded(minimal("call.ended", team="a\nb"))
        chunk = decode("calls", *(bad if place in places else good for place in range(700)))
        assert {refusal.index for refusal in chunk.refusals} == places
        assert {place for place, taken in enumerate(chunk.events.table["taken"].tolist()) if not taken} == places

    def test_late_and_broken_records_are_named_in_their_order(self) -> None:
        late, good = encoded(minimal("call.ended") | {"time": "2020-01-01T00:00:00Z"}), encoded(minimal("call.ended"))
        chunk = decode("calls", late, b"", good, late, RESERVED)
        assert [(refusal.index, refusal.reason) for refusal in chunk.refusals] == [
            (0, Reason.TOO_LATE),
            (1, Reason.NOT_JSON),
            (3, Reason.TOO_LATE),
            (4, Reason.INVALID),
        ]

    def test_refused_records_leave_nothing_for_the_garbage_collector(self) -> None:
        values = [
            None,
            b"[",
            BROKEN_UTF8,
            RESERVED,
            TOO_LARGE,
            encoded({"type": 5}),
            encoded(minimal("call.ended", rep=5)),
        ]
        decode("calls", *values)
        gc.collect()
        gc.disable()
        try:
            decode("calls", *values)
            assert gc.collect() == 0
        finally:
            gc.enable()

    def test_an_empty_chunk_is_empty(self) -> None:
        chunk = DECODERS["calls"].decode_chunk([], [])
        assert (len(chunk.events), chunk.refusals) == (0, [])

    def test_every_value_needs_its_arrival(self) -> None:
        with pytest.raises(ValueError, match="2 values, 1 arrivals"):
            DECODERS["calls"].decode_chunk([b"", b""], [ARRIVAL])


def without(drop: Callable[[Field], Field]) -> Callable[[str, Hashes], Layout]:
    """Return what lays out a topic's events, with something changed of each field."""

    def changed(topic: str, hashes: Hashes) -> Layout:
        layout = layout_of(topic, hashes)
        data = {kind: tuple(map(drop, fields)) for kind, fields in layout.data.items()}
        return replace(layout, envelope=tuple(map(drop, layout.envelope)), data=data)

    return changed


def reserved_names_are_invalid_however_they_are_spelled(decoder: TopicDecoder) -> None:
    for spelled in (b'"__a"', rb'"\u005f_a"', rb'"_\u005Fa"', rb'"\u005F\u005fa"'):
        for name in (b"team", b"queue", b"rep", b"campaign"):
            value = encoded(minimal("call.ended")).replace(
                b'"call_id"', b'"' + name + b'": ' + spelled + b', "call_id"'
            )
            assert reason("calls", value, decoder=decoder) is Reason.INVALID


def the_unassigned_rep_is_invalid(decoder: TopicDecoder) -> None:
    assert reason("reps", encoded(minimal("rep.state_changed", rep="unassigned")), decoder=decoder) is Reason.INVALID


def currencies_are_capitals(decoder: TopicDecoder) -> None:
    for currency in ("usd", "US1", "円円円"):
        value = encoded(minimal("deal.stage_changed", currency=currency))
        assert reason("crm", value, decoder=decoder) is Reason.INVALID


def texts_have_a_least_length(decoder: TopicDecoder) -> None:
    for data in ({"call_id": ""}, {"customer": ""}, {"team": ""}):
        assert reason("calls", encoded(minimal("call.ended", **data)), decoder=decoder) is Reason.INVALID


def texts_have_a_greatest_length(decoder: TopicDecoder) -> None:
    for data in ({"call_id": "営" * 129}, {"customer": "x" * 129}, {"team": "𝒳" * 65}):
        assert reason("calls", encoded(minimal("call.ended", **data)), decoder=decoder) is Reason.INVALID


def integers_have_a_least_value(decoder: TopicDecoder) -> None:
    assert reason("calls", encoded(minimal("call.ended", wait_ms=-1)), decoder=decoder) is Reason.INVALID


def integers_have_a_greatest_value(decoder: TopicDecoder) -> None:
    assert reason("calls", encoded(minimal("call.ended", wait_ms=86_400_001)), decoder=decoder) is Reason.INVALID


def what_is_required_must_be_there(decoder: TopicDecoder) -> None:
    for name in (b'"call_id"', b'"source"'):
        value = encoded(minimal("call.ended")).replace(name, b'"x"')
        assert reason("calls", value, decoder=decoder) is Reason.INVALID


def large_values_are_too_large(decoder: TopicDecoder) -> None:
    assert reason("calls", TOO_LARGE, decoder=decoder) is Reason.TOO_LARGE


def _rule(gone: Rule) -> Callable[[Field], Field]:
    return lambda field: replace(field, rules=field.rules & ~gone)


Guarded = Callable[[TopicDecoder], None]
RULES: Mapping[Guarded, tuple[str, Callable[[Field], Field]]] = {
    reserved_names_are_invalid_however_they_are_spelled: ("calls", _rule(Rule.NOT_RESERVED)),
    the_unassigned_rep_is_invalid: ("reps", _rule(Rule.ASSIGNED)),
    currencies_are_capitals: ("crm", _rule(Rule.CAPITALS)),
    texts_have_a_least_length: ("calls", lambda field: replace(field, least=0)),
    texts_have_a_greatest_length: ("calls", lambda field: replace(field, most=1000)),
    integers_have_a_least_value: ("calls", lambda field: replace(field, low=-2)),
    integers_have_a_greatest_value: ("calls", lambda field: replace(field, high=86_400_001)),
    what_is_required_must_be_there: ("calls", lambda field: replace(field, required=False)),
}
"""What the scanner checks → the topic in which it is tried, and a field without it."""


class TestGuards:
    """Nobody looks again at what the scanner takes: each of its checks is needed."""

    @pytest.mark.parametrize("behaviour", RULES)
    def test_the_scanner_checks_what_the_models_would(self, behaviour: Guarded) -> None:
        topic, _ = RULES[behaviour]
        behaviour(DECODERS[topic])

    @pytest.mark.parametrize("behaviour", RULES)
    def test_without_a_rule_in_the_layout_its_behaviour_is_lost(
        self, behaviour: Guarded, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        topic, drop = RULES[behaviour]
        monkeypatch.setattr(decoding, "layout_of", without(drop))
        decoder = TopicDecoder(topic)
        with pytest.raises(AssertionError):
            behaviour(decoder)

    def test_large_values_are_too_large(self) -> None:
        large_values_are_too_large(DECODERS["calls"])

    def test_without_the_limit_of_size_large_values_are_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(decoding, "VALUE_MAX_BYTES", 1 << 30)
        with pytest.raises(AssertionError):
            large_values_are_too_large(DECODERS["calls"])

    def test_broken_utf8_in_a_field_that_nobody_reads_is_not_json(self) -> None:
        assert reason("calls", BROKEN_UTF8) is Reason.NOT_JSON

    def test_reserved_words_elsewhere_are_no_names(self) -> None:
        for data in ({"call_id": "__a"}, {"customer": "__a"}, {"__v": 1}, {"team": "a__"}, {"team": "_a"}):
            value = encoded(minimal("call.ended", **data))
            assert is_plain("calls", value)
            assert reason("calls", value) is None

    @given(st.sampled_from(list(TOPICS)), st.one_of(altered(), damaged()))
    def test_what_the_scanner_takes_the_models_accept(self, topic: str, value: bytes) -> None:
        assert not is_plain(topic, value) or models_say(topic, value) is not None


class TestRoom:
    def test_more_values_than_the_scanner_has_room_for_are_an_error(self) -> None:
        with pytest.raises(ValueError, match="more than the scanner takes"):
            decode("calls", *[b""] * (MOST + 1))

    def test_values_that_have_no_room_together_decode_as_each_alone(self) -> None:
        large = encoded(minimal("call.ended", team="a")).ljust(VALUE_MAX_BYTES)
        repeated = large.replace(b"{", b'{"id": "twice", ', 1)[:VALUE_MAX_BYTES]
        values = [large, TOO_LARGE, repeated, None] * 12
        chunk = decode("calls", *values)
        alone = [told("calls", decode("calls", value))[0] for value in values[:4]]
        assert told("calls", chunk) == alone * 12
        assert [event is None for event in alone] == [False, True, False, True]


def test_the_shapes_of_json_that_python_refuses_are_refused() -> None:
    sound_text = json.dumps(minimal("call.ended"))
    for wrong in (
        r'"\q"',
        '"\t"',
        r'"\u12"',
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "-",
        "tru",
        "[1,]",
        "[1 2]",
        "{1:2}",
        '{"a" 2}',
        "0x1",
    ):
        assert reason("calls", f'{sound_text[:-1]}, "x": {wrong}}}'.encode()) is Reason.NOT_JSON
    for wrong in (f"{sound_text} x", f"{sound_text[:-1]},}}", f"\v{sound_text}"):
        assert reason("calls", wrong.encode()) is Reason.NOT_JSON
