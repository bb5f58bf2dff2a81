"""What telephony reports of a call. Key of the topic: call_id."""

from typing import Literal

from schemas.events.envelope import Envelope
from schemas.events.fields import CallOutcome, Data, Direction, DurationMs, Id, Name


class CallQueuedData(Data):
    """A call entered a queue."""

    call_id: Id
    direction: Direction
    queue: Name | None = None
    team: Name | None = None
    customer: Id | None = None


class CallAnsweredData(Data):
    """A rep and the other side began to speak."""

    call_id: Id
    direction: Direction
    queue: Name | None = None
    team: Name | None = None
    rep: Name | None = None
    wait_ms: DurationMs | None = None


class CallEndedData(Data):
    """A call is over; an absent `wait_ms` is unknown, other absent durations are 0."""

    call_id: Id
    direction: Direction
    outcome: CallOutcome
    queue: Name | None = None
    team: Name | None = None
    rep: Name | None = None
    campaign: Name | None = None
    customer: Id | None = None
    wait_ms: DurationMs | None = None
    ring_ms: DurationMs | None = None
    talk_ms: DurationMs | None = None
    hold_ms: DurationMs | None = None
    wrap_ms: DurationMs | None = None


class CallWrappedData(Data):
    """After-call work that was reported later than the call's end."""

    call_id: Id
    wrap_ms: DurationMs
    direction: Direction | None = None
    queue: Name | None = None
    team: Name | None = None
    rep: Name | None = None
    campaign: Name | None = None


class CallQueued(Envelope):
    """call.queued"""

    type: Literal["call.queued"]
    data: CallQueuedData


class CallAnswered(Envelope):
    """call.answered"""

    type: Literal["call.answered"]
    data: CallAnsweredData


class CallEnded(Envelope):
    """call.ended"""

    type: Literal["call.ended"]
    data: CallEndedData


class CallWrapped(Envelope):
    """call.wrapped"""

    type: Literal["call.wrapped"]
    data: CallWrappedData


EVENTS = (CallQueued, CallAnswered, CallEnded, CallWrapped)
